//! A task: one thing to do in a zone, with an identity of its own.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    todo::{ItemStatus, ListId, Uid},
    zone::ZoneId,
};

/// A task's identity; counted up in the store, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A part of the picture, as fractions (0–1) of its width and height from the
/// upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Region {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// How much a task matters, as the provider that found it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

/// Who settled a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Camera,
    Person,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TaskState {
    /// Seen once by a judge that needs to see it twice; nobody is told yet.
    Candidate,
    /// To be done.
    Open,
    /// Done. A person's tick holds until the mess was `seen_gone` and came back.
    Done {
        by: By,
        at: Timestamp,
        seen_gone: bool,
    },
    /// A person deleted it: "not a task". Not offered again before `until`.
    Dismissed { until: Timestamp },
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub zone: ZoneId,
    /// What to do, 3–120 printable characters, without the zone's name.
    pub title: String,
    pub state: TaskState,
    /// The provider that found it.
    pub provider: String,
    /// 0–1, how sure the provider was when it last saw it.
    pub confidence: f32,
    #[serde(default)]
    pub priority: Priority,
    /// Where in the picture, if the provider knows.
    pub region: Option<Region>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Readings in a row that said it is done.
    pub gone_readings: u8,
    /// Its item on the household's list, once it has one.
    pub item: Option<TaskItem>,
}

/// The to-do item that stands for a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskItem {
    pub list: ListId,
    pub uid: Uid,
    /// The status in the last listing that held it; `None` before the first.
    pub listed: Option<ItemStatus>,
    /// The words it last got from us; `None` if that is not known. Words that
    /// differ from these are a person's, and stay.
    pub words: Option<String>,
}

impl Task {
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }
}
