//! OpenAI's Responses from the server's side. Under the same address it speaks
//! Chat Completions, too.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Scenario, Scene, chat, request::Request, transport::Canned};

const PATH: &str = "/v1/responses";

pub(super) fn read(request: &mut Request, key: Option<&str>) {
    if request.path() != PATH {
        return chat::read(request, key);
    }
    let bearer = key.map(|key| format!("Bearer {key}"));
    request.check_key("authorization", bearer.as_deref(), key);
    let body = request.body.clone();
    request.hold(body["store"] == false, "pictures would be kept");
    request.hold(body["max_output_tokens"].is_u64(), "no token limit");
    request.take_text(body["instructions"].as_str());
    for part in body
        .pointer("/input/0/content")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        match part["type"].as_str() {
            Some("input_text") => request.take_text(part["text"].as_str()),
            Some("input_image") => {
                request.take_picture(
                    part["image_url"].as_str().unwrap_or_default(),
                    "data:image/jpeg;base64,",
                );
            }
            _ => request.complain("a part of an unknown type"),
        }
    }
    let format = &body["text"]["format"];
    if format["type"] == "json_schema" {
        request.hold(
            format["strict"] == true && format["name"].is_string(),
            "the schema is not strict or has no name",
        );
        request.schema = Some(format["schema"].clone());
    }
    request.check_question();
}

pub(super) fn reply(scene: &Scene<'_>) -> Canned {
    if scene.request.method == Method::GET || scene.request.path() != PATH {
        return chat::reply(scene);
    }
    if let Some(error) = chat::error(scene) {
        return error;
    }
    let text = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    let mut content: Vec<Value> = scene.pieces().into_iter().map(text).collect();
    let mut body = json!({
        "id": "resp_1", "object": "response", "created_at": 1_790_000_000, "status": "completed",
        "model": if scene.scenario == Scenario::Rerouted { "gpt-other" } else { scene.model() },
        "error": null, "incomplete_details": null, "instructions": null, "metadata": {},
        "parallel_tool_calls": true, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "usage": {
            "input_tokens": 410, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 90, "output_tokens_details": {"reasoning_tokens": 40}, "total_tokens": 500,
        },
    });
    match scene.scenario {
        Scenario::Truncated => {
            body["status"] = "incomplete".into();
            body["incomplete_details"] = json!({"reason": "max_output_tokens"});
            content.clear();
        }
        Scenario::Filtered => {
            body["status"] = "incomplete".into();
            body["incomplete_details"] = json!({"reason": "content_filter"});
            content.clear();
        }
        Scenario::Refused => {
            content = vec![json!({"type": "refusal", "refusal": "I will not judge this picture."})];
        }
        Scenario::Empty => content.clear(),
        Scenario::ErrorWithin => {
            body["status"] = "failed".into();
            body["error"] = json!({"code": "server_error", "message": "The model failed."});
            content.clear();
        }
        _ => {}
    }
    let mut output = Vec::new();
    if scene.scenario == Scenario::ThinkingFirst {
        output.push(json!({"type": "reasoning", "id": "rs_1", "summary": []}));
    }
    if !content.is_empty() {
        output.push(json!({
            "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content,
        }));
    }
    body["output"] = output.into();
    Canned::json(200, &body).with("x-request-id", "req_1")
}
