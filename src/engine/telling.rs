//! Tells the household: notes what is new when something happened, and sends
//! what is due now and then. What is worth telling is decided in
//! `domain::notification`.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use crate::domain::{
    effect::Change,
    notification::{FailureNow, Mailbox, Rules, ZoneNow},
    task::{Task, TaskId, TaskState},
    zone::ZoneId,
};

/// The name of the mailbox among the store's notes.
const NOTE: &str = "notifications";

/// The open tasks of each zone.
pub(super) type Open = BTreeMap<ZoneId, BTreeSet<TaskId>>;

/// The mailbox as it was remembered; an empty one if that makes no sense.
pub(super) fn remembered(notes: &BTreeMap<String, String>) -> Mailbox {
    notes
        .get(NOTE)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

impl Engine {
    pub(super) fn open_tasks(&self) -> Open {
        self.household
            .zones()
            .map(|z| (z.zone.id, z.ledger.open().map(|t| t.id).collect()))
            .collect()
    }

    /// Notes what happened since `before`: by a check, or by somebody's hand.
    pub(super) fn note_news(&mut self, before: &Open, by_check: bool) -> Option<Change> {
        let old = self.mailbox.clone();
        for record in self.household.zones() {
            let id = record.zone.id;
            let Some(before) = before.get(&id) else {
                continue;
            };
            let open: BTreeSet<TaskId> = record.ledger.open().map(|t| t.id).collect();
            let new: Vec<TaskId> = open.difference(before).copied().collect();
            // What a person puts back on the list is no news to them.
            if by_check && !new.is_empty() {
                self.mailbox.tasks_added(id, new);
            }
            let is_done = |task: &Task| matches!(task.state, TaskState::Done { .. });
            let settled = |id: &TaskId| record.ledger.get(*id).is_some_and(is_done);
            if open.is_empty() && before.iter().any(settled) {
                self.mailbox.all_done(id);
            }
        }
        (self.mailbox != old).then(|| self.mailbox_change())
    }

    fn mailbox_change(&self) -> Change {
        // Maps with numbers for keys and plain values always can be written.
        let text = serde_json::to_string(&self.mailbox).unwrap_or_default();
        Change::Note(NOTE.to_owned(), Some(text))
    }

    /// Sends what is due. Written down first: at most once each.
    pub(super) async fn tell(&mut self) {
        // While the disk takes nothing, news wait: they are not lost.
        if !self.unsaved.is_empty() {
            return;
        }
        let zones: Vec<ZoneNow> = self
            .household
            .zones()
            .map(|z| ZoneNow {
                id: z.zone.id,
                name: z.zone.options.name.clone(),
                notify: z.zone.options.notify,
                open: z.ledger.open().map(|t| (t.id, t.title.clone())).collect(),
                failure: z.failure.as_ref().map(|(class, _, since)| FailureNow {
                    class: *class,
                    since: *since,
                    last: z.state.last_check.unwrap_or(*since),
                }),
            })
            .collect();
        let options = self.watching.options.clone();
        let rules = Rules {
            options: &options.notify,
            quiet: options.quiet_hours,
            tz: &self.parts.tz,
        };
        let old = self.mailbox.clone();
        let notices = self.mailbox.take(&zones, &rules, self.parts.clock.now());
        if self.mailbox == old {
            return;
        }
        let change = self.mailbox_change();
        if self.save(vec![change]).await {
            for notice in notices {
                self.parts.herald.tell(notice, &options.notify);
            }
        }
    }
}
