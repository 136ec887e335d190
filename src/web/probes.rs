//! `/health`: are we alive. `/ready`: have we come up. `/metrics`: the figures.
//!
//! `/health` is about ourselves: a missing broker or Home Assistant is
//! `degraded` and still 200, or a watchdog would restart us for nothing.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use super::{
    Context,
    document::condition,
    reply::{Refusal, not_like_this, nothing_here},
    server::in_time,
};

/// A part that has not turned for so long is stuck.
const STUCK: Duration = Duration::from_mins(1);

pub fn router(context: Context) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_like_this)
        .layer(from_fn(in_time))
        .layer(map_response(fresh))
        .with_state(context)
}

/// A probe's answer is about now.
async fn fresh(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

async fn health(State(context): State<Context>) -> impl IntoResponse {
    let view = context.view.borrow().clone();
    let stuck: Vec<&str> = context
        .vital
        .iter()
        .filter(|(_, standstill)| standstill() >= STUCK)
        .map(|(name, _)| *name)
        .collect();
    let (code, status) = if !stuck.is_empty() {
        (StatusCode::SERVICE_UNAVAILABLE, "stuck")
    } else if view.health.problem().is_some() {
        (StatusCode::OK, "degraded")
    } else {
        (StatusCode::OK, "ok")
    };
    let components: serde_json::Map<_, _> = view
        .health
        .iter()
        .map(|(part, state, since)| (part.name().to_owned(), condition(state, since)))
        .collect();
    let body = json!({
        "status": status,
        "version": context.version,
        "stuck": stuck,
        "components": components,
        "degraded": view.degraded,
    });
    (code, Json(body))
}

async fn ready(State(context): State<Context>) -> impl IntoResponse {
    let awaited = context.readiness.awaited();
    let code = if awaited.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        code,
        Json(json!({ "ready": awaited.is_empty(), "awaiting": awaited })),
    )
}

async fn metrics(State(context): State<Context>) -> Response {
    let view = context.view.borrow().clone();
    match context.metrics.text(&view, context.clock.now()) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(e) => {
            tracing::warn!("cannot write the metrics: {e}");
            Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The metrics cannot be written; the log says why.",
            )
            .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{body::Body, http::Request};
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::{
        telemetry::Pulse,
        web::{
            Standstill,
            tests::world::{context, view},
        },
    };

    #[tokio::test(start_paused = true)]
    async fn only_a_part_that_stands_still_is_fatal() {
        let (engine, store) = (Pulse::new(), Pulse::new());
        let vital = [("engine", engine.clone()), ("store", store.clone())]
            .map(|(name, pulse)| (name, Arc::new(move || pulse.silence()) as Standstill));
        let context = context(Arc::new(view(vec![])), vital.to_vec());
        let service = TowerToHyperService::new(router(context));
        let health = async || {
            let request = Request::get("/health").body(Body::empty()).unwrap();
            let response = service.call(request).await.unwrap();
            let status = response.status();
            let body = axum::body::to_bytes(response.into_body(), 1 << 16).await;
            let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
            (status, body["stuck"].clone())
        };
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(health().await, (StatusCode::OK, json!([])));
        engine.beat();
        tokio::time::advance(Duration::from_secs(2)).await;
        let stuck = (StatusCode::SERVICE_UNAVAILABLE, json!(["store"]));
        assert_eq!(health().await, stuck);
        store.beat();
        assert_eq!(health().await, (StatusCode::OK, json!([])));
    }
}
