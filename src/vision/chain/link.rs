//! One place in the chain: a provider, its circuit, what is known of its model.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        breaker::{Breaker, Closed},
        budget::Money,
        provider::{Class, Failure, ModelFacts, Price},
        standing::{LinkStanding, Tested},
    },
    ports::{Provider, Question},
};

/// A picture in a question, in tokens, at its most.
const TOKENS_OF_A_PICTURE: u64 = 1_700;
/// The words of a question, and the longest answer that is asked for.
const TOKENS_OF_WORDS: u64 = 3_000;
const TOKENS_OF_AN_ANSWER: u64 = 6_000;
/// A model that is switched off within this time is worth a word.
const RETIRES_SOON_HOURS: i64 = 90 * 24;

/// How a provider takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Inside this program: neither counted nor tested.
    Free,
    /// Counted; the household's own machine, which costs nothing.
    Calls,
    /// Counted, and paid for.
    Paid,
    /// Counted; what it costs is not told to us.
    Untold,
}

/// What the picture test found, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proven {
    pub sees: bool,
    pub said: String,
    pub version: Option<String>,
    pub at: Timestamp,
}

/// One provider of the chain.
pub struct Link {
    pub provider: Arc<dyn Provider>,
    pub counting: Counting,
    /// From the options or the list of prices.
    pub price: Option<Price>,
    /// Held while it is shown a test picture.
    pub(super) testing: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    breaker: Breaker,
    /// Of its exchanges for a better score.
    rescoring: Breaker,
    /// Why the last of them failed.
    unscored: Option<String>,
    facts: ModelFacts,
    proven: Option<Proven>,
    /// It failed last time, and that was said.
    said: bool,
    tested: Option<Tested>,
    /// How long its last answer took.
    took: Option<Duration>,
}

impl Link {
    pub fn new(
        provider: Arc<dyn Provider>,
        counting: Counting,
        price: Option<Price>,
        proven: Option<Proven>,
    ) -> Self {
        let state = State {
            proven,
            ..State::default()
        };
        Self {
            provider,
            counting,
            price,
            testing: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
        }
    }

    /// As a sentence names it.
    pub fn shown(&self) -> String {
        match self.provider.model() {
            "" => self.provider.name().to_owned(),
            model => format!("{} ({model})", self.provider.name()),
        }
    }

    /// Under which name the picture test is kept.
    pub fn note(provider: &str, model: &str) -> String {
        format!("picture_test/{provider}/{model}")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn admit(&self, now: Timestamp) -> Result<(), Closed> {
        self.state().breaker.admit(now)
    }

    pub fn obstacle(&self, now: Timestamp) -> Option<Closed> {
        self.state().breaker.obstacle(now).cloned()
    }

    /// A call that was let through was not made.
    pub fn withdrawn(&self) {
        self.state().breaker.withdrawn();
    }

    /// It answered; `true` if it had been said that it does not.
    pub fn succeeded(&self, facts: &ModelFacts) -> bool {
        let mut state = self.state();
        state.breaker.succeeded();
        learn(&mut state.facts, facts);
        std::mem::take(&mut state.said)
    }

    /// It failed; `true` if that is new.
    pub fn failed(&self, failure: &Failure, now: Timestamp) -> bool {
        #[cfg(feature = "mutants")]
        let failure = &crate::mutants::taken(failure);
        let mut state = self.state();
        state.breaker.failed(failure, now, fastrand::f64());
        if failure.in_doubt {
            state.breaker.rest(failure, now);
        }
        !std::mem::replace(&mut state.said, true)
    }

    /// Whether an exchange for a better score may be made.
    pub fn admits_rescoring(&self, now: Timestamp) -> bool {
        self.state().rescoring.admit(now).is_ok()
    }

    /// It was not made after all.
    pub fn rescoring_withdrawn(&self) {
        self.state().rescoring.withdrawn();
    }

    /// It came off; `true` if it had been said that it does not.
    pub fn rescored(&self) -> bool {
        let mut state = self.state();
        state.rescoring.succeeded();
        state.unscored.take().is_some()
    }

    /// It did not; `true` if that is new.
    pub fn rescoring_failed(&self, failure: &Failure, now: Timestamp) -> bool {
        let mut state = self.state();
        state.rescoring.failed(failure, now, fastrand::f64());
        if failure.in_doubt {
            state.rescoring.rest(failure, now);
        }
        state.unscored.replace(failure.sentence.clone()).is_none()
    }

    /// What was learnt without asking about a room.
    pub fn learnt(&self, facts: &ModelFacts) {
        learn(&mut self.state().facts, facts);
    }

    /// It answered, after this time.
    pub(super) fn took(&self, took: Duration) {
        self.state().took = Some(took);
    }

    /// Forgets what kept it from being asked: somebody tested it, and it works.
    pub fn mended(&self) {
        let mut state = self.state();
        state.breaker.succeeded();
        state.rescoring.succeeded();
    }

    /// What a test by hand found.
    pub fn tested(&self, result: &Result<String, String>, now: Timestamp) {
        let sentence = match result {
            Ok(sentence) | Err(sentence) => sentence.clone(),
        };
        self.state().tested = Some(Tested {
            ok: result.is_ok(),
            sentence,
            at: now,
        });
    }

    /// Whether its picture test is due: never made, or of another version.
    pub fn untested(&self, now: Timestamp) -> bool {
        if self.counting == Counting::Free {
            return false;
        }
        let state = self.state();
        let Some(proven) = &state.proven else {
            return true;
        };
        let another = match (&state.facts.version, &proven.version) {
            (Some(now), Some(then)) => now != then,
            // Then nobody knew it.
            _ => false,
        };
        // A model that was blind may have been exchanged under its name.
        another || !proven.sees && now.duration_since(proven.at).as_hours() >= 24
    }

    pub fn proven(&self, proof: Proven) {
        let mut state = self.state();
        if state.facts.version.is_none() {
            state.facts.version.clone_from(&proof.version);
        }
        state.proven = Some(proof);
    }

    /// Why it cannot judge pictures, if the test or the provider says so.
    pub fn blind(&self) -> Option<Failure> {
        let state = self.state();
        let told = state.facts.sees == Some(false);
        let seen = state.proven.as_ref().filter(|proven| !proven.sees);
        if !told && seen.is_none() {
            return None;
        }
        let said = match seen {
            Some(proven) if !proven.said.is_empty() => {
                format!(" (shown a test picture it said: {})", proven.said)
            }
            _ => String::new(),
        };
        drop(state);
        Some(Failure::new(
            Class::NotMultimodal,
            format!(
                "The model of {} does not see pictures{said}; choose one that does.",
                self.shown()
            ),
        ))
    }

    /// What a question may cost at its most; `None`: nobody knows.
    pub fn most(&self, question: &Question) -> Option<Money> {
        let pictures = (question.frames.len() + question.references.len()) as u64;
        self.most_of(pictures)
    }

    pub fn most_of(&self, pictures: u64) -> Option<Money> {
        let input = TOKENS_OF_WORDS + pictures * TOKENS_OF_A_PICTURE;
        self.price()
            .map(|price| price.cost(input, TOKENS_OF_AN_ANSWER))
    }

    /// The options' price, else what the provider itself says, else our list.
    pub fn price(&self) -> Option<Price> {
        match self.counting {
            Counting::Free | Counting::Calls | Counting::Untold => Some(Price::FREE),
            Counting::Paid => self.price.or(self.state().facts.price),
        }
    }

    /// That its model will be, or is, another.
    pub fn warning(&self, now: Timestamp) -> Option<String> {
        let state = self.state();
        let at = state.facts.retires?;
        (at.duration_since(now).as_hours() < RETIRES_SOON_HOURS).then(|| {
            format!(
                "{} is switched off by its provider on {}; choose another model before.",
                match self.provider.model() {
                    "" => self.provider.name(),
                    model => model,
                },
                at.strftime("%Y-%m-%d")
            )
        })
    }

    /// Everything about it that is not as it should be, some day or now.
    pub fn warnings(&self, now: Timestamp) -> Vec<String> {
        let unpriced = self.price().is_none().then(|| {
            let model = self.provider.model();
            format!(
                "What {model} costs is not known, so it is missing in the costs; add its price to advanced.prices, such as \"{model} 0.10 0.50\"."
            )
        });
        let unscored = self.state().unscored.clone();
        let own = self.provider.warning();
        let all = [self.warning(now), unpriced, own, unscored];
        all.into_iter().flatten().collect()
    }

    /// What a test that went well tells.
    pub(super) fn works(&self, now: Timestamp) -> String {
        let works = format!("{} answers and sees pictures.", self.shown());
        [vec![works], self.warnings(now)].concat().join(" ")
    }

    pub fn standing(&self, now: Timestamp) -> LinkStanding {
        let priced = self.counting != Counting::Untold && self.price().is_some();
        let state = self.state();
        let why = state.breaker.obstacle(now);
        LinkStanding {
            provider: self.provider.name().to_owned(),
            model: self.provider.model().to_owned(),
            circuit: state.breaker.state(now),
            class: why.map(|why| why.class.name()),
            sentence: why.map(|why| why.sentence.clone()),
            until: why.and_then(|why| why.until),
            sees: state.proven.as_ref().map(|proven| proven.sees),
            test: state.tested.clone(),
            priced,
            took_ms: state.took.map(|took| took.as_millis() as u64),
        }
    }
}

/// Newer facts in the place of older ones; what is not told stays.
fn learn(known: &mut ModelFacts, told: &ModelFacts) {
    fn take<T: Clone>(known: &mut Option<T>, told: Option<&T>) {
        if let Some(told) = told {
            *known = Some(told.clone());
        }
    }
    take(&mut known.sees, told.sees.as_ref());
    take(&mut known.structured, told.structured.as_ref());
    take(&mut known.retires, told.retires.as_ref());
    take(&mut known.served_by, told.served_by.as_ref());
    take(&mut known.version, told.version.as_ref());
    take(&mut known.context, told.context.as_ref());
    take(&mut known.price, told.price.as_ref());
}
