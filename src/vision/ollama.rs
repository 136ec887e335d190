//! Ollama's own API. Everything that may change with its versions (model, paths,
//! parameters, names of errors) stands in this file and in no other.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    dialect::{Asked, Auth, Call, Card, Dialect, Fault, Loading, Place, Read, Reply, Sent},
    errors::{by_status, stated_wait},
    manners::{Habit, Manners, blamed},
};
use crate::domain::provider::{Class, ModelFacts, Usage};

pub const NAME: &str = "ollama";

/// How long the model stays in memory: longer than the pause between the
/// pictures of a household's rooms, shorter than an interval.
const KEEP_ALIVE: &str = "10m";
/// Tokens of a question: each picture takes about a thousand.
const QUESTION: u32 = 6144;

static CARD: Card = Card {
    title: "Ollama",
    base_url: None,
    model: Some("qwen3-vl:8b"),
    auth: Auth::Bearer,
    needs_key: false,
    place: Place::Own,
    key_help: "Ask for the key where the server was set up",
    billing_help: "Look at the account of the server",
    model_help: "Fetch it on the server with `ollama pull` and its name",
    patience: Duration::from_mins(3),
    room: (2048, 8192),
    headers: &[],
};

pub struct Ollama;

impl Dialect for Ollama {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn ask(&self, asked: &Asked<'_>) -> Call {
        let manners = asked.terms.manners;
        // Ollama advises to say the form in words as well.
        let prompt = asked.prompt.clone().with_form(asked.schema);
        let images: Vec<String> = prompt
            .pictures()
            .map(|jpeg| BASE64_STANDARD.encode(jpeg))
            .collect();
        let mut body = json!({
            "model": asked.model,
            "stream": false,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.text(), "images": images},
            ],
            "keep_alive": KEEP_ALIVE,
            "options": {"num_ctx": context(asked.terms.room), "num_predict": asked.terms.room},
        });
        if manners.keep(Habit::Schema) {
            body["format"] = asked.schema.clone();
        } else if manners.keep(Habit::Json) {
            body["format"] = "json".into();
        }
        if manners.keep(Habit::Thinking) {
            body["think"] = false.into();
        }
        Call::post("/api/chat", body)
    }

    fn read(&self, reply: &Reply, sent: Sent) -> Result<Read, Fault> {
        if let Some(fault) = refusal(reply, sent.manners) {
            return Err(fault);
        }
        // One object, or the lines of a stream that a proxy insists on.
        let lines = match &reply.json {
            Some(Value::Array(lines)) => lines.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let last = lines.last().cloned().unwrap_or_default();
        let usage = Usage {
            input: last["prompt_eval_count"].as_u64(),
            output: last["eval_count"].as_u64(),
        };
        let fail = |class, said: &str| Err(Fault::new(class, said).costing(usage));
        // A question that does not fit is cut without a word.
        if usage
            .input
            .is_some_and(|tokens| tokens * 20 >= u64::from(context(sent.room)) * 19)
        {
            return fail(
                Class::Truncated,
                "the question did not fit into the context",
            );
        }
        let text: String = lines
            .iter()
            .filter_map(|line| line["message"]["content"].as_str())
            .collect();
        match last["done_reason"].as_str() {
            Some("length") => return fail(Class::Truncated, ""),
            Some("load" | "unload") => return fail(Class::Empty, "it only loaded the model"),
            _ => {}
        }
        if text.trim().is_empty() {
            let thought = lines
                .iter()
                .any(|line| line["message"]["thinking"].is_string());
            return fail(Class::Empty, if thought { "it only thought" } else { "" });
        }
        Ok(Read {
            text,
            usage,
            model: ModelFacts {
                served_by: last["model"].as_str().map(str::to_owned),
                ..ModelFacts::default()
            },
        })
    }

    fn inspect(&self, model: &str) -> Call {
        Call::post("/api/show", json!({"model": model}))
    }

    fn facts(&self, reply: &Reply, _model: &str) -> Result<ModelFacts, Fault> {
        if let Some(fault) = refusal(reply, Manners::default()) {
            return Err(fault);
        }
        let capabilities = reply.at("/capabilities").and_then(Value::as_array);
        let info = reply.at("/model_info").and_then(Value::as_object);
        let context = info.and_then(|info| {
            let (_, length) = info
                .iter()
                .find(|(name, _)| name.ends_with(".context_length"))?;
            length.as_u64()
        });
        Ok(ModelFacts {
            sees: capabilities.map(|list| list.contains(&json!("vision"))),
            context,
            version: reply
                .at("/modified_at")
                .and_then(Value::as_str)
                .map(str::to_owned),
            ..ModelFacts::default()
        })
    }

    fn loading(&self, model: &str) -> Option<Loading> {
        Some(Loading {
            check: Call::get("/api/ps"),
            is_loaded,
            load: Call::post(
                "/api/chat",
                json!({"model": model, "messages": [], "stream": false, "keep_alive": KEEP_ALIVE}),
            ),
        })
    }
}

/// The context that a question needs whose answer may have `room` tokens.
fn context(room: u32) -> u32 {
    QUESTION + room
}

fn is_loaded(reply: &Reply, model: &str) -> bool {
    let tagged = |name: &str| {
        if name.contains(':') {
            name.to_owned()
        } else {
            format!("{name}:latest")
        }
    };
    let loaded = reply.at("/models").and_then(Value::as_array);
    loaded.into_iter().flatten().any(|one| {
        ["name", "model"].iter().any(|key| {
            one[key]
                .as_str()
                .is_some_and(|name| tagged(name) == tagged(model))
        })
    })
}

fn refusal(reply: &Reply, manners: Manners) -> Option<Fault> {
    let mut lines = reply
        .json
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let error = reply
        .at("/error")
        .or_else(|| lines.find_map(|line| line.get("error")));
    if reply.is_success() && error.is_none() {
        return None;
    }
    // A string; behind a gateway an object with a message.
    let error = error.cloned().unwrap_or_default();
    let said = error
        .as_str()
        .or(error["message"].as_str())
        .unwrap_or_default();
    let fault = |class| Fault::new(class, said);
    Some(match reply.status {
        _ if said.contains("does not support vision")
            || said.contains("missing data required for image input") =>
        {
            fault(Class::NotMultimodal)
        }
        _ if said.contains("does not support chat") => fault(Class::NotMultimodal),
        404 => fault(Class::ModelMissing),
        400 => fault(Class::BadRequest).forgetting(
            blamed(
                said,
                &[
                    ("think", Habit::Thinking),
                    ("format", Habit::Schema),
                    ("schema", Habit::Schema),
                    ("grammar", Habit::Schema),
                ],
            ),
            manners,
        ),
        502 => fault(Class::Network),
        200..=299 => fault(Class::Server),
        status => fault(by_status(status)).waiting(stated_wait(reply)),
    })
}
