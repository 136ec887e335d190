//! The running engine with a scripted camera, judge, list and store.

mod masks;
mod options;
pub(super) mod parts;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use self::parts::{Disk, Distant, Ears, Eye, Fragile, Oracle, Shelf};
use crate::{
    clock::Clock,
    domain::{
        command::Command,
        effect::Change,
        health::{Component, Condition},
        house::HouseOptions,
        learning::Opinion,
        timing::Timing,
        todo::{Item, ListId},
        view::{View, ZoneStatus},
        zone::{ZoneId, ZoneOptions},
    },
    engine::{Engine, Parts, Plan},
    ports::{Message, Remembered, TodoLists},
    selftest::test_home::{lists::MemoryLists, states::Still},
    telemetry::{Metrics, Pulse},
};

pub(super) struct Life {
    pub(super) eye: Arc<Eye>,
    oracle: Arc<Oracle>,
    pub(super) disk: Arc<Disk>,
    pub(super) ears: Arc<Ears>,
    lists: Arc<MemoryLists>,
    pub(super) inbox: mpsc::Sender<Message>,
    pub(super) view: watch::Receiver<Arc<View>>,
    stop: CancellationToken,
    engine: JoinHandle<()>,
}

fn list() -> ListId {
    ListId("todo.kitchen".into())
}

async fn live() -> Life {
    live_with(|lists| lists).await
}

/// A life whose lists are reached through something of the test's own.
async fn live_with<L: TodoLists + 'static>(
    through: impl FnOnce(Arc<MemoryLists>) -> Arc<L>,
) -> Life {
    live_under(through, HouseOptions::default(), Timing::default()).await
}

/// A life whose options say when to look.
pub(super) async fn live_by(house: HouseOptions, timing: Timing) -> Life {
    live_under(|lists| lists, house, timing).await
}

async fn live_under<L: TodoLists + 'static>(
    through: impl FnOnce(Arc<MemoryLists>) -> Arc<L>,
    house: HouseOptions,
    timing: Timing,
) -> Life {
    let (inbox, messages) = mpsc::channel(64);
    let eye = Arc::new(Eye::default());
    let oracle = Arc::new(Oracle::default());
    let disk = Arc::new(Disk::default());
    let ears = Arc::new(Ears::default());
    let lists = Arc::new(MemoryLists::new(inbox.clone()));
    let parts = Parts {
        camera: eye.clone(),
        judge: oracle.clone(),
        lists: through(lists.clone()),
        states: Arc::new(Still),
        herald: ears.clone(),
        references: Arc::new(Shelf::default()),
        store: disk.clone(),
        metrics: Metrics::new(&["oracle"]),
        pulse: Pulse::new(),
        news: mpsc::channel(1).0,
        clock: Clock::scaled(Timestamp::from_second(1_800_000_000).unwrap(), 1.0),
        tz: TimeZone::UTC,
    };
    let plan = Plan {
        device_id: "aicleaner_v3".into(),
        zones: vec![ZoneOptions {
            name: "Kitchen".into(),
            slug: "kitchen".into(),
            cameras: vec!["camera.kitchen".into()],
            todo_list: Some(list()),
            timing,
            ..ZoneOptions::default()
        }],
        house,
        complete: true,
        problems: Vec::new(),
        notices: Vec::new(),
    };
    let (engine, view) = Engine::new(parts, Remembered::default(), plan).await;
    let stop = CancellationToken::new();
    let engine = tokio::spawn(engine.run(messages, stop.clone()));
    Life {
        eye,
        oracle,
        disk,
        ears,
        lists,
        inbox,
        view,
        stop,
        engine,
    }
}

impl Life {
    /// Waits until the view is as wanted; paused time makes this instant.
    pub(super) async fn until(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> Arc<View> {
        let seen = self.view.wait_for(|view| wanted(view));
        let seen = tokio::time::timeout(Duration::from_hours(48), seen).await;
        seen.unwrap_or_else(|_| panic!("never: {what}"))
            .unwrap()
            .clone()
    }

    pub(super) async fn command(&self, command: Command) -> Result<(), String> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Command(command, Some(reply));
        self.inbox.send(message).await.unwrap();
        answer.await.unwrap()
    }

    async fn items(&self) -> Vec<Item> {
        self.lists.items(&list()).await.unwrap()
    }

    async fn items_until(&self, count: usize) {
        let filled = async {
            while self.items().await.len() != count {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let limit = Duration::from_hours(1);
        tokio::time::timeout(limit, filled).await.expect("items");
    }

    fn asked(&self) -> usize {
        self.oracle.asked.load(Ordering::SeqCst)
    }
}

fn checked(view: &View, since: Option<Timestamp>) -> bool {
    view.zones[0].status == ZoneStatus::Waiting && view.zones[0].last_check > since
}

#[tokio::test(start_paused = true)]
async fn looks_after_the_start_and_lists_what_is_to_do() {
    let mut life = live().await;
    let view = life.until("first look", |v| checked(v, None)).await;
    assert_eq!(view.zones[0].reading.as_ref().unwrap().score.value(), 40);
    assert_eq!(view.zones[0].tasks[0].title, "Wash the dishes");
    assert!(view.zones[0].snapshot.is_some());
    life.items_until(1).await;
    assert_eq!(life.items().await[0].summary, "Wash the dishes");
}

#[tokio::test(start_paused = true)]
async fn a_picture_called_clean_goes_along_with_later_questions() {
    let mut life = live().await;
    let early = life.command(Command::ThisIsClean(ZoneId(1))).await;
    let early = early.unwrap_err();
    assert!(early.contains("no picture of Kitchen yet"), "{early}");
    let first = life.until("first look", |v| checked(v, None)).await;
    assert_eq!(first.zones[0].clean_pictures, Some(0));
    let told = life.command(Command::ThisIsClean(ZoneId(1))).await;
    assert_eq!(told, Ok(()));
    let since = first.zones[0].last_check;
    let later = life.until("look again", |v| checked(v, since)).await;
    assert_eq!(later.zones[0].clean_pictures, Some(1));
    assert_eq!(life.oracle.references.load(Ordering::SeqCst), 1);
    let since = later.zones[0].last_check;
    life.command(Command::ForgetClean(ZoneId(1))).await.unwrap();
    life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    life.until("without", |v| checked(v, since)).await;
    assert_eq!(life.oracle.references.load(Ordering::SeqCst), 0);
    assert!(life.command(Command::ThisIsClean(ZoneId(9))).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_judge_that_cannot_learn_is_not_taught() {
    let mut life = live().await;
    let teach = || Command::Teach(ZoneId(1), Opinion::Tidy);
    let early = life.command(teach()).await.unwrap_err();
    assert!(early.contains("no picture of Kitchen yet"), "{early}");
    life.until("first look", |v| checked(v, None)).await;
    let refused = life.command(teach()).await.unwrap_err();
    assert!(refused.contains("only that one learns"), "{refused}");
    let nothing = life.command(Command::Unteach(ZoneId(1))).await.unwrap_err();
    assert!(
        nothing.contains("Nothing was learnt about Kitchen"),
        "{nothing}"
    );
    assert_eq!(
        life.command(Command::ForgetLessons(ZoneId(1))).await,
        Ok(())
    );
    let unknown = Command::Teach(ZoneId(9), Opinion::Messy);
    assert!(life.command(unknown).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_picture_saves_a_call_unless_a_person_asks() {
    let mut life = live().await;
    let first = life.until("first look", |v| checked(v, None)).await;
    let since = first.zones[0].last_check;
    let later = life.until("scheduled look", |v| checked(v, since)).await;
    assert_eq!((later.saved_today, life.asked()), (1, 1));
    life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    let since = later.zones[0].last_check;
    life.until("manual look", |v| checked(v, since)).await;
    assert_eq!(life.asked(), 2);
    assert!(life.command(Command::CheckNow(ZoneId(9))).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_the_last_result_and_says_why() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    life.oracle.failing.store(true, Ordering::SeqCst);
    life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    let view = life
        .until("failure", |v| v.zones[0].status == ZoneStatus::Failed)
        .await;
    let reading = view.zones[0].reading.as_ref().unwrap();
    assert!(reading.old);
    assert_eq!(reading.score.value(), 40);
    let (sentence, _) = view.zones[0].problem.as_ref().unwrap();
    assert_eq!(sentence, "The oracle is silent.");
    life.oracle.failing.store(false, Ordering::SeqCst);
    let view = life.until("recovery", |v| checked(v, None)).await;
    assert!(!view.zones[0].reading.as_ref().unwrap().old);
    assert_eq!(view.zones[0].problem, None);
}

#[tokio::test(start_paused = true)]
async fn home_assistant_away_is_paused_and_goes_on_when_it_is_back() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    life.eye.away.store(true, Ordering::SeqCst);
    life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    let view = life
        .until("pause", |v| v.zones[0].status == ZoneStatus::Paused)
        .await;
    assert_eq!(view.zones[0].problem, None);
    let looks = life.eye.looks.load(Ordering::SeqCst);
    life.eye.away.store(false, Ordering::SeqCst);
    let back = Message::Health(Component::HomeAssistant, Condition::Ok);
    life.inbox.send(back).await.unwrap();
    life.until("back", |v| checked(v, None)).await;
    assert_eq!(life.eye.looks.load(Ordering::SeqCst), looks + 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_outside_before_it_is_written_down() {
    let mut life = live().await;
    life.disk.full.store(true, Ordering::SeqCst);
    let view = life.until("first look", |v| checked(v, None)).await;
    assert!(view.zones[0].reading.is_some());
    let condition = &view.health.get(Component::Store).unwrap().0;
    assert_eq!(*condition, Condition::Degraded("The disk is full.".into()));
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert_eq!(life.items().await, []);
    life.disk.full.store(false, Ordering::SeqCst);
    life.items_until(1).await;
    let saved = life.disk.saved.lock().unwrap();
    let readings = saved.iter().filter(|c| matches!(c, Change::Reading(_)));
    assert!(readings.count() >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_requests_is_one_waiting_check() {
    let mut life = live().await;
    life.oracle.silent.store(true, Ordering::SeqCst);
    life.until("checking", |v| v.zones[0].status == ZoneStatus::Checking)
        .await;
    for _ in 0..500 {
        life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    }
    let view = life.until("queue", |v| v.queue == 2).await;
    assert_eq!(view.queue, 2);
    assert!(life.asked() <= 1);
}

#[tokio::test(start_paused = true)]
async fn the_switch_stops_the_schedule_but_not_a_person() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    life.command(Command::SetMonitoring(ZoneId(1), false))
        .await
        .unwrap();
    let view = life
        .until("off", |v| v.zones[0].status == ZoneStatus::Off)
        .await;
    assert_eq!(view.zones[0].next_check, None);
    let looks = life.eye.looks.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_hours(5)).await;
    assert_eq!(life.eye.looks.load(Ordering::SeqCst), looks);
    life.command(Command::CheckAll).await.unwrap();
    let since = view.zones[0].last_check;
    life.until("manual", |v| v.zones[0].last_check > since)
        .await;
}

#[tokio::test(start_paused = true)]
async fn stops_at_once_in_the_middle_of_a_check() {
    let mut life = live().await;
    life.oracle.silent.store(true, Ordering::SeqCst);
    life.until("checking", |v| v.zones[0].status == ZoneStatus::Checking)
        .await;
    let begun = tokio::time::Instant::now();
    life.stop.cancel();
    life.engine.await.unwrap();
    assert!(begun.elapsed() < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_visit_that_breaks_off_is_made_again() {
    let life = live_with(|lists| Arc::new(Fragile(lists, AtomicBool::new(false)))).await;
    life.items_until(1).await;
}

#[tokio::test(start_paused = true)]
async fn lists_that_are_away_for_hours_are_asked_seldom_and_filled_at_once_afterwards() {
    let mut distant = None;
    let mut life = live_with(|lists| {
        let lists = Arc::new(Distant(lists, AtomicBool::new(true), AtomicUsize::new(0)));
        distant = Some(lists.clone());
        lists
    })
    .await;
    let distant = distant.unwrap();
    let view = life.until("a task", |v| !v.zones[0].tasks.is_empty()).await;
    assert_eq!(view.zones[0].problem, None);
    tokio::time::sleep(Duration::from_hours(6)).await;
    // Every ten minutes, shortened by up to half, and what led there.
    let asked = distant.2.load(Ordering::SeqCst);
    assert!((30..100).contains(&asked), "asked {asked} times");
    // Told by Home Assistant's link, not by every list.
    assert_eq!(life.view.borrow().zones[0].problem, None);

    distant.1.store(false, Ordering::SeqCst);
    let back = Message::Health(Component::HomeAssistant, Condition::Ok);
    life.inbox.send(back).await.unwrap();
    let begun = tokio::time::Instant::now();
    life.items_until(1).await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_old_listing_that_comes_late_settles_nothing_for_good() {
    let mut life = live().await;
    life.items_until(1).await;
    life.until("open", |v| v.zones[0].tasks.len() == 1).await;
    for items in [Vec::new(), life.items().await] {
        let (list, fresh) = (list(), false);
        let pushed = Message::ListSeen { list, items, fresh };
        life.inbox.send(pushed).await.unwrap();
    }
    // Answered only after what was sent before it.
    life.command(Command::SetEnabled(true)).await.unwrap();
    life.until("open again", |v| v.zones[0].tasks.len() == 1)
        .await;
}
