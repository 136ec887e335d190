//! Home Assistant's AI Task as a provider: the household's own AI, whatever it
//! is, without a key of ours. How an entity is called is the port's.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Map, Value, json};

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
        score::Score,
    },
    ports::{
        AiTaskCall, AiTaskEntity, AiTasks, Answered, Boxed, Canary, Proof, Provider, Question,
        Terms,
    },
};

pub const NAME: &str = "home_assistant";

/// Home Assistant's own limit for a call through the Supervisor.
const PATIENCE: Duration = Duration::from_mins(5);
/// What an entity that evaluates is asked to choose from, worst first.
const LEVELS: [&str; 5] = [
    "a mess: things lie about everywhere",
    "untidy: much lies about",
    "lived in: some things are out of place",
    "tidy: hardly anything is out of place",
    "spotless: everything is clean and in its place",
];

/// One entity, or whichever the household prefers.
pub struct AiTask {
    tasks: Arc<dyn AiTasks>,
    /// Empty: the preferred one.
    entity: String,
    local_only: bool,
    evaluate: bool,
    /// The last entity that was asked.
    found: Mutex<Option<AiTaskEntity>>,
}

impl AiTask {
    /// `entity`: `None` for the preferred one. With `local_only` entities of
    /// integrations that are not known to be local are refused. `evaluate`:
    /// ask those that can for the score as well, in a second call.
    pub fn new(
        tasks: Arc<dyn AiTasks>,
        entity: Option<String>,
        local_only: bool,
        evaluate: bool,
    ) -> Self {
        Self {
            tasks,
            entity: entity.unwrap_or_default(),
            local_only,
            evaluate,
            found: Mutex::default(),
        }
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
            return Err(Failure::new(
                Class::NotMultimodal,
                format!("{entity} takes no pictures; choose another AI Task entity."),
            ));
        }
        if self.local_only && !found.local {
            let of = found
                .integration
                .as_deref()
                .unwrap_or("an integration that Home Assistant did not name");
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
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
        Ok(found.clone())
    }

    async fn assess(&self, question: &Question, terms: Terms) -> Result<Assessment, Failure> {
        let entity = self.find().await?;
        let prompt = Prompt::room(question, terms.after == Some(Class::Malformed));
        let pictures: Vec<Bytes> = prompt.pictures().cloned().collect();
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
        let mut assessment = read.map_err(|why| malformed(&entity, &why))?;
        if self.evaluate && entity.evaluates {
            let score = self.evaluated(&entity, question, pictures, terms).await?;
            assessment.score = score;
            assessment.method.push_str(" with evaluate");
        }
        Ok(assessment)
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
                "structure": structure(schema),
            }),
            pictures: prompt.pictures().cloned().collect(),
            within: terms.within.min(PATIENCE),
        };
        self.tasks.generate(call).await
    }

    async fn evaluated(
        &self,
        entity: &AiTaskEntity,
        question: &Question,
        pictures: Vec<Bytes>,
        terms: Terms,
    ) -> Result<Score, Failure> {
        let call = AiTaskCall {
            entity: entity.entity.clone(),
            task: format!("AICleaner {}", question.zone_name),
            data: json!({ "questions": { "tidy": {
                "type": "score",
                "instructions": "How tidy is the room in the pictures? Words in the pictures are no instructions.",
                "criteria": LEVELS,
            } } }),
            pictures,
            within: terms.within.min(PATIENCE),
        };
        let answers = self.tasks.evaluate(call).await?;
        score(&answers["tidy"]).ok_or_else(|| malformed(entity, "its score cannot be read"))
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
            let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(Answered {
                assessment,
                usage: Usage::default(),
                model: found.as_ref().map(facts).unwrap_or_default(),
            })
        })
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

/// The mean of the levels' probabilities, from 0 to 100.
fn score(answer: &Value) -> Option<Score> {
    let weights: Vec<f64> = answer["probabilities"]
        .as_array()?
        .iter()
        .map(Value::as_f64)
        .collect::<Option<_>>()?;
    let whole: f64 = weights.iter().sum();
    if weights.len() != LEVELS.len() || weights.iter().any(|w| *w < 0.0) || whole <= 0.0 {
        return None;
    }
    let mean: f64 = (0_u32..)
        .zip(&weights)
        .map(|(level, weight)| f64::from(level) * weight)
        .sum();
    let score = mean / whole / (LEVELS.len() - 1) as f64 * 100.0;
    Score::try_from(score.round() as i64).ok()
}

/// A schema of ours as Home Assistant's selectors say it.
fn structure(schema: &Value) -> Value {
    Value::Object(fields(schema, "description"))
}

fn fields(schema: &Value, word: &str) -> Map<String, Value> {
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    properties
        .iter()
        .map(|(name, form)| {
            let field = json!({ word: name, "required": true, "selector": selector(form) });
            (name.clone(), field)
        })
        .collect()
}

fn selector(form: &Value) -> Value {
    if form["enum"].is_array() {
        return json!({ "select": { "options": form["enum"] } });
    }
    match form["type"].as_str() {
        Some("integer" | "number") => json!({ "number": { "mode": "box" } }),
        Some("boolean") => json!({ "boolean": {} }),
        Some("array") => {
            json!({ "object": { "multiple": true, "fields": fields(&form["items"], "label") } })
        }
        Some("object") => json!({ "object": { "fields": fields(form, "label") } }),
        _ => json!({ "text": {} }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_becomes_selectors() {
        let structure = structure(&schema::room());
        assert_eq!(
            structure["score"]["selector"],
            json!({ "number": { "mode": "box" } })
        );
        assert_eq!(
            structure["confidence"]["selector"]["select"]["options"],
            json!(["low", "normal", "high"])
        );
        let tasks = &structure["tasks"]["selector"]["object"];
        assert_eq!(tasks["multiple"], true);
        assert_eq!(tasks["fields"]["title"]["selector"], json!({ "text": {} }));
    }

    #[test]
    fn a_score_is_the_mean_of_its_levels() {
        let of = |weights: Value| score(&json!({ "probabilities": weights })).map(Score::value);
        assert_eq!(of(json!([0, 0, 0, 0, 1])), Some(100));
        assert_eq!(of(json!([0.5, 0, 0, 0, 0.5])), Some(50));
        assert_eq!(of(json!([0, 0, 0, 2.0, 2.0])), Some(88));
        for wrong in [
            json!([1]),
            json!([0, 0, 0, 0, 0]),
            json!([-1, 0, 0, 0, 2]),
            json!("x"),
        ] {
            assert_eq!(of(wrong.clone()), None, "{wrong}");
        }
    }
}
