//! OpenAI: Responses, and Chat Completions where a server under the household's
//! own address has no Responses. Everything that OpenAI may retire (model,
//! address, names of errors) stands in this file, the form of each API in its own.

pub mod chat;
pub mod responses;

use std::time::Duration;

use serde_json::Value;

use super::{
    dialect::{Asked, Auth, Call, Card, Dialect, Fault, Place, Read, Reply, Sent, segment},
    errors::{by_status, latest_reset, span_after, stated_wait},
    manners::{Habit, Manners, blamed},
};
use crate::domain::provider::{Class, ModelFacts};

pub const NAME: &str = "openai";

static CARD: Card = Card {
    title: "OpenAI",
    base_url: Some("https://api.openai.com/v1"),
    model: Some("gpt-6-luna"),
    auth: Auth::Bearer,
    needs_key: true,
    place: Place::Cloud,
    key_help: "Make a key at https://platform.openai.com/api-keys",
    billing_help: "Buy credit or raise the limit at https://platform.openai.com/settings/organization/billing",
    model_help: "Models come and go: empty the option model to use our default",
    patience: Duration::from_secs(90),
    room: (4096, 16384),
    headers: &[],
};

/// Words by which errors name a part of the request.
const BLAME: &[(&str, Habit)] = &[
    ("response_format", Habit::Schema),
    ("text.format", Habit::Schema),
    ("json_schema", Habit::Schema),
    ("json_object", Habit::Schema),
    ("structured output", Habit::Schema),
    ("grammar", Habit::Schema),
    ("reasoning", Habit::Thinking),
    ("max_completion_tokens", Habit::Limit),
    ("max_output_tokens", Habit::Limit),
    ("max_tokens", Habit::Limit),
    ("store", Habit::Store),
    ("detail", Habit::Detail),
];

pub struct OpenAi;

impl Dialect for OpenAi {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn ask(&self, asked: &Asked<'_>) -> Call {
        if asked.terms.manners.keep(Habit::Responses) {
            responses::ask(asked)
        } else {
            chat::ask(asked, chat::Limit::Completion)
        }
    }

    fn read(&self, reply: &Reply, sent: Sent) -> Result<Read, Fault> {
        if !sent.manners.keep(Habit::Responses) {
            return chat::read(reply, sent.manners);
        }
        let missing = matches!(reply.status, 404 | 405 | 501) && sent.own_address;
        if missing && reply.text_at("/error/code") != "model_not_found" {
            let said = "it has no Responses API";
            return Err(Fault::new(Class::BadRequest, said)
                .forgetting(Some(Habit::Responses), sent.manners));
        }
        responses::read(reply, sent.manners)
    }

    fn inspect(&self, model: &str) -> Call {
        Call::get(format!("/models/{}", segment(model)))
    }

    fn facts(&self, reply: &Reply, _model: &str) -> Result<ModelFacts, Fault> {
        if let Some(fault) = refusal(reply, Manners::default()) {
            return Err(fault);
        }
        Ok(ModelFacts {
            retires: date(reply.text_at("/shutdown_date")),
            version: reply.number_at("/created").map(|at| at.to_string()),
            ..ModelFacts::default()
        })
    }
}

/// The beginning of a day, `2026-12-11`, in UTC; or a time.
pub(super) fn date(text: &str) -> Option<jiff::Timestamp> {
    let day = || {
        text.parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
    };
    text.parse().ok().or_else(|| Some(day()?.timestamp()))
}

/// The fault of an error reply of either API, also of one with status 200.
pub(super) fn refusal(reply: &Reply, manners: Manners) -> Option<Fault> {
    let error = ["/error", "/choices/0/error"]
        .iter()
        .find_map(|at| reply.at(at).filter(|error| !error.is_null()));
    if reply.is_success() && error.is_none() {
        return None;
    }
    // `{"error": {…}}`, `{"error": "…"}`, or the fields without a cover.
    let error = error.or(reply.json.as_ref()).cloned().unwrap_or_default();
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    let said = error.as_str().unwrap_or_else(|| text("message"));
    let code = text("code");
    let numeric = error["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    let status = if reply.is_success() {
        numeric.unwrap_or(500)
    } else {
        reply.status
    };
    let blame = format!("{} {said}", text("param"));
    let wait = stated_wait(reply)
        .or_else(|| span_after(said, "try again in"))
        .or_else(|| latest_reset(reply, |name| name.starts_with("x-ratelimit-reset-")));
    let fault = |class| Fault::new(class, said);
    let fault = match (status, code) {
        (_, code) if of_money(code) || of_money(text("type")) => fault(Class::Billing),
        (402, _) if wait.is_some() => fault(Class::RateLimited).waiting(wait),
        (_, "rate_limit_exceeded" | "slow_down") => fault(Class::RateLimited).waiting(wait),
        (_, "image_content_policy_violation" | "content_policy_violation") => fault(Class::Refused),
        (403, _) if error["metadata"]["reasons"].is_array() => fault(Class::Refused),
        (_, "context_length_exceeded" | "image_too_large") => fault(Class::TooLarge),
        (_, "model_not_found") => fault(Class::ModelMissing),
        (_, "invalid_api_key") => fault(Class::Auth),
        (_, "server_is_overloaded") => fault(Class::Overloaded).waiting(wait),
        (503, _) if said.contains("Loading model") => fault(Class::Loading),
        (400 | 404 | 415 | 422 | 500 | 501, _) if cannot_see(said) => fault(Class::NotMultimodal),
        (400 | 422 | 500 | 501, _) => {
            fault(by_status(status)).forgetting(blamed(&blame, BLAME), manners)
        }
        (429, _) => fault(Class::RateLimited).waiting(wait),
        (status, _) => fault(by_status(status)).waiting(stated_wait(reply)),
    };
    Some(fault)
}

/// Codes and types that say that money is the trouble: asking again is no use.
fn of_money(code: &str) -> bool {
    matches!(
        code,
        "insufficient_quota"
            | "credit_balance_exhausted"
            | "organization_spend_limit_exceeded"
            | "project_spend_limit_exceeded"
            | "organization_usage_limit_exceeded"
            | "billing_hard_limit_reached"
    )
}

/// How servers say that a model reads text only.
fn cannot_see(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let picture = ["image", "vision", "multimodal", "mmproj"]
        .iter()
        .any(|word| said.contains(word));
    picture
        && [
            "not support",
            "n't support",
            "unsupported",
            "not a multimodal",
            "only text",
            "text-only",
            "no endpoints found",
            "mmproj",
        ]
        .iter()
        .any(|word| said.contains(word))
}

/// The list behind a path, or nothing.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}
