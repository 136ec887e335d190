//! What a decision asks the world to do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    announcement::Announcement,
    budget::Spending,
    check::{Reading, Trigger},
    ignore::LearntRule,
    mask::Masks,
    streak::Streak,
    task::{Task, TaskId},
    todo::{ListId, TodoChange},
    zone::{Zone, ZoneId},
};

#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "a few at a time, taken apart as soon as they are made"
)]
pub enum Effect {
    /// Write this down, in one transaction with the other `Save`s of the same
    /// decision, before anything else of it happens.
    Save(Change),
    /// The list has changes waiting in the outbox.
    SyncList(ListId),
    /// Run a check of the zone at this time.
    WakeAt(ZoneId, Timestamp, Trigger),
    /// Tell it once, to whoever listens now.
    Announce(Announcement),
}

/// One durable change. Later changes of the same thing replace earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Zone(Zone),
    ZoneState(ZoneId, ZoneState),
    RemoveZone(ZoneId),
    Task(Task),
    ForgetTask(TaskId),
    /// Queue in the outbox; replaces a waiting change of the same task and list.
    Todo(TodoChange),
    /// The outbox row is done.
    TodoApplied(TaskId, ListId),
    /// Whether the list drops ticked items from what it lists.
    ListDrops(ListId, bool),
    Reading(Reading),
    House(HouseState),
    /// What a provider's model took on a day.
    Spent(Spending),
    /// What is known about providers, by name; `None` forgets it.
    Note(String, Option<String>),
}

/// What a zone remembers besides its tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneState {
    pub monitoring: bool,
    /// The interval a person set from an entity, and the option it replaced.
    pub interval: Option<Override>,
    /// The same for how strict the judge is, 1–5.
    pub pickiness: Option<Override>,
    pub needs_cleaning: Option<bool>,
    pub last: Option<LastReading>,
    pub last_check: Option<Timestamp>,
    /// Nobody wants it looked at unasked before this.
    pub snoozed_until: Option<Timestamp>,
    /// For how many minutes that was asked for.
    pub snoozed_for: Option<u32>,
    /// What is no task here, besides what the options say.
    pub rules: Vec<LearntRule>,
    /// The option `ignore` as it was when an entity added to it.
    pub rules_replaced: Option<Vec<String>>,
    /// `None` before the first good reading.
    pub streak: Option<Streak>,
    /// What of its pictures nobody may see.
    pub masks: Masks,
}

impl Default for ZoneState {
    fn default() -> Self {
        Self {
            monitoring: true,
            interval: None,
            pickiness: None,
            needs_cleaning: None,
            last: None,
            last_check: None,
            snoozed_until: None,
            snoozed_for: None,
            rules: Vec::new(),
            rules_replaced: None,
            streak: None,
            masks: Masks::None,
        }
    }
}

/// The last good reading, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastReading {
    pub reading: Reading,
    pub summary: String,
    pub method: String,
}

/// A value set from an entity; it ends when the option it replaced changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    pub value: u32,
    pub replaced: u32,
}

/// What the household remembers as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseState {
    pub enabled: bool,
    /// The local date the counters belong to.
    pub day: Option<jiff::civil::Date>,
    pub calls: u32,
    pub saved: u32,
    pub checks: u32,
    pub failures: u32,
}

impl Default for HouseState {
    fn default() -> Self {
        Self {
            enabled: true,
            day: None,
            calls: 0,
            saved: 0,
            checks: 0,
            failures: 0,
        }
    }
}
