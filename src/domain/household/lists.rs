//! What the household's lists tell us, and what a person did on them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Household;
use crate::domain::{
    effect::{Change, Effect},
    ledger::Ledger,
    task::{TaskId, TaskItem, TaskState},
    todo::{Item, ItemStatus, ListId, Uid},
};

impl Household {
    pub(super) fn item_bound(
        &mut self,
        task: TaskId,
        list: &ListId,
        uid: &Uid,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(change) = self.outbox.bound(task, list, uid) {
            effects.push(Effect::Save(Change::Todo(change)));
        }
        let found = self.zones.values_mut().find_map(|z| z.ledger.get_mut(task));
        if let Some(found) = found
            && found.item.as_ref().is_none_or(|i| i.uid != *uid)
        {
            found.item = Some(TaskItem {
                list: list.clone(),
                uid: uid.clone(),
                listed: None,
            });
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
        self.learn_dropping(list, &seen);
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
            if in_trouble || !was_listed {
                self.astray.entry(id).or_insert(now);
                continue;
            }
            let ticked = self.drops_completed.contains(list);
            if let Some(ledger) = self.ledger_of(id) {
                if ticked {
                    ledger.tick(id, now);
                } else {
                    ledger.dismiss(id, now);
                }
                changed.insert(id);
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
        for record in self.zones.values_mut() {
            let mut done_by_person = Vec::new();
            for task in record.ledger.tasks_mut() {
                let open = task.is_open();
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
                    done_by_person.push((task.id, person_did(open, before, item.status)));
                }
            }
            for (id, did) in done_by_person {
                match did {
                    Some(Did::Ticked) => {
                        record.ledger.tick(id, now);
                    }
                    Some(Did::Unticked) => {
                        let forgotten = record.ledger.untick(id).forgotten;
                        effects.extend(
                            forgotten
                                .into_iter()
                                .map(Change::ForgetTask)
                                .map(Effect::Save),
                        );
                    }
                    None => {}
                }
            }
        }
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

    /// A list that no longer shows an item that we just ticked drops ticked items.
    fn learn_dropping(&mut self, list: &ListId, seen: &BTreeMap<&Uid, &Item>) {
        let dropped = self.tasks().any(|t| {
            matches!(t.state, TaskState::Done { .. })
                && self.outbox.get(t.id, list).is_none()
                && t.item.as_ref().is_some_and(|i| {
                    i.list == *list
                        && i.listed == Some(ItemStatus::NeedsAction)
                        && !seen.contains_key(&i.uid)
                })
        });
        if dropped {
            self.drops_completed.insert(list.clone());
        }
    }
}

enum Did {
    Ticked,
    Unticked,
}

/// What a person must have done for an item to stand like this, if anything.
fn person_did(open: bool, before: Option<ItemStatus>, now: ItemStatus) -> Option<Did> {
    match (open, now) {
        (true, ItemStatus::Completed) => Some(Did::Ticked),
        // Only an item that was seen ticked can have been un-ticked; otherwise
        // this is an old listing that overtook our own change.
        (false, ItemStatus::NeedsAction) if before == Some(ItemStatus::Completed) => {
            Some(Did::Unticked)
        }
        _ => None,
    }
}
