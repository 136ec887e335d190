//! What the household is told, and when: not too often, not at night, each
//! thing at most once. Pure in `now`; the words are in `words`.

mod mailbox;
#[cfg(test)]
mod tests;
pub mod words;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::{check::ErrorClass, task::TaskId, zone::ZoneId};

pub use mailbox::{FailureNow, Mailbox, Rules, ZoneNow};

/// How the household wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyOptions {
    /// A service or entity, `notify.mobile_app_phone`; `None`: Home
    /// Assistant's own notifications.
    pub service: Option<String>,
    pub personality: Personality,
    /// Fewer open tasks than this are not worth a message, 1–50.
    pub min_tasks: usize,
    /// Between two messages about one zone, 0–1440.
    pub cooldown_minutes: u32,
    /// Messages a day, 0–100.
    pub daily_cap: u32,
    /// Such as `de` or `pt-BR`; `None`: Home Assistant's.
    pub language: Option<String>,
}

impl Default for NotifyOptions {
    fn default() -> Self {
        Self {
            service: None,
            personality: Personality::Default,
            min_tasks: 1,
            cooldown_minutes: 30,
            daily_cap: 10,
            language: None,
        }
    }
}

/// The tone of what is good news and what is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personality {
    Default,
    Snarky,
    Jarvis,
    Roaster,
    Butler,
    Coach,
    Zen,
}

impl Personality {
    pub const ALL: [Self; 7] = [
        Self::Default,
        Self::Snarky,
        Self::Jarvis,
        Self::Roaster,
        Self::Butler,
        Self::Coach,
        Self::Zen,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Snarky => "snarky",
            Self::Jarvis => "jarvis",
            Self::Roaster => "roaster",
            Self::Butler => "butler",
            Self::Coach => "coach",
            Self::Zen => "zen",
        }
    }
}

/// One message to the household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Fixed, so that a newer message takes the place of the older one.
    pub id: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    NewTasks {
        zone: String,
        zone_id: ZoneId,
        /// At least one, with its title.
        tasks: Vec<(TaskId, String)>,
    },
    AllDone {
        zone: String,
    },
    Failing {
        zone: String,
        hours: usize,
        class: ErrorClass,
    },
    /// No more AI calls today.
    BudgetSpent {
        /// The local time at which checks go on tomorrow.
        at: Time,
    },
    /// After quiet hours: zones and how many new tasks each has; 0: all done.
    Digest {
        zones: Vec<(String, usize)>,
    },
}
