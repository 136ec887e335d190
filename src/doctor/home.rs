//! What the home brings: Supervisor, Home Assistant, broker, cameras, lists.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{House, Line, by};
use crate::{
    app::judges::CONSENT,
    domain::{
        todo::{Features, ListId},
        zone::shown,
    },
    home_assistant::{HomeAssistant, LinkState},
    imaging, mqtt,
    ports::{BrokerSource, Camera, TodoLists},
    settings::{Settings, model::HomeAssistantAccess},
    store,
    telemetry::Metrics,
};

/// For Home Assistant to let us in.
const WELCOME: Duration = Duration::from_secs(12);
/// For one camera, list or broker.
const ONE: Duration = Duration::from_secs(25);
/// Pictures that are fetched at the same time: each may take some megabytes.
const AT_ONCE: usize = 3;
/// For our own connections to end.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) struct Home {
    real: HomeAssistant,
    access: HomeAssistantAccess,
    stop: CancellationToken,
    /// Drains what the connections have to say; their words are asked for otherwise.
    tasks: TaskTracker,
}

impl Home {
    pub(super) fn visit(settings: &Settings) -> Self {
        let (inbox, mut said) = mpsc::channel(16);
        let stop = CancellationToken::new();
        let access = settings.home_assistant.clone();
        let metrics = Metrics::new(&[]);
        let real = HomeAssistant::start(&access, inbox, &metrics, stop.clone());
        let tasks = TaskTracker::new();
        let stopped = stop.clone();
        tasks.spawn(async move {
            while let Some(Some(_)) = stopped.run_until_cancelled(said.recv()).await {}
        });
        Self {
            real,
            access,
            stop,
            tasks,
        }
    }

    pub(super) async fn leave(self) {
        self.stop.cancel();
        self.tasks.close();
        let gone = async { tokio::join!(self.real.ended(), self.tasks.wait()) };
        // What is left behind ends with the process.
        let _ = timeout(FAREWELL, gone).await;
    }

    /// In the order: Supervisor, Home Assistant, broker, cameras, lists.
    pub(super) async fn lines(&self, settings: &Settings, end: Instant) -> Vec<Line> {
        let (supervisor, home, broker) = tokio::join!(
            by(end, "supervisor", self.supervisor()),
            by(end, "home assistant", self.home_assistant()),
            by(end, "mqtt", self.broker(settings)),
        );
        let mut lines = vec![supervisor, home, broker];
        let mut cameras: Vec<&String> = Vec::new();
        for camera in settings.zones.iter().flat_map(|zone| &zone.cameras) {
            if !cameras.contains(&camera) {
                cameras.push(camera);
            }
        }
        let lists: BTreeSet<&ListId> = settings
            .zones
            .iter()
            .filter_map(|zone| zone.todo_list.as_ref())
            .collect();
        let looks = cameras.into_iter().map(async |camera| {
            let part = format!("camera {}", shown(camera));
            by(end, &part, look(&part, &*self.real.cameras, camera)).await
        });
        lines.extend(
            stream::iter(looks)
                .buffered(AT_ONCE)
                .collect::<Vec<_>>()
                .await,
        );
        let visits = lists.into_iter().map(async |list| {
            let part = format!("list {list}");
            by(end, &part, visit(&part, &*self.real.lists, list)).await
        });
        lines.extend(
            stream::iter(visits)
                .buffered(AT_ONCE)
                .collect::<Vec<_>>()
                .await,
        );
        lines
    }

    /// Its AI Task entities, as soon as it lets us in.
    pub(super) async fn house(&self, settings: &Settings) -> House {
        if self.real.socket.is_none() || !settings.judging.may_ask_home_assistant() {
            return House::default();
        }
        // Why it does not let us in is said in its own line.
        let _ = self.welcome().await;
        // Its pictures are told from those of the running service.
        let tasks = self
            .real
            .ai_tasks(&format!("{}.doctor", settings.device_id));
        let dir = settings.data_dir.clone();
        let agreed = tokio::task::spawn_blocking(move || store::note(&dir, CONSENT)).await;
        House {
            tasks: Some(tasks),
            agreed: agreed.ok().flatten(),
        }
    }

    async fn supervisor(&self) -> Line {
        const PART: &str = "supervisor";
        let Some(supervisor) = &self.real.supervisor else {
            return Line::off(PART, "There is none outside Home Assistant's app store.");
        };
        match timeout(ONE, supervisor.app_info()).await {
            Ok(Ok(info)) => Line::ok(
                PART,
                format!("It answers; the app is {} {}.", info.slug, info.version),
            ),
            Ok(Err(error)) => {
                Line::wrong(PART, format!("It does not answer as it should: {error}."))
            }
            Err(_) => Line::wrong(PART, late("It")),
        }
    }

    async fn home_assistant(&self) -> Line {
        const PART: &str = "home assistant";
        if matches!(self.access, HomeAssistantAccess::None) {
            return Line::off(
                PART,
                "It is not set up; its cameras and lists need home_assistant.url and home_assistant.token.",
            );
        }
        let config = match timeout(ONE, self.real.config()).await {
            Ok(Ok(config)) => config,
            Ok(Err(error)) => {
                return Line::wrong(PART, format!("Its API does not answer: {error}."));
            }
            Err(_) => return Line::wrong(PART, late("Its API")),
        };
        match self.welcome().await {
            Ok(()) => Line::ok(
                PART,
                format!(
                    "Its API and its WebSocket answer; it is {}.",
                    config.version
                ),
            ),
            Err(why) => Line::wrong(
                PART,
                format!("Its API answers, its WebSocket does not: {why}."),
            ),
        }
    }

    /// Waits until the WebSocket is up; the error says why it is not.
    async fn welcome(&self) -> Result<(), String> {
        let Some(socket) = &self.real.socket else {
            return Err("it was not tried".to_owned());
        };
        let mut link = socket.link();
        let up =
            link.wait_for(|state| *state == LinkState::Up || matches!(state, LinkState::Failed(_)));
        let _ = timeout(WELCOME, up).await;
        match &*link.borrow() {
            LinkState::Up => Ok(()),
            LinkState::Away(why) | LinkState::Failed(why) => Err(why.clone()),
            LinkState::Connecting => Err(format!(
                "no answer within {} seconds; look whether something between us and it lets WebSockets through",
                WELCOME.as_secs()
            )),
        }
    }

    async fn broker(&self, settings: &Settings) -> Line {
        const PART: &str = "mqtt";
        let broker = match (&settings.mqtt.broker, &self.real.supervisor) {
            (Some(broker), _) => Ok(broker.clone()),
            (None, Some(supervisor)) => supervisor.broker().await,
            (None, None) => {
                return Line::off(
                    PART,
                    "No broker is set up, so Home Assistant shows no entities; name one in the option mqtt.",
                );
            }
        };
        let tried = async { mqtt::knock(&broker?).await };
        Line::of(
            PART,
            timeout(ONE, tried)
                .await
                .unwrap_or_else(|_| Err(late("The broker"))),
        )
    }

    /// Whether our clock shows the home's time.
    pub(super) async fn clock_line(&self, ours: &Result<String, String>) -> Option<Line> {
        const PART: &str = "time zone";
        let ours = match ours {
            Ok(ours) => ours,
            Err(sentence) => return Some(Line::wrong(PART, sentence)),
        };
        let theirs = timeout(ONE, self.real.config())
            .await
            .ok()
            .and_then(Result::ok);
        Some(same_clock(
            ours,
            theirs.map(|config| config.time_zone).as_deref(),
        ))
    }
}

pub(super) fn same_clock(ours: &str, theirs: Option<&str>) -> Line {
    const PART: &str = "time zone";
    match theirs {
        Some(theirs) if theirs != ours => Line::wrong(
            PART,
            format!(
                "AICleaner runs in {ours}, Home Assistant in {theirs}: the days and times of the two differ. Set the variable TZ to {theirs}."
            ),
        ),
        _ => Line::ok(PART, format!("{ours}.")),
    }
}

/// A picture of the camera, taken and looked at as a check would.
pub(super) async fn look(part: &str, cameras: &dyn Camera, source: &str) -> Line {
    let encoded = match timeout(ONE, cameras.capture(source)).await {
        Ok(Ok(encoded)) => encoded,
        Ok(Err(error)) => return Line::wrong(part, error.sentence),
        Err(_) => return Line::wrong(part, late("The camera")),
    };
    let size = encoded.len() / 1024;
    let name = shown(source);
    let looked = tokio::task::spawn_blocking(move || imaging::prepare(&encoded, None)).await;
    match looked {
        Ok(Ok(prepared)) => Line::ok(
            part,
            format!(
                "It shows a picture that can be judged: {size} KiB, sent on as {}×{}.",
                prepared.frame.width, prepared.frame.height
            ),
        ),
        Ok(Err(unusable)) => Line::wrong(part, unusable.sentence(&name)),
        Err(panic) => Line::wrong(
            part,
            format!("Its picture broke the decoder ({panic}); check that the camera works."),
        ),
    }
}

/// What the list can do and what is on it.
pub(super) async fn visit(part: &str, lists: &dyn TodoLists, list: &ListId) -> Line {
    let asked = async {
        let features = lists.features(list).await?;
        Ok((features, lists.items(list).await?))
    };
    match timeout(ONE, asked).await {
        Ok(Ok((features, items))) => match missing(features) {
            None => Line::ok(
                part,
                format!("It can be written; {} items are on it.", items.len()),
            ),
            Some(what) => Line::wrong(
                part,
                format!(
                    "It cannot {what}, which AICleaner needs; choose another list in the options."
                ),
            ),
        },
        Ok(Err(crate::ports::TodoError::Paused(why))) => {
            Line::wrong(part, format!("It is away: {why}."))
        }
        Ok(Err(error)) => Line::wrong(part, format!("{error}.")),
        Err(_) => Line::wrong(part, late("The list")),
    }
}

fn missing(features: Features) -> Option<&'static str> {
    if !features.create() {
        return Some("take new items");
    }
    (!features.update() && !features.delete()).then_some("complete or remove items")
}

fn late(who: &str) -> String {
    format!(
        "{who} did not answer within {} seconds; look whether it is overloaded.",
        ONE.as_secs()
    )
}
