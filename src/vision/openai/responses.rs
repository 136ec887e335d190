//! OpenAI's Responses API: the form of a request and of an answer.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{list, refusal};
use crate::{
    domain::provider::{Class, ModelFacts, Usage},
    vision::{
        dialect::{Asked, Call, Fault, Read, Reply},
        manners::{Habit, Manners},
        prompt::Part,
        schema,
    },
};

pub fn ask(asked: &Asked<'_>) -> Call {
    let manners = asked.terms.manners;
    let prompt = asked.worded();
    let content: Vec<Value> = prompt
        .parts
        .iter()
        .map(|part| self::part(part, manners))
        .collect();
    let mut body = json!({
        "model": asked.model,
        "instructions": prompt.system,
        "input": [{"role": "user", "content": content}],
    });
    if manners.keep(Habit::Limit) {
        body["max_output_tokens"] = asked.terms.room.into();
    }
    if manners.keep(Habit::Store) {
        // Otherwise it is kept for a month.
        body["store"] = false.into();
    }
    if manners.keep(Habit::Thinking) {
        body["reasoning"] = json!({"effort": "low"});
    }
    if manners.keep(Habit::Schema) {
        body["text"] = json!({"format": {
            "type": "json_schema", "name": schema::NAME, "strict": true, "schema": asked.schema,
        }});
    } else if manners.keep(Habit::Json) {
        body["text"] = json!({"format": {"type": "json_object"}});
    }
    Call::post("/responses", body)
}

fn part(part: &Part, manners: Manners) -> Value {
    match part {
        Part::Text(text) => json!({"type": "input_text", "text": text}),
        Part::Picture(jpeg) => {
            let url = format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg));
            let mut picture = json!({"type": "input_image", "image_url": url});
            if manners.keep(Habit::Detail) {
                picture["detail"] = "auto".into();
            }
            picture
        }
    }
}

pub fn read(reply: &Reply, manners: Manners) -> Result<Read, Fault> {
    let usage = Usage {
        input: reply.number_at("/usage/input_tokens"),
        output: reply.number_at("/usage/output_tokens"),
    };
    if let Some(fault) = refusal(reply, manners) {
        return Err(fault.costing(usage));
    }
    let fail = |class, said: &str| Err(Fault::new(class, said).costing(usage));
    match (
        reply.text_at("/status"),
        reply.text_at("/incomplete_details/reason"),
    ) {
        ("incomplete", "content_filter") => return fail(Class::Refused, "content filter"),
        ("incomplete", "max_output_tokens") => return fail(Class::Truncated, ""),
        ("incomplete", reason) => return fail(Class::Truncated, reason),
        ("failed" | "cancelled", _) => return fail(Class::Server, "it says so itself"),
        _ => {}
    }
    let mut text = String::new();
    let output = reply
        .json
        .as_ref()
        .map_or(&[][..], |json| list(json, "output"));
    let messages = output.iter().filter(|item| item["type"] == "message");
    for content in messages.flat_map(|message| list(message, "content")) {
        match content["type"].as_str() {
            Some("refusal") => {
                return fail(
                    Class::Refused,
                    content["refusal"].as_str().unwrap_or_default(),
                );
            }
            Some("output_text") => text.push_str(content["text"].as_str().unwrap_or_default()),
            _ => {}
        }
    }
    if text.trim().is_empty() {
        return fail(Class::Empty, "");
    }
    Ok(Read {
        text,
        usage,
        model: ModelFacts {
            served_by: Some(reply.text_at("/model").to_owned()),
            version: Some(reply.text_at("/model").to_owned()),
            ..ModelFacts::default()
        },
    })
}
