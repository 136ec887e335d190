//! `api/v1/zones/{slug}/snooze`: leaves a room alone for a while, in the words
//! of its select entity. A request that is sent again with the same
//! `Idempotency-Key` does not begin the while anew.

use std::{collections::VecDeque, sync::Arc};

use axum::{
    Json, Router,
    extract::{Extension, Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::{
    Context,
    api::{now_showing, tell, zone},
    reply::Refusal,
};
use crate::domain::{command::Command, snooze, zone::ZoneId};

/// Requests that are known again: the latest of all rooms.
const KNOWN: usize = 64;
const LONGEST_KEY: usize = 128;

/// The accepted requests that had a key. Held while one is asked for, so that
/// its repetition waits for what came of it.
type Accepted = Arc<Mutex<VecDeque<(String, ZoneId, u32)>>>;

pub fn router() -> Router<Context> {
    Router::new()
        .route("/api/v1/zones/{slug}/snooze", post(leave_alone))
        .layer(Extension(Accepted::default()))
}

#[derive(Deserialize)]
struct Asked {
    r#for: String,
}

async fn leave_alone(
    State(context): State<Context>,
    Extension(accepted): Extension<Accepted>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Asked>, JsonRejection>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    let chosen = body.ok().map(|Json(asked)| asked.r#for);
    let minutes = chosen.as_deref().and_then(snooze::minutes);
    let minutes = minutes.ok_or_else(|| {
        let choices = snooze::choices().join(", ");
        let sentence = format!(
            "Say for how long, such as {{\"for\": \"2 hours\"}}; the choices are: {choices}."
        );
        Refusal::new(StatusCode::BAD_REQUEST, sentence)
    })?;
    let command = Command::Snooze(id, minutes);
    let Some(key) = key(&headers)? else {
        return tell(&context, command).await;
    };
    let mut accepted = accepted.lock().await;
    match accepted.iter().find(|(known, ..)| *known == key) {
        Some((_, zone, before)) if (*zone, *before) == (id, minutes) => {
            let again = Json(json!({ "accepted": true }));
            Ok((StatusCode::ACCEPTED, again).into_response())
        }
        Some(_) => Err(Refusal::new(
            StatusCode::CONFLICT,
            "This Idempotency-Key was used for another request; use a new one.",
        )),
        None => {
            let answer = tell(&context, command).await?;
            if accepted.len() == KNOWN {
                accepted.pop_front();
            }
            accepted.push_back((key, id, minutes));
            Ok(answer)
        }
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = key.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY {
        let sentence = "An Idempotency-Key is 1 to 128 letters, digits and signs.";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, sentence));
    }
    Ok(Some(key.to_owned()))
}
