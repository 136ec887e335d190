//! Home Assistant: its REST API, its WebSocket, and the Supervisor in front of them.
//!
//! [`HomeAssistant::start`] gives the parts the engine needs, whether or not
//! there is a Home Assistant: without one, files and web addresses still give
//! pictures, and everything else says what is missing.

mod access;
mod ai_task;
mod camera;
mod counted;
mod error;
mod notify;
mod pictures;
mod report;
mod rest;
mod states;
mod supervisor;
#[cfg(test)]
mod tests;
mod todo;
mod websocket;

use std::sync::Arc;

use serde::Deserialize;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use ai_task::AiTaskEntities;
pub use camera::Cameras;
pub use error::HaError;
pub use notify::Notifier;
pub use states::States;
pub use supervisor::{AppInfo, HouseInfo, Supervisor};
pub use todo::Lists;
pub use websocket::{Limits, LinkState, Socket, Subscription, Update};

use crate::{
    domain::health::{Component, Condition},
    ports::{Inbox, Message},
    settings::model::HomeAssistantAccess,
    telemetry::{Metrics, labels::Request},
};
use access::Access;
use report::sentence;
use rest::Rest;
use todo::Home;
use websocket::{
    Way,
    dial::{Dial, Tcp},
};

/// Everything that speaks to Home Assistant.
#[derive(Debug)]
pub struct HomeAssistant {
    pub cameras: Arc<Cameras>,
    pub lists: Arc<Lists>,
    pub states: Arc<States>,
    /// `None` without a Home Assistant.
    pub socket: Option<Socket>,
    /// `None` outside the app.
    pub supervisor: Option<Arc<Supervisor>>,
    rest: Result<Rest, String>,
    home: Result<Home, String>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// `GET /api/config`, as far as we use it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HomeConfig {
    pub version: String,
    /// An IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Such as `de` or `pt-BR`.
    #[serde(default)]
    pub language: Option<String>,
}

impl HomeAssistant {
    /// Returns at once; the connection comes about in the background and its
    /// condition arrives in `inbox`. Ends with `stop`; see [`HomeAssistant::ended`].
    /// Needs a tokio runtime, and rustls' provider installed.
    pub fn start(
        settings: &HomeAssistantAccess,
        inbox: Inbox,
        metrics: &Metrics,
        stop: CancellationToken,
    ) -> Self {
        let network = (Limits::default(), Arc::new(Tcp) as Arc<dyn Dial>);
        Self::start_on(settings, inbox, metrics, stop, network)
    }

    /// As [`HomeAssistant::start`], with other limits and another network.
    fn start_on(
        settings: &HomeAssistantAccess,
        inbox: Inbox,
        metrics: &Metrics,
        stop: CancellationToken,
        (limits, dial): (Limits, Arc<dyn Dial>),
    ) -> Self {
        let tasks = TaskTracker::new();
        let client = rest::client();
        let way_in = Access::new(settings).and_then(|access| {
            let access = Arc::new(access);
            let rest = Rest::new(client.clone()?, Arc::clone(&access), metrics.clone());
            Ok((rest, access))
        });
        let (rest, home, supervisor) = match way_in {
            Ok((rest, access)) => {
                let supervisor = access
                    .has_supervisor()
                    .then(|| Arc::new(Supervisor::new(rest.clone())));
                let socket = Socket::start(
                    Way { access, dial },
                    limits,
                    metrics.clone(),
                    &tasks,
                    stop.clone(),
                );
                tasks.spawn(report::report(
                    socket.link(),
                    inbox.clone(),
                    limits.patience,
                    stop.clone(),
                ));
                let home = Home {
                    rest: rest.clone(),
                    socket,
                };
                (Ok(rest), Ok(home), supervisor)
            }
            Err(why) => {
                let condition = match settings {
                    HomeAssistantAccess::None => Condition::Off(sentence(&why)),
                    _ => Condition::Degraded(sentence(&why)),
                };
                tasks.spawn(tell(inbox.clone(), condition, stop.clone()));
                (Err(why.clone()), Err(why), None)
            }
        };
        let sight = home
            .as_ref()
            .map(|home| (home.rest.clone(), home.socket.link()))
            .map_err(Clone::clone);
        Self {
            cameras: Arc::new(Cameras::new(client, sight)),
            socket: home.as_ref().ok().map(|home| home.socket.clone()),
            states: Arc::new(States::new(
                home.as_ref().ok().map(|home| home.socket.clone()),
                inbox.clone(),
                tasks.clone(),
                stop.clone(),
            )),
            lists: Arc::new(Lists::new(home.clone(), inbox, tasks.clone(), stop.clone())),
            home,
            stop,
            supervisor,
            rest,
            tasks,
        }
    }

    /// The AI Task entities, for the AICleaner of this device id. What an
    /// earlier run left in the media folder is taken away in the background.
    pub fn ai_tasks(&self, device_id: &str) -> Arc<AiTaskEntities> {
        let entities = Arc::new(AiTaskEntities::new(self.home.clone(), device_id));
        if let Some(socket) = self.socket.clone() {
            let media = entities.media();
            self.tasks
                .spawn(ai_task::sweep(media, socket, self.stop.clone()));
        }
        entities
    }

    /// Sends notifications and hears their buttons, as one of the tasks here.
    /// `name` keeps those of several instances apart.
    pub fn notifier(&self, name: &str, inbox: Inbox, stop: CancellationToken) -> Notifier {
        let home = self.home.as_ref().ok().cloned();
        Notifier::start(home, name.to_owned(), inbox, &self.tasks, stop)
    }

    /// What Home Assistant says about itself.
    pub async fn config(&self) -> Result<HomeConfig, HaError> {
        let rest = self
            .rest
            .as_ref()
            .map_err(|why| HaError::Failed(why.clone()))?;
        rest.get_json(Request::State, "config").await
    }

    /// Waits until everything here has ended; `stop` must have been cancelled.
    /// The caller sets the limit.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Whether encrypted connections can be made at all. The error is a sentence.
pub fn certificates() -> Result<(), String> {
    rest::client().map(drop).map_err(|why| sentence(&why))
}

async fn tell(inbox: Inbox, condition: Condition, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        _ = inbox.send(Message::Health(Component::HomeAssistant, condition)) => {}
    }
}
