//! What the household's lists tell us, and what a person did on them. What we
//! put on them ourselves, and in which words, is in `items`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Household, identity::leave};
use crate::domain::{
    effect::{Change, Effect},
    mark::Mark,
    task::{Task, TaskId, TaskState},
    todo::{Item, ItemStatus, ListId, Seen, Uid},
};

pub(super) type Listing<'a> = BTreeMap<&'a Uid, &'a Item>;

/// An open task whose item a listing does not show.
struct Vanished {
    task: TaskId,
    /// A listing has shown it before.
    was_listed: bool,
}

impl Household {
    pub(super) fn list_seen(
        &mut self,
        list: &ListId,
        items: &[Item],
        seen: Seen,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let listing: Listing = items.iter().map(|i| (&i.uid, i)).collect();
        self.learn_dropping(list, &listing, seen, now, effects);
        let mut changed = self.follow_marks(list, items, &listing);
        changed.append(&mut self.follow_statuses(list, &listing, now, effects));
        let vanished = self.vanished(list, &listing);
        let open_here = self
            .tasks()
            .filter(|t| t.is_open() && is_on(t, list))
            .count();
        // Vanished is not deleted: many at once, or a list of which nothing is
        // left after an outage, is a list in trouble, never a wish.
        let in_trouble = (vanished.len() >= 3 && vanished.len() * 2 > open_here)
            || (seen != Seen::Pushed && !vanished.is_empty() && !self.goes_on(list, &listing));
        let mut doubted = false;
        for Vanished { task, was_listed } in vanished {
            // Bound just now and in no listing yet: missing from an older
            // listing that came late, or deleted at once. Only a listing that
            // we asked for since can tell.
            let newly = !was_listed && self.newly_bound.contains(&task);
            if newly && seen != Seen::Read && !in_trouble {
                doubted = true;
                continue;
            }
            let astray = in_trouble || !(was_listed || newly);
            self.newly_bound.remove(&task);
            if astray {
                self.astray.entry(task).or_insert(now);
            }
            let drops = self.drops_completed.contains(list);
            let Some(ledger) = self.ledger_of(task) else {
                continue;
            };
            if let Some(item) = ledger.get_mut(task).and_then(|t| t.item.as_mut()) {
                // Forgotten, so that only an item seen anew can vanish again,
                // and one that comes back is noticed.
                item.listed = None;
                changed.insert(task);
            }
            if astray {
                continue;
            }
            if drops {
                ledger.tick(task, now);
            } else {
                ledger.dismiss(task, now);
            }
        }
        let shown = items.iter().map(|i| i.uid.clone()).collect();
        self.shown.insert(list.clone(), shown);
        effects.extend(
            self.tasks()
                .filter(|t| changed.contains(&t.id))
                .map(|t| Effect::Save(Change::Task(t.clone()))),
        );
        if doubted {
            effects.push(Effect::SyncList(list.clone()));
        }
        // An item that a person opened again may have words from before.
        for zone in self.zones_on(list) {
            self.follow_words(zone, effects);
        }
    }

    /// Whether this is the list we knew: something that stood there before, or
    /// that belongs to a task of ours, stands there still.
    fn goes_on(&self, list: &ListId, listing: &Listing<'_>) -> bool {
        let before = self.shown.get(list).into_iter().flatten();
        let ours = self
            .tasks()
            .filter(|t| is_on(t, list))
            .filter_map(|t| t.item.as_ref());
        before
            .chain(ours.map(|i| &i.uid))
            .any(|uid| listing.contains_key(uid))
    }

    /// An item with our mark under another uid is the same item: some lists
    /// give new uids when an item is edited or the list restored.
    fn follow_marks(
        &mut self,
        list: &ListId,
        items: &[Item],
        listing: &Listing<'_>,
    ) -> BTreeSet<TaskId> {
        let mut changed = BTreeSet::new();
        for Vanished { task, .. } in self.vanished(list, listing) {
            let moved = self.moved(task, list, items);
            let item = self
                .ledger_of(task)
                .and_then(|l| l.get_mut(task))
                .and_then(|t| t.item.as_mut());
            if let (Some(moved), Some(item)) = (moved, item) {
                item.uid = moved.uid.clone();
                changed.insert(task);
            }
        }
        changed
    }

    /// The item that a task's vanished one has become.
    fn moved<'a>(&self, task: TaskId, list: &ListId, items: &'a [Item]) -> Option<&'a Item> {
        let bound = self.bound_items(list);
        let words = (self.tasks().find(|t| t.id == task))
            .and_then(|t| t.item.as_ref())
            .and_then(|i| i.words.as_ref());
        let shown = self.shown.get(list);
        let bears = |mark: Mark| {
            let mut free = items.iter().filter(|i| !bound.contains_key(&i.uid));
            free.find(|i| {
                let may_be = match mark {
                    Mark::Ours => true,
                    // What stood beside ours is another installation's.
                    Mark::Unnamed => {
                        words == Some(&i.summary) || shown.is_some_and(|s| !s.contains(&i.uid))
                    }
                };
                self.marks.on(i, task) == Some(mark) && may_be
            })
        };
        bears(Mark::Ours).or_else(|| bears(Mark::Unnamed))
    }

    /// Notes each item's status, and what a person did where it changed. Gives
    /// back the tasks that differ from before.
    fn follow_statuses(
        &mut self,
        list: &ListId,
        listing: &Listing<'_>,
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
                let Some(item) = listing.get(&bound.uid) else {
                    continue;
                };
                self.astray.remove(&task.id);
                self.newly_bound.remove(&task.id);
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

    /// Open tasks whose item is not on its list, except those whose own change
    /// is under way.
    fn vanished(&self, list: &ListId, listing: &Listing<'_>) -> Vec<Vanished> {
        self.tasks()
            .filter(|t| t.is_open() && self.outbox.get(t.id, list).is_none())
            .filter_map(|t| {
                let item = t.item.as_ref().filter(|i| i.list == *list)?;
                let was_listed = item.listed.is_some();
                (!listing.contains_key(&item.uid)).then_some(Vanished {
                    task: t.id,
                    was_listed,
                })
            })
            .collect()
    }
}

pub(super) fn is_on(task: &Task, list: &ListId) -> bool {
    task.item.as_ref().is_some_and(|i| i.list == *list)
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
