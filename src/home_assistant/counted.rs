//! Counts what is asked of Home Assistant, by how it was answered.

use serde_json::Value;

use super::HaError;
use crate::telemetry::{
    Metrics,
    labels::{Answer, Request},
};

/// Waits for the answer and counts it.
pub(super) async fn counted<T>(
    metrics: &Metrics,
    request: Request,
    asking: impl Future<Output = Result<T, HaError>>,
) -> Result<T, HaError> {
    // Whoever asked may lose patience and drop us: no usable answer either.
    let mut asked = Asked {
        metrics,
        request,
        answer: Answer::Failed,
    };
    let result = asking.await;
    asked.answer = answer(&result);
    result
}

/// A request under way; counted when it is over.
struct Asked<'a> {
    metrics: &'a Metrics,
    request: Request,
    answer: Answer,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.metrics
            .home_assistant_answered(self.request, self.answer);
    }
}

pub(super) fn answer<T>(result: &Result<T, HaError>) -> Answer {
    match result {
        Ok(_) => Answer::Ok,
        Err(HaError::Away(_)) => Answer::Paused,
        Err(HaError::Status { .. } | HaError::Refused { .. }) => Answer::Refused,
        Err(HaError::Failed(_) | HaError::TooSlow(_) | HaError::TooLarge(_)) => Answer::Failed,
    }
}

/// What a WebSocket command asks for.
pub(super) fn kind(command: &Value) -> Request {
    match command["type"].as_str() {
        Some("call_service") if command["domain"] == "todo" => Request::Todo,
        Some("call_service") => Request::Action,
        Some(kind) if kind.starts_with("todo/") => Request::Todo,
        _ => Request::State,
    }
}
