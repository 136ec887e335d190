//! How the parts of the service are, in words a household understands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// A part whose state is shown by the page, `/health` and the entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    HomeAssistant,
    Mqtt,
    Store,
    Settings,
    Provider,
}

impl Component {
    pub const ALL: [Self; 5] = [
        Self::HomeAssistant,
        Self::Mqtt,
        Self::Store,
        Self::Settings,
        Self::Provider,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::HomeAssistant => "home_assistant",
            Self::Mqtt => "mqtt",
            Self::Store => "store",
            Self::Settings => "settings",
            Self::Provider => "provider",
        }
    }
}

/// How a part is. Every sentence says what, where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "sentence")]
pub enum Condition {
    /// Not tried yet.
    Starting,
    Ok,
    /// Not set up, and that is fine.
    Off(String),
    /// Away for a while by its own will (Home Assistant restarting): not a fault yet.
    Paused(String),
    /// Something is wrong; the service goes on without it.
    Degraded(String),
}

/// The condition of every part, each with the time since when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Health(BTreeMap<Component, (Condition, Timestamp)>);

impl Health {
    /// Notes a condition; `true` if it differs from the one before. The time
    /// stays while the state is the same, whatever the words.
    pub fn note(&mut self, part: Component, condition: Condition, now: Timestamp) -> bool {
        use std::mem::discriminant;
        match self.0.get_mut(&part) {
            Some((old, _)) if *old == condition => false,
            Some((old, _)) if discriminant(old) == discriminant(&condition) => {
                *old = condition;
                true
            }
            _ => {
                self.0.insert(part, (condition, now));
                true
            }
        }
    }

    pub fn get(&self, part: Component) -> Option<&(Condition, Timestamp)> {
        self.0.get(&part)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Component, &Condition, Timestamp)> {
        self.0.iter().map(|(part, (c, since))| (*part, c, *since))
    }

    /// The first part that is not as it should be, in words, and since when.
    pub fn problem(&self) -> Option<(&str, Timestamp)> {
        self.0
            .values()
            .find_map(|(condition, since)| match condition {
                Condition::Degraded(sentence) => Some((sentence.as_str(), *since)),
                _ => None,
            })
    }
}
