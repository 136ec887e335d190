//! The embedded judge: a small network in the program itself. It tells messy
//! from tidy and where; it cannot name things. Beside clean reference pictures
//! it says what changed; without, it judges by what rooms in general look like. Its model card is
//! `tools/model/README.md`.

mod compared;
mod constants;
mod network;
mod regions;
mod resample;
mod verdict;
mod words;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};

use crate::{
    domain::{
        check::{Assessment, CheckError, ErrorClass},
        learning::Impression,
        provider::{Class, Failure, ModelFacts, Usage},
        standing::Standing,
    },
    ports::{Answered, Boxed, Canary, Frame, Judge, Proof, Provider, Question, Reference, Terms},
};
use compared::Compared;
use network::{Network, Sight};
use verdict::Look;

/// The provider's name in options, tasks and readings.
pub const NAME: &str = "local";

/// How long a question may wait for its turn and its answer. A Raspberry Pi
/// needs about a second; a minute means that something else holds the machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Judges with the embedded network, one question at a time. The network is
/// loaded with the first question.
#[derive(Default)]
pub struct Local {
    network: Arc<Mutex<Option<Embedded>>>,
}

impl Local {
    pub fn new() -> Self {
        Self::default()
    }

    async fn answer(&self, question: Arc<Question>) -> Result<Assessment, CheckError> {
        // The guard goes along, so that the turn ends with the work, even when
        // nobody waits for the answer any more.
        let mut network = self.network.clone().lock_owned().await;
        spawn_blocking(move || look(&mut network, &question))
            .await
            .unwrap_or_else(|panic| Err(format!("the embedded network failed: {panic}")))
            .map_err(|what| failed(&what))
    }
}

impl Provider for Local {
    fn name(&self) -> &str {
        NAME
    }

    fn model(&self) -> &'static str {
        ""
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn ask(&self, question: Arc<Question>, terms: Terms) -> Boxed<'_, Result<Answered, Failure>> {
        Box::pin(async move {
            let limit = terms.within.min(PATIENCE);
            match timeout(limit, self.answer(question)).await {
                Ok(Ok(assessment)) => Ok(Answered {
                    assessment,
                    usage: Usage::default(),
                    model: ModelFacts::default(),
                }),
                Ok(Err(error)) => Err(Failure::new(Class::Server, error.sentence)),
                Err(_late) => Err(Failure::new(Class::Timeout, too_slow(limit).sentence)),
            }
        })
    }

    fn prove(&self, _: Arc<Canary>, _: Terms) -> Boxed<'_, Result<Proof, Failure>> {
        // It gets the picture as a value: there is no way on which it could be lost.
        Box::pin(async {
            Ok(Proof {
                sees: true,
                said: "the picture itself".into(),
                usage: Usage::default(),
                model: ModelFacts::default(),
            })
        })
    }

    fn inspect(&self, _: Terms) -> Boxed<'_, Result<ModelFacts, Failure>> {
        Box::pin(async {
            Ok(ModelFacts {
                sees: Some(true),
                ..ModelFacts::default()
            })
        })
    }
}

impl Judge for Local {
    fn standing(&self) -> Standing {
        Standing::of(NAME)
    }

    fn assess(
        &self,
        question: Arc<Question>,
        _until: Timestamp,
    ) -> Boxed<'_, Result<Assessment, CheckError>> {
        Box::pin(async {
            timeout(PATIENCE, self.answer(question))
                .await
                .unwrap_or_else(|_| Err(too_slow(PATIENCE)))
        })
    }
}

fn look(judge: &mut Option<Embedded>, question: &Question) -> Result<Assessment, String> {
    if question.frames.is_empty() {
        return Err("it was given no picture".into());
    }
    let judge = match judge {
        Some(loaded) => loaded,
        none => none.insert(Embedded::load()?),
    };
    let (mut looks, mut impressions) = (Vec::new(), Vec::new());
    for (i, frame) in question.frames.iter().enumerate() {
        let Sight { mut heat, features } = judge.network.sight(frame)?;
        let usual = judge.usual_logit(question.references.iter().filter(|r| r.of == i))?;
        let map = question.changes.get(i).and_then(Option::as_ref);
        let compared = match (map, usual) {
            (Some(map), Some(usual)) if !map.camera_moved => Some(Compared {
                map,
                delta: heat.logit() - usual,
                strictness: question.taste.times(),
            }),
            _ => None,
        };
        impressions.push(Impression {
            columns: heat.columns,
            rows: heat.rows,
            heat: heat.cells.clone(),
            loss: compared.as_ref().map(Compared::loss),
            features,
        });
        if let Some(seen) = impressions.last() {
            question.taste.retouch(seen, &mut heat.cells);
        }
        looks.push(Look {
            moved: map.is_some_and(|map| map.camera_moved),
            heat,
            compared,
        });
    }
    let words = words::of(&question.language);
    Ok(Assessment {
        impressions,
        ..verdict::assessment(&looks, &question.known, words)
    })
}

/// The network, and what it said about reference pictures: those do not change.
struct Embedded {
    network: Network,
    /// By a hash of the JPEG. Bounded: forgotten when full.
    references: HashMap<u64, f32>,
}

/// Five references for each of some dozen cameras.
const MOST_REFERENCES: usize = 64;

impl Embedded {
    fn load() -> Result<Self, String> {
        Ok(Self {
            network: Network::load()?,
            references: HashMap::new(),
        })
    }

    /// The mean logit of a camera's references; `None` without any.
    fn usual_logit<'a>(
        &mut self,
        references: impl Iterator<Item = &'a Reference>,
    ) -> Result<Option<f32>, String> {
        let (mut sum, mut count) = (0.0, 0_u32);
        for reference in references {
            let mut hasher = DefaultHasher::new();
            reference.frame.jpeg.hash(&mut hasher);
            let key = hasher.finish();
            let logit = if let Some(logit) = self.references.get(&key) {
                *logit
            } else {
                let logit = self.network.heat(&pixels(&reference.frame)?)?.logit();
                if self.references.len() >= MOST_REFERENCES {
                    self.references.clear();
                }
                self.references.insert(key, logit);
                logit
            };
            sum += logit;
            count += 1;
        }
        Ok((count > 0).then(|| sum / count as f32))
    }
}

/// The frame with its pixels: a reference comes as a JPEG of our own making.
fn pixels(frame: &Frame) -> Result<Frame, String> {
    if !frame.rgb.is_empty() {
        return Ok(frame.clone());
    }
    let picture = image::load_from_memory(&frame.jpeg)
        .map_err(|e| format!("a clean picture is broken ({e})"))?
        .into_rgb8();
    Ok(Frame {
        width: picture.width(),
        height: picture.height(),
        rgb: picture.into_raw().into(),
        jpeg: frame.jpeg.clone(),
    })
}

fn too_slow(limit: Duration) -> CheckError {
    failed(&format!(
        "it did not answer within {} seconds; the machine has too much to do",
        limit.as_secs()
    ))
}

fn failed(what: &str) -> CheckError {
    CheckError {
        class: ErrorClass::Provider,
        sentence: format!("The built-in judge gave no answer: {what}."),
    }
}

#[cfg(test)]
mod tests;
