//! `api/v1`: what the page reads and what a person may ask for.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::timeout};

use super::{
    Context,
    assets::{is_known, weak_tag},
    document::{House, digest},
    reply::Refusal,
};
use crate::{
    domain::{
        command::Command,
        learning::Opinion,
        task::TaskId,
        view::{View, ZoneView},
    },
    ports::Message,
};

/// To get a word in with the engine, and to hear from it.
pub(super) const INBOX: Duration = Duration::from_secs(2);
const REPLY: Duration = Duration::from_secs(5);
/// For the store to read a history.
const HISTORY: Duration = Duration::from_secs(5);
/// For the store to write a copy of itself, which a card may take its time for.
const COPY: Duration = Duration::from_secs(9);
/// Readings in one answer: the newest.
const READINGS: u32 = 2000;

pub fn router() -> Router<Context> {
    Router::new()
        .route("/api/v1/zones", get(zones))
        .route("/api/v1/zones/{slug}/snapshot", get(snapshot))
        .route("/api/v1/zones/{slug}/history", get(history))
        .route("/api/v1/zones/{slug}/check", post(check_zone))
        .route(
            "/api/v1/zones/{slug}/reference",
            post(this_is_clean).delete(forget_clean),
        )
        .route("/api/v1/zones/{slug}/tidy", post(it_is_tidy))
        .route("/api/v1/zones/{slug}/messy", post(it_is_messy))
        .route("/api/v1/zones/{slug}/lessons", delete(forget_lessons))
        .route(
            "/api/v1/zones/{slug}/lessons/last",
            delete(forget_last_lesson),
        )
        .route("/api/v1/check", post(check_all))
        .route("/api/v1/backup", post(prepare_backup))
        .route("/api/v1/tasks/{id}/done", post(task_done))
        .route("/api/v1/tasks/{id}/dismiss", post(dismiss_task))
        .route("/api/v1/remove", post(remove))
}

async fn zones(State(context): State<Context>, asked: HeaderMap) -> Result<Response, Refusal> {
    let view = now_showing(&context);
    let house = House::of(&view, context.version, context.options.is_some());
    let mut document = serde_json::to_value(house).map_err(|e| {
        tracing::warn!("cannot write the zones for the page: {e}");
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The zones cannot be shown; the log says why.",
        )
    })?;
    let tag = weak_tag(digest(document.to_string().as_bytes()));
    let headers = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    if is_known(&asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    // After the tag, which tells whether anything but the time has changed.
    document["now"] = json!(context.clock.now());
    Ok((headers, Json(document)).into_response())
}

async fn snapshot(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let view = now_showing(&context);
    let jpeg = zone(&view, &slug)?.snapshot.clone().ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "There is no picture of this zone yet; check it once.",
        )
    })?;
    // Pictures of a home are kept by nobody else.
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, jpeg).into_response())
}

#[derive(Deserialize)]
struct Span {
    #[serde(default = "a_week")]
    days: u32,
}

fn a_week() -> u32 {
    7
}

async fn history(
    State(context): State<Context>,
    Path(slug): Path<String>,
    span: Result<Query<Span>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let days = span
        .ok()
        .map(|Query(span)| span.days)
        .filter(|days| (1..=90).contains(days))
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "days must be a whole number from 1 to 90.",
            )
        })?;
    let view = now_showing(&context);
    let id = zone(&view, &slug)?.zone.id;
    let since = context
        .clock
        .now()
        .saturating_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "The clock is out of range."))?;
    let readings = timeout(HISTORY, context.store.history(id, since, READINGS))
        .await
        .map_err(|_| {
            Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The history took too long to read; try again in a moment.",
            )
        })?
        .map_err(|sentence| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence))?;
    let readings: Vec<Value> = readings
        .iter()
        .map(|r| {
            json!({
                "at": r.at,
                "score": r.score,
                "confidence": r.confidence,
                "provider": r.provider,
                "open_tasks": r.open_tasks,
            })
        })
        .collect();
    Ok(Json(
        json!({ "zone": slug, "days": days, "readings": readings }),
    ))
}

async fn check_zone(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::CheckNow(id)).await
}

async fn this_is_clean(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::ThisIsClean(id)).await
}

async fn forget_clean(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::ForgetClean(id)).await
}

async fn it_is_tidy(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::Teach(id, Opinion::Tidy)).await
}

async fn it_is_messy(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::Teach(id, Opinion::Messy)).await
}

async fn forget_last_lesson(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::Unteach(id)).await
}

async fn forget_lessons(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::ForgetLessons(id)).await
}

async fn check_all(State(context): State<Context>) -> Result<Response, Refusal> {
    tell(&context, Command::CheckAll).await
}

async fn task_done(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = open_task(&now_showing(&context), &id)?;
    tell(&context, Command::TaskDone(id)).await
}

async fn dismiss_task(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = open_task(&now_showing(&context), &id)?;
    tell(&context, Command::DismissTask(id)).await
}

/// Before an uninstall. Answers when it is done, which takes some seconds.
async fn remove(State(context): State<Context>) -> Result<Response, Refusal> {
    let refused = |sentence| Refusal::new(StatusCode::CONFLICT, sentence);
    context.farewell.withdraw().await.map_err(refused)?;
    Ok(Json(json!({ "removed": true })).into_response())
}

/// Before the Supervisor makes a backup: `aicleaner backup-prepare` asks for it.
async fn prepare_backup(State(context): State<Context>) -> Result<Response, Refusal> {
    let unavailable = |sentence| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence);
    timeout(COPY, context.store.copy())
        .await
        .map_err(|_| {
            unavailable(
                "The copy of the database took too long; the backup gets the one before.".into(),
            )
        })?
        .map_err(unavailable)?;
    Ok(Json(json!({ "copied": true })).into_response())
}

pub(super) fn now_showing(context: &Context) -> Arc<View> {
    Arc::clone(&context.view.borrow())
}

pub(super) fn zone<'v>(view: &'v View, slug: &str) -> Result<&'v ZoneView, Refusal> {
    view.zones
        .iter()
        .find(|zone| zone.zone.options.slug == slug)
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "There is no such zone; it may have been removed from the options.",
            )
        })
}

fn open_task(view: &View, id: &str) -> Result<TaskId, Refusal> {
    let id: Option<u64> = id.parse().ok();
    view.zones
        .iter()
        .flat_map(|zone| &zone.tasks)
        .map(|task| task.id)
        .find(|task| Some(task.0) == id)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "This task is not open any more."))
}

/// Asks the engine and waits, a little, for what it says.
pub(super) async fn tell(context: &Context, command: Command) -> Result<Response, Refusal> {
    let unavailable = |sentence| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence);
    let (reply, answer) = oneshot::channel();
    let message = Message::Command(command, Some(reply));
    timeout(INBOX, context.inbox.send(message))
        .await
        .map_err(|_| unavailable("AICleaner is very busy; try again in a moment."))?
        .map_err(|_| unavailable("AICleaner is stopping; try again when it has started."))?;
    timeout(REPLY, answer)
        .await
        .map_err(|_| unavailable("AICleaner did not answer in time; look again in a moment."))?
        .map_err(|_| unavailable("AICleaner is stopping; try again when it has started."))?
        .map_err(|sentence| Refusal::new(StatusCode::CONFLICT, sentence))?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": true }))).into_response())
}
