//! What people say about tasks: done, not done, not a task.

use jiff::Timestamp;

use super::{Changes, Ledger, dismissed_until};
use crate::domain::{
    matching::{is_ignored, same_task},
    task::{By, Task, TaskId, TaskState},
};

impl Ledger {
    /// A person says it is done. Final until the mess is seen gone and back.
    pub fn tick(&mut self, id: TaskId, now: Timestamp) -> bool {
        self.set_state(
            id,
            TaskState::Done {
                by: By::Person,
                at: now,
                seen_gone: false,
            },
        )
    }

    /// A person says it is not done after all. If the mess was seen again
    /// meanwhile it is one task all the same: what stands for it gives way, and
    /// so does an earlier "not a task".
    pub fn untick(&mut self, id: TaskId) -> Changes {
        let mut changes = Changes::default();
        let Some(title) = self.tasks.get(&id).map(|t| t.title.clone()) else {
            return changes;
        };
        let same: Vec<Task> = self
            .tasks
            .values()
            .filter(|t| !matches!(t.state, TaskState::Done { .. }))
            .filter(|t| t.id != id && same_task(&t.title, &title))
            .cloned()
            .collect();
        for other in same {
            self.forget(other.id, &mut changes);
            if other.is_open() {
                changes.withdrawn.push(other);
            }
        }
        if self.set_state(id, TaskState::Open) {
            changes.touched.insert(id);
        }
        changes
    }

    /// Forgets what the household's rules name: it is no task, and was none.
    pub fn ignore(&mut self, rules: &[String]) -> Changes {
        let mut changes = Changes::default();
        let named: Vec<Task> = self
            .tasks
            .values()
            .filter(|t| matches!(t.state, TaskState::Open | TaskState::Candidate))
            .filter(|t| is_ignored(&t.title, rules))
            .cloned()
            .collect();
        for task in named {
            self.forget(task.id, &mut changes);
            if task.is_open() {
                changes.withdrawn.push(task);
            }
        }
        changes
    }

    /// A person says it is not a task.
    pub fn dismiss(&mut self, id: TaskId, now: Timestamp) -> bool {
        let until = dismissed_until(now);
        self.set_state(id, TaskState::Dismissed { until })
    }

    fn set_state(&mut self, id: TaskId, state: TaskState) -> bool {
        self.tasks.get_mut(&id).is_some_and(|task| {
            task.gone_readings = 0;
            std::mem::replace(&mut task.state, state) != state
        })
    }
}
