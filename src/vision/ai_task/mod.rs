//! Home Assistant's AI Task as a provider: the household's own AI, whatever it
//! is, without a key of ours. How an entity is called is the port's.

mod evaluating;
mod structure;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tracing::{info, warn};

use super::{
    canary,
    prompt::Prompt,
    reply::{self, Author},
    schema,
};
use crate::{
    domain::{
        check::Assessment,
        provider::{Class, Failure, ModelFacts, Usage},
    },
    ports::{
        AiTaskCall, AiTaskEntity, AiTaskOffer, AiTasks, Answered, Boxed, Canary, Proof, Provider,
        Question, Rescored, Terms,
    },
};

pub const NAME: &str = "home_assistant";

/// Home Assistant's own limit for a call through the Supervisor.
const PATIENCE: Duration = Duration::from_mins(5);

/// One entity, or whichever the household prefers.
pub struct AiTask {
    tasks: Arc<dyn AiTasks>,
    /// Empty: the preferred one.
    entity: String,
    rules: Rules,
    found: Mutex<Found>,
}

/// What the options and the household allow.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Entities of integrations that are not known to be local are refused, and
    /// pictures go to addresses in the home network only.
    pub local_only: bool,
    /// Ask for the score as well where it can be had, in a second call.
    pub evaluate: bool,
    /// The entity was agreed to on the page, and nothing else was.
    pub agreed_only: bool,
}

/// What the last look at Home Assistant's entities found.
#[derive(Default)]
struct Found {
    /// The one that judges.
    judge: Option<AiTaskEntity>,
    /// The one that is asked for the score.
    scorer: Option<AiTaskEntity>,
    /// Why there is none although the options want one.
    unscored: Option<String>,
}

impl AiTask {
    /// `entity`: `None` for the preferred one.
    pub fn new(tasks: Arc<dyn AiTasks>, entity: Option<String>, rules: Rules) -> Self {
        Self {
            tasks,
            entity: entity.unwrap_or_default(),
            rules,
            found: Mutex::default(),
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entity to ask now, or why there is none.
    async fn find(&self) -> Result<AiTaskEntity, Failure> {
        let offer = self.tasks.offer().await?;
        let missing = |sentence: String| Failure::new(Class::ModelMissing, sentence);
        let found = if self.entity.is_empty() {
            offer.choice().ok_or_else(|| {
                missing(if offer.entities.iter().any(|e| e.usable) {
                    "Home Assistant has several AI Task entities and none is preferred: choose one in the option model, or in Home Assistant under Settings, System, AI suggestions.".into()
                } else {
                    "Home Assistant has no AI Task entity that takes pictures: add an AI integration such as Ollama, OpenAI or Google in Home Assistant, with an AI Task.".into()
                })
            })?
        } else {
            let named = offer.entities.iter().find(|e| e.entity == self.entity);
            named.ok_or_else(|| {
                missing(format!(
                    "There is no {} in Home Assistant; choose another AI Task entity, or leave the option model empty.",
                    self.entity
                ))
            })?
        };
        let entity = &found.entity;
        if !found.usable {
            let why = unusable(found);
            return Err(Failure::new(Class::NotMultimodal, why));
        }
        if self.rules.local_only && !found.local {
            let of = found.belongs_to();
            return Err(Failure::new(
                Class::NotLocal,
                format!(
                    "{entity} belongs to {of}, which is not known to work inside the home network, and local_only is on: no picture was sent. Choose an entity of a local integration, or switch local_only off."
                ),
            ));
        }
        if !found.available {
            return Err(Failure::new(
                Class::Network,
                format!("{entity} is unavailable in Home Assistant; check its integration."),
            ));
        }
        self.note(&offer, found);
        Ok(found.clone())
    }

    /// Says when the wish for a score by another entity begins or ends to come
    /// to nothing.
    fn note(&self, offer: &AiTaskOffer, judge: &AiTaskEntity) {
        let mut found = self.found();
        found.judge = Some(judge.clone());
        if !self.rules.evaluate {
            return;
        }
        match evaluating::choose(offer, judge, self.rules) {
            Ok(scorer) => {
                found.scorer = Some(scorer.clone());
                if found.unscored.take().is_some() {
                    info!("{} is asked for the score now.", scorer.entity);
                }
            }
            Err(sentence) => {
                found.scorer = None;
                if found.unscored.as_ref() != Some(&sentence) {
                    warn!("{sentence}");
                }
                found.unscored = Some(sentence);
            }
        }
    }

    async fn assess(&self, question: &Question, terms: Terms) -> Result<Assessment, Failure> {
        let entity = self.find().await?;
        let prompt = Prompt::room(question, terms.after == Some(Class::Malformed));
        let data = self
            .generate(
                &entity,
                &question.zone_name,
                &prompt,
                &schema::room(),
                terms,
            )
            .await?;
        let author = Author {
            provider: NAME,
            model: &entity.entity,
        };
        let read = match &data {
            Value::Object(object) => reply::from_object(object, &question.known, author),
            Value::String(text) => reply::assessment(text, &question.known, author),
            _ => return Err(empty(&entity)),
        };
        read.map_err(|why| malformed(&entity, &why))
    }

    async fn generate(
        &self,
        entity: &AiTaskEntity,
        about: &str,
        prompt: &Prompt,
        schema: &Value,
        terms: Terms,
    ) -> Result<Value, Failure> {
        let call = AiTaskCall {
            entity: entity.entity.clone(),
            task: format!("AICleaner {about}").trim_end().to_owned(),
            data: json!({
                "instructions": format!("{}\n\n{}", prompt.system, prompt.text()),
                "structure": structure::structure(schema),
            }),
            pictures: prompt.pictures().cloned().collect(),
            at_home: self.rules.local_only,
            within: terms.within.min(PATIENCE),
        };
        self.tasks.generate(call).await
    }

    async fn evaluated(
        &self,
        entity: AiTaskEntity,
        question: Arc<Question>,
        terms: Terms,
    ) -> Result<Rescored, Failure> {
        let call = AiTaskCall {
            entity: entity.entity.clone(),
            task: format!("AICleaner {}", question.zone_name),
            data: evaluating::questions(),
            // Not the references: the score is of the room as it is now.
            pictures: question.frames.iter().map(|f| f.jpeg.clone()).collect(),
            at_home: self.rules.local_only,
            within: terms.within.min(PATIENCE),
        };
        let answers = self.tasks.evaluate(call).await?;
        let score = evaluating::score(&answers)
            .ok_or_else(|| malformed(&entity, "its score cannot be read"))?;
        Ok(Rescored {
            score,
            method: "with evaluate",
        })
    }

    async fn see(&self, picture: &Canary, terms: Terms) -> Result<Proof, Failure> {
        let entity = self.find().await?;
        let prompt = Prompt::canary(picture);
        let data = self
            .generate(&entity, "picture test", &prompt, &schema::canary(), terms)
            .await?;
        let text = match data {
            Value::String(text) => text,
            Value::Null => return Err(empty(&entity)),
            other => other.to_string(),
        };
        let seen = canary::read(picture, &text);
        Ok(Proof {
            sees: seen.sees,
            said: seen.said,
            usage: Usage::default(),
            model: facts(&entity),
        })
    }
}

impl Provider for AiTask {
    fn name(&self) -> &str {
        NAME
    }

    fn model(&self) -> &str {
        &self.entity
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn ask(&self, question: Arc<Question>, terms: Terms) -> Boxed<'_, Result<Answered, Failure>> {
        Box::pin(async move {
            let assessment = self.assess(&question, terms).await?;
            let found = self.found();
            Ok(Answered {
                assessment,
                usage: Usage::default(),
                model: found.judge.as_ref().map(facts).unwrap_or_default(),
            })
        })
    }

    fn rescore(
        &self,
        question: Arc<Question>,
        terms: Terms,
    ) -> Option<Boxed<'_, Result<Rescored, Failure>>> {
        let scorer = self.found().scorer.clone()?;
        Some(Box::pin(self.evaluated(scorer, question, terms)))
    }

    fn warning(&self) -> Option<String> {
        self.found().unscored.clone()
    }

    fn prove(&self, canary: Arc<Canary>, terms: Terms) -> Boxed<'_, Result<Proof, Failure>> {
        Box::pin(async move { self.see(&canary, terms).await })
    }

    fn inspect(&self, _: Terms) -> Boxed<'_, Result<ModelFacts, Failure>> {
        Box::pin(async { self.find().await.map(|entity| facts(&entity)) })
    }
}

/// The entity is what tells one model from another here.
fn facts(entity: &AiTaskEntity) -> ModelFacts {
    ModelFacts {
        version: Some(entity.entity.clone()),
        ..ModelFacts::default()
    }
}

/// Why an entity that somebody named cannot judge, and what to do.
fn unusable(entity: &AiTaskEntity) -> String {
    let name = &entity.entity;
    if !entity.sees {
        return format!("{name} takes no pictures; choose another AI Task entity.");
    }
    if entity.evaluates {
        return format!(
            "{name} only evaluates: it gives a score and cannot say what is to do. Choose an AI Task entity that generates data in the option model, and switch advanced.evaluate_with_ai_task on to have the score of {name}."
        );
    }
    format!(
        "{name} takes pictures but generates no data, so it cannot say what is to do; choose another AI Task entity."
    )
}

fn empty(entity: &AiTaskEntity) -> Failure {
    let sentence = format!("{} gave an empty answer.", entity.entity);
    Failure::new(Class::Empty, sentence)
}

fn malformed(entity: &AiTaskEntity, why: &str) -> Failure {
    let sentence = format!(
        "The answer of {} cannot be read ({why}); if it stays so, choose another model in its integration.",
        entity.entity
    );
    Failure::new(Class::Malformed, sentence)
}
