//! A claim as it stands at the broker, where anybody may have written it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// No life began earlier under a clock that is right: 2026-01-01.
const FIRST_OF_ALL: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What is said under the claim's topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deed {
    pub(super) instance: String,
    /// One life of an instance.
    pub(super) session: String,
    /// When this life began to serve.
    pub(super) since: Timestamp,
}

impl Deed {
    /// `None` if it is nothing that one of us would say.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let deed: Self = serde_json::from_slice(payload).ok()?;
        (is_name(&deed.instance) && is_name(&deed.session)).then_some(deed)
    }

    /// The lower one stays. A life that began before there was any such
    /// program began under a wrong clock, and says nothing of who was first.
    pub(super) fn rank(&self) -> (bool, Timestamp, &str) {
        (self.since < FIRST_OF_ALL, self.since, &self.instance)
    }
}

/// Names stand in sentences: letters, digits and hyphens, 1 to 64.
fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// Whether a claim's payload is of this instance.
pub fn is_of(payload: &[u8], instance: &str) -> bool {
    Deed::read(payload).is_some_and(|deed| deed.instance == instance)
}
