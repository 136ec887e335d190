//! What judges a picture: the providers, one row each in `PROVIDERS`.
//!
//! Here lives what turns a `ports::Question` into an `Assessment`; which zone
//! asks, and what follows from the answer, is the engine's and the domain's.
//! In which order providers are asked, and what a failure means for the next
//! question, is the chain's.

pub mod ai_task;
mod anthropic;
mod body;
mod caller;
mod canary;
pub mod chain;
mod dialect;
mod errors;
mod gemini;
mod http;
mod loader;
pub mod local;
mod manners;
mod ollama;
mod openai;
mod openai_compatible;
pub mod prices;
pub mod prompt;
mod redaction;
pub mod reply;
pub mod schema;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    ports::{Frame, Judge, Provider},
    settings::secret::Secret,
};
pub use caller::Allowed;
use dialect::Dialect;
pub use dialect::{Card, Place};
use http::Http;

/// A way to have pictures judged.
pub struct Row {
    /// As in the options, in tasks and shown to the household.
    pub name: &'static str,
    pub kind: Kind,
}

/// How a provider is reached.
pub enum Kind {
    /// Over HTTP, in the provider's own language.
    Http(&'static dyn Dialect),
    /// Inside this program: no key, no network.
    Local(fn() -> Arc<dyn Provider>),
}

/// What the options say about one provider.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub key: Option<Secret>,
    /// `None`: the provider's default.
    pub model: Option<String>,
    /// `None`: the provider's own address.
    pub base_url: Option<String>,
    /// Which addresses may be connected to; asked with the resolved address
    /// before a connection is made, so before the first byte. `None`: any.
    pub allowed: Option<Allowed>,
    /// What stands before the names of its options in sentences:
    /// `fallback_providers[0].`, or nothing.
    pub option: String,
    /// Makes a picture smaller that was too large for a provider; takes some
    /// 20 ms. `None`: then it is not sent again.
    pub smaller: Option<Smaller>,
}

/// A smaller picture of the same; the error is a sentence.
pub type Smaller = fn(&Frame) -> Result<Frame, String>;

pub const PROVIDERS: &[Row] = &[
    Row {
        name: gemini::NAME,
        kind: Kind::Http(&gemini::Gemini),
    },
    Row {
        name: openai::NAME,
        kind: Kind::Http(&openai::OpenAi),
    },
    Row {
        name: anthropic::NAME,
        kind: Kind::Http(&anthropic::Anthropic),
    },
    Row {
        name: ollama::NAME,
        kind: Kind::Http(&ollama::Ollama),
    },
    Row {
        name: openai_compatible::NAME,
        kind: Kind::Http(&openai_compatible::OpenAiCompatible),
    },
    Row {
        name: local::NAME,
        kind: Kind::Local(|| Arc::new(local::Local::new())),
    },
];

impl Row {
    /// The row of a provider's name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|row| row.name == name)
    }

    /// What is fixed about an HTTP provider.
    pub fn card(&self) -> Option<&'static Card> {
        match self.kind {
            Kind::Http(dialect) => Some(dialect.card()),
            Kind::Local(_) => None,
        }
    }

    /// Makes the provider; costs nothing until it is asked. The error is a
    /// sentence: what is missing in the options and where.
    pub fn open(&self, access: &Access) -> Result<Arc<dyn Provider>, String> {
        match self.kind {
            Kind::Http(dialect) => Ok(Arc::new(Http::open(self.name, dialect, access)?)),
            Kind::Local(make) => Ok(make()),
        }
    }
}

/// The judge inside this program, alone.
pub fn built_in() -> Arc<dyn Judge> {
    Arc::new(local::Local::new())
}
