//! The whole module against real sockets: our own broker, and Mosquitto where
//! it is installed.

mod at_home;
mod encrypted;
mod identity;
mod main_flow;
mod observer;
mod vanished;
mod weather;
mod with_mosquitto;

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Context, Pace, Patience, Senders, mailbox, run};
use crate::{
    clock::Clock,
    domain::{
        command::Command,
        health::{Component, Condition},
        sample,
        view::View,
        zone::ZoneId,
    },
    ports::{Boxed, BrokerSource, Message},
    selftest::test_home::broker::{self, Broker as TestBroker, Retained},
    settings::model::Broker,
    telemetry::Metrics,
};

const SOON: Duration = Duration::from_secs(10);

const ONLINE_TOPIC: &str = "aicleaner_v3/availability";
const HUB_CONFIG: &str = "homeassistant/device/aicleaner_v3_hub/config";
const KITCHEN_CONFIG: &str = "homeassistant/device/aicleaner_v3_zone_kitchen/config";
const KITCHEN_STATE: &str = "aicleaner_v3/zone/kitchen/cleanliness/state";
const KITCHEN_IMAGE: &str = "aicleaner_v3/zone/kitchen/snapshot/image";

/// The service's MQTT side, with the engine played by the test.
struct Service {
    view: watch::Sender<Arc<View>>,
    inbox: mpsc::Receiver<Message>,
    /// What the engine was told last.
    passive: bool,
    /// The last command: with QoS 1 it may come once more.
    commanded: Option<Command>,
    stop: CancellationToken,
    metrics: Metrics,
    senders: Senders,
    task: JoinHandle<()>,
    _folder: Option<TempDir>,
}

impl Service {
    fn start(broker: impl BrokerSource + 'static, view: Arc<View>, pace: Pace) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = Self::of(folder.path(), "aicleaner_v3", broker, view, pace);
        Self {
            _folder: Some(folder),
            ..service
        }
    }

    /// The installation whose state is in `folder`.
    fn of(
        folder: &Path,
        device_id: &str,
        broker: impl BrokerSource + 'static,
        view: Arc<View>,
        pace: Pace,
    ) -> Self {
        let (view, views) = watch::channel(view);
        let (sender, inbox) = mpsc::channel(100);
        let stop = CancellationToken::new();
        let metrics = Metrics::new(&[]);
        let context = Context {
            device_id: device_id.into(),
            discovery_prefix: "homeassistant".into(),
            broker: Arc::new(broker),
            slug: Some("1234abcd_aicleaner_v3".into()),
            data_dir: folder.into(),
            pace,
            metrics: metrics.clone(),
            started: Clock::wall().now(),
        };
        let (senders, mailbox) = mailbox();
        let task = tokio::spawn(run(context, views, sender, mailbox, stop.clone()));
        Self {
            senders,
            _folder: None,
            passive: false,
            commanded: None,
            view,
            inbox,
            stop,
            metrics,
            task,
        }
    }

    /// With a kitchen.
    fn at(broker: &TestBroker, pace: Pace) -> Self {
        Self::start(at(broker.addr()), sample::shared(&["kitchen"]), pace)
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        self.view.send_modify(|view| change(Arc::make_mut(view)));
    }

    async fn next(&mut self) -> Message {
        let next = timeout(SOON, self.inbox.recv()).await;
        next.expect("a message in time").expect("still running")
    }

    async fn health(&mut self) -> Condition {
        loop {
            match self.next().await {
                Message::Health(Component::Mqtt, condition) => return condition,
                Message::Passive(passive) => self.passive = passive,
                Message::Command(again, _) if self.commanded.as_ref() == Some(&again) => {}
                other @ Message::Command(..) => panic!("not about health: {other:?}"),
                _ => unreachable!("not of ours"),
            }
        }
    }

    /// Whether to serve and how we are is told in any order.
    async fn until_passive(&mut self, passive: bool) {
        while self.passive != passive {
            if let Message::Passive(now) = self.next().await {
                self.passive = now;
            }
        }
    }

    async fn command(&mut self) -> Command {
        loop {
            match self.next().await {
                Message::Command(command, _) => {
                    self.commanded = Some(command.clone());
                    return command;
                }
                Message::Passive(passive) => self.passive = passive,
                other => panic!("not a command: {other:?}"),
            }
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        timeout(Duration::from_secs(2), self.task)
            .await
            .expect("stops in time")
            .unwrap();
    }
}

/// Tries again at once, so that tests do not wait for what is slow on purpose.
fn brisk() -> Pace {
    Pace {
        first: Duration::from_millis(50),
        longest: Duration::from_millis(200),
        refused: Duration::from_millis(200),
        acknowledged: Duration::from_secs(1),
        proven: Duration::from_millis(500),
        keep_alive: Duration::from_secs(1),
        patience: Patience {
            unknown: Duration::from_millis(600),
            known: Duration::from_millis(1500),
            ask: Duration::from_millis(200),
        },
    }
}

fn at(addr: std::net::SocketAddr) -> Broker {
    Broker {
        host: addr.ip().to_string(),
        port: addr.port(),
        username: None,
        password: None,
        tls: None,
    }
}

async fn start_broker(options: broker::Options) -> TestBroker {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    TestBroker::start(listener, options).unwrap()
}

fn capturing() -> broker::Options {
    broker::Options {
        capture: 10_000,
        ..broker::Options::default()
    }
}

async fn is_online(broker: &TestBroker) -> bool {
    let online = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "online");
    broker.until(SOON, online).await
}

#[tokio::test]
async fn a_wrong_password_is_said_in_words_and_a_new_one_is_used() {
    /// The Supervisor: its answer changes.
    struct Source(watch::Receiver<Broker>);
    impl BrokerSource for Source {
        fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
            Box::pin(async { Ok(self.0.borrow().clone()) })
        }
    }
    let test_broker = start_broker(broker::Options {
        login: Some(("addons".into(), "new".into())),
        ..capturing()
    })
    .await;
    let with = |password: &str| Broker {
        username: Some("addons".into()),
        password: Some(password.to_owned().into()),
        ..at(test_broker.addr())
    };
    let (known, source) = watch::channel(with("old"));
    let mut service = Service::start(Source(source), sample::shared(&["kitchen"]), brisk());
    let Condition::Degraded(sentence) = service.health().await else {
        panic!("a refusal is told");
    };
    assert!(sentence.contains("user name or password"), "{sentence}");
    assert!(!sentence.contains("old"), "{sentence}");
    assert!(test_broker.until(SOON, |b| b.counts().refusals >= 3).await);
    // Told once, however often it happens.
    known.send(with("new")).unwrap();
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&test_broker).await);
    service.stop().await;
}

#[tokio::test]
async fn a_refusal_is_not_tried_again_at_once() {
    let test_broker = start_broker(broker::Options {
        login: Some(("a".into(), "b".into())),
        ..capturing()
    })
    .await;
    let mut service = Service::at(&test_broker, Pace::default());
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    let again = |b: &TestBroker| b.counts().refusals > 1;
    assert!(!test_broker.until(Duration::from_secs(3), again).await);
    service.stop().await;
}

#[tokio::test]
async fn without_a_broker_the_service_says_so_and_takes_one_that_appears() {
    struct Source(watch::Receiver<Option<Broker>>);
    impl BrokerSource for Source {
        fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
            let known = self.0.borrow().clone();
            Box::pin(async { known.ok_or_else(|| "Install the Mosquitto app.".into()) })
        }
    }
    let (known, source) = watch::channel(None);
    let mut service = Service::start(Source(source), sample::shared(&["kitchen"]), brisk());
    let missing = Condition::Degraded("Install the Mosquitto app.".into());
    assert_eq!(service.health().await, missing);
    let test_broker = start_broker(capturing()).await;
    known.send(Some(at(test_broker.addr()))).unwrap();
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&test_broker).await);
    service.stop().await;
}

#[tokio::test]
async fn a_cut_connection_comes_back_and_the_last_will_spoke_meanwhile() {
    let test_broker = start_broker(capturing()).await;
    let service = Service::at(&test_broker, Pace::default());
    assert!(is_online(&test_broker).await);
    test_broker.refuse(true);
    test_broker.kick_all();
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(test_broker.until(SOON, offline).await);
    // Changes meanwhile are not lost, and not queued one by one.
    test_broker.forget_published();
    for score in 0..50 {
        service.change(|view| view.calls_today = score);
    }
    test_broker.refuse(false);
    assert!(is_online(&test_broker).await);
    let calls: Vec<Bytes> = test_broker
        .published()
        .into_iter()
        .filter(|p| p.topic == "aicleaner_v3/hub/ai_calls_today/state")
        .map(|p| p.payload)
        .collect();
    assert_eq!(calls, ["49"]);
    service.stop().await;
}

#[tokio::test]
async fn publishes_and_reconnects_are_counted() {
    let test_broker = start_broker(capturing()).await;
    let service = Service::at(&test_broker, brisk());
    let metrics = service.metrics.clone();
    assert!(is_online(&test_broker).await);
    assert_eq!(metrics.counted("mqtt_reconnects_total"), 0);

    test_broker.refuse(true);
    test_broker.kick_all();
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(test_broker.until(SOON, offline).await);
    test_broker.refuse(false);
    assert!(is_online(&test_broker).await);
    assert_eq!(metrics.counted("mqtt_reconnects_total"), 1);

    // The farewell is the last of them. One was the last will, said by the broker.
    service.stop().await;
    let arrived = test_broker.counts().publishes;
    assert_eq!(metrics.counted("mqtt_publishes_total"), arrived - 1);
}

#[tokio::test]
async fn an_oversize_picture_is_left_out_and_nothing_else_suffers() {
    let test_broker = start_broker(capturing()).await;
    let mut view = sample::view(&["kitchen"]);
    view.zones[0].snapshot = Some(vec![0xFF; 1024 * 1024].into());
    let mut service = Service::start(at(test_broker.addr()), Arc::new(view), Pace::default());
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&test_broker).await);
    let large = Bytes::from(vec![0xFE; 1_000_000]);
    service.change(|view| view.zones[0].snapshot = Some(large.clone()));
    let shown = |b: &TestBroker| {
        let published = b.published();
        published
            .iter()
            .any(|p| p.topic == KITCHEN_IMAGE && p.payload == large)
    };
    assert!(test_broker.until(SOON, shown).await);
    assert_eq!(test_broker.counts().connects, 1);
    service.stop().await;
}

#[tokio::test]
async fn retained_commands_are_not_obeyed() {
    let retained: Retained = [("aicleaner_v3/hub/enabled/set".to_owned(), "OFF".into())].into();
    let test_broker = start_broker(broker::Options {
        retained,
        ..capturing()
    })
    .await;
    let mut service = Service::at(&test_broker, Pace::default());
    assert_eq!(service.health().await, Condition::Ok);
    test_broker.publish("aicleaner_v3/hub/check_all/set", "PRESS", false);
    assert_eq!(service.command().await, Command::CheckAll);
    service.stop().await;
}
