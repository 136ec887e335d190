//! AI Task entities over the WebSocket: which there are, and calls of them with
//! our own pictures. What is asked, and what an answer means, is the provider's.

mod classes;
mod media;
mod upload;

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::HaError, report::sentence, todo::Home, websocket::LinkState};
use crate::{
    domain::provider::{Class, Failure},
    ports::{AiTaskCall, AiTaskEntity, AiTaskOffer, AiTasks, Boxed},
};
use classes::failure;
use media::Media;
pub use media::sweep;

/// For questions about entities.
const LOOK: Duration = Duration::from_secs(15);

/// Bits of `supported_features`.
const DATA_WITH_PICTURES: u32 = 1 | 2;
const EVALUATES: u32 = 2 | 8;

/// The household's AI Task entities.
#[derive(Debug)]
pub struct AiTaskEntities {
    /// Why there is no Home Assistant, as a sentence.
    home: Result<Home, String>,
    media: Arc<Media>,
}

#[derive(Deserialize)]
struct Registered {
    platform: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    iot_class: Option<String>,
    #[serde(default)]
    is_built_in: bool,
}

impl AiTaskEntities {
    /// `device_id`: whose pictures the ones in the media folder are. With
    /// `at_home` pictures go to addresses in the home network only.
    pub(super) fn new(home: Result<Home, String>, device_id: &str, at_home: bool) -> Self {
        let rest = home.as_ref().ok().map(|home| home.rest.clone());
        Self {
            media: Arc::new(Media::new(rest, device_id, at_home)),
            home,
        }
    }

    pub(super) fn media(&self) -> Arc<Media> {
        Arc::clone(&self.media)
    }

    fn home(&self) -> Result<&Home, Failure> {
        let home = self
            .home
            .as_ref()
            .map_err(|why| Failure::new(Class::ModelMissing, sentence(why)))?;
        let obstacle = match &*home.socket.link().borrow() {
            LinkState::Up => None,
            state => state.obstacle(),
        };
        match obstacle {
            None => Ok(home),
            Some(why) => Err(failure(&why, "AI Task", false)),
        }
    }

    async fn look(&self) -> Result<AiTaskOffer, Failure> {
        let home = self.home()?;
        let ask = |command: Value| home.socket.call_within(command, LOOK);
        let states = ask(json!({"type": "get_states"}))
            .await
            .map_err(|why| failure(&why, "AI Task", false))?;
        let mut entities = Vec::new();
        for state in states.as_array().into_iter().flatten() {
            let Some(entity) = state["entity_id"]
                .as_str()
                .filter(|id| id.starts_with("ai_task."))
            else {
                continue;
            };
            let features = state["attributes"]["supported_features"]
                .as_u64()
                .unwrap_or(0) as u32;
            let integration = self.integration(home, entity).await;
            let local = match &integration {
                Some(name) => is_local(home, name).await,
                None => false,
            };
            let name = state["attributes"]["friendly_name"]
                .as_str()
                .unwrap_or(entity);
            entities.push(AiTaskEntity {
                entity: entity.to_owned(),
                name: name.chars().filter(|c| !c.is_control()).take(100).collect(),
                integration,
                local,
                available: state["state"] != "unavailable",
                usable: features & DATA_WITH_PICTURES == DATA_WITH_PICTURES,
                evaluates: features & EVALUATES == EVALUATES,
            });
        }
        // Older versions have no preferences.
        let preferences = ask(json!({"type": "ai_task/preferences/get"})).await;
        let preferred = preferences
            .ok()
            .and_then(|p| Some(p["gen_data_entity_id"].as_str()?.to_owned()));
        Ok(AiTaskOffer {
            entities,
            preferred,
        })
    }

    async fn integration(&self, home: &Home, entity: &str) -> Option<String> {
        let command = json!({"type": "config/entity_registry/get", "entity_id": entity});
        let entry = home.socket.call_within(command, LOOK).await.ok()?;
        serde_json::from_value::<Registered>(entry).ok()?.platform
    }

    /// Calls an action with our pictures, and takes them away afterwards.
    async fn call(&self, action: &str, call: AiTaskCall) -> Result<Value, Failure> {
        let home = self.home()?;
        let entity = call.entity;
        let uploads = self
            .media
            .put(&home.socket, &call.pictures, &entity)
            .await?;
        let mut data = call.data;
        data["task_name"] = call.task.into();
        data["entity_id"] = entity.as_str().into();
        data["attachments"] = uploads
            .ids()
            .map(|id| json!({"media_content_id": id, "media_content_type": "image/jpeg"}))
            .collect();
        let command = json!({
            "type": "call_service", "domain": "ai_task", "service": action,
            "service_data": data, "return_response": true,
        });
        let answer = home.socket.call_within(command, call.within).await;
        uploads.remove().await;
        let answer = answer.map_err(|why| {
            // It went out over a connection that was up: what became of it nobody knows.
            let in_doubt = matches!(why, HaError::Away(_) | HaError::TooSlow(_));
            failure(&why, &entity, in_doubt)
        })?;
        Ok(answer["response"].clone())
    }
}

impl AiTasks for AiTaskEntities {
    fn offer(&self) -> Boxed<'_, Result<AiTaskOffer, Failure>> {
        Box::pin(self.look())
    }

    fn generate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>> {
        Box::pin(async { Ok(self.call("generate_data", call).await?["data"].clone()) })
    }

    fn evaluate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>> {
        Box::pin(async { Ok(self.call("evaluate", call).await?["answers"].clone()) })
    }
}

/// Whether an integration says that it works in the home network, and is one
/// that Home Assistant's own reviewers have seen.
async fn is_local(home: &Home, integration: &str) -> bool {
    let command = json!({"type": "manifest/get", "integration": integration});
    let Ok(manifest) = home.socket.call_within(command, LOOK).await else {
        return false;
    };
    serde_json::from_value::<Manifest>(manifest).is_ok_and(|manifest| {
        manifest.is_built_in
            && manifest
                .iot_class
                .is_some_and(|class| class.starts_with("local_"))
    })
}
