//! Pictures of cameras: Home Assistant's camera and image entities, addresses,
//! files. Whether a picture can be used is decided elsewhere.

use bytes::Bytes;
use reqwest::{Client, Url};
use tokio::sync::watch;

use super::{
    LinkState,
    error::HaError,
    pictures::Pictures,
    report::sentence,
    rest::{Answer, Fault, MAX_RESPONSE, Rest, fetch},
};
use crate::{
    domain::{
        check::{CheckError, ErrorClass},
        zone::shown,
    },
    ports::{Boxed, Camera},
    telemetry::labels::Request,
};

/// Asked of the camera proxy: enough to see a cup, little enough for a Pi.
const SIZE: &str = "width=1920&height=1080";

/// Takes pictures of all kinds of sources.
#[derive(Debug)]
pub struct Cameras {
    /// Why there is no Home Assistant, as a sentence.
    home: Result<(Rest, watch::Receiver<LinkState>), String>,
    web: Result<Client, String>,
    pictures: Pictures,
}

impl Cameras {
    pub(super) fn new(
        web: Result<Client, String>,
        home: Result<(Rest, watch::Receiver<LinkState>), String>,
    ) -> Self {
        Self {
            home,
            web,
            pictures: Pictures::new(),
        }
    }

    async fn look(&self, source: &str) -> Result<Bytes, CheckError> {
        let source = source.trim();
        if let Some(path) = source.strip_prefix("file:") {
            return self
                .pictures
                .read(path)
                .await
                .map_err(|why| camera(sentence(&why)));
        }
        if let Some(url) = address(source) {
            return self.of_address(url, &shown(source)).await;
        }
        match source.split_once('.') {
            Some((kind @ ("camera" | "image"), name)) if is_object_id(name) => {
                self.of_entity(kind, source).await
            }
            _ => Err(camera(format!(
                "{} is not a camera; enter a camera or image entity, an http(s) address, or file: followed by a path.",
                shown(source)
            ))),
        }
    }

    async fn of_entity(&self, kind: &str, entity: &str) -> Result<Bytes, CheckError> {
        let (rest, link) = self
            .home
            .as_ref()
            .map_err(|why| camera(format!("{entity} cannot be asked for a picture: {why}.")))?;
        let path = match kind {
            "image" => format!("image_proxy/{entity}"),
            _ => format!("camera_proxy/{entity}?{SIZE}"),
        };
        match rest.get(Request::Camera, &path).await {
            Ok(answer) => picture(entity, answer),
            Err(error) => {
                // While Home Assistant starts it does not know its cameras yet,
                // and one that hangs is not the camera's fault.
                if let HaError::Status { .. } | HaError::TooSlow(_) = error
                    && let LinkState::Away(why) = &*link.borrow()
                {
                    return Err(paused(entity, why));
                }
                Err(entity_error(entity, error))
            }
        }
    }

    /// No token of ours goes there. `name` is the address as a sentence may show it.
    async fn of_address(&self, url: Url, name: &str) -> Result<Bytes, CheckError> {
        let web = self
            .web
            .as_ref()
            .map_err(|why| camera(format!("{name} cannot be asked for a picture: {why}.")))?;
        let answer = fetch(web.get(url)).await.map_err(|fault| {
            camera(match fault {
                Fault::Unreachable(why) => format!(
                    "The camera at {name} does not answer ({why}); check that it is on and that the address is right."
                ),
                Fault::Broken(why) => format!(
                    "No connection to the camera at {name}: {why}; check the address and its certificate."
                ),
                Fault::TooSlow => format!(
                    "The camera at {name} sent no whole picture within half a minute; check the connection to it."
                ),
                Fault::TooLarge => too_large(name),
            })
        })?;
        let remedy = match answer.status {
            200..300 => return picture(name, answer),
            300..=399 => {
                let target = answer.location.as_deref().and_then(|to| Url::parse(to).ok());
                match target {
                    Some(target) => format!("it redirects to {}; enter that address", shown(target.as_str())),
                    None => "it redirects elsewhere; enter the final address".into(),
                }
            }
            401 | 403 => "it asks for a name and password; write them into the address as http://name:password@…".into(),
            404 => "there is nothing there; check the address".into(),
            status => format!("it answered with status {status}; check that the camera works"),
        };
        Err(camera(format!(
            "No picture from the camera at {name}: {remedy}."
        )))
    }
}

impl Camera for Cameras {
    fn capture<'a>(&'a self, source: &'a str) -> Boxed<'a, Result<Bytes, CheckError>> {
        Box::pin(self.look(source))
    }
}

/// The body, unless it is plainly something else than a picture.
fn picture(name: &str, answer: Answer) -> Result<Bytes, CheckError> {
    let kind = answer.content_type.as_str();
    if kind == "multipart/x-mixed-replace" {
        return Err(camera(format!(
            "{name} delivers a video stream; enter its address for still pictures (snapshots)."
        )));
    }
    if kind.starts_with("text/") || kind == "application/json" || kind == "application/xhtml+xml" {
        return Err(camera(format!(
            "{name} delivered a page ({kind}) instead of a picture; check the address, and whether it asks for a login."
        )));
    }
    if answer.body.is_empty() {
        return Err(camera(format!(
            "{name} delivered an empty picture; check that the camera works."
        )));
    }
    Ok(answer.body)
}

fn entity_error(entity: &str, error: HaError) -> CheckError {
    camera(match error {
        HaError::Away(why) => return paused(entity, &why),
        HaError::Status { status: 404, .. } => format!(
            "There is no {entity} in Home Assistant; choose another one in the zone's cameras, or check why it is gone."
        ),
        HaError::Status { status: 503, .. } => {
            format!("{entity} is switched off in Home Assistant; switch it on.")
        }
        HaError::Status { status: 500, .. } => format!(
            "Home Assistant got no picture from {entity}; check that the camera works in Home Assistant."
        ),
        HaError::TooLarge(_) => too_large(entity),
        HaError::TooSlow(limit) => format!(
            "Home Assistant gave no picture of {entity} within {} seconds; check that the camera works in Home Assistant.",
            limit.as_secs()
        ),
        HaError::Failed(why) => format!("No picture of {entity}: {why}."),
        other @ (HaError::Status { .. } | HaError::Refused { .. }) => format!(
            "No picture of {entity}: {other}; check that the camera works in Home Assistant."
        ),
    })
}

fn too_large(name: &str) -> String {
    format!(
        "The picture of {name} is larger than {} MB; lower the camera's resolution.",
        MAX_RESPONSE / 1_000_000
    )
}

fn camera(sentence: String) -> CheckError {
    CheckError {
        class: ErrorClass::Camera,
        sentence,
    }
}

fn paused(entity: &str, why: &str) -> CheckError {
    CheckError {
        class: ErrorClass::Paused,
        sentence: format!("No picture of {entity} yet: {why}."),
    }
}

fn address(source: &str) -> Option<Url> {
    Url::parse(source)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The part of an entity id after the dot.
pub(super) fn is_object_id(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
