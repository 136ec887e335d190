//! Against a fake Home Assistant on a real socket.

mod cameras;
mod hours;
mod lists;
mod log;
mod metrics;
mod notify;
mod socket;
mod states;
mod supervisor;

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    time,
};
use tokio_util::sync::CancellationToken;

use super::{
    HomeAssistant, Limits, LinkState,
    websocket::dial::{Dial, Tcp},
};
use crate::selftest::test_home::fake_home_assistant::{FakeHome, Model, TOKEN};
use crate::{
    domain::health::{Component, Condition},
    ports::Message,
    settings::{Secret, model::HomeAssistantAccess},
    telemetry::Metrics,
};

/// Long enough for a busy machine; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(20);

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    send: Duration::from_secs(5),
    call: Duration::from_secs(5),
    ping_every: Duration::from_secs(30),
    pong_within: Duration::from_secs(10),
    retry: (Duration::from_millis(10), Duration::from_millis(50)),
    retry_failed: (Duration::from_millis(50), Duration::from_millis(50)),
    patience: Duration::from_mins(5),
};

/// The service's side: what is under test, and what the engine would get.
struct World {
    home: HomeAssistant,
    inbox: mpsc::Receiver<Message>,
    metrics: Metrics,
    stop: CancellationToken,
}

impl World {
    fn start(access: &HomeAssistantAccess, limits: Limits) -> Self {
        Self::start_on(access, limits, Arc::new(Tcp))
    }

    fn start_on(access: &HomeAssistantAccess, limits: Limits, dial: Arc<dyn Dial>) -> Self {
        install_tls();
        let (sender, inbox) = mpsc::channel(64);
        let stop = CancellationToken::new();
        let metrics = Metrics::new(&[]);
        Self {
            home: HomeAssistant::start_on(access, sender, &metrics, stop.clone(), (limits, dial)),
            inbox,
            metrics,
            stop,
        }
    }

    /// Connected to the fake, as inside the app.
    async fn up(fake: &FakeHome) -> Self {
        let mut world = Self::start(&supervised(fake), LIMITS);
        assert_eq!(world.condition().await, Condition::Ok);
        world
    }

    async fn message(&mut self) -> Message {
        let message = time::timeout(PATIENCE, self.inbox.recv()).await;
        message.expect("a message in time").expect("an open inbox")
    }

    /// The next condition; other messages may not come before it.
    async fn condition(&mut self) -> Condition {
        match self.message().await {
            Message::Health(Component::HomeAssistant, condition) => condition,
            other => panic!("{other:?} instead of a condition"),
        }
    }

    fn socket(&self) -> &super::Socket {
        self.home.socket.as_ref().expect("a Home Assistant")
    }
}

/// What the tests wait for in the fake.
trait Until {
    async fn until(&self, holds: impl Fn(&Model) -> bool);
}

impl Until for FakeHome {
    async fn until(&self, holds: impl Fn(&Model) -> bool) {
        assert!(self.comes_to(holds).await, "the fake home sees it in time");
    }
}

async fn wait_for(link: &mut watch::Receiver<LinkState>, wanted: impl Fn(&LinkState) -> bool) {
    time::timeout(PATIENCE, link.wait_for(|state| wanted(state)))
        .await
        .expect("the link's state in time")
        .expect("a living actor");
}

fn supervised(fake: &FakeHome) -> HomeAssistantAccess {
    HomeAssistantAccess::Supervisor {
        base_url: fake.url(""),
        token: Secret::from(TOKEN),
    }
}

fn direct(fake: &FakeHome) -> HomeAssistantAccess {
    HomeAssistantAccess::Direct {
        base_url: fake.url("/"),
        token: Secret::from(TOKEN),
    }
}

/// What `main` does first.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another test module may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
