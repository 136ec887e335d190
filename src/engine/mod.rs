//! The loop of life: when to check, what to do with the answer.
//!
//! One task owns the household and everything that changes; checks and visits
//! to lists run beside it and report back. Nothing happens outside before it
//! is saved.

pub mod check;
mod commands;
mod effects;
mod lessons;
mod lists;
mod masks;
mod options;
pub mod queue;
pub mod references;
mod telling;
#[cfg(test)]
mod tests;
pub mod todo;
mod view;
mod watching;
mod zone_runner;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::{self, AbortHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::info;

pub use self::view::nothing_yet;
use self::{
    check::{Bench, Done},
    lessons::Lessons,
    lists::Lists,
    queue::Queue,
    references::References,
    watching::Watching,
};
use crate::{
    clock::Clock,
    domain::{
        announcement::Announcement,
        change::Fingerprint,
        check::Trigger,
        effect::Change,
        health::{Component, Condition, Health},
        house::HouseOptions,
        household::{Event, Household},
        learning::Impression,
        mark::Marks,
        notification::Mailbox,
        schedule,
        view::View,
        zone::{ZoneId, ZoneOptions},
    },
    ports::{Camera, CleanPictures, Herald, Judge, Message, Remembered, States, Store, TodoLists},
    telemetry::{Metrics, Pulse, process},
};

/// Checks that run at the same time.
const CONCURRENT_CHECKS: usize = 2;
/// The loop turns at least this often: pulse, memory figure, unsaved changes.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Readings kept for a disk that cannot take them now.
const MOST_UNSAVED_READINGS: usize = 500;
/// Smaller changes of our memory are not worth telling.
const MEMORY_STEP_MIB: f32 = 2.0;
/// For the store to write something down.
const SAVE_LIMIT: Duration = Duration::from_secs(10);

/// What the engine works with.
pub struct Parts {
    pub camera: Arc<dyn Camera>,
    pub judge: Arc<dyn Judge>,
    pub lists: Arc<dyn TodoLists>,
    pub states: Arc<dyn States>,
    pub herald: Arc<dyn Herald>,
    pub references: Arc<dyn CleanPictures>,
    pub store: Arc<dyn Store>,
    pub metrics: Metrics,
    pub pulse: Pulse,
    /// Where happenings are told; never waited for.
    pub news: mpsc::Sender<Announcement>,
    pub clock: Clock,
    pub tz: TimeZone,
}

/// What the options say, as far as the engine cares.
pub struct Plan {
    /// Whose items on the lists are ours.
    pub device_id: String,
    pub zones: Vec<ZoneOptions>,
    pub house: HouseOptions,
    /// False when some options could not be understood.
    pub complete: bool,
    /// One sentence for each thing that is wrong with the options.
    pub problems: Vec<String>,
    /// What the store had to say when it was opened; empty when all is well.
    pub notices: Vec<String>,
}

/// Runs zones until it is stopped.
pub struct Engine {
    parts: Parts,
    bench: Arc<Bench>,
    household: Household,
    queue: Queue,
    checks: JoinSet<(Trigger, Done)>,
    checking: BTreeMap<task::Id, (ZoneId, AbortHandle)>,
    /// Pictures taken for somebody who draws a mask.
    previews: JoinSet<()>,
    lists: Lists,
    plans: BTreeMap<ZoneId, Planned>,
    seen: BTreeMap<ZoneId, Seen>,
    watching: Watching,
    mailbox: Mailbox,
    lessons: Lessons,
    health: Health,
    problems: Vec<String>,
    unused_options: Option<String>,
    /// How the store is when it takes what it is given: told until the next
    /// start if it had to begin anew.
    store_works: Condition,
    /// Changes that the store could not take yet, latest last.
    unsaved: Vec<Change>,
    started: Timestamp,
    memory_mib: f32,
    /// Another instance serves in our place: nothing is checked on schedule.
    passive: bool,
    view: watch::Sender<Arc<View>>,
}

/// When a zone is looked at next, and why.
#[derive(Debug, Clone, Copy)]
struct Planned {
    at: Timestamp,
    trigger: Trigger,
}

/// What a zone showed when it was last judged; in memory only.
#[derive(Default)]
struct Seen {
    prints: Option<(Arc<[Fingerprint]>, Timestamp)>,
    /// What each camera showed, in the zone's order.
    pictures: Vec<Bytes>,
    /// What the embedded judge saw in each; empty if another judged.
    impressions: Vec<Impression>,
}

impl Engine {
    /// Builds the household from what is remembered and what the options say.
    /// Nothing runs before `run`.
    pub async fn new(
        parts: Parts,
        remembered: Remembered,
        plan: Plan,
    ) -> (Self, watch::Receiver<Arc<View>>) {
        let now = parts.clock.now();
        let mailbox = telling::remembered(&remembered.notes);
        let lessons = Lessons::remembered(&remembered.notes);
        let mut household = Household::new(
            remembered.house,
            remembered.zones,
            remembered.tasks,
            remembered.outbox,
            remembered.dropping,
            (remembered.last_zone, remembered.last_task),
            parts.tz.clone(),
        )
        .marking(Marks::of(&plan.device_id));
        household.masks_lost = remembered.masks_lost;
        let (hold, on_hold) = watch::channel(None);
        let bench = Arc::new(Bench {
            camera: Arc::clone(&parts.camera),
            judge: Arc::clone(&parts.judge),
            metrics: parts.metrics.clone(),
            decoding: Arc::new(Semaphore::new(1)),
            hold: on_hold,
            references: Arc::new(References::new(Arc::clone(&parts.references))),
        });
        let mut health = Health::default();
        for part in Component::ALL {
            health.note(part, Condition::Starting, now);
        }
        let settings = options::condition(&plan.problems, plan.zones.is_empty());
        health.note(Component::Settings, settings, now);
        let store_works = match plan.notices.as_slice() {
            [] => Condition::Ok,
            notices => Condition::Degraded(notices.join(" ")),
        };
        health.note(Component::Store, store_works.clone(), now);
        health.note(Component::Provider, Condition::Ok, now);
        let empty = view::nothing_yet(now, parts.judge.standing());
        let (view, receiver) = watch::channel(Arc::new(empty));
        let mut engine = Self {
            lists: Lists::new(Arc::clone(&parts.lists), parts.metrics.clone()),
            bench,
            household,
            queue: Queue::default(),
            checks: JoinSet::new(),
            checking: BTreeMap::new(),
            previews: JoinSet::new(),
            plans: BTreeMap::new(),
            seen: BTreeMap::new(),
            watching: Watching::new(Arc::clone(&parts.states), hold),
            mailbox,
            lessons,
            health,
            problems: plan.problems,
            unused_options: None,
            store_works,
            unsaved: Vec::new(),
            started: now,
            memory_mib: process::resident_memory_mib().unwrap_or_default(),
            passive: false,
            view,
            parts,
        };
        engine
            .happened(Event::Configured {
                zones: plan.zones,
                complete: plan.complete,
            })
            .await;
        engine.watch_for(plan.house, now);
        engine.plan_first_looks(now);
        engine.show();
        (engine, receiver)
    }

    /// Runs until `stop`; then what is running is dropped and what is known is saved.
    pub async fn run(mut self, mut inbox: mpsc::Receiver<Message>, stop: CancellationToken) {
        if !self.household.state.enabled {
            info!("Scheduled checks are off (the switch \"enabled\"); checks by hand still run.");
        }
        self.lists.watch(&self.household);
        for list in self.household.waiting_lists() {
            self.lists.due(&list);
        }
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        loop {
            self.parts.pulse.beat();
            self.start_due_checks();
            self.lists.start_visits(&self.household);
            self.show();
            let wake = self.next_wake();
            tokio::select! {
                () = stop.cancelled() => break,
                Some(message) = inbox.recv() => self.received(message).await,
                Some(joined) = self.checks.join_next_with_id() => self.check_joined(joined).await,
                visited = self.lists.next() => {
                    // What Home Assistant pushed before is older than what the
                    // visit read, and is heard first.
                    for _ in 0..inbox.len() {
                        let Ok(message) = inbox.try_recv() else { break };
                        self.received(message).await;
                    }
                    self.visited(visited).await;
                }
                () = self.parts.clock.sleep_until(wake) => {}
                _ = heartbeat.tick() => self.tick().await,
            }
        }
        self.checks.abort_all();
        self.lists.abort();
        self.save(Vec::new()).await;
    }

    /// Every `HEARTBEAT`.
    async fn tick(&mut self) {
        let memory = process::resident_memory_mib().unwrap_or_default();
        // Every new value is a row in Home Assistant's database, on an SD card.
        if (memory - self.memory_mib).abs() >= MEMORY_STEP_MIB {
            self.memory_mib = memory;
        }
        if !self.unsaved.is_empty() {
            self.save(Vec::new()).await;
        }
        self.lists.tell(self.parts.clock.now());
        self.tell().await;
    }

    fn plan_first_looks(&mut self, now: Timestamp) {
        let zones: Vec<ZoneId> = self.household.zones().map(|z| z.zone.id).collect();
        for (position, zone) in zones.into_iter().enumerate() {
            let at = schedule::first(position, now);
            let trigger = Trigger::Startup;
            self.plans.insert(zone, Planned { at, trigger });
        }
    }

    /// Whether scheduled checks of a zone run now.
    fn is_watched(&self, zone: ZoneId) -> bool {
        self.household.state.enabled
            && !self.passive
            && self
                .household
                .zone(zone)
                .is_some_and(|z| z.state.monitoring)
    }
}
