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
const PICTURES: u32 = 2;
const DATA_WITH_PICTURES: u32 = PICTURES | 1;
const EVALUATES: u32 = PICTURES | 8;

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
    /// `device_id`: whose pictures the ones in the media folder are.
    pub(super) fn new(home: Result<Home, String>, device_id: &str) -> Self {
        let rest = home.as_ref().ok().map(|home| home.rest.clone());
        Self {
            media: Arc::new(Media::new(rest, device_id)),
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
            let Some(mut entity) = listed(state) else {
                continue;
            };
            entity.integration = self.integration(home, &entity.entity).await;
            if let Some(integration) = &entity.integration {
                entity.local = is_local(home, integration).await;
            }
            entities.push(entity);
        }
        // Older versions have no preferences.
        let preferences = ask(json!({"type": "ai_task/preferences/get"})).await;
        Ok(offer(entities, &preferences.unwrap_or_default()))
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
            .put(&home.socket, &call.pictures, call.at_home, &entity)
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

/// The entity of a state; whose it is has to be asked.
fn listed(state: &Value) -> Option<AiTaskEntity> {
    let entity = state["entity_id"].as_str()?;
    if !entity.starts_with("ai_task.") {
        return None;
    }
    let attributes = &state["attributes"];
    let features = attributes["supported_features"].as_u64().unwrap_or(0) as u32;
    let name = attributes["friendly_name"].as_str().unwrap_or(entity);
    Some(AiTaskEntity {
        entity: entity.to_owned(),
        name: name.chars().filter(|c| !c.is_control()).take(100).collect(),
        integration: None,
        local: false,
        available: state["state"] != "unavailable",
        sees: features & PICTURES != 0,
        usable: features & DATA_WITH_PICTURES == DATA_WITH_PICTURES,
        evaluates: features & EVALUATES == EVALUATES,
    })
}

/// With what the household prefers: the answer to `ai_task/preferences/get`.
fn offer(entities: Vec<AiTaskEntity>, preferences: &Value) -> AiTaskOffer {
    let preferred = |what: &str| preferences[what].as_str().map(str::to_owned);
    AiTaskOffer {
        entities,
        preferred: preferred("gen_data_entity_id"),
        preferred_to_evaluate: preferred("evaluate_entity_id"),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As Home Assistant 2026.11 says it with OpenAI's integration and its two
    /// entities.
    #[test]
    fn data_and_evaluating_are_told_apart() {
        let state = |entity: &str, name: &str, features: u32, state: &str| {
            json!({
                "entity_id": entity, "state": state,
                "attributes": {"friendly_name": name, "supported_features": features},
                "last_changed": "2026-11-25T10:00:00.000000+00:00",
                "context": {"id": "01KB", "parent_id": null, "user_id": null},
            })
        };
        let states = [
            state("light.kitchen", "Kitchen", 2, "on"),
            state(
                "ai_task.openai_ai_task",
                "OpenAI AI Task",
                7,
                "2026-11-25T10:00:00.000000+00:00",
            ),
            state(
                "ai_task.openai_evaluation",
                "OpenAI Evaluation",
                10,
                "unknown",
            ),
            state("ai_task.words", "Words", 1, "unavailable"),
            state("ai_task.judge_of_words", "Judge", 8, "unknown"),
        ];
        let preferences = json!({
            "gen_data_entity_id": "ai_task.openai_ai_task", "gen_image_entity_id": null,
            "evaluate_entity_id": "ai_task.openai_evaluation", "allow_automatic_evaluation": false,
        });
        let known = offer(states.iter().filter_map(listed).collect(), &preferences);
        let bits: Vec<_> = known
            .entities
            .iter()
            .map(|e| (&*e.entity, e.sees, e.usable, e.evaluates, e.available))
            .collect();
        assert_eq!(
            bits,
            [
                ("ai_task.openai_ai_task", true, true, false, true),
                ("ai_task.openai_evaluation", true, false, true, true),
                ("ai_task.words", false, false, false, false),
                ("ai_task.judge_of_words", false, false, false, true),
            ]
        );
        assert_eq!(known.preferred.as_deref(), Some("ai_task.openai_ai_task"));
        assert_eq!(
            known.preferred_to_evaluate.as_deref(),
            Some("ai_task.openai_evaluation")
        );

        // Home Assistant 2025.8 knows two preferences, older ones none.
        let older = offer(
            vec![],
            &json!({"gen_data_entity_id": null, "gen_image_entity_id": null}),
        );
        assert_eq!(older, AiTaskOffer::default());
        assert_eq!(offer(vec![], &Value::Null), AiTaskOffer::default());
    }
}
