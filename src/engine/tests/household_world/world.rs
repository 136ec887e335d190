//! The home: messes, people, a list, and a service whose power may fail.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    Act, Kind, MESSES,
    disk::{boot, futures_now, save},
    list::List,
};
use crate::{
    domain::{
        check::{Assessment, Finding, Outcome, Trigger},
        effect::Effect,
        household::{Event, Household},
        score::Score,
        task::{Priority, Task, TaskId},
        todo::{Item, ItemStatus, ListId, Seen, TodoChange, Uid},
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
    pub messes: BTreeSet<(u32, usize)>,
    pub list: List,
    pub now: Timestamp,
    metrics: Metrics,
    /// Whether the kitchen has its other name, and whether the hall has a list.
    renamed: bool,
    shared: bool,
}

fn list_id() -> ListId {
    ListId("todo.home".into())
}

fn zone(name: &str, camera: &str, todo_list: Option<ListId>) -> ZoneOptions {
    ZoneOptions {
        name: name.into(),
        slug: name.to_lowercase(),
        cameras: vec![camera.into()],
        todo_list,
        ..ZoneOptions::default()
    }
}

impl World {
    pub fn new(kind: Kind) -> Self {
        let mut world = Self {
            household: boot(&Remembered::default()),
            disk: Remembered::default(),
            messes: BTreeSet::new(),
            list: List::of(kind.features, kind.drops),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            metrics: Metrics::new(&[]),
            renamed: false,
            shared: true,
        };
        world.configure();
        world
    }

    fn name(&self, zone: ZoneId) -> &'static str {
        match (zone, self.renamed) {
            (ZoneId(1), false) => "Kitchen",
            (ZoneId(1), true) => "Galley",
            _ => "Hall",
        }
    }

    pub fn has_list(&self, zone: u32) -> bool {
        zone == 1 || self.shared
    }

    /// The words that a task's item should have.
    pub fn words(&self, task: &Task) -> String {
        if self.shared {
            format!("{}: {}", self.name(task.zone), task.title)
        } else {
            task.title.clone()
        }
    }

    pub fn waiting(&self) -> Vec<TodoChange> {
        self.household.waiting(&list_id())
    }

    fn configure(&mut self) {
        let zones = vec![
            zone(self.name(ZoneId(1)), "camera.kitchen", Some(list_id())),
            zone("Hall", "camera.hall", self.shared.then(list_id)),
        ];
        self.happen(Event::Configured {
            zones,
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
    pub fn read(&mut self, zone: u32) {
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
                priority: Priority::Normal,
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
            impressions: Vec::new(),
        };
        self.happen(Event::CheckEnded {
            zone: id,
            trigger: Trigger::Manual,
            outcome: Outcome::Assessed(answer),
        });
    }

    pub fn visit(&mut self, lost: Option<usize>, kept: Option<usize>) {
        self.list.person(|s| s.lost_in = lost);
        // The first pass says what is about to be added, the second adds.
        for _ in 0..2 {
            let work = Visit {
                list: list_id(),
                changes: self.waiting(),
                bound: self.household.bound_items(&list_id()),
                marks: self.household.marks().clone(),
                lately_added: BTreeSet::new(),
            };
            let visited = futures_now(visit(&self.list, &self.metrics, work));
            for event in visited.events.into_iter().take(kept.unwrap_or(usize::MAX)) {
                self.happen(event);
            }
            if let (true, Some(items), None) = (self.waiting().is_empty(), visited.items, kept) {
                self.seen(items, Seen::Read);
            }
        }
        self.list.person(|s| s.lost_in = None);
        if kept.is_some() {
            self.power_cut();
        }
    }

    fn seen(&mut self, items: Vec<Item>, seen: Seen) {
        let list = list_id();
        self.happen(Event::ListSeen { list, items, seen });
    }

    /// Home Assistant pushes what the list holds.
    pub fn listing(&mut self) {
        let state = self.list.person(|s| s.clone());
        if !state.away {
            self.seen(state.shelf.items, Seen::Pushed);
        }
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

    /// A person sets our `n`th item, where the list lets them.
    fn set(&mut self, n: usize, status: ItemStatus) {
        let Some(uid) = self.pick(n) else { return };
        self.list.person(|s| {
            if s.shelf.features.update() {
                let items = s.shelf.items.iter_mut();
                items
                    .filter(|i| i.uid == uid)
                    .for_each(|i| i.status = status);
                s.shelf.drop_ticked();
            }
        });
    }

    /// A person gives our `n`th item other words, and throws the description
    /// away. Not before we know it: on a list without marks nobody could tell
    /// it from their own then.
    fn rename(&mut self, n: usize) {
        let bound = self.household.bound_items(&list_id());
        let Some(uid) = self.pick(n).filter(|uid| bound.contains_key(uid)) else {
            return;
        };
        self.list.person(|s| {
            for item in s.shelf.items.iter_mut().filter(|i| i.uid == uid) {
                item.summary = format!("my {n}");
                item.description = None;
            }
            s.renamed.insert(uid);
        });
    }

    fn write_own(&mut self, mess: usize) {
        self.list.person(|s| {
            s.shelf.last += 1;
            let item = Item {
                uid: Uid(format!("own {}", s.shelf.last)),
                // Without marks on the list our own words could be taken for
                // ours while we are adding them: a person's differ.
                summary: if s.shelf.features.description() {
                    format!("Kitchen: {}", MESSES[mess])
                } else {
                    format!("my own: {}", MESSES[mess])
                },
                status: ItemStatus::NeedsAction,
                description: None,
            };
            s.own.insert(item.uid.clone(), item.clone());
            s.shelf.items.push(item);
        });
    }

    fn open(&self) -> Vec<TaskId> {
        let tasks = self.tasks();
        let open = tasks.iter().filter(|t| t.is_open());
        open.map(|t| t.id).collect()
    }

    /// The list says for a moment that it is empty, as one does that is loaded anew.
    fn empty_for_a_moment(&mut self) {
        let before = self.open();
        self.seen(Vec::new(), Seen::First);
        assert_eq!(self.open(), before, "took a moment's emptiness for a wish");
    }

    pub fn act(&mut self, act: &Act) {
        use crate::domain::command::Command;
        match *act {
            Act::Appear(zone, mess) => drop(self.messes.insert((zone, mess))),
            Act::Vanish(zone, mess) => drop(self.messes.remove(&(zone, mess))),
            Act::Read(zone) => self.read(zone),
            Act::Visit { lost, kept } => self.visit(lost, kept),
            Act::Listing => self.listing(),
            Act::Reconnect => {
                let state = self.list.person(|s| s.clone());
                if !state.away {
                    self.seen(state.shelf.items, Seen::First);
                }
            }
            Act::Tick(n) => self.set(n, ItemStatus::Completed),
            Act::Untick(n) => self.set(n, ItemStatus::NeedsAction),
            Act::Delete(n) => {
                if let Some(uid) = self.pick(n) {
                    self.list.person(|s| s.shelf.items.retain(|i| i.uid != uid));
                }
            }
            Act::Rename(n) => self.rename(n),
            Act::Move(n) => self.list.person(|s| {
                let length = s.shelf.items.len().max(1);
                s.shelf.items.rotate_left(n % length);
            }),
            Act::ClearCompleted => self.list.person(|s| {
                let items = &mut s.shelf.items;
                items.retain(|i| i.status == ItemStatus::NeedsAction);
            }),
            Act::Recreate => {
                self.list.person(|s| {
                    s.shelf.items.clear();
                    s.own.clear();
                });
                self.empty_for_a_moment();
            }
            Act::Empty => self.empty_for_a_moment(),
            Act::Away(away) => self.list.person(|s| s.away = away),
            Act::OwnItem(mess) => self.write_own(mess),
            Act::RenameZone => {
                self.renamed = !self.renamed;
                self.power_cut();
            }
            Act::Share(shared) => {
                self.shared = shared;
                self.power_cut();
            }
            Act::PowerCut => self.power_cut(),
            Act::Hours(hours) => self.now += SignedDuration::from_hours(hours),
            Act::PageDone(n) | Act::PageDismiss(n) => {
                let open = self.open();
                if let Some(task) = open.get(n % open.len().max(1)) {
                    self.happen(Event::Command(match act {
                        Act::PageDone(_) => Command::TaskDone(*task),
                        _ => Command::DismissTask(*task),
                    }));
                }
            }
        }
    }
}
