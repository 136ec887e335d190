//! Chat Completions, as OpenAI and many other servers speak it: the form of a
//! request and of an answer.

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

/// The name of the token limit that is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `max_completion_tokens`, OpenAI's.
    Completion,
    /// `max_tokens`, which all others know.
    Plain,
}

pub fn ask(asked: &Asked<'_>, limit: Limit) -> Call {
    let manners = asked.terms.manners;
    let prompt = asked.worded();
    let content: Vec<Value> = prompt
        .parts
        .iter()
        .map(|part| self::part(part, manners))
        .collect();
    let mut body = json!({
        "model": asked.model,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": content},
        ],
    });
    let limit = if (limit == Limit::Completion) == manners.keep(Habit::Limit) {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    body[limit] = asked.terms.room.into();
    if manners.keep(Habit::Schema) {
        body["response_format"] = json!({"type": "json_schema", "json_schema": {
            "name": schema::NAME, "strict": true, "schema": asked.schema,
        }});
    } else if manners.keep(Habit::Json) {
        body["response_format"] = json!({"type": "json_object"});
    }
    Call::post("/chat/completions", body)
}

fn part(part: &Part, manners: Manners) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Picture(jpeg) => {
            let url = format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg));
            let mut picture = json!({"type": "image_url", "image_url": {"url": url}});
            if manners.keep(Habit::Detail) {
                picture["image_url"]["detail"] = "auto".into();
            }
            picture
        }
    }
}

pub fn read(reply: &Reply, manners: Manners) -> Result<Read, Fault> {
    let usage = Usage {
        input: reply.number_at("/usage/prompt_tokens"),
        output: reply.number_at("/usage/completion_tokens"),
    };
    if let Some(fault) = refusal(reply, manners) {
        return Err(fault.costing(usage));
    }
    let fail = |class, said: &str| Err(Fault::new(class, said).costing(usage));
    let refused = reply.text_at("/choices/0/message/refusal");
    if !refused.is_empty() {
        return fail(Class::Refused, refused);
    }
    match reply.text_at("/choices/0/finish_reason") {
        "length" => return fail(Class::Truncated, ""),
        "content_filter" => return fail(Class::Refused, "content filter"),
        "error" => return fail(Class::Server, "it says so itself"),
        _ => {}
    }
    let message = reply.at("/choices/0/message").cloned().unwrap_or_default();
    let text = match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(_) => list(&message, "content")
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    };
    // Some servers put everything into the thoughts.
    let text = if text.trim().is_empty() {
        let thoughts = ["reasoning_content", "reasoning"]
            .map(|name| message[name].as_str().unwrap_or_default());
        thoughts
            .into_iter()
            .find(|text| text.contains('{'))
            .unwrap_or_default()
            .to_owned()
    } else {
        text
    };
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
