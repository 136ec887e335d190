//! What judges a picture: the providers, one row each in `PROVIDERS`.
//!
//! Here lives what turns a `ports::Question` into an `Assessment`; which zone
//! asks, and what follows from the answer, is the engine's and the domain's.

pub mod local;

use std::sync::Arc;

use crate::{ports::Judge, settings::model::ProviderChoice};

/// A way to have pictures judged.
pub struct Provider {
    /// As in the options, in tasks and shown to the household.
    pub name: &'static str,
    pub kind: Kind,
}

/// How a provider is reached.
pub enum Kind {
    /// Inside this program: no key, no network.
    Local(fn() -> Arc<dyn Judge>),
}

pub const PROVIDERS: &[Provider] = &[Provider {
    name: local::NAME,
    kind: Kind::Local(|| Arc::new(local::Local::new())),
}];

impl Provider {
    /// Makes the judge; costs nothing until it is asked.
    pub fn judge(&self) -> Arc<dyn Judge> {
        match self.kind {
            Kind::Local(make) => make(),
        }
    }
}

/// The provider that the options ask for.
pub fn chosen(choice: ProviderChoice) -> &'static Provider {
    match choice {
        ProviderChoice::Auto | ProviderChoice::Local => &PROVIDERS[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_judges_bear_them() {
        for (i, provider) in PROVIDERS.iter().enumerate() {
            assert_eq!(provider.judge().name(), provider.name);
            assert!(PROVIDERS[..i].iter().all(|p| p.name != provider.name));
        }
        assert_eq!(chosen(ProviderChoice::Auto).name, "local");
    }
}
