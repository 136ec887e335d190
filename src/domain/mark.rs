//! The mark in an item's description, by which an installation knows its own
//! items again: it names the installation and the task. Several installations
//! may use one list, and their tasks may have the same ids.

use super::{task::TaskId, todo::Item};

/// The device id of an installation that was given no other.
pub const DEFAULT_DEVICE_ID: &str = "aicleaner_v3";

/// One installation's marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    device_id: String,
}

/// Whose mark an item bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// This installation's.
    Ours,
    /// An earlier version's, which names no installation: ours, most likely.
    Unnamed,
}

impl Default for Marks {
    fn default() -> Self {
        Self::of(DEFAULT_DEVICE_ID)
    }
}

impl Marks {
    /// `device_id` matches `^[a-z0-9_]{1,32}$`.
    pub fn of(device_id: &str) -> Self {
        let device_id = device_id.to_owned();
        Self { device_id }
    }

    /// What is written into the description of a task's item.
    pub fn new_mark(&self, task: TaskId) -> String {
        format!("[aicleaner {} {task}]", self.device_id)
    }

    /// Whether an item bears a mark that may be this task's, and which.
    pub fn on(&self, item: &Item, task: TaskId) -> Option<Mark> {
        let text = item.description.as_ref()?;
        if text.contains(&self.new_mark(task)) {
            return Some(Mark::Ours);
        }
        let unnamed = format!("[aicleaner {task}]");
        text.contains(&unnamed).then_some(Mark::Unnamed)
    }
}

/// Whether an item bears a mark of anybody's.
pub fn is_in(item: &Item) -> bool {
    let text = item.description.as_deref().unwrap_or_default();
    let mut after = text.split("[aicleaner ").skip(1);
    after.any(|rest| rest.contains(']'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::todo::{ItemStatus, Uid};

    fn item(description: &str) -> Item {
        Item {
            uid: Uid("1".into()),
            summary: "Cup".into(),
            status: ItemStatus::NeedsAction,
            description: Some(description.into()),
        }
    }

    #[test]
    fn a_mark_is_one_task_of_one_installation() {
        let (attic, house) = (Marks::of("attic"), Marks::default());
        let ours = item(&format!("Seen. {} Mine.", attic.new_mark(TaskId(7))));
        assert_eq!(attic.on(&ours, TaskId(7)), Some(Mark::Ours));
        assert_eq!(attic.on(&ours, TaskId(77)), None);
        assert_eq!(house.on(&ours, TaskId(7)), None);
        let old = item("Seen by AICleaner [aicleaner 7]");
        assert_eq!(attic.on(&old, TaskId(7)), Some(Mark::Unnamed));
        assert_eq!(attic.on(&old, TaskId(70)), None);
        assert!(is_in(&ours) && is_in(&old));
        for cut in ["", "Seen by AICleaner", "Seen by AICleaner [aicleaner att"] {
            assert!(!is_in(&item(cut)), "{cut}");
        }
    }
}
