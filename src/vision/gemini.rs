//! Google Gemini, `generateContent`. Everything that Google may retire (model,
//! address, parameters, names of errors) stands in this file and in no other.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    dialect::{Asked, Auth, Call, Card, Dialect, Fault, Place, Read, Reply, Sent, segment},
    errors::{by_status, span, span_after, stated_wait},
    manners::{Habit, Manners, blamed},
    prompt::Part,
};
use crate::domain::provider::{Class, ModelFacts, Usage, Wait};

pub const NAME: &str = "gemini";

/// The days of Google's quotas begin here.
const QUOTA_ZONE: &str = "America/Los_Angeles";

static CARD: Card = Card {
    title: "Gemini",
    base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
    model: Some("gemini-3.5-flash-lite"),
    auth: Auth::Header("x-goog-api-key"),
    needs_key: true,
    place: Place::Cloud,
    key_help: "Make a key at https://aistudio.google.com/apikey",
    billing_help: "Set up billing at https://aistudio.google.com/usage",
    model_help: "Models come and go: empty the option model to use our default",
    patience: Duration::from_secs(90),
    // Thinking counts, too.
    room: (4096, 16384),
    headers: &[],
};

pub struct Gemini;

impl Dialect for Gemini {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn ask(&self, asked: &Asked<'_>) -> Call {
        let manners = asked.terms.manners;
        let prompt = asked.worded();
        let parts: Vec<Value> = prompt.parts.iter().map(part).collect();
        let mut config = json!({"maxOutputTokens": asked.terms.room});
        if manners.keep(Habit::Json) {
            config["responseMimeType"] = "application/json".into();
        }
        if manners.keep(Habit::Schema) {
            config["responseJsonSchema"] = asked.schema.clone();
        }
        if manners.keep(Habit::Thinking) {
            config["thinkingConfig"] = json!({"thinkingLevel": "LOW"});
        }
        let body = json!({
            "systemInstruction": {"parts": [{"text": prompt.system}]},
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": config,
        });
        Call::post(format!("{}:generateContent", path(asked.model)), body)
    }

    fn read(&self, reply: &Reply, sent: Sent) -> Result<Read, Fault> {
        if let Some(fault) = refusal(reply, sent.manners) {
            return Err(fault);
        }
        let usage = Usage {
            input: reply.number_at("/usageMetadata/promptTokenCount"),
            output: match ["candidatesTokenCount", "thoughtsTokenCount"]
                .map(|name| reply.number_at(&format!("/usageMetadata/{name}")))
            {
                [None, None] => None,
                [text, thoughts] => Some(text.unwrap_or(0) + thoughts.unwrap_or(0)),
            },
        };
        let fail = |class, said: &str| Err(Fault::new(class, said).costing(usage));
        let blocked = reply.text_at("/promptFeedback/blockReason");
        if !blocked.is_empty() {
            return fail(Class::Refused, blocked);
        }
        let text: String = reply
            .at("/candidates/0/content/parts")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|part| part["thought"] != true)
            .filter_map(|part| part["text"].as_str())
            .collect();
        match reply.text_at("/candidates/0/finishReason") {
            "MAX_TOKENS" => return fail(Class::Truncated, ""),
            "MALFORMED_RESPONSE" => return fail(Class::Malformed, "it says so itself"),
            "OTHER" if text.is_empty() => return fail(Class::Empty, "OTHER"),
            "STOP" | "OTHER" | "" | "FINISH_REASON_UNSPECIFIED" => {}
            reason => return fail(Class::Refused, reason),
        }
        if text.trim().is_empty() {
            return fail(Class::Empty, "");
        }
        Ok(Read {
            text,
            usage,
            model: ModelFacts {
                served_by: Some(reply.text_at("/modelVersion").to_owned()),
                version: Some(reply.text_at("/modelVersion").to_owned()),
                retires: reply.text_at("/modelStatus/retirementTime").parse().ok(),
                ..ModelFacts::default()
            },
        })
    }

    fn inspect(&self, model: &str) -> Call {
        Call::get(path(model))
    }

    fn facts(&self, reply: &Reply, _model: &str) -> Result<ModelFacts, Fault> {
        if let Some(fault) = refusal(reply, Manners::default()) {
            return Err(fault);
        }
        Ok(ModelFacts {
            version: reply
                .at("/version")
                .and_then(Value::as_str)
                .map(str::to_owned),
            context: reply.number_at("/inputTokenLimit"),
            retires: reply.text_at("/modelStatus/retirementTime").parse().ok(),
            ..ModelFacts::default()
        })
    }
}

fn path(model: &str) -> String {
    format!("/models/{}", segment(model.trim_start_matches("models/")))
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"text": text}),
        Part::Picture(jpeg) => json!({
            "inlineData": {"mimeType": "image/jpeg", "data": BASE64_STANDARD.encode(jpeg)}
        }),
    }
}

/// The fault of an error reply, also of one in a list of one.
fn refusal(reply: &Reply, manners: Manners) -> Option<Fault> {
    let error = reply.at("/error").or_else(|| reply.at("/0/error"));
    if reply.is_success() && error.is_none() {
        return None;
    }
    let error = error.cloned().unwrap_or_default();
    let said = error["message"].as_str().unwrap_or_default();
    let details = error["details"].as_array().map_or(&[][..], Vec::as_slice);
    let code = error["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    let status = if reply.is_success() {
        code.unwrap_or(500)
    } else {
        reply.status
    };
    let fault = |class| Fault::new(class, said);
    let reason = |name: &str| details.iter().any(|detail| detail["reason"] == name);
    Some(
        match (status, error["status"].as_str().unwrap_or_default()) {
            (400, _) if reason("API_KEY_INVALID") || said.contains("API key not valid") => {
                fault(Class::Auth)
            }
            (400, "FAILED_PRECONDITION") => fault(Class::Billing),
            (400, _) => fault(Class::BadRequest).forgetting(
                blamed(
                    said,
                    &[
                        ("json mode", Habit::Schema),
                        ("response_mime_type", Habit::Schema),
                        ("responsejsonschema", Habit::Schema),
                        ("response_json_schema", Habit::Schema),
                        ("response schema", Habit::Schema),
                        ("thinking", Habit::Thinking),
                    ],
                ),
                manners,
            ),
            (429, _) => too_many(said, details)
                .unwrap_or_else(|| fault(Class::RateLimited))
                .waiting_unless_told(stated_wait(reply)),
            (status, _) => fault(by_status(status)).waiting(stated_wait(reply)),
        },
    )
}

/// Which quota it was decides; the stated delay covers the minute only.
fn too_many(said: &str, details: &[Value]) -> Option<Fault> {
    let violations = details
        .iter()
        .filter_map(|detail| detail["violations"].as_array())
        .flatten();
    let (mut daily, mut none_at_all) = (false, said.contains("limit: 0"));
    for violation in violations {
        daily |= violation["quotaId"]
            .as_str()
            .is_some_and(|id| id.contains("PerDay"));
        none_at_all |= violation["quotaValue"] == "0";
    }
    if none_at_all {
        return Some(Fault::new(Class::Billing, said));
    }
    if daily {
        return Some(Fault::new(Class::QuotaDaily, said).waiting(Some(Wait::Midnight(QUOTA_ZONE))));
    }
    let delay = details
        .iter()
        .find_map(|detail| span(detail["retryDelay"].as_str()?));
    let wait = delay.or_else(|| span_after(said, "retry in"))?;
    Some(Fault::new(Class::RateLimited, said).waiting(Some(wait)))
}
