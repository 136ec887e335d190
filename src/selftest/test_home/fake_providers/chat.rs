//! Chat Completions from the server's side, as OpenAI and others speak it.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Scenario, Scene, not_found, request::Request, transport::Canned};

pub(super) fn read(request: &mut Request, key: Option<&str>) {
    let bearer = key.map(|key| format!("Bearer {key}"));
    request.check_key("authorization", bearer.as_deref(), key);
    if request.method == Method::GET {
        return request.hold(
            request.path().starts_with("/v1/models"),
            "not OpenAI's path",
        );
    }
    if request.path() != "/v1/chat/completions" {
        return;
    }
    let body = request.body.clone();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    request.hold(
        messages.len() == 2 && messages[0]["role"] == "system",
        "not a system and a user message",
    );
    request.take_text(
        messages
            .first()
            .and_then(|message| message["content"].as_str()),
    );
    let content = messages
        .get(1)
        .and_then(|message| message["content"].as_array().cloned());
    for part in content.unwrap_or_default() {
        request.take_text(part["text"].as_str());
        if part["type"] == "image_url" {
            request.take_picture(
                part["image_url"]["url"].as_str().unwrap_or_default(),
                "data:image/jpeg;base64,",
            );
        }
    }
    let format = &body["response_format"];
    request.schema = match format["type"].as_str() {
        Some("json_schema") => {
            request.hold(
                format["json_schema"]["strict"] == true,
                "the schema is not strict",
            );
            request.hold(
                format["json_schema"]["name"].is_string(),
                "the schema has no name",
            );
            Some(format["json_schema"]["schema"].clone())
        }
        _ => None,
    };
    let limits = ["max_tokens", "max_completion_tokens"]
        .iter()
        .filter(|name| body.get(**name).is_some());
    request.hold(limits.count() == 1, "not exactly one token limit");
    request.check_question();
}

pub(super) fn reply(scene: &Scene<'_>) -> Canned {
    if let Some(error) = error(scene) {
        return error;
    }
    if scene.request.method == Method::GET {
        return Canned::json(200, &models(scene));
    }
    if scene.request.path() != "/v1/chat/completions" {
        return not_found(scene.request);
    }
    let mut message = json!({"role": "assistant", "content": scene.text, "refusal": null});
    let mut reason = "stop";
    match scene.scenario {
        Scenario::ThinkingFirst => {
            message["content"] =
                format!("<think>\n{{\"score\": 1}}?\n</think>\n{}", scene.text).into();
        }
        Scenario::SeveralParts => {
            let parts: Vec<Value> = scene
                .pieces()
                .iter()
                .map(|text| json!({"type": "text", "text": text}))
                .collect();
            message["content"] = parts.into();
        }
        Scenario::Truncated => {
            reason = "length";
            message["content"] = scene.text[..scene.text.len().min(20)].into();
        }
        Scenario::Refused => {
            message["content"] = Value::Null;
            message["refusal"] = "I will not judge this picture.".into();
        }
        Scenario::Filtered => {
            reason = "content_filter";
            message["content"] = Value::Null;
        }
        Scenario::Empty => message["content"] = Value::Null,
        _ => {}
    }
    Canned::json(200, &json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000,
        "model": if scene.scenario == Scenario::Rerouted { "other-model" } else { scene.model() },
        "choices": [{"index": 0, "finish_reason": reason, "message": message, "logprobs": null}],
        "usage": {
            "prompt_tokens": 410, "completion_tokens": 90, "total_tokens": 500,
            "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 40},
        },
    }))
    .with("x-request-id", "req_1")
}

/// What both of OpenAI's APIs say about models.
pub(super) fn models(scene: &Scene<'_>) -> Value {
    let path = scene.request.path();
    let retires = scene.scenario == Scenario::Retiring;
    let end = if retires {
        json!("2027-05-07")
    } else {
        Value::Null
    };
    if let Some(id) = path.strip_prefix("/v1/models/") {
        return json!({"id": id, "object": "model", "created": 1_790_000_000, "owned_by": "openai", "shutdown_date": end});
    }
    let inputs = if scene.scenario == Scenario::TextOnly {
        json!(["text"])
    } else {
        json!(["text", "image"])
    };
    json!({"object": "list", "data": [{
        "id": "some/model", "object": "model", "created": 1_790_000_000, "owned_by": "somebody",
        "architecture": {"input_modalities": inputs, "output_modalities": ["text"]},
        "supported_parameters": ["max_tokens", "response_format", "structured_outputs"],
        "pricing": {"prompt": "0.0000001", "completion": "0.0000005", "image": "0"},
        "context_length": 131_072, "expiration_date": end,
    }]})
}

/// The errors of both of OpenAI's APIs.
#[expect(clippy::too_many_lines, reason = "a table of errors")]
pub(super) fn error(scene: &Scene<'_>) -> Option<Canned> {
    let body = &scene.request.body;
    let error = |status: u16, kind: &str, code: Value, param: Value, message: &str| {
        let error = json!({"message": message, "type": kind, "param": param, "code": code});
        Some(Canned::json(status, &json!({"error": error})))
    };
    let plain = |status, kind, code: &str, message: &str| {
        error(status, kind, code.into(), Value::Null, message)
    };
    let slow = |message: &str| plain(429, "requests", "rate_limit_exceeded", message);
    let wrong_key = scene
        .request
        .complaints
        .iter()
        .any(|what| what.contains("key is not"));
    match scene.scenario {
        Scenario::KeyEcho => plain(
            401,
            "invalid_request_error",
            "invalid_api_key",
            &scene.echo(),
        ),
        _ if wrong_key => plain(
            401,
            "invalid_request_error",
            "invalid_api_key",
            "Incorrect API key provided: ****.",
        ),
        Scenario::BadKey => plain(
            401,
            "invalid_request_error",
            "invalid_api_key",
            "Incorrect API key provided: ****.",
        ),
        Scenario::RateLimited(wait) => {
            slow(&format!("Rate limit reached. Please try again in {wait}s.")).map(|canned| {
                canned
                    .with("retry-after-ms", u64::from(wait) * 1000)
                    .with("retry-after", wait + 1)
                    .with("x-ratelimit-reset-requests", "6m0s")
            })
        }
        Scenario::RateLimitedUntil(at) => slow("Rate limit reached.")
            .map(|canned| canned.with("retry-after", super::http_date(at))),
        Scenario::QuotaSpent => plain(
            429,
            "insufficient_quota",
            "credit_balance_exhausted",
            "You exceeded your current quota, please check your plan and billing details.",
        )
        .map(|canned| canned.with("retry-after", 1)),
        Scenario::TooManyBare => plain(429, "rate_limit_error", "slow_down", "Slow down."),
        Scenario::Overloaded => plain(
            503,
            "service_unavailable_error",
            "server_is_overloaded",
            "The server is overloaded.",
        ),
        Scenario::ServerError => error(
            500,
            "server_error",
            Value::Null,
            Value::Null,
            "The server had an error.",
        ),
        Scenario::ServerErrorForGood => error(
            500,
            "server_error",
            Value::Null,
            Value::Null,
            "The server had an error.",
        )
        .map(|canned| canned.with("x-should-retry", false)),
        Scenario::ModelGone => plain(
            404,
            "invalid_request_error",
            "model_not_found",
            "The model `gone` does not exist or you do not have access to it.",
        ),
        Scenario::ParameterRejected if body.get("reasoning").is_some() => error(
            400,
            "invalid_request_error",
            "unsupported_parameter".into(),
            "reasoning.effort".into(),
            "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
        ),
        Scenario::ParameterRejected if body["response_format"]["type"] == "json_schema" => error(
            400,
            "invalid_request_error",
            Value::Null,
            Value::Null,
            "'response_format.type' must be one of 'text', 'json_object'",
        ),
        Scenario::TextOnly if scene.request.method == Method::POST => error(
            400,
            "invalid_request_error",
            Value::Null,
            Value::Null,
            "This model does not support image inputs.",
        ),
        Scenario::TooLarge => plain(
            400,
            "invalid_request_error",
            "image_too_large",
            "The image is too large.",
        ),
        Scenario::Loading => Some(Canned::json(
            503,
            &json!({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
        )),
        Scenario::ErrorWithin if scene.request.path() == "/v1/chat/completions" => {
            Some(Canned::json(
                200,
                &json!({"error": {"code": 502, "message": "Upstream error"}}),
            ))
        }
        Scenario::NoResponses if scene.request.path() == "/v1/responses" => {
            Some(not_found(scene.request))
        }
        _ => None,
    }
}
