//! `api/v1/zones/{slug}/masks` and `…/preview`: what of a zone's pictures nobody
//! may see, and what a provider gets of them. Cameras are told by their place:
//! their addresses may hold passwords.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::timeout};

use super::{
    Context,
    api::{INBOX, tell, zone},
    document::digest,
    reply::{NOT_KEPT, Refusal},
};
use crate::{
    domain::{
        command::Command,
        mask::{Mask, Masks, Polygon},
        view::ZoneView,
        zone::shown,
    },
    ports::{Message, Preview},
};

/// For a camera to give a picture, within what an answer may take.
const PICTURE: Duration = Duration::from_secs(9);

pub fn router() -> Router<Context> {
    Router::new()
        .route("/api/v1/zones/{slug}/masks", get(show).put(draw))
        .route("/api/v1/zones/{slug}/preview", post(preview))
}

/// Tells a zone's cameras from others without naming them.
fn revision(view: &ZoneView) -> String {
    let cameras = view.zone.options.cameras.join("\n");
    format!("{:016x}", digest(cameras.as_bytes()))
}

async fn show(
    State(context): State<Context>,
    Path(slug): Path<String>,
) -> Result<Response, Refusal> {
    let view = Arc::clone(&context.view.borrow());
    Ok(document(zone(&view, &slug)?))
}

fn document(view: &ZoneView) -> Response {
    let mut problem = None;
    let cameras: Vec<Value> = (view.zone.options.cameras.iter())
        .map(|camera| {
            let found = view.masks.of(camera);
            if let Err(sentence) = &found {
                problem.get_or_insert(sentence.clone());
            }
            let areas = found.ok().flatten().map(|mask| &mask.areas);
            json!({ "camera": shown(camera), "areas": areas.map_or(&[][..], Vec::as_slice) })
        })
        .collect();
    let body = json!({ "revision": revision(view), "cameras": cameras, "problem": problem });
    (NOT_KEPT, Json(body)).into_response()
}

/// A new set of masks, one for each camera of the zone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawn {
    /// As it was when the drawing began; `None`: whatever cameras there are.
    revision: Option<String>,
    cameras: Vec<DrawnCamera>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DrawnCamera {
    areas: Vec<Polygon>,
    /// Width and height of the picture that was drawn on.
    drawn_on: Option<(u32, u32)>,
}

async fn draw(
    State(context): State<Context>,
    Path(slug): Path<String>,
    said: Result<Json<Drawn>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(drawn) = said.map_err(|why| unclear(&why))?;
    let view = Arc::clone(&context.view.borrow());
    let view = zone(&view, &slug)?;
    let cameras = &view.zone.options.cameras;
    let conflict = |sentence: String| Refusal::new(StatusCode::CONFLICT, sentence);
    if drawn.revision.is_some_and(|known| known != revision(view)) {
        let sentence = "The cameras of this room changed meanwhile, so nothing was saved; open Masks again and draw on the new pictures.";
        return Err(conflict(sentence.into()));
    }
    if drawn.cameras.len() != cameras.len() {
        return Err(conflict(format!(
            "This room has {} cameras and masks came for {}, so nothing was saved; send one entry for each camera, with no areas where nothing is hidden.",
            cameras.len(),
            drawn.cameras.len()
        )));
    }
    let masks = (cameras.iter().zip(drawn.cameras))
        .map(|(camera, drawn)| {
            // Of a camera that was not looked at, the areas lie on the picture of before.
            let known = view.masks.of(camera).ok().flatten();
            let same = known.filter(|mask| mask.areas == drawn.areas);
            Mask {
                camera: camera.clone(),
                drawn_on: drawn.drawn_on.or(same.and_then(|mask| mask.drawn_on)),
                areas: drawn.areas,
            }
        })
        .collect();
    let masks = Masks::drawn(masks)
        .map_err(|sentence| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, sentence))?;
    tell(&context, Command::Mask(view.zone.id, masks)).await
}

/// Which camera to look through, and the areas as they are being drawn; without
/// areas the masks in force are used.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    #[serde(default)]
    camera: usize,
    areas: Option<Vec<Polygon>>,
}

/// A picture taken now: exactly the bytes that a provider would get.
async fn preview(
    State(context): State<Context>,
    Path(slug): Path<String>,
    said: Result<Json<Look>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(look) = said.map_err(|why| unclear(&why))?;
    let (id, source) = {
        let view = Arc::clone(&context.view.borrow());
        let zone = &zone(&view, &slug)?.zone;
        let source = zone.options.cameras.get(look.camera).cloned();
        let missing = || Refusal::new(StatusCode::NOT_FOUND, "This room has no such camera.");
        (zone.id, source.ok_or_else(missing)?)
    };
    let (reply, answer) = oneshot::channel();
    let message = Message::Preview(Preview {
        zone: id,
        camera: look.camera,
        mask: look.areas.map(|areas| Mask {
            camera: source,
            areas,
            drawn_on: None,
        }),
        reply,
    });
    let unavailable = |sentence: &str| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence);
    timeout(INBOX, context.inbox.send(message))
        .await
        .map_err(|_| unavailable("AICleaner is very busy; try again in a moment."))?
        .map_err(|_| unavailable("AICleaner is stopping; try again when it has started."))?;
    let jpeg = timeout(PICTURE, answer)
        .await
        .map_err(|_| unavailable("The camera gave no picture within 9 seconds; try again."))?
        .map_err(|_| unavailable("AICleaner is stopping; try again when it has started."))?
        .map_err(|sentence| Refusal::new(StatusCode::CONFLICT, sentence))?;
    let kind = [(header::CONTENT_TYPE, "image/jpeg")];
    Ok((NOT_KEPT, kind, jpeg).into_response())
}

fn unclear(why: &JsonRejection) -> Refusal {
    // The last part is serde's: what is wrong, and where.
    let text = why.body_text();
    let what = text.rsplit("target type: ").next().unwrap_or_default();
    Refusal::new(
        StatusCode::BAD_REQUEST,
        format!("The masks could not be read, so nothing was changed: {what}."),
    )
}
