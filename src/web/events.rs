//! `api/v1/events`: says that something has changed, so that an open page need not ask all the time. What has changed it asks
//! `api/v1/zones`, whose tag is the event's text. Whoever cannot hold a connection open goes on asking.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures_util::stream;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    Context,
    document::{House, digest},
};
use crate::domain::view::View;

/// Between two events: a check changes much within a moment.
const PAUSE: Duration = Duration::from_millis(300);
/// A word in between, for proxies that close what is silent.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// A stream ends before its connection would be cut off; the browser comes back by itself, after `AGAIN`.
const STREAM: Duration = Duration::from_secs(100);
const AGAIN: Duration = Duration::from_secs(1);

pub fn router() -> Router<Context> {
    Router::new().route("/api/v1/events", get(events))
}

const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    ),
];

struct Listener {
    view: watch::Receiver<Arc<View>>,
    version: &'static str,
    editable: bool,
    told: Option<String>,
    not_before: Instant,
    end: Instant,
}

async fn events(State(context): State<Context>) -> impl IntoResponse {
    let mut view = context.view.clone();
    // The first event is about now.
    view.mark_changed();
    let now = Instant::now();
    let listener = Listener {
        view,
        version: context.version,
        editable: context.options.is_some(),
        told: None,
        not_before: now,
        end: now + STREAM,
    };
    let events = stream::unfold(listener, async |mut listener| {
        let tag = listener.tag().await?;
        let event = Event::default().event("changed").data(&tag).retry(AGAIN);
        listener.told = Some(tag);
        Some((Ok::<_, Infallible>(event), listener))
    });
    let alive = KeepAlive::new().interval(SIGN_OF_LIFE);
    (HEADERS, Sse::new(events).keep_alive(alive))
}

impl Listener {
    /// The tag of what is shown now, once it is another than told; `None` at the end of the stream.
    async fn tag(&mut self) -> Option<String> {
        loop {
            timeout_at(self.end, self.view.changed()).await.ok()?.ok()?;
            sleep_until(self.not_before).await;
            self.not_before = Instant::now() + PAUSE;
            let view = Arc::clone(&self.view.borrow_and_update());
            let house = House::of(&view, self.version, self.editable);
            // What cannot be written is said by `api/v1/zones`.
            let text =
                serde_json::to_value(house).map_or_else(|_| String::new(), |v| v.to_string());
            let tag = format!("{:016x}", digest(text.as_bytes()));
            if self.told.as_ref() != Some(&tag) {
                return Some(tag);
            }
        }
    }
}
