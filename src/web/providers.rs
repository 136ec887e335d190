//! `api/v1/providers`: who judges, a test of each, and the household's consent
//! to an AI of Home Assistant's. What a test does is the chain's.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{
    Context,
    reply::{NOT_KEPT, Refusal},
};

/// A test may take minutes (a model that loads first); whoever asked looks
/// again after this time.
const TEST: Duration = Duration::from_secs(6);
/// For Home Assistant to say what AI it has.
const LOOK: Duration = Duration::from_secs(6);

pub fn router() -> Router<Context> {
    Router::new()
        .route("/api/v1/providers", get(show))
        .route("/api/v1/providers/consent", post(agree).delete(withdraw))
        .route("/api/v1/providers/{place}/test", post(test))
}

async fn show(State(context): State<Context>) -> Response {
    let view = Arc::clone(&context.view.borrow());
    let consent = timeout(LOOK, context.providers.consent()).await.ok();
    // Each room once an interval, if nothing is ever found unchanged.
    let calls: u32 = view
        .zones
        .iter()
        .filter(|zone| zone.monitoring)
        .map(|zone| 1440 / zone.interval_minutes.max(1))
        .sum();
    let likely = calls.min(view.judge.call_limit.max(1));
    let body = json!({ "standing": view.judge, "consent": consent, "calls_a_day": likely });
    (NOT_KEPT, Json(body)).into_response()
}

/// `200` with `ok` and a sentence; `202` if it takes longer: then the result
/// appears in the standing.
async fn test(
    State(context): State<Context>,
    Path(place): Path<String>,
) -> Result<Response, Refusal> {
    let links = context.view.borrow().judge.links.len();
    let place = place
        .parse::<usize>()
        .ok()
        .filter(|place| *place < links)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "There is no such provider."))?;
    let desk = Arc::clone(&context.providers);
    // Goes on when nobody waits for it any more; it has its own limits.
    let running = tokio::spawn(async move { desk.examine(place).await });
    let answer = match timeout(TEST, running).await {
        Ok(Ok(Ok(sentence))) => json!({ "ok": true, "sentence": sentence }),
        Ok(Ok(Err(sentence))) => json!({ "ok": false, "sentence": sentence }),
        Ok(Err(_)) => {
            let sentence = "The test broke off; the log says why.";
            return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, sentence));
        }
        Err(_) => {
            let body = Json(json!({ "running": true }));
            return Ok((StatusCode::ACCEPTED, NOT_KEPT, body).into_response());
        }
    };
    Ok((NOT_KEPT, Json(answer)).into_response())
}

#[derive(Deserialize)]
struct Agreement {
    entity: String,
}

async fn agree(
    State(context): State<Context>,
    said: Result<Json<Agreement>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(said) = said.map_err(|_| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "Name the entity, such as {\"entity\": \"ai_task.google_ai_task\"}.",
        )
    })?;
    done(timeout(LOOK, context.providers.agree(said.entity)).await)
}

async fn withdraw(State(context): State<Context>) -> Result<Response, Refusal> {
    done(timeout(LOOK, context.providers.withdraw()).await)
}

fn done<T>(result: Result<Result<(), String>, T>) -> Result<Response, Refusal> {
    match result {
        Ok(Ok(())) => Ok((NOT_KEPT, Json(json!({ "accepted": true }))).into_response()),
        Ok(Err(sentence)) => Err(Refusal::new(StatusCode::CONFLICT, sentence)),
        Err(_) => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Home Assistant did not answer in time; try again in a moment.",
        )),
    }
}
