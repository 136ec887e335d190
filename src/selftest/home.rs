//! The test home put together: broker, Home Assistant with its Supervisor, a
//! provider, cameras, and a cable to each that can be pulled.

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    time::{Duration, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    household::Room,
    observer::Observer,
    test_home::{
        broker::{Broker, Options as BrokerOptions, Retained},
        fake_home_assistant::{FakeHome, TOKEN},
        fake_providers::{FakeProvider, Protocol},
        fault_proxy::FaultProxy,
    },
};

pub const DEVICE_ID: &str = "self_test";

/// Where the Supervisor shows Home Assistant's API.
const CAMERA_PROXY: &str = "/core/api/camera_proxy/";

const PICTURE: &str = "image/jpeg";
const TIDY: &[u8] = include_bytes!("../../assets/rooms/living_room/day-00.jpg");
const MESSY: &[u8] = include_bytes!("../../assets/rooms/living_room/day-20.jpg");
/// What the provider finds in a messy room.
pub const TASKS: [&str; 2] = ["Wash the dishes beside the sink", "Fold the blue blanket"];

/// What the whole household looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Tidy,
    Messy,
}

impl Truth {
    pub fn other(self) -> Self {
        match self {
            Self::Tidy => Self::Messy,
            Self::Messy => Self::Tidy,
        }
    }
}

pub struct TestHome {
    pub rooms: Vec<Room>,
    pub home: FakeHome,
    pub provider: FakeProvider,
    /// `None` while it is stopped.
    broker: Option<Broker>,
    pub observer: Observer,
    pub to_broker: FaultProxy,
    pub to_home: FaultProxy,
    pub to_provider: FaultProxy,
    /// Nothing is waited for any more.
    stop: CancellationToken,
}

impl TestHome {
    /// Starts everything but the service. Needs a tokio runtime.
    pub async fn start(rooms: Vec<Room>, stop: CancellationToken) -> anyhow::Result<Self> {
        let home = FakeHome::start()
            .await
            .context("cannot start the fake Home Assistant")?;
        let provider = FakeProvider::start(Protocol::Ollama, None)
            .await
            .context("cannot start the fake provider")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let broker = Broker::start(listener, BrokerOptions::default())?;
        let to_broker = FaultProxy::start(broker.addr()).await?;
        let to_home = FaultProxy::start(home.address).await?;
        let to_provider = FaultProxy::start(provider.address()).await?;
        let observer = Observer::start(broker.addr(), DEVICE_ID);
        home.model().records = false;
        for room in &rooms {
            home.put_list(&room.list(), "0", Some(vec![]));
            for entity in &room.entities {
                home.put_state(&entity.id, &entity.kind.at_rest());
            }
        }
        let here = Self {
            rooms,
            home,
            provider,
            broker: Some(broker),
            observer,
            to_broker,
            to_home,
            to_provider,
            stop,
        };
        here.supervise();
        here.becomes(Truth::Tidy);
        Ok(here)
    }

    /// The Supervisor's answers, and Home Assistant's about itself.
    fn supervise(&self) {
        let fine = |path: &str, data: Value| {
            let body = json!({"result": "ok", "data": data}).to_string();
            self.home.answer(path, 200, "application/json", body);
        };
        let broker = self.to_broker.address();
        fine(
            "/services/mqtt",
            json!({
                "host": broker.ip(), "port": broker.port(), "ssl": false, "username": null,
                "password": null, "protocol": "3.1.1", "addon": "core_mosquitto",
            }),
        );
        fine(
            "/info",
            json!({"timezone": "UTC", "supervisor": "2026.11.0"}),
        );
        fine(
            "/addons/self/info",
            json!({"slug": "self_test", "version": "3.0.0", "options": {}}),
        );
        let config = json!({"version": "2026.11.0", "time_zone": "UTC", "language": "en"});
        let config = config.to_string();
        self.home
            .answer("/core/api/config", 200, "application/json", config);
    }

    /// All rooms look like this from now on, to the cameras and to the provider.
    pub fn becomes(&self, truth: Truth) {
        let (picture, report) = match truth {
            Truth::Tidy => (
                TIDY,
                json!({
                    "score": 96, "confidence": "high", "summary": "Everything is in its place.",
                    "known": "done", "tasks": [],
                }),
            ),
            Truth::Messy => (
                MESSY,
                json!({
                    "score": 58, "confidence": "high", "summary": "There are things to do.",
                    "known": "remains",
                    "tasks": TASKS.map(|title| json!({"title": title, "priority": "normal"})),
                }),
            ),
        };
        self.provider.sees_room(report);
        for room in &self.rooms {
            self.show(room, 200, PICTURE, picture);
        }
    }

    /// As `becomes`, but a camera that answers with something else goes on so.
    pub fn becomes_behind(&self, truth: Truth) {
        let broken: Vec<&Room> = self
            .rooms
            .iter()
            .filter(|room| !self.is_seen(room))
            .collect();
        let kept: Vec<_> = broken
            .iter()
            .filter_map(|room| self.home.model().answers.get(&path(room)).cloned())
            .collect();
        self.becomes(truth);
        for (room, (status, kind, body)) in broken.into_iter().zip(kept) {
            self.show(room, status, &kind, &body);
        }
    }

    fn is_seen(&self, room: &Room) -> bool {
        let model = self.home.model();
        let answer = model.answers.get(&path(room));
        answer.is_some_and(|(_, kind, _)| kind == PICTURE)
    }

    /// What a room's camera answers from now on.
    pub fn show(&self, room: &Room, status: u16, kind: &str, body: &[u8]) {
        self.home.answer(&path(room), status, kind, body);
    }

    /// How many pictures a room's camera was asked for.
    pub fn pictures(&self, room: &Room) -> u64 {
        self.home
            .model()
            .asked
            .get(&path(room))
            .copied()
            .unwrap_or(0)
    }

    /// The open items on a room's list, by their words.
    pub fn open_items(&self, room: &Room) -> Vec<String> {
        let items = self.home.items(&room.list());
        let open = items.iter().filter(|item| item["status"] == "needs_action");
        open.filter_map(|item| item["summary"].as_str().map(str::to_owned))
            .collect()
    }

    /// The broker goes, with or without what it had kept.
    pub async fn stop_broker(&mut self) -> Retained {
        match self.broker.take() {
            Some(broker) => broker.stop().await,
            None => Retained::new(),
        }
    }

    /// A broker with these retained messages takes its place, at the same address.
    pub async fn start_broker(&mut self, retained: Retained) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let options = BrokerOptions {
            retained,
            ..BrokerOptions::default()
        };
        let broker = Broker::start(listener, options)?;
        self.to_broker.lead_to(broker.addr());
        self.observer = Observer::start(broker.addr(), DEVICE_ID);
        self.broker = Some(broker);
        Ok(())
    }

    /// The options of a service that lives here.
    pub fn options(&self) -> Value {
        let zones = self.rooms.iter().map(|room| {
            let triggers = room.entities.iter();
            let triggers: Vec<String> = triggers
                .map(|entity| format!("{}={}", entity.id, entity.kind.trigger()))
                .collect();
            json!({
                "name": room.name, "cameras": [room.camera()], "todo_list": room.list(),
                "triggers": triggers,
            })
        });
        json!({
            "zones": zones.collect::<Vec<_>>(),
            "provider": "ollama",
            "model": "gemma3",
            "base_url": format!("http://{}", self.to_provider.address()),
            "daily_call_limit": 100_000,
            "interval_minutes": 1440,
            "device_id": DEVICE_ID,
            "log_level": "info",
        })
    }

    /// What the service is told about its surroundings.
    pub fn environment(&self, data: &Path) -> Vec<(&'static str, String)> {
        let supervisor = format!("http://{}", self.to_home.address());
        vec![
            ("SUPERVISOR_TOKEN", TOKEN.to_owned()),
            ("AICLEANER_SUPERVISOR_URL", supervisor),
            ("AICLEANER_DATA_DIR", data.display().to_string()),
            ("TZ", "UTC".to_owned()),
        ]
    }

    /// The topic of a zone's state.
    pub fn topic(room: &Room, key: &str) -> String {
        format!("{DEVICE_ID}/zone/{}/{key}/state", room.slug)
    }

    pub async fn press(&self, room: &Room, button: &str) {
        let topic = format!("{DEVICE_ID}/zone/{}/{button}/set", room.slug);
        self.observer.say(&topic, "PRESS").await;
    }

    /// Nothing more is to be waited for.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits until `test` holds, at most `limit`; says whether it does. For what
    /// has no signal of its own: lists and cameras.
    pub async fn until(&self, limit: Duration, test: impl Fn(&Self) -> bool) -> bool {
        let wait = async {
            while !test(self) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        let wait = tokio::time::timeout(limit, wait);
        // Cut short by a stop it is as it is.
        let _ = self.stop.run_until_cancelled(wait).await;
        test(self)
    }
}

/// Where a room's camera is asked for its picture.
fn path(room: &Room) -> String {
    format!("{CAMERA_PROXY}{}", room.camera())
}
