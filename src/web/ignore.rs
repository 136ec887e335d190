//! `api/v1/zones/{slug}/ignore`: what is no task in a room: the rules, a new
//! one, one taken back, and which tasks a rule would name.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::timeout};

use super::{
    Context,
    api::{now_showing, tell, zone},
    reply::{NOT_KEPT, Refusal},
};
use crate::{
    domain::{
        command::Command,
        ignore::{self, Named, RuleSource},
        zone::ZoneId,
    },
    ports::Message,
};

/// For the engine to hear a question and to answer it.
const ANSWER: Duration = Duration::from_secs(5);

pub fn router() -> Router<Context> {
    Router::new()
        .route(
            "/api/v1/zones/{slug}/ignore",
            get(rules).post(add).delete(forget),
        )
        .route("/api/v1/zones/{slug}/ignore/test", post(test))
}

/// `{"rules": [{"rule", "from": "options"|"entity"|"page", "since"?}]}`.
async fn rules(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let view = now_showing(&context);
    let zone = zone(&view, &slug)?;
    let options = zone.zone.options.ignore.iter();
    let options = options.map(|text| json!({ "rule": text, "from": "options" }));
    let learnt = zone.rules.iter();
    let learnt =
        learnt.map(|rule| json!({ "rule": rule.text, "from": rule.from, "since": rule.since }));
    let rules: Vec<Value> = options.chain(learnt).collect();
    Ok((NOT_KEPT, Json(json!({ "rules": rules }))).into_response())
}

#[derive(Deserialize)]
struct Said {
    rule: String,
}

type Body = Result<Json<Said>, JsonRejection>;

fn said(body: Body) -> Result<String, Refusal> {
    let example = "Say the rule, such as {\"rule\": \"the dog bed\"}.";
    let Json(said) = body.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, example))?;
    Ok(said.rule)
}

fn rule(body: Body) -> Result<String, Refusal> {
    ignore::rule(&said(body)?).map_err(|sentence| Refusal::new(StatusCode::BAD_REQUEST, sentence))
}

async fn add(
    State(context): State<Context>,
    Path(slug): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    let rule = rule(body)?;
    tell(&context, Command::AddRule(id, rule, RuleSource::Page)).await
}

async fn forget(
    State(context): State<Context>,
    Path(slug): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    tell(&context, Command::ForgetRule(id, said(body)?)).await
}

/// `{"rule", "tasks": [{"id", "title", "state": {"is", …}}]}`: the open tasks
/// and those settled in the last weeks that the rule names. Changes nothing.
async fn test(
    State(context): State<Context>,
    Path(slug): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    let id = zone(&now_showing(&context), &slug)?.zone.id;
    let rule = rule(body)?;
    let tasks = timeout(ANSWER, ask(&context, id, rule.clone()))
        .await
        .map_err(|_| unavailable("AICleaner did not answer in time; try again in a moment."))??;
    Ok((NOT_KEPT, Json(json!({ "rule": rule, "tasks": tasks }))).into_response())
}

async fn ask(context: &Context, zone: ZoneId, rule: String) -> Result<Vec<Named>, Refusal> {
    let stopping = || unavailable("AICleaner is stopping; try again when it has started.");
    let (reply, answer) = oneshot::channel();
    let question = Message::TestRule { zone, rule, reply };
    let sent = context.inbox.send(question).await;
    sent.map_err(|_| stopping())?;
    let answer = answer.await.map_err(|_| stopping())?;
    answer.map_err(|sentence| Refusal::new(StatusCode::CONFLICT, sentence))
}

fn unavailable(sentence: &str) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence)
}
