//! Anthropic's Messages from the server's side.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Scenario, Scene, not_found, request::Request, transport::Canned};

pub(super) fn read(request: &mut Request, key: Option<&str>) {
    // The vendor's own clients send it as a bearer.
    if request.headers.contains_key("authorization") {
        let bearer = key.map(|key| format!("Bearer {key}"));
        request.check_key("authorization", bearer.as_deref(), key);
    } else {
        request.check_key("x-api-key", key, key);
    }
    request.hold(
        request.header("anthropic-version") == "2026-10-21",
        "no anthropic-version",
    );
    if request.method == Method::GET {
        return request.hold(
            request.path().starts_with("/v1/models/"),
            "not Anthropic's path",
        );
    }
    request.hold(request.path() == "/v1/messages", "not Anthropic's path");
    let body = request.body.clone();
    request.hold(body["max_tokens"].is_u64(), "no max_tokens");
    request.hold(
        body.get("thinking").is_none(),
        "thinking should be left out",
    );
    request.take_text(body["system"].as_str());
    for block in body
        .pointer("/messages/0/content")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        request.take_text(block["text"].as_str());
        if block["type"] == "image" {
            request.hold(
                block["source"]["type"] == "base64"
                    && block["source"]["media_type"] == "image/jpeg",
                "not a base64 JPEG",
            );
            request.take_picture(block["source"]["data"].as_str().unwrap_or_default(), "");
        }
    }
    let format = &body["output_config"]["format"];
    let tool = &body["tools"][0];
    if format["type"] == "json_schema" {
        request.schema = Some(format["schema"].clone());
    } else if tool.is_object() && body["tool_choice"]["name"] == tool["name"] {
        request.schema = Some(tool["input_schema"].clone());
    }
    request.check_question();
}

pub(super) fn reply(scene: &Scene<'_>) -> Canned {
    if let Some(error) = error(scene) {
        return error.with("request-id", "req_1");
    }
    if scene.request.method == Method::GET {
        return Canned::json(200, &model_card(scene));
    }
    if scene.request.path() != "/v1/messages" {
        return not_found(scene.request);
    }
    let mut content: Vec<Value> = if scene.request.body["tools"].is_array() {
        let input: Value = serde_json::from_str(&scene.text).unwrap_or_default();
        vec![
            json!({"type": "tool_use", "id": "toolu_1", "name": scene.request.body["tools"][0]["name"], "input": input}),
        ]
    } else {
        scene
            .pieces()
            .iter()
            .map(|text| json!({"type": "text", "text": text}))
            .collect()
    };
    let mut reason = if scene.request.body["tools"].is_array() {
        "tool_use"
    } else {
        "end_turn"
    };
    let mut details = Value::Null;
    match scene.scenario {
        Scenario::ThinkingFirst => {
            content.insert(
                0,
                json!({"type": "thinking", "thinking": "{\"score\": 1}?", "signature": "c2ln"}),
            );
        }
        Scenario::Truncated => {
            reason = "max_tokens";
            content =
                vec![json!({"type": "text", "text": &scene.text[..scene.text.len().min(20)]})];
        }
        Scenario::Refused | Scenario::Filtered => {
            reason = "refusal";
            details = json!({"type": "refusal", "category": null, "explanation": "I will not judge this picture."});
            content.clear();
        }
        Scenario::Empty => content.clear(),
        _ => {}
    }
    let mut body = json!({
        "id": "msg_1", "type": "message", "role": "assistant",
        "model": if scene.scenario == Scenario::Rerouted { "claude-other" } else { scene.model() },
        "content": content, "stop_reason": reason, "stop_sequence": null,
        "usage": {
            "input_tokens": 410, "output_tokens": 90, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 2, "service_tier": "standard",
        },
    });
    if !details.is_null() {
        body["stop_details"] = details;
    }
    Canned::json(200, &body).with("request-id", "req_1")
}

fn model_card(scene: &Scene<'_>) -> Value {
    let id = scene
        .request
        .path()
        .trim_start_matches("/v1/models/")
        .to_owned();
    let retiring = scene.scenario == Scenario::Retiring;
    let sees = !matches!(scene.scenario, Scenario::TextOnly);
    json!({
        "type": "model", "id": id, "display_name": id, "created_at": "2026-09-01T00:00:00Z",
        "lifecycle": if retiring { "deprecated" } else { "active" },
        "deprecated_at": if retiring { json!("2026-10-01T00:00:00Z") } else { Value::Null },
        "retires_at": if retiring { json!("2027-05-07T00:00:00Z") } else { Value::Null },
        "max_input_tokens": 200_000, "max_tokens": 64_000,
        "capabilities": {"image_input": {"supported": sees}, "structured_outputs": {"supported": true}},
    })
}

fn error(scene: &Scene<'_>) -> Option<Canned> {
    let with_code = |status: u16, kind: &str, message: &str, code: Option<&str>| {
        let details = code.map_or(Value::Null, |code| json!({"error_code": code}));
        let error = json!({"type": kind, "message": message, "details": details});
        Some(Canned::json(
            status,
            &json!({"type": "error", "error": error, "request_id": "req_1"}),
        ))
    };
    let error = |status, kind, message| with_code(status, kind, message, None);
    let wrong_key = scene
        .request
        .complaints
        .iter()
        .any(|what| what.contains("key is not"));
    match scene.scenario {
        Scenario::KeyEcho => error(401, "authentication_error", &scene.echo()),
        _ if wrong_key => error(401, "authentication_error", "invalid x-api-key"),
        Scenario::BadKey => error(401, "authentication_error", "invalid x-api-key"),
        Scenario::RateLimited(wait) => error(
            429,
            "rate_limit_error",
            "This request would exceed your rate limit.",
        )
        .map(|canned| {
            canned
                .with("retry-after", wait)
                .with("anthropic-ratelimit-requests-reset", "2026-11-25T10:00:00Z")
        }),
        Scenario::RateLimitedUntil(at) => error(
            429,
            "rate_limit_error",
            "This request would exceed your rate limit.",
        )
        .map(|canned| canned.with("retry-after", super::http_date(at))),
        Scenario::QuotaSpent => with_code(
            429,
            "rate_limit_error",
            "You have reached your spend limit.",
            Some("enforced_spend_limit_reached"),
        ),
        Scenario::TooManyBare => error(429, "rate_limit_error", "Too many requests."),
        Scenario::Overloaded => error(529, "overloaded_error", "Overloaded"),
        Scenario::ServerError => error(500, "api_error", "Internal server error"),
        Scenario::ServerErrorForGood => error(500, "api_error", "Internal server error")
            .map(|canned| canned.with("x-should-retry", false)),
        Scenario::ModelGone => error(404, "not_found_error", "model: claude-gone"),
        Scenario::ParameterRejected if scene.request.body.get("output_config").is_some() => error(
            400,
            "invalid_request_error",
            "output_config.format: this model does not support structured outputs",
        ),
        Scenario::TooLarge => error(413, "request_too_large", "Request exceeds the maximum size"),
        Scenario::TextOnly if scene.request.method == Method::POST => error(
            400,
            "invalid_request_error",
            "This model does not support image input",
        ),
        _ => None,
    }
}
