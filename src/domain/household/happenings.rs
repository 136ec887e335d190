//! What a decision made happen, told from what was before and is after: so
//! nothing that changes a task can forget to say so.

use std::collections::{BTreeMap, BTreeSet};

use super::Household;
use crate::domain::{
    announcement::{Announcement, Happening},
    check::ErrorClass,
    effect::Effect,
    task::{TaskId, TaskState},
    zone::ZoneId,
};

/// A zone as far as happenings are concerned.
pub(super) struct Before {
    open: BTreeSet<TaskId>,
    failing: bool,
}

impl Household {
    pub(super) fn before(&self) -> BTreeMap<ZoneId, Before> {
        self.zones()
            .map(|record| {
                let before = Before {
                    open: record.ledger.open().map(|task| task.id).collect(),
                    failing: record.failure.is_some(),
                };
                (record.zone.id, before)
            })
            .collect()
    }

    /// What differs now, in zones that were there before.
    pub(super) fn happenings(&self, before: &BTreeMap<ZoneId, Before>, effects: &mut Vec<Effect>) {
        for record in self.zones() {
            let Some(before) = before.get(&record.zone.id) else {
                continue;
            };
            let mut tell = |what| {
                effects.push(Effect::Announce(Announcement {
                    zone: record.zone.options.slug.clone(),
                    what,
                }));
            };
            let open: BTreeSet<TaskId> = record.ledger.open().map(|task| task.id).collect();
            for task in open
                .difference(&before.open)
                .filter_map(|id| record.ledger.get(*id))
            {
                let (id, title) = (task.id, task.title.clone());
                tell(Happening::TaskAdded { id, title });
            }
            for task in before
                .open
                .difference(&open)
                .filter_map(|id| record.ledger.get(*id))
            {
                // "Not a task" is not done.
                if matches!(task.state, TaskState::Done { .. }) {
                    let (id, title) = (task.id, task.title.clone());
                    tell(Happening::TaskDone { id, title });
                }
            }
            if open.is_empty() && !before.open.is_empty() {
                tell(Happening::AllClean);
            }
            if let Some((class, sentence, _)) = &record.failure
                && !before.failing
                && *class != ErrorClass::Paused
            {
                let sentence = sentence.clone();
                tell(Happening::CheckFailed { sentence });
            }
        }
    }
}
