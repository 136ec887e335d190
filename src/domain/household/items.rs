//! Our own items on the household's lists: which task each belongs to, and
//! the words it has.

use super::{Household, wish};
use crate::domain::{
    effect::{Change, Effect},
    ledger::Ledger,
    mark::Marks,
    task::{TaskId, TaskItem},
    todo::{ListId, Uid, Want},
    zone::ZoneId,
};

impl Household {
    /// Items are marked as this installation's.
    #[must_use]
    pub fn marking(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// A task's item became known, and the words it now has from us.
    pub(super) fn item_bound(
        &mut self,
        task: TaskId,
        list: &ListId,
        uid: &Uid,
        words: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        let mut leaving = false;
        if let Some(change) = self.outbox.bound(task, list, uid) {
            leaving = change.want == Want::Removed;
            effects.push(Effect::Save(Change::Todo(change)));
        }
        // An item that is about to go must not take the place of the one that stays.
        if leaving {
            return;
        }
        let Some(found) = self.ledger_of(task).and_then(|l| l.get_mut(task)) else {
            return;
        };
        let known = found
            .item
            .take()
            .filter(|i| i.uid == *uid && i.list == *list);
        let newly = known.is_none();
        let mut item = known.unwrap_or_else(|| TaskItem {
            list: list.clone(),
            uid: uid.clone(),
            listed: None,
            words: None,
        });
        item.words = words.or(item.words);
        found.item = Some(item);
        effects.push(Effect::Save(Change::Task(found.clone())));
        if newly {
            self.newly_bound.insert(task);
        }
    }

    /// A task's item is gone from the list by our own doing.
    pub(super) fn unbind(&mut self, task: TaskId, list: &ListId, effects: &mut Vec<Effect>) {
        let found = self.ledger_of(task).and_then(|l| l.get_mut(task));
        if let Some(found) = found.filter(|t| t.item.as_ref().is_some_and(|i| i.list == *list)) {
            found.item = None;
            effects.push(Effect::Save(Change::Task(found.clone())));
        }
    }

    /// Open items of a zone whose words are no longer ours to give (the zone
    /// was renamed, or its list became shared or ceased to be) get new ones.
    pub(super) fn follow_words(&mut self, id: ZoneId, effects: &mut Vec<Effect>) {
        let Some(record) = self.zones.get(&id).filter(|z| z.active) else {
            return;
        };
        let shared = (record.zone.options.todo_list.as_ref()).is_some_and(|l| self.is_shared(l));
        let stale = record.ledger.open().filter_map(|task| {
            let wish = wish(&record.zone, task, shared)?;
            let stale = match (&task.item, self.outbox.get(task.id, &wish.list)) {
                // Where it may have got its words already it keeps them until
                // that is known; what follows then is queued then.
                (_, Some(waiting)) => {
                    waiting.want == Want::Open
                        && waiting.attempted.is_none()
                        && waiting.uid.is_none()
                        && waiting.summary != wish.summary
                }
                (Some(item), None) => {
                    item.list == wish.list
                        && item.words.as_ref().is_some_and(|w| *w != wish.summary)
                }
                (None, None) => false,
            };
            stale.then_some(wish)
        });
        let stale = stale.collect();
        self.queue_all(stale, effects);
    }

    pub(super) fn ledger_of(&mut self, task: TaskId) -> Option<&mut Ledger> {
        self.zones
            .values_mut()
            .map(|z| &mut z.ledger)
            .find(|l| l.get(task).is_some())
    }
}
