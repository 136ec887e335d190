//! Composition: wires the adapters to the engine, supervises them, drains.
//!
//! Many worlds can run in one process: the caller owns the listeners, the stop
//! token and the data folder. `run`, `demo` and the tests all start this one.

pub mod judges;
pub mod options;

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    domain::{
        health::{Component, Condition},
        view::View,
    },
    engine::{Engine, Parts, Plan},
    home_assistant::{HomeAssistant, LinkState, Supervisor},
    imaging, mqtt,
    ports::{
        AiTasks, BrokerSource, Camera, Herald, Inbox, Message, OptionsKeeper, States, TodoLists,
    },
    references,
    settings::{Loaded, Settings, Sources, load::DEFAULT_FILE, model::Broker},
    store::SqliteStore,
    telemetry::{Metrics, Pulse, Readiness, logs::Logs},
    vision::chain,
    web,
};
use judges::Judges;
use options::{ConfigFile, Editing, Options};

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Messages that may wait for the engine; more make the sender wait.
const INBOX: usize = 256;
/// For everything but the store to end after a stop.
const DRAIN: Duration = Duration::from_millis(700);
/// For the store to finish after that.
const CLOSE: Duration = Duration::from_millis(500);
/// The Supervisor's facts are nice to have; nothing waits longer for them.
const FACTS: Duration = Duration::from_secs(5);

/// The listeners a world serves on.
pub struct Sockets {
    pub ingress: TcpListener,
    pub probes: TcpListener,
}

/// The home around the service: the real one, or a simulated one.
pub struct Home {
    pub camera: Arc<dyn Camera>,
    pub lists: Arc<dyn TodoLists>,
    pub states: Arc<dyn States>,
    pub herald: Arc<dyn Herald>,
    /// `None`: no broker is set up.
    pub broker: Option<Arc<dyn BrokerSource>>,
    pub supervisor: Option<Arc<Supervisor>>,
    /// `None`: there is no Home Assistant here.
    pub ai_tasks: Option<Arc<dyn AiTasks>>,
    /// Home Assistant's language, once it is known.
    pub language: watch::Receiver<Option<String>>,
    /// `None`: the options are what they are until the next start.
    pub editing: Option<Editing>,
}

/// What a world lends to the home around it.
pub struct Surroundings {
    /// The engine's.
    pub inbox: Inbox,
    pub metrics: Metrics,
    pub stop: CancellationToken,
    /// What the home runs is spawned here, so that its end is waited for.
    pub tasks: TaskTracker,
}

/// A running service.
pub struct World {
    tasks: TaskTracker,
    store: Arc<SqliteStore>,
    stop: CancellationToken,
}

impl World {
    /// Starts everything and returns as soon as the service answers; the
    /// outside world is waited for in the background.
    pub async fn start(
        loaded: Loaded,
        home: impl FnOnce(&Settings, Surroundings) -> Home,
        sockets: Sockets,
        clock: Clock,
        stop: CancellationToken,
    ) -> Self {
        let settings = loaded.settings.clone();
        let tasks = TaskTracker::new();
        let (inbox, messages) = mpsc::channel(INBOX);
        let (readiness, [engine_hold]) = Readiness::awaiting(["engine"]);
        let metrics = Metrics::new(&["local"]);
        let surroundings = Surroundings {
            inbox: inbox.clone(),
            metrics: metrics.clone(),
            stop: stop.clone(),
            tasks: tasks.clone(),
        };
        let home = home(&settings, surroundings);
        let (store, mut remembered, notices) = {
            let dir = settings.data_dir.clone();
            let now = clock.now();
            // Opening reads the disk; the worker threads stay free.
            let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&dir, now)).await;
            opened.expect("opening the store does not panic and is not cancelled")
        };
        for notice in &notices {
            error!("{notice}");
        }
        let store = Arc::new(store);
        let parts = chain::Parts {
            store: store.clone(),
            metrics: metrics.clone(),
            clock,
            tz: TimeZone::system(),
            draw: || imaging::canary::draw(fastrand::u8(..)),
        };
        let judges = Judges::new(&settings.judging, home.ai_tasks, parts, &mut remembered);
        let judges = judges.start(home.language, &tasks, &stop);
        let options = home
            .editing
            .map(|editing| Options::new(editing, judges.maker(), &loaded, inbox.clone()))
            .map(Arc::new);
        if let Some(options) = &options {
            tasks.spawn(Arc::clone(options).watch(stop.clone()));
        }
        let pulse = Pulse::new();
        let (senders, mailbox) = mqtt::mailbox();
        let parts = Parts {
            news: senders.news.clone(),
            camera: home.camera,
            judge: judges.judge(),
            lists: home.lists,
            states: home.states,
            herald: home.herald,
            references: Arc::new(references::Folder::new(&settings.data_dir)),
            store: store.clone(),
            metrics: metrics.clone(),
            pulse: pulse.clone(),
            clock,
            tz: TimeZone::system(),
        };
        let plan = Plan {
            device_id: settings.device_id.clone(),
            zones: settings.zones,
            house: settings.house,
            complete: loaded.zones_complete,
            problems: loaded.problems.iter().map(ToString::to_string).collect(),
            notices,
        };
        let (engine, view) = Engine::new(parts, remembered, plan).await;
        tasks.spawn(engine.run(messages, stop.clone()));
        engine_hold.release();

        tasks.spawn(web::serve(
            web::Context {
                view: view.clone(),
                inbox: inbox.clone(),
                farewell: Arc::new(senders),
                store: store.clone(),
                metrics: metrics.clone(),
                behind_supervisor: home.supervisor.is_some(),
                password: settings.web.password,
                version: VERSION,
                clock,
                readiness,
                vital: vital(pulse, store.clone()),
                options: options.map(|options| options as _),
                providers: judges,
            },
            sockets.ingress,
            sockets.probes,
            stop.clone(),
        ));
        let context = home.broker.map(|broker| mqtt::Context {
            device_id: settings.device_id,
            discovery_prefix: settings.mqtt.discovery_prefix,
            broker,
            slug: None,
            data_dir: settings.data_dir,
            pace: mqtt::Pace::default(),
            metrics,
            started: clock.now(),
        });
        let publish = publish(context, home.supervisor, view, inbox, mailbox, stop.clone());
        tasks.spawn(publish);
        Self { tasks, store, stop }
    }

    /// Waits for the stop token, then for everything to end: a little more
    /// than a second at the very most.
    pub async fn ended(self) {
        self.stop.cancelled().await;
        self.tasks.close();
        if timeout(DRAIN, self.tasks.wait()).await.is_err() {
            warn!("Some parts did not end in time; they are left behind.");
        }
        if let Err(sentence) = self.store.close(CLOSE).await {
            error!("{sentence}");
        }
    }
}

/// The parts without which we are not alive: the engine and the store's thread.
fn vital(engine: Pulse, store: Arc<SqliteStore>) -> Vec<(&'static str, web::Standstill)> {
    vec![
        ("engine", Arc::new(move || engine.silence())),
        ("store", Arc::new(move || store.busy_for())),
    ]
}

/// Runs the MQTT side, with our slug if there is one, or says that there is no broker.
async fn publish(
    context: Option<mqtt::Context>,
    supervisor: Option<Arc<Supervisor>>,
    view: watch::Receiver<Arc<View>>,
    inbox: Inbox,
    mailbox: mqtt::Mailbox,
    stop: CancellationToken,
) {
    let Some(mut context) = context else {
        let sentence = "No MQTT broker is set up, so Home Assistant shows no entities; name one in the option mqtt.";
        info!("{sentence}");
        let condition = Condition::Off(sentence.into());
        let message = Message::Health(Component::Mqtt, condition);
        tokio::select! {
            () = stop.cancelled() => {}
            _ = inbox.send(message) => {}
        }
        return;
    };
    let facts = async {
        let info = timeout(FACTS, supervisor?.app_info()).await.ok()?.ok()?;
        Some(info.slug)
    };
    context.slug = tokio::select! {
        () = stop.cancelled() => return,
        slug = facts => slug,
    };
    mqtt::run(context, view, inbox, mailbox, stop).await;
}

/// The real home, as the settings say it is reached. `sources` is where they
/// came from, `file` the config file among them.
pub fn real_home(
    settings: &Settings,
    around: Surroundings,
    sources: Sources,
    file: Option<PathBuf>,
    logs: Logs,
) -> Home {
    let Surroundings {
        inbox,
        metrics,
        stop,
        tasks,
    } = around;
    let access = &settings.home_assistant;
    let real = HomeAssistant::start(access, inbox.clone(), &metrics, stop.clone());
    let herald = real.notifier(&settings.device_id, inbox, stop.clone());
    let keeper: Arc<dyn OptionsKeeper> = match &real.supervisor {
        Some(supervisor) => supervisor.clone(),
        None => Arc::new(ConfigFile(
            file.unwrap_or_else(|| sources.working_dir.join(DEFAULT_FILE)),
        )),
    };
    let (says, language) = watch::channel(None);
    let home = Home {
        ai_tasks: Some(real.ai_tasks(&settings.device_id)),
        language,
        editing: Some(Editing {
            keeper,
            sources,
            logs,
        }),
        camera: real.cameras.clone(),
        lists: real.lists.clone(),
        states: real.states.clone(),
        herald: Arc::new(herald),
        broker: broker(settings, &real),
        supervisor: real.supervisor.clone(),
    };
    tasks.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tell_language(&real, says) => stop.cancelled().await,
        }
        real.ended().await;
    });
    home
}

/// The broker of the options, else the one that the Supervisor knows.
pub(crate) fn broker(settings: &Settings, real: &HomeAssistant) -> Option<Arc<dyn BrokerSource>> {
    let configured = settings.mqtt.broker.clone();
    let registered = real.supervisor.clone();
    configured
        .map(|broker: Broker| Arc::new(broker) as Arc<dyn BrokerSource>)
        .or(registered.map(|supervisor| supervisor as Arc<dyn BrokerSource>))
}

/// Asks Home Assistant for its language whenever it is (again) there.
async fn tell_language(real: &HomeAssistant, says: watch::Sender<Option<String>>) {
    let Some(socket) = &real.socket else { return };
    let mut link = socket.link();
    while link.wait_for(|state| *state == LinkState::Up).await.is_ok() {
        match real.config().await {
            Ok(config) => {
                says.send_if_modified(|old| {
                    std::mem::replace(old, config.language.clone()) != config.language
                });
            }
            Err(why) => tracing::debug!("Home Assistant's language stays unknown: {why}"),
        }
        if link
            .wait_for(|state| *state != LinkState::Up)
            .await
            .is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{effect::Change, zone::ZoneId},
        ports::Store,
    };

    #[tokio::test]
    async fn a_store_that_stands_still_is_told_from_the_engine() {
        let dir = tempfile::tempdir().unwrap();
        let (store, ..) = SqliteStore::open(dir.path(), Clock::wall().now());
        let (engine, store) = (Pulse::new(), Arc::new(store));
        let [(_, of_engine), (_, of_store)] = &vital(engine.clone(), store.clone())[..] else {
            panic!("two parts")
        };
        // Another program holds the file, and the store's thread waits for it.
        let other = rusqlite::Connection::open(dir.path().join("aicleaner.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let commit = tokio::spawn({
            let store = store.clone();
            async move { store.commit(vec![Change::RemoveZone(ZoneId(1))]).await }
        });
        let stuck = async {
            while of_store() < Duration::from_millis(50) {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), stuck).await.unwrap();
        engine.beat();
        assert!(of_engine() < of_store());

        other.execute_batch("ROLLBACK").unwrap();
        commit.await.unwrap().unwrap();
        assert_eq!(of_store(), Duration::ZERO);
    }
}
