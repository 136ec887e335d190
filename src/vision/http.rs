//! A provider that is reached over HTTP: a dialect, a caller, and what was
//! learnt about the server on the way. One question is one paid exchange.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;
use tracing::debug;

use super::{
    Access,
    caller::Caller,
    canary,
    dialect::{Asked, Dialect, Fault, Read, Sent},
    errors::{Standing, not_the_provider, stated_retry},
    loader::Loader,
    manners::Manners,
    prompt::Prompt,
    reply::{self, Author},
    schema,
};
use crate::{
    domain::{
        check::Assessment,
        provider::{Class, Failure, ModelFacts},
    },
    ports::{Answered, Boxed, Canary, Proof, Provider, Question, Terms},
};

/// An HTTP provider with its memory.
pub struct Http {
    name: &'static str,
    dialect: &'static dyn Dialect,
    caller: Arc<Caller>,
    standing: Standing,
    own_address: bool,
    manners: Mutex<Manners>,
    loader: Option<Loader>,
    smaller: Option<super::Smaller>,
}

impl Http {
    /// The error is a sentence: which option is wrong or missing.
    pub fn open(
        name: &'static str,
        dialect: &'static dyn Dialect,
        access: &Access,
    ) -> Result<Self, String> {
        let card = dialect.card();
        let (title, option) = (card.title, &access.option);
        let missing =
            |what: &str, help: &str| format!("{title} needs {what}: {help} {option}{what}.");
        let given = access
            .base_url
            .as_deref()
            .filter(|url| !url.trim().is_empty());
        let base_url = given.or(card.base_url).ok_or_else(|| {
            missing("base_url", "put the address of your server, such as http://192.168.1.20:11434, into the option")
        })?;
        let model = access
            .model
            .as_deref()
            .map(str::trim)
            .filter(|model| !model.is_empty());
        let model = model.or(card.model).ok_or_else(|| {
            missing(
                "model",
                "put the name of a model that can see pictures into the option",
            )
        })?;
        if card.needs_key && access.key.is_none() {
            return Err(missing(
                "api_key",
                &format!("{} and put it into the option", card.key_help),
            ));
        }
        let caller = Caller::new(card, base_url, access.key.as_ref(), access.allowed)
            .map_err(|why| format!("{title} cannot be asked with {option}base_url or {option}api_key as they are: {why}."))?;
        let caller = Arc::new(caller);
        let model = caller.redacted(model.to_owned());
        Ok(Self {
            name,
            dialect,
            standing: Standing {
                card,
                model: model.clone(),
                address: caller.address(),
                option: option.clone(),
            },
            own_address: given.is_some(),
            manners: Mutex::default(),
            loader: dialect
                .loading(&model)
                .map(|loading| Loader::new(loading, caller.clone(), model)),
            smaller: access.smaller,
            caller,
        })
    }

    fn manners(&self) -> MutexGuard<'_, Manners> {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks a prompt and reads what comes back.
    async fn exchange(&self, prompt: &Prompt, schema: &Value, terms: Terms) -> Result<Read, Fault> {
        let begun = Instant::now();
        let (room, more) = self.standing.card.room;
        let sent = Sent {
            manners: *self.manners(),
            room: if terms.after == Some(Class::Truncated) {
                more
            } else {
                room
            },
            own_address: self.own_address,
        };
        let call = self.dialect.ask(&Asked {
            prompt,
            schema,
            model: &self.standing.model,
            terms: sent,
        });
        if let Some(loader) = &self.loader {
            loader.ready(terms.within).await?;
        }
        let left = terms.within.saturating_sub(begun.elapsed());
        let reply = self.caller.call(&call, left).await?;
        debug!(
            "{} answered {} with {} bytes after {} ms",
            self.name,
            reply.status,
            reply.text.len(),
            begun.elapsed().as_millis()
        );
        let read = match not_the_provider(&reply) {
            Some(fault) => Err(fault),
            None => self.dialect.read(&reply, sent),
        };
        read.map_err(|fault| Fault {
            retry: stated_retry(&reply),
            ..fault
        })
    }

    /// A fault in the household's words; what the server does not know is noted.
    fn failed(&self, fault: &Fault, within: Duration) -> Failure {
        if let Some(habit) = fault.forget {
            self.manners().forget(habit);
        }
        self.standing.failure(fault, within)
    }

    async fn assess(&self, question: &Question, terms: Terms) -> Result<(Assessment, Read), Fault> {
        let smaller;
        let question = if terms.after == Some(Class::TooLarge) {
            smaller = self.shrunk(question).await?;
            &smaller
        } else {
            question
        };
        let prompt = Prompt::room(question, terms.after == Some(Class::Malformed));
        let read = self.exchange(&prompt, &schema::room(), terms).await?;
        let author = Author {
            provider: self.name,
            model: &self.standing.model,
        };
        // What the model made of a text with the key in pieces is its own
        // text: once more over everything that is kept.
        let text = self.caller.redacted(read.text.clone());
        let mut assessment = reply::assessment(&text, &question.known, author)
            .map_err(|why| Fault::new(Class::Malformed, why).costing(read.usage))?;
        assessment.summary = self.caller.redacted(assessment.summary);
        for finding in &mut assessment.new {
            finding.title = self.caller.redacted(std::mem::take(&mut finding.title));
        }
        Ok((assessment, read))
    }

    async fn shrunk(&self, question: &Question) -> Result<Question, Fault> {
        let cannot = |why: &str| Fault::new(Class::TooLarge, why);
        let smaller = self
            .smaller
            .ok_or_else(|| cannot("it cannot be made smaller"))?;
        let mut question = question.clone();
        // References are what can be missed first.
        question.references.clear();
        let work = tokio::task::spawn_blocking(move || {
            for frame in &mut question.frames {
                *frame = smaller(frame)?;
            }
            Ok::<_, String>(question)
        });
        match work.await {
            Ok(shrunk) => shrunk.map_err(|why| cannot(&why)),
            Err(_panic) => Err(cannot("making it smaller failed")),
        }
    }

    /// What the answer tells about the model, compared with what was asked for.
    fn told(&self, mut facts: ModelFacts) -> ModelFacts {
        let asked = &self.standing.model;
        facts.served_by = facts
            .served_by
            .map(|served| reply::clean(&self.caller.redacted(served), 100))
            .filter(|served| !served.is_empty() && !is_same_model(asked, served));
        facts
    }
}

/// Whether an answer's model is the one asked for: the same, a dated version of
/// it, or what a moving name stands for.
fn is_same_model(asked: &str, served: &str) -> bool {
    let plain = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        name.strip_suffix(":latest")
            .unwrap_or(name)
            .to_ascii_lowercase()
    };
    let (asked, served) = (plain(asked), plain(served));
    // `x-1` is served by `x-1-2026-09-01` or `x-1-001`, not by `x-1-pro`.
    let dated = served.strip_prefix(&asked).is_some_and(|rest| {
        rest.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':' | b'_'))
    });
    asked.ends_with("-latest") || dated
}

impl Provider for Http {
    fn name(&self) -> &str {
        self.name
    }

    fn model(&self) -> &str {
        &self.standing.model
    }

    fn patience(&self) -> Duration {
        self.standing.card.patience
    }

    fn ask(&self, question: Arc<Question>, terms: Terms) -> Boxed<'_, Result<Answered, Failure>> {
        Box::pin(async move {
            let (assessment, read) = self
                .assess(&question, terms)
                .await
                .map_err(|fault| self.failed(&fault, terms.within))?;
            Ok(Answered {
                assessment,
                usage: read.usage,
                model: self.told(read.model),
            })
        })
    }

    fn prove(&self, canary: Arc<Canary>, terms: Terms) -> Boxed<'_, Result<Proof, Failure>> {
        Box::pin(async move {
            let read = self
                .exchange(&Prompt::canary(&canary), &schema::canary(), terms)
                .await
                .map_err(|fault| self.failed(&fault, terms.within))?;
            let seen = canary::read(&canary, &self.caller.redacted(read.text));
            Ok(Proof {
                sees: seen.sees,
                said: self.caller.redacted(seen.said),
                usage: read.usage,
                model: self.told(read.model),
            })
        })
    }

    fn inspect(&self, terms: Terms) -> Boxed<'_, Result<ModelFacts, Failure>> {
        Box::pin(async move {
            let model = &self.standing.model;
            let facts = async {
                let call = self.dialect.inspect(model);
                let reply = self.caller.call(&call, terms.within).await?;
                match not_the_provider(&reply) {
                    Some(fault) => Err(fault),
                    None => self.dialect.facts(&reply, model),
                }
            };
            let facts = facts
                .await
                .map_err(|fault| self.failed(&fault, terms.within))?;
            Ok(self.told(facts))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_model;

    #[test]
    fn a_dated_version_is_the_model_and_a_neighbour_is_not() {
        for (asked, served, same) in [
            ("gpt-6-luna", "gpt-6-luna-2026-09-01", true),
            ("gpt-6", "gpt-6-luna", false),
            ("gemini-2.5-flash", "gemini-3.5-flash-lite", false),
            ("gemini-flash-latest", "gemini-3.8-flash", true),
            ("models/x-1", "x-1-001", true),
            ("qwen3-vl", "qwen3-vl:latest", true),
            ("qwen3-vl:8b", "qwen3-vl:4b", false),
        ] {
            assert_eq!(is_same_model(asked, served), same, "{asked} {served}");
        }
    }
}
