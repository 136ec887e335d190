//! Any other server that speaks Chat Completions: llama.cpp, vLLM, LM Studio,
//! LocalAI, OpenRouter. What is theirs and not OpenAI's stands here.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    dialect::{Asked, Auth, Call, Card, Dialect, Fault, Place, Read, Reply, Sent},
    manners::Manners,
    openai::{chat, date, refusal},
};
use crate::domain::provider::{Class, ModelFacts, Price};

pub const NAME: &str = "openai_compatible";

static CARD: Card = Card {
    title: "The OpenAI-compatible server",
    base_url: None,
    model: None,
    auth: Auth::Bearer,
    needs_key: false,
    place: Place::Own,
    key_help: "Ask for the key where the server was set up",
    billing_help: "Look at the account of the server",
    model_help: "Load it on the server",
    // Some load a model with the first question.
    patience: Duration::from_mins(3),
    room: (4096, 16384),
    headers: &[("x-title", "AICleaner V3")],
};

pub struct OpenAiCompatible;

impl Dialect for OpenAiCompatible {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn ask(&self, asked: &Asked<'_>) -> Call {
        chat::ask(asked, chat::Limit::Plain)
    }

    fn read(&self, reply: &Reply, sent: Sent) -> Result<Read, Fault> {
        // Another model than the one asked for is these servers' habit: they
        // name a file, or have one model only.
        let mut read = chat::read(reply, sent.manners)?;
        read.model.served_by = None;
        Ok(read)
    }

    fn inspect(&self, _model: &str) -> Call {
        Call::get("/models")
    }

    fn facts(&self, reply: &Reply, model: &str) -> Result<ModelFacts, Fault> {
        if let Some(fault) = refusal(reply, Manners::default()) {
            // Without a list nothing is known, which is no fault of the model.
            return if fault.class == Class::ModelMissing {
                Ok(ModelFacts::default())
            } else {
                Err(fault)
            };
        }
        let models = reply.at("/data").and_then(Value::as_array);
        let Some(entry) = models
            .into_iter()
            .flatten()
            .find(|entry| entry["id"] == model)
        else {
            return Ok(ModelFacts::default());
        };
        let takes = entry["architecture"]["input_modalities"].as_array();
        let knows = entry["supported_parameters"].as_array();
        let dollars = |name: &str| {
            entry["pricing"][name]
                .as_str()?
                .parse::<f64>()
                .ok()
                .filter(|price| *price >= 0.0)
        };
        Ok(ModelFacts {
            sees: takes.map(|list| list.contains(&json!("image"))),
            structured: knows.map(|list| list.contains(&json!("structured_outputs"))),
            retires: entry["expiration_date"].as_str().and_then(date),
            context: ["context_length", "max_model_len"]
                .iter()
                .find_map(|name| entry[name].as_u64()),
            price: dollars("prompt")
                .zip(dollars("completion"))
                .map(|(input, output)| Price {
                    input: input * 1e6,
                    output: output * 1e6,
                }),
            ..ModelFacts::default()
        })
    }
}
