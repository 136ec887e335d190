//! What judges a picture: the providers, one row each in `PROVIDERS`.
//!
//! Here lives what turns a `ports::Question` into an `Assessment`; which zone
//! asks, and what follows from the answer, is the engine's and the domain's.
//! In which order providers are asked, and what a failure means for the next
//! question, is the chain's.

pub mod local;
pub mod prompt;
pub mod reply;
pub mod schema;

use std::{net::IpAddr, sync::Arc};

use crate::{
    ports::{Judge, Provider},
    settings::secret::Secret,
};

/// A way to have pictures judged.
pub struct Row {
    /// As in the options, in tasks and shown to the household.
    pub name: &'static str,
    pub kind: Kind,
}

/// How a provider is reached.
pub enum Kind {
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
    pub allowed: Option<fn(IpAddr) -> bool>,
}

pub const PROVIDERS: &[Row] = &[Row {
    name: local::NAME,
    kind: Kind::Local(|| Arc::new(local::Local::new())),
}];

impl Row {
    /// The row of a provider's name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|row| row.name == name)
    }

    /// Makes the provider; costs nothing until it is asked. The error is a
    /// sentence: what is missing in the options and where.
    pub fn open(&self, _access: &Access) -> Result<Arc<dyn Provider>, String> {
        match self.kind {
            Kind::Local(make) => Ok(make()),
        }
    }
}

/// The judge inside this program, alone.
pub fn built_in() -> Arc<dyn Judge> {
    Arc::new(local::Local::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_providers_bear_them() {
        for (i, row) in PROVIDERS.iter().enumerate() {
            let provider = row.open(&Access::default()).unwrap();
            assert_eq!(provider.name(), row.name);
            assert!(PROVIDERS[..i].iter().all(|p| p.name != row.name));
        }
        assert_eq!(built_in().name(), "local");
    }
}
