//! What happened in a zone, worth telling once: for automations. What is the
//! case now is in the view; this is about the moment it changed.

use super::task::TaskId;

/// Something that happened in the zone with this slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub zone: String,
    pub what: Happening,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A task became one of the household's.
    TaskAdded { id: TaskId, title: String },
    /// Somebody did it, as a person or a picture says.
    TaskDone { id: TaskId, title: String },
    /// A check failed, and the one before had not.
    CheckFailed { sentence: String },
    /// The last open task is settled.
    AllClean,
}

impl Happening {
    pub const NAMES: [&str; 4] = ["task_added", "task_done", "check_failed", "all_clean"];

    pub fn name(&self) -> &'static str {
        match self {
            Self::TaskAdded { .. } => "task_added",
            Self::TaskDone { .. } => "task_done",
            Self::CheckFailed { .. } => "check_failed",
            Self::AllClean => "all_clean",
        }
    }
}
