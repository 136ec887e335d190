//! The home: messes, people, a list, and a service whose power may fail.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::{Act, MESSES, list::List};
use crate::{
    domain::{
        check::{Assessment, Finding, Outcome, Trigger},
        effect::{Change, Effect},
        household::{Event, Household},
        score::Score,
        task::{By, Task, TaskState},
        todo::{Item, ItemStatus, ListId, Uid},
        zone::{ZoneId, ZoneOptions},
    },
    engine::todo::{Visit, visit},
    ports::Remembered,
    telemetry::Metrics,
};

pub struct World {
    household: Household,
    /// What a power cut leaves.
    disk: Remembered,
    messes: BTreeSet<(u32, usize)>,
    list: List,
    now: Timestamp,
    metrics: Metrics,
}

fn list_id() -> ListId {
    ListId("todo.home".into())
}

fn options() -> Vec<ZoneOptions> {
    ["Kitchen", "Hall"]
        .map(|name| ZoneOptions {
            name: name.into(),
            slug: name.to_lowercase(),
            cameras: vec![format!("camera.{}", name.to_lowercase())],
            todo_list: Some(list_id()),
            ..ZoneOptions::default()
        })
        .to_vec()
}

impl World {
    pub fn new(features: u32) -> Self {
        let mut world = Self {
            household: boot(&Remembered::default()),
            disk: Remembered::default(),
            messes: BTreeSet::new(),
            list: List {
                features,
                ..List::default()
            },
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            metrics: Metrics::new(&[]),
        };
        world.configure();
        world
    }

    fn configure(&mut self) {
        self.happen(Event::Configured {
            zones: options(),
            complete: true,
        });
    }

    fn happen(&mut self, event: Event) {
        for effect in self.household.apply(event, self.now) {
            if let Effect::Save(change) = effect {
                save(&mut self.disk, change);
            }
        }
    }

    fn power_cut(&mut self) {
        self.household = boot(&self.disk);
        self.configure();
    }

    /// A judge that sees what is there and knows places only, like the embedded one.
    fn read(&mut self, zone: u32) {
        let id = ZoneId(zone);
        let known = self.household.zone(id).unwrap().ledger.known();
        let here = |title: &str| {
            MESSES
                .iter()
                .position(|m| *m == title)
                .is_some_and(|m| self.messes.contains(&(zone, m)))
        };
        let (remain, done): (Vec<_>, Vec<_>) = known.iter().partition(|k| here(&k.title));
        let new = MESSES
            .iter()
            .enumerate()
            .filter(|(m, title)| {
                self.messes.contains(&(zone, *m)) && !known.iter().any(|k| k.title == **title)
            })
            .map(|(_, title)| Finding {
                title: (*title).into(),
                confidence: 0.7,
                region: None,
            })
            .collect();
        let answer = Assessment {
            score: Score::clamped(50.0),
            confidence: 0.7,
            summary: "A room.".into(),
            remain: remain.iter().map(|k| k.id).collect(),
            done: done.iter().map(|k| (k.id, 0.7)).collect(),
            new,
            provider: "local".into(),
            method: "test".into(),
            needs_second_look: true,
        };
        self.happen(Event::CheckEnded {
            zone: id,
            trigger: Trigger::Manual,
            outcome: Outcome::Assessed(answer),
        });
    }

    fn visit(&mut self, lost: Option<usize>, kept: Option<usize>) {
        self.list.person(|s| s.lost_in = lost);
        // The first pass says what is about to be added, the second adds.
        for _ in 0..2 {
            let work = Visit {
                list: list_id(),
                changes: self.household.waiting(&list_id()),
                bound: self.household.bound_items(&list_id()),
                lately_added: BTreeSet::new(),
            };
            let visited = futures_now(visit(&self.list, &self.metrics, work));
            let kept = kept.unwrap_or(usize::MAX);
            for event in visited.events.into_iter().take(kept) {
                self.happen(event);
            }
        }
        self.list.person(|s| s.lost_in = None);
        if kept.is_some() {
            self.power_cut();
        }
    }

    fn listing(&mut self, fresh: bool) {
        let items = self.list.person(|s| s.items.clone());
        let list = list_id();
        self.happen(Event::ListSeen { list, items, fresh });
    }

    pub fn tasks(&self) -> Vec<Task> {
        let zones = self.household.zones();
        zones.flat_map(|z| z.ledger.tasks().cloned()).collect()
    }

    /// Our `n`th item on the list, counted round.
    fn pick(&self, n: usize) -> Option<Uid> {
        let ours = self.list.ours();
        (!ours.is_empty()).then(|| ours[n % ours.len()].uid.clone())
    }

    fn set(&mut self, n: usize, status: ItemStatus) {
        if let Some(uid) = self.pick(n) {
            self.list.person(|s| {
                s.items
                    .iter_mut()
                    .filter(|i| i.uid == uid)
                    .for_each(|i| i.status = status);
            });
        }
    }

    pub fn act(&mut self, act: &Act) {
        use crate::domain::command::Command;
        match *act {
            Act::Appear(zone, mess) => drop(self.messes.insert((zone, mess))),
            Act::Vanish(zone, mess) => drop(self.messes.remove(&(zone, mess))),
            Act::Read(zone) => self.read(zone),
            Act::Visit { lost, kept } => self.visit(lost, kept),
            Act::Listing { fresh } => self.listing(fresh),
            Act::Tick(n) => self.set(n, ItemStatus::Completed),
            Act::Untick(n) => self.set(n, ItemStatus::NeedsAction),
            Act::Delete(n) => {
                if let Some(uid) = self.pick(n) {
                    self.list.person(|s| s.items.retain(|i| i.uid != uid));
                }
            }
            Act::OwnItem(mess) => self.list.person(|s| {
                s.next += 1;
                let item = Item {
                    uid: Uid(format!("own {}", s.next)),
                    // Without marks on the list our own words could be taken
                    // for ours while we are adding them: a person's differ.
                    summary: match self.list.features {
                        127 => format!("Kitchen: {}", MESSES[mess]),
                        _ => format!("my own: {}", MESSES[mess]),
                    },
                    status: ItemStatus::NeedsAction,
                    description: None,
                };
                s.own.insert(item.uid.clone(), item.clone());
                s.items.push(item);
            }),
            Act::PowerCut => self.power_cut(),
            Act::Hours(hours) => self.now += SignedDuration::from_hours(hours),
            Act::PageDone(n) | Act::PageDismiss(n) => {
                let open: Vec<Task> = self.tasks().into_iter().filter(Task::is_open).collect();
                if let Some(task) = open.get(n % open.len().max(1)) {
                    self.happen(Event::Command(match act {
                        Act::PageDone(_) => Command::TaskDone(task.id),
                        _ => Command::DismissTask(task.id),
                    }));
                }
            }
        }
    }

    pub fn check_always(&mut self, before: &[Task]) -> Result<(), TestCaseError> {
        let mut open = BTreeMap::new();
        for item in self.list.ours() {
            if item.status == ItemStatus::NeedsAction {
                *open.entry(item.summary).or_insert(0) += 1;
            }
        }
        // A person may un-tick an old item; then two may truly stand there.
        for (summary, count) in &open {
            let unticked = self
                .tasks()
                .iter()
                .filter(|t| summary.ends_with(&t.title))
                .count();
            prop_assert!(*count <= unticked.max(1), "doubled: {summary}");
        }
        let added = self.list.person(|s| std::mem::take(&mut s.added));
        for summary in added {
            let dismissed = before.iter().any(|t| {
                let zone = if t.zone == ZoneId(1) {
                    "Kitchen"
                } else {
                    "Hall"
                };
                matches!(t.state, TaskState::Dismissed { until } if self.now < until)
                    && summary == format!("{zone}: {}", t.title)
            });
            prop_assert!(!dismissed, "resurrected: {summary}");
        }
        let state = self.list.person(|s| s.clone());
        for (uid, item) in &state.own {
            let kept = state.items.iter().find(|i| i.uid == *uid);
            prop_assert_eq!(kept, Some(item), "touched a person's item");
        }
        let ids: BTreeSet<_> = self.tasks().iter().map(|t| t.id).collect();
        prop_assert_eq!(ids.len(), self.tasks().len());
        Ok(())
    }

    /// Left in peace, the list comes to show exactly what is to be done.
    pub fn settle(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..4 {
            self.now += SignedDuration::from_hours(2);
            for zone in [1, 2] {
                self.read(zone);
            }
            self.visit(None, None);
            self.listing(false);
            let tasks = self.tasks();
            self.check_always(&tasks)?;
        }
        for (zone, name) in [(1, "Kitchen"), (2, "Hall")] {
            for (mess, title) in MESSES.iter().enumerate() {
                let tasks: Vec<Task> = self
                    .tasks()
                    .into_iter()
                    .filter(|t| t.zone == ZoneId(zone) && t.title == *title)
                    .collect();
                let listed = self
                    .list
                    .ours()
                    .iter()
                    .filter(|i| i.summary == format!("{name}: {title}"))
                    .filter(|i| i.status == ItemStatus::NeedsAction)
                    .count();
                let open = tasks.iter().filter(|t| t.is_open()).count();
                let settled_by_person = tasks.iter().any(|t| match t.state {
                    TaskState::Done {
                        by: By::Person,
                        seen_gone,
                        ..
                    } => !seen_gone,
                    TaskState::Dismissed { until } => self.now < until,
                    _ => false,
                });
                if self.messes.contains(&(zone, mess)) {
                    prop_assert!(
                        open == 1 || settled_by_person,
                        "lost: {name} {title} {tasks:?}"
                    );
                } else {
                    prop_assert_eq!(open, 0, "kept: {} {}", name, title);
                }
                prop_assert!(
                    listed >= open.min(1),
                    "not listed: {name} {title} {tasks:?}"
                );
            }
        }
        prop_assert!(
            self.household.waiting(&list_id()).is_empty(),
            "outbox stuck"
        );
        Ok(())
    }
}

pub fn boot(disk: &Remembered) -> Household {
    let disk = disk.clone();
    Household::new(
        disk.house,
        disk.zones,
        disk.tasks,
        disk.outbox,
        (disk.last_zone, disk.last_task),
        TimeZone::UTC,
    )
}

/// What the store does with a change.
pub fn save(disk: &mut Remembered, change: Change) {
    match change {
        Change::Zone(zone) => {
            disk.last_zone = disk.last_zone.max(zone.id.0);
            match disk.zones.iter_mut().find(|(z, _)| z.id == zone.id) {
                Some((old, _)) => *old = zone,
                None => disk
                    .zones
                    .push((zone, crate::domain::effect::ZoneState::default())),
            }
        }
        Change::ZoneState(id, state) => {
            if let Some((_, old)) = disk.zones.iter_mut().find(|(z, _)| z.id == id) {
                *old = state;
            }
        }
        Change::RemoveZone(id) => {
            disk.zones.retain(|(z, _)| z.id != id);
            disk.tasks.retain(|t| t.zone != id);
        }
        Change::Task(task) => {
            disk.last_task = disk.last_task.max(task.id.0);
            disk.tasks.retain(|t| t.id != task.id);
            disk.tasks.push(task);
        }
        Change::ForgetTask(id) => disk.tasks.retain(|t| t.id != id),
        Change::Todo(change) => {
            disk.outbox
                .retain(|c| (c.task, &c.list) != (change.task, &change.list));
            disk.outbox.push(change);
        }
        Change::TodoApplied(task, list) => {
            disk.outbox.retain(|c| (c.task, &c.list) != (task, &list));
        }
        Change::Reading(_) | Change::Spent(_) | Change::Note(..) => {}
        Change::House(house) => disk.house = house,
    }
}

/// Runs a future that never really waits.
fn futures_now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}
