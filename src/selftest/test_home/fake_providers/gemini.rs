//! Google's `generateContent` from the server's side.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Scenario, Scene, not_found, request::Request, transport::Canned};

const GENERATE: &str = ":generateContent";

pub(super) fn read(request: &mut Request, key: Option<&str>) {
    request.check_key("x-goog-api-key", key, key);
    let path = request.path().to_owned();
    request.hold(path.starts_with("/v1beta/models/"), "not Gemini's path");
    if request.method == Method::GET {
        return;
    }
    request.hold(path.ends_with(GENERATE), "not a method of Gemini's");
    let body = request.body.clone();
    request.take_text(
        body.pointer("/systemInstruction/parts/0/text")
            .and_then(Value::as_str),
    );
    for part in body
        .pointer("/contents/0/parts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        request.take_text(part["text"].as_str());
        if let Some(data) = part["inlineData"]["data"].as_str() {
            request.hold(
                part["inlineData"]["mimeType"] == "image/jpeg",
                "not image/jpeg",
            );
            request.take_picture(data, "");
        }
    }
    let config = &body["generationConfig"];
    request.schema = config.get("responseJsonSchema").cloned();
    request.hold(
        request.schema.is_none() || config["responseMimeType"] == "application/json",
        "a schema without responseMimeType",
    );
    request.hold(config["maxOutputTokens"].is_u64(), "no token limit");
    request.check_question();
}

pub(super) fn reply(scene: &Scene<'_>) -> Canned {
    let model = scene
        .request
        .path()
        .trim_start_matches("/v1beta/models/")
        .trim_end_matches(GENERATE);
    let wrong_key = scene
        .request
        .complaints
        .iter()
        .any(|what| what.contains("key is not"));
    if let Some(error) = error(scene, model, wrong_key) {
        return error;
    }
    if scene.request.method == Method::GET {
        return Canned::json(200, &model_card(scene, model));
    }
    if !scene.request.path().ends_with(GENERATE) {
        return not_found(scene.request);
    }
    let mut parts: Vec<Value> = scene
        .pieces()
        .iter()
        .map(|text| json!({"text": text}))
        .collect();
    let mut reason = "STOP";
    match scene.scenario {
        Scenario::ThinkingFirst => {
            parts.insert(0, json!({"text": "{\"score\": 1}?", "thought": true}));
        }
        Scenario::Truncated => {
            reason = "MAX_TOKENS";
            parts.clear();
        }
        Scenario::Filtered => {
            reason = "SAFETY";
            parts.clear();
        }
        _ => {}
    }
    let content = if parts.is_empty() {
        json!({"role": "model"})
    } else {
        json!({"role": "model", "parts": parts})
    };
    let mut body = json!({
        "candidates": [{"content": content, "finishReason": reason, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 412, "candidatesTokenCount": 58, "thoughtsTokenCount": 120, "totalTokenCount": 590,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 154}, {"modality": "IMAGE", "tokenCount": 258}],
        },
        "modelVersion": if scene.scenario == Scenario::Rerouted { "gemini-other-flash" } else { model },
        "responseId": "abc123",
    });
    match scene.scenario {
        Scenario::Refused => {
            body["promptFeedback"] = json!({"blockReason": "PROHIBITED_CONTENT"});
            body["candidates"] = Value::Null;
        }
        Scenario::Empty => body["candidates"] = Value::Null,
        Scenario::Retiring => {
            body["modelStatus"] =
                json!({"modelStage": "DEPRECATED", "retirementTime": "2027-05-07T00:00:00Z"});
        }
        _ => {}
    }
    if body["candidates"].is_null() {
        body.as_object_mut().map(|body| body.remove("candidates"));
    }
    Canned::json(200, &body)
}

fn model_card(scene: &Scene<'_>, model: &str) -> Value {
    let mut card = json!({
        "name": format!("models/{model}"), "version": "001", "displayName": model,
        "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    });
    if scene.scenario == Scenario::Retiring {
        card["modelStatus"] =
            json!({"modelStage": "DEPRECATED", "retirementTime": "2027-05-07T00:00:00Z"});
    }
    card
}

#[expect(clippy::too_many_lines, reason = "a table of errors")]
fn error(scene: &Scene<'_>, model: &str, wrong_key: bool) -> Option<Canned> {
    let config = &scene.request.body["generationConfig"];
    let error = |code: u16, status: &str, message: &str, details: Value| {
        let error = json!({"code": code, "message": message, "status": status, "details": details});
        Some(Canned::json(code, &json!({"error": error})))
    };
    let key_invalid = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]);
    let quota = |id: &str, value: &str, delay: &str| {
        json!([
            {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": "limits", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]},
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": id, "quotaDimensions": {"model": model, "location": "global"}, "quotaValue": value,
            }]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
        ])
    };
    match scene.scenario {
        Scenario::KeyEcho => error(400, "INVALID_ARGUMENT", &scene.echo(), key_invalid),
        _ if wrong_key => error(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            key_invalid,
        ),
        Scenario::BadKey => error(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            key_invalid,
        ),
        Scenario::RateLimited(wait) => error(
            429,
            "RESOURCE_EXHAUSTED",
            &format!("You exceeded your current quota. Please retry in {wait}.2s."),
            quota(
                "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                "15",
                &format!("{wait}s"),
            ),
        ),
        Scenario::RateLimitedUntil(at) => error(429, "RESOURCE_EXHAUSTED", "Slow down.", json!([]))
            .map(|canned| canned.with("retry-after", super::http_date(at))),
        Scenario::QuotaSpent => error(
            429,
            "RESOURCE_EXHAUSTED",
            "You exceeded your current quota. Please retry in 12s.",
            quota(
                "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                "500",
                "12s",
            ),
        ),
        Scenario::TooManyBare => error(
            429,
            "RESOURCE_EXHAUSTED",
            "Resource has been exhausted (e.g. check quota).",
            json!([]),
        ),
        Scenario::Overloaded => error(
            503,
            "UNAVAILABLE",
            "The model is overloaded. Please try again later.",
            json!([]),
        ),
        Scenario::ServerError => error(
            500,
            "INTERNAL",
            "An internal error has occurred.",
            json!([]),
        ),
        Scenario::ModelGone => error(
            404,
            "NOT_FOUND",
            &format!(
                "models/{model} is not found for API version v1beta, or is not supported for generateContent."
            ),
            json!([]),
        ),
        Scenario::ParameterRejected
            if config.get("responseJsonSchema").is_some()
                || config.get("responseMimeType").is_some() =>
        {
            error(
                400,
                "INVALID_ARGUMENT",
                &format!("JSON mode is not enabled for models/{model}"),
                json!([]),
            )
        }
        Scenario::TooLarge => error(
            413,
            "INVALID_ARGUMENT",
            "Request payload size exceeds the limit",
            json!([]),
        ),
        Scenario::ErrorWithin => Some(Canned::json(
            200,
            &json!([{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}]),
        )),
        _ => None,
    }
}
