//! A household, its list and its disk, moved by hand.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::household_world::{
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
        todo::{Item, ItemStatus, ListId, Seen, Uid},
        zone::{ZoneId, ZoneOptions},
    },
    engine::todo::{Visit, visit},
    ports::Remembered,
    telemetry::Metrics,
};

pub struct Home {
    pub h: Household,
    pub disk: Remembered,
    pub list: List,
    pub now: Timestamp,
    pub metrics: Metrics,
}

pub fn l(name: &str) -> ListId {
    ListId(name.into())
}

pub fn zone(name: &str, list: &str) -> ZoneOptions {
    ZoneOptions {
        name: name.into(),
        slug: name.to_lowercase(),
        cameras: vec![format!("camera.{}", name.to_lowercase())],
        todo_list: Some(l(list)),
        ..ZoneOptions::default()
    }
}

pub fn own(uid: &str) -> Item {
    Item {
        uid: Uid(uid.into()),
        summary: "Buy milk".into(),
        status: ItemStatus::NeedsAction,
        description: None,
    }
}

impl Home {
    pub fn new(features: u32, zones: Vec<ZoneOptions>) -> Self {
        let mut home = Self {
            h: boot(&Remembered::default()),
            disk: Remembered::default(),
            list: List::of(features, false),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            metrics: Metrics::new(&[]),
        };
        home.does(Event::Configured {
            zones,
            complete: true,
        });
        home
    }

    pub fn does(&mut self, event: Event) {
        for effect in self.h.apply(event, self.now) {
            if let Effect::Save(change) = effect {
                save(&mut self.disk, change);
            }
        }
    }

    /// A judge that is sure at once: these are there, these ids are done.
    pub fn sees(&mut self, titles: &[&str], done: &[(TaskId, f32)]) {
        let answer = Assessment {
            score: Score::clamped(50.0),
            // As sure of the room as of what is done in it.
            confidence: done.iter().map(|(_, sure)| *sure).fold(0.7, f32::max),
            summary: "A room.".into(),
            remain: vec![],
            done: done.to_vec(),
            new: titles
                .iter()
                .map(|t| Finding {
                    title: (*t).into(),
                    confidence: 0.7,
                    priority: Priority::Normal,
                    region: None,
                })
                .collect(),
            provider: "ai".into(),
            method: "test".into(),
            needs_second_look: false,
            impressions: Vec::new(),
        };
        self.does(Event::CheckEnded {
            zone: ZoneId(1),
            trigger: Trigger::Manual,
            outcome: Outcome::Assessed(answer),
        });
    }

    /// A judge by name finds these and nothing else; `looks_twice` as the
    /// embedded one does.
    pub fn is_judged(&mut self, provider: &str, titles: &[&str], looks_twice: bool) {
        let new = titles.iter().map(|title| Finding {
            title: (*title).into(),
            confidence: 0.7,
            priority: Priority::Normal,
            region: None,
        });
        let answer = Assessment {
            score: Score::clamped(50.0),
            confidence: 0.7,
            summary: "A room.".into(),
            remain: vec![],
            done: vec![],
            new: new.collect(),
            provider: provider.into(),
            method: "test".into(),
            needs_second_look: looks_twice,
            impressions: Vec::new(),
        };
        self.does(Event::CheckEnded {
            zone: ZoneId(1),
            trigger: Trigger::Manual,
            outcome: Outcome::Assessed(answer),
        });
    }

    /// A person's doing on the list, of which Home Assistant tells at once.
    pub fn person(&mut self, list: &str, act: impl FnOnce(&mut Vec<Item>)) {
        self.list.person(|s| act(&mut s.shelf.items));
        self.seen(list, self.items(), Seen::Pushed);
    }

    pub fn open(&self) -> Vec<String> {
        let tasks = self.tasks().into_iter().filter(Task::is_open);
        tasks.map(|task| task.title).collect()
    }

    pub fn visit_raw(&mut self, list: &str) -> crate::engine::todo::Visited {
        let work = Visit {
            list: l(list),
            changes: self.h.waiting(&l(list)),
            bound: self.h.bound_items(&l(list)),
            marks: self.h.marks().clone(),
            lately_added: BTreeSet::new(),
        };
        futures_now(visit(&self.list, &self.metrics, work))
    }

    /// As the engine does: events, then the visit's own listing if nothing waits.
    pub fn visits(&mut self, list: &str) {
        for _ in 0..2 {
            let visited = self.visit_raw(list);
            for event in visited.events {
                self.does(event);
            }
            if self.h.waiting(&l(list)).is_empty()
                && let Some(items) = visited.items
            {
                self.does(Event::ListSeen {
                    list: l(list),
                    items,
                    seen: Seen::Read,
                });
            }
        }
    }

    pub fn seen(&mut self, list: &str, items: Vec<Item>, seen: Seen) {
        self.does(Event::ListSeen {
            list: l(list),
            items,
            seen,
        });
    }

    pub fn items(&self) -> Vec<Item> {
        self.list.person(|s| s.shelf.items.clone())
    }

    pub fn tasks(&self) -> Vec<Task> {
        self.h
            .zones()
            .flat_map(|z| z.ledger.tasks().cloned())
            .collect()
    }

    pub fn task(&self, n: usize) -> Task {
        self.tasks()[n].clone()
    }

    pub fn reboot(&mut self, zones: Vec<ZoneOptions>) {
        self.h = boot(&self.disk);
        self.does(Event::Configured {
            zones,
            complete: true,
        });
    }
}
