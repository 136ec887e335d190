//! Degraded mode: what works, what does not, since when, until when and what to
//! do, from how the parts are. The one place where that is decided: entities,
//! page, `/health`, doctor and notices all tell this. The words are in `words`.

#[cfg(test)]
mod tests;
mod words;

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::{
    check::ErrorClass,
    health::{Component, Condition},
};

pub use words::reason;

/// What keeps something from working.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    HomeAssistant,
    Mqtt,
    Store,
    Settings,
    Provider,
    /// The day's AI calls are used up: a limit, not a fault.
    Budget,
    /// One camera, or its picture: of a room, never of the whole house.
    Camera,
    Picture,
}

/// What the household has of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// Pictures of Home Assistant's cameras.
    Cameras,
    Judging,
    Lists,
    Notifications,
    Entities,
    /// Nothing that was learnt is lost by a restart.
    Memory,
    /// All that the options ask for.
    Options,
    /// The page and `/health`: without them nobody would read this.
    Page,
}

impl Ability {
    pub const ALL: [Self; 8] = [
        Self::Cameras,
        Self::Judging,
        Self::Lists,
        Self::Notifications,
        Self::Entities,
        Self::Memory,
        Self::Options,
        Self::Page,
    ];
}

/// When everything works again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    At(Timestamp),
    /// By itself, as soon as what is away is back.
    Back,
    /// When somebody mended it.
    Mended,
}

/// What works and what does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degraded {
    /// At least one.
    pub causes: Vec<Cause>,
    pub works: Vec<Ability>,
    /// At least one.
    pub lost: Vec<Ability>,
    /// `None`: not known, as when somebody has only looked once.
    pub since: Option<Timestamp>,
    pub until: Until,
}

/// The same, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    pub sentence: String,
    pub works: Vec<Ability>,
    #[serde(rename = "does_not_work")]
    pub lost: Vec<Ability>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// What works while the parts are like this; `None`: everything. `again_at`:
/// when pictures can be judged again, if anybody knows.
pub fn degraded<'a>(
    parts: impl IntoIterator<Item = (Component, &'a Condition, Option<Timestamp>)>,
    again_at: Option<Timestamp>,
) -> Option<Degraded> {
    let mut causes = Vec::new();
    let mut lost = Vec::new();
    let mut since: Option<Timestamp> = None;
    let mut until: Option<Until> = None;
    for (part, condition, from) in parts {
        let Some(cause) = Cause::of(part, condition) else {
            continue;
        };
        if !causes.contains(&cause) {
            causes.push(cause);
        }
        lost.extend(cause.takes());
        since = since.into_iter().chain(from).min();
        let ends = cause.until(again_at);
        until = Some(until.map_or(ends, |until| until.later(ends)));
    }
    let until = until?;
    let (works, lost) = Ability::ALL
        .into_iter()
        .partition(|ability| !lost.contains(ability));
    Some(Degraded {
        causes,
        works,
        lost,
        since,
        until,
    })
}

impl Degraded {
    /// In the household's language and by its clock.
    pub fn told(&self, language: &str, now: Timestamp, tz: &TimeZone) -> Told {
        Told {
            sentence: words::sentence(self, language, now, tz),
            works: self.works.clone(),
            lost: self.lost.clone(),
            since: self.since,
            until: match self.until {
                Until::At(at) => Some(at),
                Until::Back | Until::Mended => None,
            },
        }
    }
}

impl Cause {
    /// Why a room's check gave no reading.
    pub fn of_check(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Paused => Self::HomeAssistant,
            ErrorClass::Camera => Self::Camera,
            ErrorClass::Picture => Self::Picture,
            ErrorClass::Provider => Self::Provider,
            ErrorClass::Budget => Self::Budget,
        }
    }

    /// What this part takes away as it is; `None`: nothing.
    fn of(part: Component, condition: &Condition) -> Option<Self> {
        match (part, condition) {
            // Only a spent budget switches the provider off.
            (Component::Provider, Condition::Off(_)) => Some(Self::Budget),
            (_, Condition::Ok | Condition::Starting | Condition::Off(_)) => None,
            (Component::HomeAssistant, _) => Some(Self::HomeAssistant),
            (Component::Mqtt, _) => Some(Self::Mqtt),
            (Component::Store, _) => Some(Self::Store),
            (Component::Settings, _) => Some(Self::Settings),
            (Component::Provider, _) => Some(Self::Provider),
        }
    }

    fn takes(self) -> &'static [Ability] {
        match self {
            Self::HomeAssistant => &[Ability::Cameras, Ability::Lists, Ability::Notifications],
            Self::Mqtt => &[Ability::Entities],
            Self::Store => &[Ability::Memory],
            Self::Settings => &[Ability::Options],
            Self::Provider | Self::Budget => &[Ability::Judging],
            Self::Camera | Self::Picture => &[Ability::Cameras],
        }
    }

    fn until(self, again_at: Option<Timestamp>) -> Until {
        match self {
            Self::Settings => Until::Mended,
            Self::Provider | Self::Budget => again_at.map_or(Until::Back, Until::At),
            _ => Until::Back,
        }
    }
}

impl Until {
    /// When both are over: nobody knows more than of the one known least.
    fn later(self, other: Self) -> Self {
        match (self, other) {
            (Self::Mended, _) | (_, Self::Mended) => Self::Mended,
            (Self::Back, _) | (_, Self::Back) => Self::Back,
            (Self::At(a), Self::At(b)) => Self::At(a.max(b)),
        }
    }
}
