//! What the household's lists tell us, and what a person did on them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Household, identity::leave};
use crate::domain::{
    effect::{Change, Effect},
    ledger::Ledger,
    task::{TaskId, TaskItem, TaskState},
    todo::{Item, ItemStatus, ListId, Uid, Want},
};

impl Household {
    pub(super) fn item_bound(
        &mut self,
        task: TaskId,
        list: &ListId,
        uid: &Uid,
        effects: &mut Vec<Effect>,
    ) {
        let mut leaving = false;
        if let Some(change) = self.outbox.bound(task, list, uid) {
            leaving = change.want == Want::Removed;
            effects.push(Effect::Save(Change::Todo(change)));
        }
        let found = self.ledger_of(task).and_then(|l| l.get_mut(task));
        if let Some(found) = found
            // An item that is about to go must not take the place of the one that stays.
            && !leaving
            && found.item.as_ref().is_none_or(|i| i.uid != *uid || i.list != *list)
        {
            found.item = Some(TaskItem {
                list: list.clone(),
                uid: uid.clone(),
                listed: None,
            });
            effects.push(Effect::Save(Change::Task(found.clone())));
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

    pub(super) fn list_seen(
        &mut self,
        list: &ListId,
        items: &[Item],
        fresh: bool,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let seen: BTreeMap<&Uid, &Item> = items.iter().map(|i| (&i.uid, i)).collect();
        if !fresh {
            self.learn_dropping(list, &seen);
        }
        let mut changed = self.follow_statuses(list, &seen, now, effects);
        let vanished = self.vanished(list, &seen);
        let open_here = self
            .tasks()
            .filter(|t| t.is_open() && t.item.as_ref().is_some_and(|i| i.list == *list))
            .count();
        // Vanished is not deleted: many at once, or all after an outage, is a
        // list in trouble, never a wish.
        let in_trouble = (vanished.len() >= 3 && vanished.len() * 2 > open_here)
            || (fresh && !vanished.is_empty() && items.is_empty());
        for (id, was_listed) in vanished {
            // An item that no listing has shown yet is missing from an old
            // listing that overtook its adding, most likely.
            let astray = in_trouble || !was_listed;
            if astray {
                self.astray.entry(id).or_insert(now);
            }
            let drops = self.drops_completed.contains(list);
            let Some(ledger) = self.ledger_of(id) else {
                continue;
            };
            if let Some(item) = ledger.get_mut(id).and_then(|t| t.item.as_mut()) {
                // Forgotten, so that only an item seen anew can vanish again,
                // and one that comes back is noticed.
                item.listed = None;
                changed.insert(id);
            }
            if astray {
                continue;
            }
            if drops {
                ledger.tick(id, now);
            } else {
                ledger.dismiss(id, now);
            }
        }
        effects.extend(
            self.tasks()
                .filter(|t| changed.contains(&t.id))
                .map(|t| Effect::Save(Change::Task(t.clone()))),
        );
    }

    /// Notes each item's status, and what a person did where it changed. Gives
    /// back the tasks that differ from before.
    fn follow_statuses(
        &mut self,
        list: &ListId,
        seen: &BTreeMap<&Uid, &Item>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> BTreeSet<TaskId> {
        let mut changed = BTreeSet::new();
        let (mut forgotten, mut withdrawn) = (Vec::new(), Vec::new());
        for record in self.zones.values_mut() {
            let mut acts = Vec::new();
            for task in record.ledger.tasks_mut() {
                let state = task.state;
                let Some(bound) = task.item.as_mut().filter(|i| i.list == *list) else {
                    continue;
                };
                let Some(item) = seen.get(&bound.uid) else {
                    continue;
                };
                self.astray.remove(&task.id);
                // While our own change is under way the list cannot speak for
                // a person; the listing after it will.
                if self.outbox.get(task.id, list).is_some() {
                    continue;
                }
                let before = bound.listed.replace(item.status);
                if before != Some(item.status) {
                    changed.insert(task.id);
                    acts.push((task.id, person_did(state, before, item.status)));
                }
            }
            for (id, did) in acts {
                match did {
                    Some(Did::Ticked) => {
                        record.ledger.tick(id, now);
                    }
                    Some(Did::Reopened) => {
                        let undone = record.ledger.untick(id);
                        forgotten.extend(undone.forgotten);
                        withdrawn.extend(undone.withdrawn.into_iter().flat_map(|task| {
                            let waiting = self.outbox.of_task(task.id);
                            leave(&record.zone, task.id, task.item, waiting)
                        }));
                    }
                    None => {}
                }
            }
        }
        effects.extend(
            forgotten
                .into_iter()
                .map(Change::ForgetTask)
                .map(Effect::Save),
        );
        self.queue_all(withdrawn, effects);
        changed
    }

    /// Open tasks whose item is not on its list, and whether a listing ever
    /// showed it; except those whose own change is under way.
    fn vanished(&self, list: &ListId, seen: &BTreeMap<&Uid, &Item>) -> Vec<(TaskId, bool)> {
        self.tasks()
            .filter(|t| t.is_open() && self.outbox.get(t.id, list).is_none())
            .filter_map(|t| {
                let item = t.item.as_ref().filter(|i| i.list == *list)?;
                (!seen.contains_key(&item.uid)).then_some((t.id, item.listed.is_some()))
            })
            .collect()
    }

    fn ledger_of(&mut self, task: TaskId) -> Option<&mut Ledger> {
        self.zones
            .values_mut()
            .map(|z| &mut z.ledger)
            .find(|l| l.get(task).is_some())
    }

    /// A list that, once we ticked an item, does not show it in the next
    /// listing drops ticked items. A listing that shows it ticked settles the
    /// question the other way.
    fn learn_dropping(&mut self, list: &ListId, seen: &BTreeMap<&Uid, &Item>) {
        let ours: Vec<(TaskId, bool)> = self
            .tasks()
            .filter(|t| self.ticked.contains(&t.id))
            .filter_map(|t| {
                let item = t.item.as_ref().filter(|i| i.list == *list)?;
                Some((t.id, seen.contains_key(&item.uid)))
            })
            .collect();
        for (id, shown) in ours {
            self.ticked.remove(&id);
            if shown {
                self.drops_completed.remove(list);
            } else {
                self.drops_completed.insert(list.clone());
            }
        }
    }
}

enum Did {
    Ticked,
    Reopened,
}

/// What a person must have done for an item to stand like this, if anything.
fn person_did(task: TaskState, before: Option<ItemStatus>, now: ItemStatus) -> Option<Did> {
    use ItemStatus::{Completed, NeedsAction};
    match (task, before, now) {
        (TaskState::Open, _, Completed) => Some(Did::Ticked),
        // Only an item that was seen ticked can have been un-ticked; otherwise
        // this is an old listing that overtook our own change.
        (TaskState::Done { .. }, Some(Completed), NeedsAction)
        // Deleted, and back: the deletion was undone, or never meant.
        | (TaskState::Dismissed { .. }, None, NeedsAction) => Some(Did::Reopened),
        _ => None,
    }
}
