//! How those who judge stand at one moment: what the entities, the page and
//! the metrics show of the chain.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// The whole chain.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Standing {
    /// The provider that answered last or, before that, the first that can be asked.
    pub provider: String,
    /// No picture leaves the home network.
    pub local_only: bool,
    /// Calls and US dollars of today, and what the day may take.
    pub calls_today: u32,
    pub cost_today: f64,
    /// Tokens of today, in and out, as far as providers counted them.
    pub tokens_today: (u64, u64),
    /// How often calls failed today, by class; since the start, if that was later.
    pub failed_today: BTreeMap<&'static str, u32>,
    pub call_limit: u32,
    pub cost_limit: Option<f64>,
    /// In the order in which they are asked.
    pub links: Vec<LinkStanding>,
    /// What will be wrong some day, such as a model that is switched off.
    pub warnings: Vec<String>,
    /// If nobody can be asked now: when somebody can.
    pub again_at: Option<Timestamp>,
}

impl Standing {
    /// One provider inside this program, which needs no more words.
    pub fn of(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            ..Self::default()
        }
    }
}

/// One provider of the chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkStanding {
    pub provider: String,
    /// Empty where the provider chooses it.
    pub model: String,
    /// `closed` (asked), `half_open` (tried again) or `open` (not asked now).
    pub circuit: &'static str,
    /// Why it is not asked: the class, in words, and until when.
    pub class: Option<&'static str>,
    pub sentence: Option<String>,
    pub until: Option<Timestamp>,
    /// Whether the picture test was passed; `None`: not tried yet, or not needed.
    pub sees: Option<bool>,
    /// What the last test by hand found.
    pub test: Option<Tested>,
    /// Whether `cost_today` holds what its calls cost; else nobody has told us.
    pub priced: bool,
    /// How long its last answer took, in milliseconds.
    pub took_ms: Option<u64>,
}

impl LinkStanding {
    /// As a sentence or a list names it.
    pub fn shown(&self) -> &str {
        match self.model.as_str() {
            "" => &self.provider,
            model => model,
        }
    }
}

/// The result of a test by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    pub ok: bool,
    /// What works, or what is wrong and what to do.
    pub sentence: String,
    pub at: Timestamp,
}
