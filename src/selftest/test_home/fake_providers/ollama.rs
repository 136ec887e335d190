//! Ollama's own API from the server's side.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Scenario, Scene, not_found, request::Request, transport::Canned};

pub(super) fn read(request: &mut Request, key: Option<&str>) {
    let bearer = key.map(|key| format!("Bearer {key}"));
    request.check_key("authorization", bearer.as_deref(), key);
    if request.path() != "/api/chat" || is_load(request) {
        return;
    }
    let body = request.body.clone();
    request.hold(body["stream"] == false, "it would be streamed");
    request.hold(body["keep_alive"].is_string(), "no keep_alive");
    request.hold(
        body.get("think").is_none_or(|think| think == false),
        "it would think",
    );
    request.hold(
        body["options"]["num_ctx"].as_u64() >= Some(4096),
        "the context is too small",
    );
    for message in body["messages"].as_array().into_iter().flatten() {
        request.take_text(message["content"].as_str());
        for image in message["images"].as_array().into_iter().flatten() {
            request.take_picture(image.as_str().unwrap_or_default(), "");
        }
    }
    request.schema = body
        .get("format")
        .filter(|format| format.is_object())
        .cloned();
    request.check_question();
}

/// A request that only has the model loaded.
pub(super) fn is_load(request: &Request) -> bool {
    request.path() == "/api/chat"
        && request.body["messages"]
            .as_array()
            .is_some_and(Vec::is_empty)
}

pub(super) fn reply(scene: &Scene<'_>) -> Canned {
    let say = |status: u16, what: String| Canned::json(status, &json!({"error": what}));
    let model = scene.model();
    let wrong_key = scene
        .request
        .complaints
        .iter()
        .any(|what| what.contains("key is not"));
    match (scene.request.method.clone(), scene.request.path()) {
        _ if wrong_key => return say(401, "unauthorized".into()),
        (Method::GET, "/api/version") => return Canned::json(200, &json!({"version": "0.40.0"})),
        (Method::GET, "/api/ps") => return Canned::json(200, &loaded(scene)),
        (Method::POST, "/api/show") if scene.scenario != Scenario::ModelGone => {
            return Canned::json(200, &card(scene));
        }
        (Method::POST, "/api/show" | "/api/chat") => {}
        _ => return not_found(scene.request),
    }
    if is_load(scene.request) && scene.scenario != Scenario::ModelGone {
        return Canned::json(
            200,
            &json!({
                "model": model, "created_at": "2026-11-22T10:00:00.0Z", "message": {"role": "assistant", "content": ""},
                "done": true, "done_reason": "load",
            }),
        );
    }
    match scene.scenario {
        Scenario::KeyEcho => return say(401, scene.echo()),
        Scenario::BadKey => {
            return Canned::json(
                401,
                &json!({"error": "unauthorized", "signin_url": "https://ollama.com/connect"}),
            );
        }
        Scenario::ModelGone => return say(404, format!("model '{model}' not found")),
        Scenario::ParameterRejected if scene.request.body.get("think").is_some() => {
            return say(400, format!("\"{model}\" does not support thinking"));
        }
        Scenario::TextOnly => return say(400, format!("\"{model}\" does not support vision")),
        Scenario::Overloaded => {
            return say(
                503,
                "server busy, please try again.  maximum pending requests exceeded".into(),
            );
        }
        Scenario::TooManyBare => return say(429, "too many requests".into()),
        Scenario::RateLimited(wait) => {
            return say(429, "too many requests".into()).with("retry-after", wait);
        }
        Scenario::ServerError => {
            return say(
                500,
                "model requires more system memory (9.0 GiB) than is available (4.0 GiB)".into(),
            );
        }
        Scenario::TooLarge => return say(413, "request too large".into()),
        Scenario::ErrorWithin => {
            let line = json!({"model": model, "message": {"role": "assistant", "content": "{\"sco"}, "done": false});
            let mut canned = Canned::json(200, &line);
            canned
                .body
                .push_str("\n{\"error\": \"an error was encountered while running the model\"}\n");
            return canned;
        }
        _ => {}
    }
    let mut message = json!({"role": "assistant", "content": scene.text});
    let mut reason = "stop";
    match scene.scenario {
        Scenario::ThinkingFirst => message["thinking"] = "{\"score\": 1}?".into(),
        Scenario::Truncated => {
            reason = "length";
            message["content"] = scene.text[..scene.text.len().min(20)].into();
        }
        Scenario::Refused | Scenario::Filtered => {
            message["content"] = "I'm sorry, I can't help with that.".into();
        }
        Scenario::Empty => {
            message["content"] = "".into();
            message["thinking"] = "Let me see…".into();
        }
        _ => {}
    }
    Canned::json(
        200,
        &json!({
            "model": if scene.scenario == Scenario::Rerouted { "other:1b" } else { model },
            "created_at": "2026-11-22T10:00:00.0Z", "message": message, "done": true, "done_reason": reason,
            "total_duration": 5_200_000_000_u64, "load_duration": 900_000_000, "prompt_eval_count": 900,
            "prompt_eval_duration": 1_500_000_000, "eval_count": 80, "eval_duration": 2_700_000_000_u64,
        }),
    )
}

fn loaded(scene: &Scene<'_>) -> Value {
    // It has whatever anybody asks for.
    if scene.loaded && scene.scenario != Scenario::ModelGone {
        let names = ["qwen3-vl:8b", "some-model:latest"];
        let models: Vec<Value> = names.iter().map(|name| json!({
            "name": name, "model": name, "size": 6_000_000_000_u64, "digest": "abc", "details": {},
            "expires_at": "2026-11-22T10:10:00Z", "size_vram": 6_000_000_000_u64,
        })).collect();
        return json!({"models": models});
    }
    json!({"models": []})
}

fn card(scene: &Scene<'_>) -> Value {
    let capabilities = if scene.scenario == Scenario::TextOnly {
        json!(["completion"])
    } else {
        json!(["completion", "vision"])
    };
    json!({
        "capabilities": capabilities, "modified_at": "2026-11-01T00:00:00Z",
        "details": {"family": "qwen3vl", "parameter_size": "8B"},
        "model_info": {"general.architecture": "qwen3vl", "qwen3vl.context_length": 262_144},
    })
}
