//! What a server turns out not to know is left out from then on.

use super::*;
use crate::vision::{
    dialect::{Asked, Dialect, Reply, Sent},
    manners::{Habit, Manners},
    prompt::Prompt,
};

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        text: body.into(),
        json: serde_json::from_str(body).ok(),
    }
}

fn sent(manners: Manners) -> Sent {
    Sent {
        manners,
        room: 4096,
        own_address: false,
    }
}

fn dialect(name: &str) -> &'static dyn Dialect {
    match Row::named(name).unwrap().kind {
        Kind::Http(dialect) => dialect,
        Kind::Local(_) => panic!("{name} is no HTTP provider"),
    }
}

/// Recorded complaints, and what is given up.
#[test]
fn complaints_of_servers_name_what_to_give_up() {
    use Habit::{Detail, Limit, Schema, Store, Thinking};
    for (name, status, body, habit) in [
        (
            "gemini",
            400,
            r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Thinking level is not supported for this model."}}"#,
            Thinking,
        ),
        (
            "gemini",
            400,
            r#"[{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"JSON mode is not enabled for models/gemma-3-27b-it"}}]"#,
            Schema,
        ),
        (
            "openai",
            400,
            r#"{"error":{"message":"Unsupported parameter: 'reasoning.effort' is not supported with this model.","type":"invalid_request_error","param":"reasoning.effort","code":"unsupported_parameter"}}"#,
            Thinking,
        ),
        (
            "openai",
            400,
            r#"{"error":{"message":"Invalid parameter: 'text.format' of type 'json_schema' is not supported with model version x.","type":"invalid_request_error","param":"text.format","code":null}}"#,
            Schema,
        ),
        (
            "openai",
            400,
            r#"{"error":{"message":"Unknown parameter: 'store'.","type":"invalid_request_error","param":"store","code":"unknown_parameter"}}"#,
            Store,
        ),
        (
            "openai_compatible",
            400,
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}"#,
            Limit,
        ),
        (
            "openai_compatible",
            400,
            r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#,
            Schema,
        ),
        (
            "openai_compatible",
            400,
            r#"{"object":"error","message":"response_format is not supported","type":"BadRequestError","code":400}"#,
            Schema,
        ),
        (
            "openai_compatible",
            500,
            r#"{"error":{"code":500,"message":"failed to parse grammar","type":"server_error"}}"#,
            Schema,
        ),
        (
            "openai_compatible",
            422,
            r#"{"error":{"message":"extra field: detail","type":"invalid_request_error"}}"#,
            Detail,
        ),
        (
            "anthropic",
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"output_config: Extra inputs are not permitted"}}"#,
            Schema,
        ),
        (
            "ollama",
            400,
            r#"{"error":"\"llava\" does not support thinking"}"#,
            Thinking,
        ),
        (
            "ollama",
            400,
            r#"{"error":"invalid JSON schema in format"}"#,
            Schema,
        ),
    ] {
        let fault = dialect(name)
            .read(&reply(status, body), sent(Manners::default()))
            .unwrap_err();
        assert_eq!(
            (fault.class, fault.forget),
            (Class::UnsupportedParameter, Some(habit)),
            "{name} {body}"
        );
        // A request without it is not blamed again.
        let mut given_up = Manners::default();
        while let Some(habit) = given_up.next(habit) {
            given_up.forget(habit);
        }
        let fault = dialect(name)
            .read(&reply(status, body), sent(given_up))
            .unwrap_err();
        assert_ne!(fault.class, Class::UnsupportedParameter, "{name} {body}");
    }
}

/// Recorded errors that are about something else.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn other_complaints_give_nothing_up() {
    for (name, status, body, class) in [
        (
            "gemini",
            400,
            r#"{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"User location is not supported for the API use."}}"#,
            Class::Billing,
        ),
        (
            "gemini",
            429,
            r#"{"error":{"code":429,"message":"Quota exceeded for metric: x, limit: 0, model: y\nPlease retry in 37.2s.","status":"RESOURCE_EXHAUSTED","details":[]}}"#,
            Class::Billing,
        ),
        (
            "gemini",
            403,
            r#"{"error":{"code":403,"message":"Your API key was reported as leaked.","status":"PERMISSION_DENIED"}}"#,
            Class::Auth,
        ),
        (
            "gemini",
            504,
            r#"{"error":{"code":504,"message":"Deadline expired","status":"DEADLINE_EXCEEDED"}}"#,
            Class::Timeout,
        ),
        (
            "openai",
            403,
            r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}}"#,
            Class::Auth,
        ),
        (
            "openai",
            429,
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            Class::Billing,
        ),
        (
            "openai",
            400,
            r#"{"error":{"message":"too long","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}"#,
            Class::TooLarge,
        ),
        (
            "openai",
            400,
            r#"{"error":{"message":"Invalid image","type":"invalid_request_error","param":null,"code":"invalid_image"}}"#,
            Class::BadRequest,
        ),
        (
            "openai",
            409,
            r#"{"error":{"message":"conflict","type":"x","param":null,"code":null}}"#,
            Class::Server,
        ),
        (
            "openai_compatible",
            402,
            r#"{"error":{"code":402,"message":"Insufficient credits","metadata":{"limit_source":"openrouter_credits"}}}"#,
            Class::Billing,
        ),
        (
            "openai_compatible",
            403,
            r#"{"error":{"code":403,"message":"flagged","metadata":{"reasons":["x"]}}}"#,
            Class::Refused,
        ),
        (
            "openai_compatible",
            404,
            r#"{"error":{"message":"No endpoints found that support image input","code":404}}"#,
            Class::NotMultimodal,
        ),
        (
            "openai_compatible",
            500,
            r#"{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}"#,
            Class::NotMultimodal,
        ),
        (
            "openai_compatible",
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            Class::Loading,
        ),
        (
            "anthropic",
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}}"#,
            Class::Billing,
        ),
        (
            "anthropic",
            402,
            r#"{"type":"error","error":{"type":"billing_error","message":"x"}}"#,
            Class::Billing,
        ),
        (
            "anthropic",
            504,
            r#"{"type":"error","error":{"type":"timeout_error","message":"x"}}"#,
            Class::Timeout,
        ),
        (
            "ollama",
            500,
            r#"{"error":"model requires more system memory (9 GiB) than is available (4 GiB)"}"#,
            Class::Server,
        ),
        (
            "ollama",
            400,
            r#"{"error":"model is required"}"#,
            Class::BadRequest,
        ),
        (
            "ollama",
            502,
            r#"{"error":"upstream unreachable"}"#,
            Class::Network,
        ),
    ] {
        let fault = dialect(name)
            .read(&reply(status, body), sent(Manners::default()))
            .unwrap_err();
        assert_eq!(fault.class, class, "{name} {body}");
    }
}

/// Step by step down to a request with nothing but words and pictures.
#[test]
fn each_step_down_is_another_request_and_the_last_has_the_form_in_words() {
    let question = question();
    let prompt = Prompt::room(&question, false);
    for name in [
        "gemini",
        "openai",
        "anthropic",
        "ollama",
        "openai_compatible",
    ] {
        let mut manners = Manners::default();
        let mut bodies = Vec::new();
        loop {
            let call = dialect(name).ask(&Asked {
                prompt: &prompt,
                schema: &schema::room(),
                model: "some-model",
                terms: sent(manners),
            });
            bodies.push(call.body.unwrap().to_string());
            let Some(habit) = manners.next(Habit::Schema) else {
                break;
            };
            manners.forget(habit);
        }
        assert_eq!(bodies.len(), 3, "{name}");
        assert!(bodies[0] != bodies[1] && bodies[1] != bodies[2], "{name}");
        assert!(bodies[2].contains("fits this JSON Schema"), "{name}");
        for formal in [
            "json_schema",
            "json_object",
            "responseMimeType",
            "tool_choice",
            "\"format\"",
        ] {
            assert!(!bodies[2].contains(formal), "{name}: {formal}");
        }
    }
}
