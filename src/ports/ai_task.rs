//! Home Assistant's AI Task entities: what is there, and one call of one.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::Boxed;
use crate::domain::provider::Failure;

/// An AI Task entity.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that the page shows"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AiTaskEntity {
    /// Such as `ai_task.google_ai_task`.
    pub entity: String,
    pub name: String,
    /// The integration it belongs to, such as `ollama`; `None`: Home Assistant did not say.
    pub integration: Option<String>,
    /// The integration is part of Home Assistant and declares that it works in
    /// the home network.
    pub local: bool,
    pub available: bool,
    /// It makes data out of words and pictures.
    pub usable: bool,
    /// It takes pictures, whatever for.
    pub sees: bool,
    /// It can be asked for a calibrated score of pictures.
    pub evaluates: bool,
}

impl AiTaskEntity {
    /// Whose it is, as a sentence names it.
    pub fn belongs_to(&self) -> &str {
        let unnamed = "an integration that Home Assistant did not name";
        self.integration.as_deref().unwrap_or(unnamed)
    }
}

/// What Home Assistant offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AiTaskOffer {
    pub entities: Vec<AiTaskEntity>,
    /// The one that the household prefers for making data.
    pub preferred: Option<String>,
    /// The one that it prefers for evaluating; often another.
    pub preferred_to_evaluate: Option<String>,
}

impl AiTaskOffer {
    /// The entity to use where nobody named one: the preferred one, else the
    /// only one that can be used, else none.
    pub fn choice(&self) -> Option<&AiTaskEntity> {
        let mut usable = self.entities.iter().filter(|e| e.usable);
        let preferred = usable
            .clone()
            .find(|e| Some(&e.entity) == self.preferred.as_ref());
        preferred.or_else(|| usable.next().filter(|_| usable.next().is_none()))
    }
}

/// One call of an entity.
#[derive(Debug, Clone)]
pub struct AiTaskCall {
    pub entity: String,
    /// What it is for, as Home Assistant's traces name it.
    pub task: String,
    /// What is sent besides pictures: of `generate_data` its instructions and
    /// structure, of `evaluate` its questions.
    pub data: Value,
    /// JPEGs, in order. They are put into Home Assistant's media folder for as
    /// long as the call takes.
    pub pictures: Vec<Bytes>,
    /// The pictures go to addresses in the home network only.
    pub at_home: bool,
    pub within: Duration,
}

/// Works with the entities. Failures are of the classes of any provider.
pub trait AiTasks: Send + Sync {
    fn offer(&self) -> Boxed<'_, Result<AiTaskOffer, Failure>>;
    /// `ai_task.generate_data`; gives its `data`.
    fn generate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>>;
    /// `ai_task.evaluate`; gives its `answers`.
    fn evaluate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>>;
}
