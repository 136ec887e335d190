//! Anthropic Messages. Everything that Anthropic may retire (model, address,
//! parameters, names of errors) stands in this file and in no other.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    dialect::{Asked, Auth, Call, Card, Dialect, Fault, Place, Read, Reply, Sent, segment},
    errors::{by_status, latest_reset, stated_wait},
    manners::{Habit, Manners, blamed},
    prompt::Part,
    schema,
};
use crate::domain::provider::{Class, ModelFacts, Usage, Wait};

pub const NAME: &str = "anthropic";

static CARD: Card = Card {
    title: "Anthropic",
    base_url: Some("https://api.anthropic.com/v1"),
    model: Some("claude-haiku-5-5"),
    auth: Auth::Header("x-api-key"),
    needs_key: true,
    place: Place::Cloud,
    key_help: "Make a key at https://console.anthropic.com/settings/keys",
    billing_help: "Buy credit or raise the limit at https://console.anthropic.com/settings/billing",
    model_help: "Models come and go: empty the option model to use our default",
    patience: Duration::from_secs(90),
    room: (4096, 16384),
    headers: &[("anthropic-version", "2026-10-21")],
};

pub struct Anthropic;

impl Dialect for Anthropic {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn ask(&self, asked: &Asked<'_>) -> Call {
        let manners = asked.terms.manners;
        let prompt = asked.worded();
        let content: Vec<Value> = prompt.parts.iter().map(part).collect();
        let mut body = json!({
            "model": asked.model,
            "max_tokens": asked.terms.room,
            "system": prompt.system,
            "messages": [{"role": "user", "content": content}],
        });
        if manners.keep(Habit::Schema) {
            body["output_config"] =
                json!({"format": {"type": "json_schema", "schema": asked.schema}});
        } else if manners.keep(Habit::Json) {
            // What models did before they could be held to a schema.
            body["tools"] = json!([{
                "name": schema::NAME,
                "description": "Delivers the answer.",
                "input_schema": asked.schema,
            }]);
            body["tool_choice"] = json!({"type": "tool", "name": schema::NAME});
        }
        Call::post("/messages", body)
    }

    fn read(&self, reply: &Reply, sent: Sent) -> Result<Read, Fault> {
        if let Some(fault) = refusal(reply, sent.manners) {
            return Err(fault);
        }
        let input = [
            "input_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
        ]
        .map(|name| reply.number_at(&format!("/usage/{name}")));
        let usage = Usage {
            input: input[0].map(|_| input.iter().flatten().sum()),
            output: reply.number_at("/usage/output_tokens"),
        };
        let fail = |class, said: &str| Err(Fault::new(class, said).costing(usage));
        match reply.text_at("/stop_reason") {
            "max_tokens" | "model_context_window_exceeded" => return fail(Class::Truncated, ""),
            "refusal" => return fail(Class::Refused, reply.text_at("/stop_details/explanation")),
            _ => {}
        }
        let blocks = reply.at("/content").and_then(Value::as_array);
        let text: String = blocks
            .into_iter()
            .flatten()
            .filter_map(|block| match block["type"].as_str()? {
                "text" => block["text"].as_str().map(str::to_owned),
                "tool_use" => Some(block["input"].to_string()),
                _ => None,
            })
            .collect();
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

    fn inspect(&self, model: &str) -> Call {
        Call::get(format!("/models/{}", segment(model)))
    }

    fn facts(&self, reply: &Reply, _model: &str) -> Result<ModelFacts, Fault> {
        if let Some(fault) = refusal(reply, Manners::default()) {
            return Err(fault);
        }
        if reply.text_at("/lifecycle") == "retired" {
            return Err(Fault::new(Class::ModelMissing, "it is retired"));
        }
        let can = |what: &str| {
            reply
                .at(&format!("/capabilities/{what}/supported"))?
                .as_bool()
        };
        Ok(ModelFacts {
            sees: can("image_input"),
            structured: can("structured_outputs"),
            retires: reply.text_at("/retires_at").parse().ok(),
            version: reply.at("/id").and_then(Value::as_str).map(str::to_owned),
            context: reply.number_at("/max_input_tokens"),
            ..ModelFacts::default()
        })
    }
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Picture(jpeg) => json!({
            "type": "image",
            "source": {"type": "base64", "media_type": "image/jpeg", "data": BASE64_STANDARD.encode(jpeg)},
        }),
    }
}

fn refusal(reply: &Reply, manners: Manners) -> Option<Fault> {
    if reply.is_success() && reply.at("/error").is_none() {
        return None;
    }
    let said = reply.text_at("/error/message");
    let fault = |class| Fault::new(class, said);
    let wait = stated_wait(reply);
    let resets = || {
        latest_reset(reply, |name| {
            name.starts_with("anthropic-ratelimit-") && name.ends_with("-reset")
        })
    };
    let kind = reply.text_at("/error/type");
    let code = reply.text_at("/error/details/error_code");
    Some(match (reply.status, kind) {
        (400, _) if said.starts_with("You have reached your specified API usage limits") => {
            fault(Class::Billing).waiting(Some(Wait::NextMonth))
        }
        (400, _) if said.contains("credit balance is too low") => fault(Class::Billing),
        (400, _) if said.contains("image exceeds") || said.contains("image dimensions exceed") => {
            fault(Class::TooLarge)
        }
        (400, _) if said.contains("does not support image") => fault(Class::NotMultimodal),
        (400, _) => fault(Class::BadRequest).forgetting(
            blamed(
                said,
                &[
                    ("output_config", Habit::Schema),
                    ("output_format", Habit::Schema),
                    ("structured output", Habit::Schema),
                    ("tool_choice", Habit::Json),
                    ("tools", Habit::Json),
                ],
            ),
            manners,
        ),
        // A limit on money comes as "too many requests", without a wait.
        (429, _) if code.contains("spend_limit") || wait.is_none() && said.contains("spend") => {
            fault(Class::Billing).waiting(Some(Wait::NextMonth))
        }
        (429, _) => fault(Class::RateLimited).waiting(wait.or_else(resets)),
        (200, "overloaded_error") => fault(Class::Overloaded),
        (200, _) => fault(Class::Server),
        (status, _) => fault(by_status(status)).waiting(wait),
    })
}
