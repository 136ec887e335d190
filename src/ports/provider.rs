//! One provider, asked once: what is asked, and what comes back.

use std::{sync::Arc, time::Duration};

use super::{Boxed, Frame};
use crate::domain::{
    change::ChangeMap,
    check::{Assessment, KnownTask},
    learning::Taste,
    provider::{Class, Failure, ModelFacts, Usage},
    score::Score,
};

/// What a provider is asked about a zone.
#[derive(Debug, Clone)]
pub struct Question {
    pub zone_name: String,
    pub purpose: Option<String>,
    /// At least one picture, all of the same zone at the same time.
    pub frames: Vec<Frame>,
    /// Some of them have areas that the household hides: plain grey.
    pub is_masked: bool,
    pub known: Vec<KnownTask>,
    /// What is never a task here, in the household's words.
    pub ignore: Vec<String>,
    /// 1 (only what nobody overlooks) to 5 (spotless).
    pub pickiness: u8,
    /// The language of titles and summary, a tag such as `de` or `pt-BR`.
    pub language: String,
    /// The zone as it looks when it is clean, one to five for each frame that
    /// has any; the most similar comes first.
    pub references: Vec<Reference>,
    /// How each frame differs from all its references; `None` where there are none.
    pub changes: Vec<Option<ChangeMap>>,
    /// What the household taught the embedded judge about this zone.
    pub taste: Arc<Taste>,
}

/// What one camera showed when the household said that the room was clean.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Which of the question's frames it belongs to, from 0.
    pub of: usize,
    /// Its pixels may be missing: whoever wants them decodes the JPEG.
    pub frame: Frame,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            zone_name: String::new(),
            purpose: None,
            frames: Vec::new(),
            is_masked: false,
            known: Vec::new(),
            ignore: Vec::new(),
            pickiness: 3,
            language: "en".into(),
            references: Vec::new(),
            changes: Vec::new(),
            taste: Arc::default(),
        }
    }
}

/// How one exchange is to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// It ends by then, with an answer or a failure.
    pub within: Duration,
    /// How the last exchange about the same question failed, if this is
    /// another try: after `Truncated` the answer gets more room, after
    /// `TooLarge` the pictures are smaller, after `Malformed` the provider is
    /// told what was wrong.
    pub after: Option<Class>,
}

/// An answer, and what it tells about the provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    pub assessment: Assessment,
    pub usage: Usage,
    pub model: ModelFacts,
}

/// What another exchange about the same room says of its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Rescored {
    pub score: Score,
    /// How, as it is added to the method.
    pub method: &'static str,
}

/// A generated picture whose content nobody can guess, to find out whether
/// pictures arrive at a model.
#[derive(Debug, Clone)]
pub struct Canary {
    pub frame: Frame,
    /// Squares in the picture, all of one colour.
    pub count: u8,
    /// Their colour, an English word.
    pub colour: &'static str,
    /// The number printed in it, four digits.
    pub number: u16,
}

/// What a model said about a canary picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// It named what is in the picture.
    pub sees: bool,
    /// What it said, for the household: `3 red squares, 4711`.
    pub said: String,
    pub usage: Usage,
    pub model: ModelFacts,
}

/// Something that judges pictures. Each call is at most one paid exchange,
/// nothing is repeated inside: when to ask again, and whom else, is the
/// chain's decision. Nothing is sent for a future that is not polled; one that
/// is dropped closes its connection.
pub trait Provider: Send + Sync {
    /// As in the options, in tasks and shown to the household.
    fn name(&self) -> &str;
    /// The model that is asked; empty where the provider chooses it.
    fn model(&self) -> &str;
    /// How long an exchange may be expected to take at most. A local server
    /// that loads its model first needs minutes.
    fn patience(&self) -> Duration;
    /// Asks about a zone. An error is never a result.
    fn ask(&self, question: Arc<Question>, terms: Terms) -> Boxed<'_, Result<Answered, Failure>>;
    /// An exchange of its own about a room that was just answered, for a better
    /// score; `None`: there is none to make.
    fn rescore(
        &self,
        _question: Arc<Question>,
        _terms: Terms,
    ) -> Option<Boxed<'_, Result<Rescored, Failure>>> {
        None
    }
    /// What the options ask for and it cannot do, though it answers.
    fn warning(&self) -> Option<String> {
        None
    }
    /// Asks what is in a canary picture: costs a few hundred tokens.
    fn prove(&self, canary: Arc<Canary>, terms: Terms) -> Boxed<'_, Result<Proof, Failure>>;
    /// Asks for what can be learnt about the model without cost and without a
    /// picture; a wrong key and a missing model fail here as well.
    fn inspect(&self, terms: Terms) -> Boxed<'_, Result<ModelFacts, Failure>>;
}
