//! Property: whatever happens in a home (messes come and go, people tick,
//! delete and add, calls get lost, the power fails at any moment), no task is
//! doubled, none a person dismissed comes back, none is lost, and nobody's own
//! items are touched.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{
    household_disk::{boot, save},
    household_list::List,
};
use crate::{
    domain::{
        check::{Assessment, Finding, Outcome, Trigger},
        effect::Effect,
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

const MESSES: [&str; 4] = [
    "Tidy up: lower left",
    "Tidy up: right",
    "Wash the dishes",
    "Make the bed",
];

#[derive(Debug, Clone)]
enum Act {
    Appear(u32, usize),
    Vanish(u32, usize),
    Read(u32),
    /// Carry out the outbox; the `lost`th call works but its answer is lost,
    /// and the power fails after `kept` of the reported events.
    Visit {
        lost: Option<usize>,
        kept: Option<usize>,
    },
    Listing {
        fresh: bool,
    },
    Tick(usize),
    Untick(usize),
    Delete(usize),
    OwnItem(usize),
    PowerCut,
    Hours(i64),
    PageDone(usize),
    PageDismiss(usize),
}

fn acts() -> impl Strategy<Value = Act> {
    let zone = 1..=2_u32;
    let mess = 0..MESSES.len();
    prop_oneof![
        3 => (zone.clone(), mess.clone()).prop_map(|(z, m)| Act::Appear(z, m)),
        2 => (zone.clone(), mess.clone()).prop_map(|(z, m)| Act::Vanish(z, m)),
        6 => zone.prop_map(Act::Read),
        6 => (
            proptest::option::weighted(0.3, 0..6_usize),
            proptest::option::weighted(0.3, 0..4_usize)
        )
            .prop_map(|(lost, kept)| Act::Visit { lost, kept }),
        3 => any::<bool>().prop_map(|fresh| Act::Listing { fresh }),
        2 => any::<usize>().prop_map(Act::Tick),
        1 => any::<usize>().prop_map(Act::Untick),
        2 => any::<usize>().prop_map(Act::Delete),
        1 => mess.prop_map(Act::OwnItem),
        1 => Just(Act::PowerCut),
        1 => (1..50_i64).prop_map(Act::Hours),
        1 => any::<usize>().prop_map(Act::PageDone),
        1 => any::<usize>().prop_map(Act::PageDismiss),
    ]
}

struct World {
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
            purpose: None,
            interval_minutes: 60,
            icon: None,
        })
        .to_vec()
}

impl World {
    fn new(features: u32) -> Self {
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

    fn tasks(&self) -> Vec<Task> {
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

    fn act(&mut self, act: &Act) {
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

    fn check_always(&mut self, before: &[Task]) -> Result<(), TestCaseError> {
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
    fn settle(&mut self) -> Result<(), TestCaseError> {
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

/// Runs a future that never really waits.
fn futures_now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_doubled_lost_resurrected_or_touched(
        acts in proptest::collection::vec(acts(), 1..60),
        descriptions in any::<bool>(),
    ) {
        let mut world = World::new(if descriptions { 127 } else { 7 });
        for act in &acts {
            let before = world.tasks();
            world.act(act);
            world.check_always(&before)?;
        }
        world.settle()?;
    }
}
