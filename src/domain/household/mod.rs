//! The household: the one door through which anything changes.
//!
//! `apply(event, now)` gives back what must be saved and done. What the zones
//! share is decided here: identity, to-do lists and their outbox, the day's
//! counters. What happens to one zone's tasks is the `ledger`'s.

mod checks;
mod commands;
mod dropping;
mod happenings;
mod identity;
mod items;
mod lists;
mod rules;
mod streaks;
#[cfg(test)]
mod tests;

pub use commands::LONGEST_SNOOZE;
pub use rules::{dismissed, rules_of};

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};

use self::{dropping::Ticked, identity::leave};
use super::{
    check::{ErrorClass, Outcome, Trigger},
    command::Command,
    effect::{Change, Effect, HouseState, ZoneState},
    ledger::{Changes, Ledger},
    mark::Marks,
    outbox::Outbox,
    task::{Task, TaskId, TaskState},
    todo::{Item, ListId, Seen, TodoChange, Uid, Want},
    zone::{Zone, ZoneId, ZoneOptions},
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The options were read. `complete` is false when some could not be
    /// understood: then a zone that is missing is kept, not removed.
    Configured {
        zones: Vec<ZoneOptions>,
        complete: bool,
    },
    CheckEnded {
        zone: ZoneId,
        trigger: Trigger,
        outcome: Outcome,
    },
    /// All items of a list.
    ListSeen {
        list: ListId,
        items: Vec<Item>,
        seen: Seen,
    },
    /// An item is about to be added; these items with its words are not ours.
    TodoAttempted {
        task: TaskId,
        list: ListId,
        before: BTreeSet<Uid>,
    },
    /// A task's item became known, or got other `words` from us.
    ItemBound {
        task: TaskId,
        list: ListId,
        uid: Uid,
        words: Option<String>,
    },
    /// The list shows what was wanted; `found`: there was an item to change.
    TodoApplied {
        task: TaskId,
        list: ListId,
        want: Want,
        found: bool,
    },
    Command(Command),
}

/// A zone with all that is remembered about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneRecord {
    pub zone: Zone,
    pub state: ZoneState,
    pub ledger: Ledger,
    /// In the options now. A zone that the options do not mention (because
    /// they are damaged) is kept but not watched.
    pub active: bool,
    /// Why the last check gave no reading, and since when checks fail.
    pub failure: Option<(ErrorClass, String, Timestamp)>,
    /// Failed checks in a row.
    pub failures: u32,
}

/// The whole household.
#[derive(Debug, Clone)]
pub struct Household {
    pub state: HouseState,
    zones: BTreeMap<ZoneId, ZoneRecord>,
    outbox: Outbox,
    /// Lists that were seen to drop ticked items from what they list.
    drops_completed: BTreeSet<ListId>,
    /// Tasks whose item we ticked, until it is seen whether their list drops it.
    ticked: BTreeMap<TaskId, Ticked>,
    /// Tasks whose item was shown ticked before our visit to tick it ended.
    kept: BTreeSet<TaskId>,
    /// Lists on which a ticked item was gone some time after it was shown.
    may_drop: BTreeSet<ListId>,
    /// Tasks whose item became known and is in no listing yet.
    newly_bound: BTreeSet<TaskId>,
    /// What the last listing of each list showed, ours or not.
    shown: BTreeMap<ListId, BTreeSet<Uid>>,
    /// Items that vanished in a way that is no person's wish, and since when.
    astray: BTreeMap<TaskId, Timestamp>,
    last_zone: u32,
    last_task: u64,
    marks: Marks,
    /// See `ports::Remembered::masks_lost`.
    pub masks_lost: bool,
    tz: TimeZone,
}

impl Household {
    /// What was remembered; nobody is watched before the first `Configured`.
    pub fn new(
        state: HouseState,
        zones: Vec<(Zone, ZoneState)>,
        tasks: Vec<Task>,
        outbox: Vec<TodoChange>,
        drops_completed: BTreeSet<ListId>,
        (last_zone, last_task): (u32, u64),
        tz: TimeZone,
    ) -> Self {
        let mut by_zone: BTreeMap<ZoneId, Vec<Task>> = BTreeMap::new();
        for task in tasks {
            by_zone.entry(task.zone).or_default().push(task);
        }
        let zones = zones
            .into_iter()
            .map(|(zone, state)| {
                let ledger = Ledger::new(by_zone.remove(&zone.id).unwrap_or_default());
                let record = ZoneRecord {
                    state,
                    ledger,
                    active: false,
                    failure: None,
                    failures: 0,
                    zone,
                };
                (record.zone.id, record)
            })
            .collect();
        Self {
            state,
            zones,
            outbox: Outbox::new(outbox),
            drops_completed,
            ticked: BTreeMap::new(),
            kept: BTreeSet::new(),
            may_drop: BTreeSet::new(),
            newly_bound: BTreeSet::new(),
            shown: BTreeMap::new(),
            astray: BTreeMap::new(),
            last_zone,
            masks_lost: false,
            last_task,
            marks: Marks::default(),
            tz,
        }
    }

    /// The zones in the options now, in the order of their ids.
    pub fn zones(&self) -> impl Iterator<Item = &ZoneRecord> {
        self.zones.values().filter(|z| z.active)
    }

    pub fn zone(&self, id: ZoneId) -> Option<&ZoneRecord> {
        self.zones.get(&id).filter(|z| z.active)
    }

    /// Changes that wait for a list, oldest first.
    pub fn waiting(&self, list: &ListId) -> Vec<TodoChange> {
        self.outbox.waiting(list)
    }

    /// Lists that changes wait for.
    pub fn waiting_lists(&self) -> BTreeSet<ListId> {
        self.outbox.lists()
    }

    /// Items on a list that belong to a task of ours, and the words they last
    /// got from us.
    pub fn bound_items(&self, list: &ListId) -> BTreeMap<Uid, Option<String>> {
        self.tasks()
            .filter_map(|t| t.item.as_ref())
            .filter(|i| i.list == *list)
            .map(|i| (i.uid.clone(), i.words.clone()))
            .collect()
    }

    /// The lists to watch: every zone's, now.
    pub fn lists(&self) -> BTreeSet<ListId> {
        self.zones()
            .filter_map(|z| z.zone.options.todo_list.clone())
            .collect()
    }

    fn zone_of(&self, task: TaskId) -> Option<ZoneId> {
        let mut zones = self.zones.values();
        zones
            .find(|z| z.ledger.get(task).is_some())
            .map(|z| z.zone.id)
    }

    fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.zones.values().flat_map(|z| z.ledger.tasks())
    }

    /// The one door.
    pub fn apply(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        // A new set of zones is no happening in any of them.
        let news = !matches!(event, Event::Configured { .. });
        let before = news.then(|| self.before());
        let streaks = self.turn_streaks(now);
        match event {
            Event::Configured { zones, complete } => {
                self.configure(zones, complete, &mut effects);
            }
            Event::CheckEnded {
                zone,
                trigger,
                outcome,
            } => self.check_ended(zone, trigger, outcome, now, &mut effects),
            Event::ListSeen { list, items, seen } => {
                self.list_seen(&list, &items, seen, now, &mut effects);
            }
            Event::TodoAttempted { task, list, before } => {
                if let Some(change) = self.outbox.attempted(task, &list, before) {
                    effects.push(Effect::Save(Change::Todo(change)));
                    effects.push(Effect::SyncList(list));
                }
            }
            Event::ItemBound {
                task,
                list,
                uid,
                words,
            } => {
                self.item_bound(task, &list, &uid, words, &mut effects);
            }
            Event::TodoApplied {
                task,
                list,
                want,
                found,
            } => {
                if found && want == Want::Completed {
                    self.ticked(task, now);
                }
                if want == Want::Removed {
                    self.unbind(task, &list, &mut effects);
                }
                if self.outbox.applied(task, &list, want) {
                    effects.push(Effect::Save(Change::TodoApplied(task, list)));
                    // Its words may have changed while it was not known yet.
                    if let Some(zone) = self.zone_of(task) {
                        self.follow_words(zone, &mut effects);
                    }
                } else if self.outbox.get(task, &list).is_some() {
                    // The wish changed while the old one was carried out.
                    effects.push(Effect::SyncList(list));
                }
            }
            Event::Command(command) => self.command(&command, now, &mut effects),
        }
        if let Some(before) = before {
            self.happenings(&before, &mut effects);
        }
        self.note_streaks(&streaks, &mut effects);
        effects
    }

    /// Saves what changed in a ledger and queues what its list must show.
    fn carry_out(&mut self, zone: ZoneId, changes: Changes, effects: &mut Vec<Effect>) {
        let Some(record) = self.zones.get(&zone) else {
            return;
        };
        let shared = record
            .zone
            .options
            .todo_list
            .as_ref()
            .is_some_and(|list| self.is_shared(list));
        for id in changes.forgotten {
            self.astray.remove(&id);
            self.ticked.remove(&id);
            self.kept.remove(&id);
            self.newly_bound.remove(&id);
            effects.push(Effect::Save(Change::ForgetTask(id)));
        }
        let mut lists = BTreeSet::new();
        for id in changes.relist {
            let Some(task) = record.ledger.get(id) else {
                continue;
            };
            if let Some(change) = wish(&record.zone, task, shared) {
                lists.insert(change.list.clone());
                let change = self.outbox.queue(change);
                effects.push(Effect::Save(Change::Todo(change)));
            }
        }
        for id in changes.touched {
            if let Some(task) = record.ledger.get(id) {
                effects.push(Effect::Save(Change::Task(task.clone())));
            }
        }
        effects.extend(lists.into_iter().map(Effect::SyncList));
        let gone = changes.withdrawn.into_iter().flat_map(|task| {
            let waiting = self.outbox.of_task(task.id);
            leave(&record.zone, task.id, task.item, waiting)
        });
        let gone = gone.collect();
        self.queue_all(gone, effects);
    }

    fn zones_on(&self, list: &ListId) -> Vec<ZoneId> {
        self.zones()
            .filter(|z| z.zone.options.todo_list.as_ref() == Some(list))
            .map(|z| z.zone.id)
            .collect()
    }

    /// Whether several zones use a list, so that items must name their zone.
    fn is_shared(&self, list: &ListId) -> bool {
        self.zones_on(list).len() > 1
    }
}

/// What the list must show for a task as it stands now.
fn wish(zone: &Zone, task: &Task, shared: bool) -> Option<TodoChange> {
    let want = match task.state {
        TaskState::Candidate => return None,
        TaskState::Open => Want::Open,
        TaskState::Done { .. } => Want::Completed,
        TaskState::Dismissed { .. } => Want::Removed,
    };
    // What is to be done belongs on the zone's list of today; what is settled
    // is settled where its item stands.
    let list = match &task.item {
        Some(item) if want != Want::Open => item.list.clone(),
        _ => zone.options.todo_list.clone()?,
    };
    let item = task.item.as_ref().filter(|item| item.list == list);
    let uid = item.map(|item| item.uid.clone());
    let summary = if shared {
        format!("{}: {}", zone.options.name, task.title)
    } else {
        task.title.clone()
    };
    Some(TodoChange {
        task: task.id,
        zone: zone.id,
        list,
        want,
        summary,
        uid,
        attempted: None,
    })
}

/// Minutes between scheduled checks in force.
pub fn interval(record: &ZoneRecord) -> u32 {
    record
        .state
        .interval
        .map_or(record.zone.options.interval_minutes, |o| o.value)
}

/// How strict the judge is, in force.
pub fn pickiness(record: &ZoneRecord) -> u8 {
    let set = record.state.pickiness.map(|o| o.value);
    set.and_then(|value| u8::try_from(value).ok())
        .unwrap_or(record.zone.options.pickiness)
}

/// The zone as it is judged: with what entities and the page set in place of
/// what the options say.
pub fn in_force(record: &ZoneRecord) -> Zone {
    let mut zone = record.zone.clone();
    zone.options.interval_minutes = interval(record);
    zone.options.pickiness = pickiness(record);
    zone.options.ignore = rules_of(record);
    zone
}
