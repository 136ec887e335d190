//! Lives a month: starts and stops the service, and does what happens.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{
    home::{Home, State, some_lists},
    laws::Laws,
    service::{Options, SPEED, list_of, start},
    steps::{Act, Step},
    words,
};
use crate::{
    clock::Clock,
    domain::{
        command::Command,
        health::{Component, Condition},
        ignore::RuleSource,
        todo::{Item, ItemStatus, Uid},
        view::View,
        zone::ZoneId,
    },
    ports::{Inbox, Message, NewOptions},
    store::direct::DirectStore,
};

/// Wider than anything that a person does takes to be done.
pub const A_MOMENT: Duration = Duration::from_millis(200);

pub struct Life {
    pub home: Arc<Home>,
    pub store: Arc<DirectStore>,
    pub options: Options,
    pub view: watch::Receiver<Arc<View>>,
    inbox: Inbox,
    stop: CancellationToken,
    engine: JoinHandle<()>,
}

/// The error says which law was broken, and when.
pub fn live(seed: u64, steps: &[Step]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    fastrand::seed(seed);
    runtime.block_on(async {
        let mut life = Life::begin(seed).await;
        let mut laws = Laws::new();
        let result = life.go_through(steps, &mut laws).await;
        life.engine.abort();
        let now = life.home.clock.now();
        result.map_err(|broken| format!("{broken} ({now})"))
    })
}

impl Life {
    async fn begin(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x5EED);
        // A month in which the clocks change.
        let origin: Timestamp = "2027-03-10T06:00:00Z".parse().unwrap();
        let lists = some_lists(&mut rng);
        let cap = if rng.bool() { 3 } else { 20 };
        let home = Arc::new(Home {
            lists,
            clock: Clock::scaled(origin, SPEED),
            state: Mutex::new(State {
                messes: BTreeSet::new(),
                names: ["Kitchen", "Hall", "Bedroom"],
                language: rng.usize(..words::LANGUAGES),
                cautious: rng.bool(),
                noisy: rng.bool(),
                away: false,
                camera_broken: false,
                provider_down: false,
                inbox: None,
                looks: vec![],
                disk_full: false,
                asks: vec![],
                told: vec![],
                rng,
            }),
        });
        let options = Options {
            renamed: false,
            shared: true,
            bedroom: true,
            interval: 240,
            pickiness: 3,
            ignore: None,
            quiet: true,
            // One that is reached every day, and one that leaves the cooldown its say.
            cap,
        };
        let store = Arc::new(DirectStore::new(origin));
        let (engine, view, inbox, stop) = start(&home, &store, &options).await;
        Self {
            home,
            store,
            options,
            view,
            inbox,
            stop,
            engine,
        }
    }

    async fn go_through(&mut self, steps: &[Step], laws: &mut Laws) -> Result<(), String> {
        for step in steps {
            tokio::time::sleep(Duration::from_secs(step.after) + A_MOMENT).await;
            self.is_alive()?;
            laws.check(self, None)?;
            laws.expect(self, step.act);
            self.act(step.act).await;
            tokio::time::sleep(A_MOMENT).await;
            self.is_alive()?;
            laws.check(self, Some(step.act))
                .map_err(|broken| format!("{broken}, after {:?}", step.act))?;
        }
        self.settle(laws).await
    }

    fn is_alive(&self) -> Result<(), String> {
        if self.engine.is_finished() {
            return Err("the engine ended by itself".into());
        }
        Ok(())
    }

    /// Everything works again, and the service is left in peace for two days.
    async fn settle(&mut self, laws: &mut Laws) -> Result<(), String> {
        self.home.with(|s| s.noisy = false);
        let mut last = vec![
            Act::HomeAssistant(true),
            Act::Camera(true),
            Act::Ai(true),
            Act::Disk(true),
            Act::Enabled(true),
            Act::Quiet(false),
        ];
        for room in 0..3 {
            last.push(Act::Monitoring(room, true));
            last.push(Act::Snooze(room, 0));
        }
        for act in last {
            laws.expect(self, act);
            self.act(act).await;
            tokio::time::sleep(A_MOMENT).await;
            laws.check(self, Some(act))?;
        }
        // A new day has a new budget, and lists that were slow have been asked again.
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_hours(12) / 60).await;
            laws.expect(self, Act::CheckAll);
            self.act(Act::CheckAll).await;
            tokio::time::sleep(Duration::from_secs(30)).await;
            laws.check(self, None)?;
        }
        laws.check_settled(self)
    }

    pub fn zone(&self, room: usize) -> Option<ZoneId> {
        let name = self.home.with(|s| s.names[room]);
        let view = self.view.borrow();
        let zone = view.zones.iter().find(|z| z.zone.options.name == name)?;
        Some(zone.zone.id)
    }

    async fn command(&self, command: Command) {
        let (reply, answer) = oneshot::channel();
        let message = Message::Command(command, Some(reply));
        self.inbox.send(message).await.unwrap();
        let _ = tokio::time::timeout(A_MOMENT, answer).await;
    }

    async fn for_room(&self, room: usize, command: impl FnOnce(ZoneId) -> Command) {
        if let Some(zone) = self.zone(room) {
            self.command(command(zone)).await;
        }
    }

    /// The open task that a person means on the page.
    async fn for_task(
        &self,
        room: usize,
        n: usize,
        command: impl FnOnce(crate::domain::task::TaskId) -> Command,
    ) {
        let Some(zone) = self.zone(room) else { return };
        let view = self.view.borrow().clone();
        let tasks = view.zones.iter().filter(|z| z.zone.id == zone);
        let tasks: Vec<_> = tasks.flat_map(|z| &z.tasks).map(|t| t.id).collect();
        if let Some(task) = tasks.get(n) {
            self.command(command(*task)).await;
        }
    }

    pub async fn act(&mut self, act: Act) {
        match act {
            Act::Appear(room, mess) => {
                self.home.with(|s| s.messes.insert((room, mess)));
            }
            Act::Vanish(room, mess) => {
                self.home.with(|s| s.messes.remove(&(room, mess)));
            }
            Act::HomeAssistant(there) => self.home_assistant(there).await,
            Act::Camera(works) => self.home.with(|s| s.camera_broken = !works),
            Act::Ai(works) => self.home.with(|s| s.provider_down = !works),
            Act::Disk(works) => {
                self.store.full.store(!works, Ordering::SeqCst);
                self.home.with(|s| s.disk_full = !works);
            }
            Act::Stop => {
                self.stop.cancel();
                let _ = tokio::time::timeout(Duration::from_secs(30), &mut self.engine).await;
                self.start_again().await;
            }
            Act::Kill(turns) => {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                self.engine.abort();
                let _ = (&mut self.engine).await;
                self.start_again().await;
            }
            Act::CheckNow(room) => self.for_room(room, Command::CheckNow).await,
            Act::CheckAll => self.command(Command::CheckAll).await,
            Act::Snooze(room, m) => self.for_room(room, |z| Command::Snooze(z, m)).await,
            Act::MarkAllDone(room) => self.for_room(room, Command::MarkAllDone).await,
            Act::PageDone(room, n) => self.for_task(room, n, Command::TaskDone).await,
            Act::PageDismiss(room, n) => self.for_task(room, n, Command::DismissTask).await,
            Act::Monitoring(room, on) => {
                self.for_room(room, |z| Command::SetMonitoring(z, on)).await;
            }
            Act::Enabled(on) => self.command(Command::SetEnabled(on)).await,
            Act::SetInterval(room, m) => self.for_room(room, |z| Command::SetInterval(z, m)).await,
            Act::SetPickiness(room, p) => {
                self.for_room(room, |z| Command::SetPickiness(z, p)).await;
            }
            Act::AddRule(room, mess, page) => {
                let rule = words::rule(self.home.with(|s| s.language), mess).to_owned();
                let from = if page {
                    RuleSource::Page
                } else {
                    RuleSource::Entity
                };
                self.for_room(room, |z| Command::AddRule(z, rule, from))
                    .await;
            }
            Act::ForgetRule(room, mess) => {
                let rule = words::rule(self.home.with(|s| s.language), mess).to_owned();
                self.for_room(room, |z| Command::ForgetRule(z, rule)).await;
            }
            Act::Rename
            | Act::Share(_)
            | Act::Bedroom(_)
            | Act::Interval(_)
            | Act::Pickiness(_)
            | Act::Ignore(_)
            | Act::Quiet(_) => self.change_options(act).await,
            _ => self.on_list(act),
        }
    }

    /// What a person does on a list; nothing while Home Assistant is away.
    fn on_list(&self, act: Act) {
        // A list may be lost with Home Assistant.
        if self.home.with(|s| s.away) && !matches!(act, Act::Recreate(_)) {
            return;
        }
        let (Act::Tick(list, n)
        | Act::Untick(list, n)
        | Act::Delete(list, n)
        | Act::Reword(list, n)) = act
        else {
            return self.on_whole_list(act);
        };
        let list = list_of(list);
        let ours = self.home.lists[&list].ours();
        let Some(uid) = ours.get(n).map(|item| item.uid.clone()) else {
            return;
        };
        let known = self.store.remembered().tasks;
        let known = known.iter().filter_map(|t| t.item.as_ref());
        let is_known = known.into_iter().any(|i| i.uid == uid && i.list == list);
        self.home.on_list(&list, |s| {
            let item = s.shelf.items.iter_mut().find(|i| i.uid == uid);
            let Some(item) = item else { return };
            match act {
                Act::Tick(..) => item.status = ItemStatus::Completed,
                Act::Untick(..) => item.status = ItemStatus::NeedsAction,
                Act::Delete(..) => s.shelf.items.retain(|i| i.uid != uid),
                // On a list without marks nobody could tell it from a
                // person's own before we know it.
                _ if is_known => {
                    item.summary = format!("my words {}", uid.0);
                    item.description = None;
                    s.renamed.insert(uid);
                }
                _ => {}
            }
        });
    }

    fn on_whole_list(&self, act: Act) {
        let (Act::WriteOwn(list) | Act::ClearCompleted(list) | Act::Recreate(list)) = act else {
            return;
        };
        self.home.on_list(&list_of(list), |s| match act {
            Act::WriteOwn(_) => {
                s.shelf.last += 1;
                let item = Item {
                    uid: Uid(format!("own {}", s.shelf.last)),
                    summary: "Call grandmother".into(),
                    status: ItemStatus::NeedsAction,
                    description: None,
                };
                s.own.insert(item.uid.clone(), item.clone());
                s.shelf.items.push(item);
            }
            Act::ClearCompleted(_) => {
                let items = &mut s.shelf.items;
                items.retain(|i| i.status == ItemStatus::NeedsAction);
            }
            _ => {
                s.shelf.items.clear();
                s.own.clear();
            }
        });
    }

    async fn home_assistant(&self, there: bool) {
        let was_away = self.home.with(|s| s.away);
        self.home.set_away(!there);
        let condition = if there {
            Condition::Ok
        } else {
            Condition::Paused("Home Assistant restarts.".into())
        };
        let message = Message::Health(Component::HomeAssistant, condition);
        self.inbox.send(message).await.unwrap();
        if there && was_away {
            for list in self.home.lists.keys() {
                self.home.push(list, true);
            }
        }
    }

    async fn change_options(&mut self, act: Act) {
        let options = &mut self.options;
        match act {
            Act::Rename => options.renamed = !options.renamed,
            Act::Share(shared) => options.shared = shared,
            Act::Bedroom(there) => options.bedroom = there,
            Act::Interval(minutes) => options.interval = minutes,
            Act::Pickiness(pickiness) => options.pickiness = pickiness,
            Act::Ignore(mess) => options.ignore = mess,
            Act::Quiet(quiet) => options.quiet = quiet,
            _ => {}
        }
        let kitchen = if options.renamed { "Galley" } else { "Kitchen" };
        let language = self.home.with(|s| {
            s.names[0] = kitchen;
            s.language
        });
        let (done, used) = oneshot::channel();
        let new = NewOptions {
            zones: self.options.zones(language),
            house: self.options.house(),
            complete: true,
            problems: vec![],
            judge: None,
        };
        self.inbox.send(Message::Options(new, done)).await.unwrap();
        let _ = tokio::time::timeout(A_MOMENT, used).await;
    }

    async fn start_again(&mut self) {
        let (engine, view, inbox, stop) = start(&self.home, &self.store, &self.options).await;
        (self.engine, self.view, self.inbox, self.stop) = (engine, view, inbox, stop);
    }
}
