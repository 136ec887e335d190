//! `api/v1/options`: what the page's editor reads and writes. What an edit
//! does to the options lives in `settings::options`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use super::{
    Context,
    reply::{NOT_KEPT, Refusal},
};
use crate::{
    ports::{NotChanged, OptionsEditor, OptionsShown},
    settings::options::Edit,
};

pub fn router() -> Router<Context> {
    Router::new()
        .route("/api/v1/options", get(show).put(change))
        .route("/api/v1/options/use", post(use_saved))
}

async fn show(State(context): State<Context>) -> Result<Response, Refusal> {
    answer(editor(&context)?.show().await)
}

async fn use_saved(State(context): State<Context>) -> Result<Response, Refusal> {
    answer(editor(&context)?.use_saved().await)
}

/// `409` where somebody else was faster, `422` with the problems where the
/// options would make no sense.
async fn change(
    State(context): State<Context>,
    edit: Result<Json<Edit>, JsonRejection>,
) -> Result<Response, Refusal> {
    let editor = editor(&context)?;
    let Json(edit) = edit.map_err(|why| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            format!("This is not a change of the options: {}.", why.body_text()),
        )
    })?;
    match editor.change(edit).await {
        Ok(shown) => answer(Ok(shown)),
        Err(NotChanged::Invalid(problems)) => {
            let body = Json(json!({
                "error": "Nothing was saved: some options would not work.",
                "problems": problems,
            }));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, NOT_KEPT, body).into_response())
        }
        Err(NotChanged::Overtaken(why) | NotChanged::Refused(why)) => {
            Err(Refusal::new(StatusCode::CONFLICT, why))
        }
        Err(NotChanged::Unavailable(why)) => {
            Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why))
        }
    }
}

fn editor(context: &Context) -> Result<&Arc<dyn OptionsEditor>, Refusal> {
    context.options.as_ref().ok_or_else(|| {
        Refusal::new(
            StatusCode::CONFLICT,
            "The rooms of the demo are what they are; install AICleaner to set up your own.",
        )
    })
}

fn answer(shown: Result<OptionsShown, String>) -> Result<Response, Refusal> {
    let shown = shown.map_err(|why| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why))?;
    Ok((NOT_KEPT, Json(shown)).into_response())
}
