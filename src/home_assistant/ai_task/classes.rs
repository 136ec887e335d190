//! What a failed AI Task call means. Home Assistant passes on the words of the
//! integration and nothing else: no status, no wait, no cost.

use super::super::error::HaError;
use crate::{
    domain::provider::{Class, Failure},
    settings::keys,
};

/// Words of integrations, in small letters, and what they mean; the first that
/// is found counts.
const WORDS: &[(&str, Class)] = &[
    ("does not support attachments", Class::NotMultimodal),
    ("does not support vision", Class::NotMultimodal),
    ("does not support image", Class::NotMultimodal),
    ("insufficient funds for", Class::Billing),
    ("rate limited", Class::RateLimited),
    ("rate limit", Class::RateLimited),
    ("resource_exhausted", Class::RateLimited),
    ("max output tokens", Class::Truncated),
    ("output token limit", Class::Truncated),
    ("content filter", Class::Refused),
    ("content violations", Class::Refused),
    ("policy violation", Class::Refused),
    ("refused", Class::Refused),
    ("authentication", Class::Auth),
    ("invalid api key", Class::Auth),
    ("structured response", Class::Malformed),
    ("not an assistantcontent", Class::Empty),
    ("problem talking to the ollama server", Class::Network),
    (": 429", Class::RateLimited),
    (": 503", Class::Overloaded),
    // The Ollama integration's own words.
    ("(status code: 401)", Class::Auth),
    ("(status code: 402)", Class::Billing),
    ("(status code: 404)", Class::ModelMissing),
    ("entity not found", Class::ModelMissing),
    ("no ai task entity", Class::ModelMissing),
];

/// `about`: the entity, as a sentence names it. `in_doubt`: the call had gone out.
pub(super) fn failure(error: &HaError, about: &str, in_doubt: bool) -> Failure {
    let class = class(error);
    let why = keys::masked(&error.to_string());
    let why = why.trim_end_matches('.');
    let sentence = match remedy(class) {
        "" => format!("{about}: {why}."),
        remedy => format!("{about}: {why}. {remedy}"),
    };
    Failure {
        in_doubt,
        ..Failure::new(class, sentence)
    }
}

fn class(error: &HaError) -> Class {
    match error {
        HaError::Away(_) => Class::Network,
        HaError::Failed(_) => Class::Auth,
        HaError::TooSlow(_) => Class::Timeout,
        HaError::TooLarge(_) => Class::Malformed,
        HaError::Status { status, .. } => match status {
            401 | 403 => Class::Auth,
            404 => Class::ModelMissing,
            413 => Class::TooLarge,
            429 => Class::RateLimited,
            400..=499 => Class::BadRequest,
            _ => Class::Server,
        },
        HaError::Refused { code, message } => of_words(code, message),
    }
}

fn of_words(code: &str, message: &str) -> Class {
    let said = message.to_lowercase();
    let known = WORDS.iter().find(|(words, _)| said.contains(words));
    match (code, known) {
        ("not_found", _) => Class::ModelMissing,
        ("unauthorized", _) => Class::Auth,
        ("invalid_format", _) => Class::BadRequest,
        (_, Some((_, class))) => *class,
        ("service_validation_error", None) if said.contains("not found") => Class::ModelMissing,
        ("service_validation_error", None) => Class::BadRequest,
        _ => Class::Server,
    }
}

/// What to do about it.
fn remedy(class: Class) -> &'static str {
    match class {
        Class::Auth => "Check the key in the integration in Home Assistant.",
        Class::Billing => "Add credit at the provider of the integration.",
        Class::RateLimited | Class::Overloaded => {
            "It is tried again later; longer intervals between checks help."
        }
        Class::ModelMissing => "Choose another AI Task entity in the option model.",
        Class::NotMultimodal => "Choose a model that sees pictures in the integration.",
        Class::Truncated => "Raise the token limit in the integration.",
        Class::Timeout => "The call may still be running; it is not repeated at once.",
        Class::BadRequest => "Update Home Assistant and AICleaner.",
        Class::Server => "Look into Home Assistant's log; it is tried again.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Code, message, class: what the integrations of Home Assistant 2026.11 say.
    const SAID: &[(&str, &str, Class)] = {
        const FAILED: &str = "home_assistant_error";
        const UNKNOWN: &str = "unknown_error";
        const INVALID: &str = "service_validation_error";
        &[
            (
                FAILED,
                "Rate limited or insufficient funds",
                Class::RateLimited,
            ),
            (FAILED, "Insufficient funds for OpenAI", Class::Billing),
            (
                FAILED,
                "Incomplete: max output tokens reached",
                Class::Truncated,
            ),
            (
                FAILED,
                "Incomplete: content filter triggered",
                Class::Refused,
            ),
            (FAILED, "Error talking to OpenAI", Class::Server),
            (
                FAILED,
                "The message got blocked due to content violations, reason: X",
                Class::Refused,
            ),
            (
                FAILED,
                "Sorry, I had a problem getting a response from Google Generative AI: 429 x",
                Class::RateLimited,
            ),
            (
                FAILED,
                "Sorry, I had a problem getting a response from Google Generative AI: 503 x",
                Class::Overloaded,
            ),
            (
                FAILED,
                "Sorry, I had a problem getting a response from Google Generative AI.",
                Class::Server,
            ),
            (
                FAILED,
                "Authentication error with Anthropic API, reauthentication required",
                Class::Auth,
            ),
            (
                FAILED,
                "Potential policy violation detected",
                Class::Refused,
            ),
            (
                FAILED,
                "Claude reached the output token limit",
                Class::Truncated,
            ),
            (
                FAILED,
                "Sorry, I had a problem talking to the Ollama server: x",
                Class::Network,
            ),
            (
                FAILED,
                "Error communicating with the OpenRouter API",
                Class::Server,
            ),
            (UNKNOWN, "unauthorized (status code: 401)", Class::Auth),
            (
                UNKNOWN,
                "your credit is used up (status code: 402)",
                Class::Billing,
            ),
            (
                UNKNOWN,
                "model 'llava' not found (status code: 404)",
                Class::ModelMissing,
            ),
            (FAILED, "Cloud LLM is rate limited", Class::RateLimited),
            (FAILED, "Cloud LLM authentication failed", Class::Auth),
            (
                FAILED,
                "Error with OpenAI structured response",
                Class::Malformed,
            ),
            (
                FAILED,
                "Last content in chat log is not an AssistantContent",
                Class::Empty,
            ),
            (
                "not_found",
                "Service ai_task.generate_data not found.",
                Class::ModelMissing,
            ),
            (
                "invalid_format",
                "extra keys not allowed",
                Class::BadRequest,
            ),
            (
                INVALID,
                "Validation error: AI Task entity ai_task.x does not support attachments",
                Class::NotMultimodal,
            ),
            (
                INVALID,
                "Validation error: AI Task entity ai_task.x not found",
                Class::ModelMissing,
            ),
            (
                INVALID,
                "Validation error: Only local attachments are currently supported.",
                Class::BadRequest,
            ),
            ("unauthorized", "Unauthorized", Class::Auth),
            (UNKNOWN, "Unknown error", Class::Server),
        ]
    };

    #[test]
    fn each_integration_is_understood() {
        let refused = SAID.iter().map(|(code, message, class)| {
            let (code, message) = ((*code).into(), (*message).into());
            (HaError::Refused { code, message }, *class)
        });
        let others = [
            (HaError::TooSlow(Duration::from_mins(5)), Class::Timeout),
            (HaError::Away("restarting".into()), Class::Network),
            (
                HaError::Status {
                    status: 500,
                    message: "x".into(),
                },
                Class::Server,
            ),
        ];
        for (error, expected) in refused.chain(others) {
            let failure = failure(&error, "ai_task.x", false);
            assert_eq!(failure.class, expected, "{error}");
            assert!(
                failure.sentence.starts_with("ai_task.x: "),
                "{}",
                failure.sentence
            );
            assert!(failure.sentence.ends_with('.'), "{}", failure.sentence);
        }
    }

    #[test]
    fn a_key_that_is_echoed_is_left_out() {
        let error = HaError::Refused {
            code: "home_assistant_error".into(),
            message: "Incorrect API key provided: sk-proj-abcdefghijkl, see 'AIzaSyABCDEFGHIJ'."
                .into(),
        };
        let said = failure(&error, "ai_task.x", false).sentence;
        assert!(said.contains("[key], see '[key]'"), "{said}");
        assert!(
            !said.contains("abcdefgh") && !said.contains("ABCDEF"),
            "{said}"
        );
    }
}
