//! MQTT: one link to the broker, one table of entities.
//!
//! What the household may see is a `View`; it is rendered into the outbox
//! whenever it changes, and the link sends what the broker does not have yet.
//! What the broker has to say becomes commands for the engine.

pub mod discovery;
pub mod entities;
pub mod entity;
mod link;
mod outbox;
mod render;
mod seldom;
#[cfg(test)]
mod tests;
pub mod topics;
mod trouble;

use std::{sync::Arc, time::Duration};

use tokio::{
    join, select,
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

pub use self::trouble::Pace;
use self::{
    entity::{ENTITIES, Entity},
    link::{Link, MAX_PACKET, Received},
    outbox::{Outbox, SharedOutbox},
    render::{ONLINE, Renderer},
    seldom::Seldom,
    topics::{Heard, Owner, Topics},
    trouble::Retry,
};
use crate::{
    domain::{
        command::Command,
        health::{Component, Condition},
        view::View,
    },
    ports::{Boxed, BrokerSource, Inbox, Message},
    settings::model::Broker,
    telemetry::Metrics,
};

/// Between two renderings. A burst of changes becomes one, yet a command's
/// effect is seen at once.
const BETWEEN_RENDERINGS: Duration = Duration::from_millis(100);

/// Messages from the broker that may wait for us.
const RECEIVED: usize = 64;

pub struct Context {
    /// Prefix of our topics and ids, `^[a-z0-9_]{1,32}$`.
    pub device_id: String,
    /// Home Assistant's discovery prefix; no wildcards.
    pub discovery_prefix: String,
    pub broker: Arc<dyn BrokerSource>,
    /// The app's full slug, if we run as one: for the link from the device's page to ours.
    pub slug: Option<String>,
    pub pace: Pace,
    pub metrics: Metrics,
}

/// The broker of the options: always the same.
impl BrokerSource for Broker {
    fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
        Box::pin(async { Ok(self.clone()) })
    }
}

/// Publishes the view and hears commands until `stop`; then says `offline`,
/// which takes half a second at most. The first view must be the real one: a
/// zone that is not in it is taken out of Home Assistant.
pub async fn run(
    context: Context,
    mut view: watch::Receiver<Arc<View>>,
    inbox: Inbox,
    stop: CancellationToken,
) {
    let topics = Topics::new(&context.device_id, &context.discovery_prefix);
    let outbox = Arc::new(SharedOutbox::new(MAX_PACKET));
    let mut renderer = Renderer::new(topics.clone(), context.slug);
    outbox.edit(|outbox| renderer.render(&view.borrow_and_update(), outbox));
    let (received, messages) = mpsc::channel(RECEIVED);
    let (condition, conditions) = watch::channel(Condition::Starting);
    let link = Link {
        client_id: context.device_id,
        availability: topics.availability(),
        filters: topics.filters(),
        source: context.broker,
        outbox: outbox.clone(),
        received,
        dropped: Seldom::default(),
        condition,
        retry: Retry::new(context.pace),
        metrics: context.metrics,
    };
    let bridge = Bridge {
        topics,
        renderer,
        outbox,
        view,
        inbox,
        nonsense: Seldom::default(),
    };
    join!(link.run(stop.clone()), async {
        select! {
            () = stop.cancelled() => {}
            () = bridge.run(messages, conditions) => {}
        }
    });
}

/// Between the engine and the outbox. It may wait for the engine's inbox, and
/// the link goes on meanwhile.
struct Bridge {
    topics: Topics,
    renderer: Renderer,
    outbox: Arc<SharedOutbox>,
    view: watch::Receiver<Arc<View>>,
    inbox: Inbox,
    nonsense: Seldom,
}

impl Bridge {
    async fn run(
        mut self,
        mut received: mpsc::Receiver<Received>,
        mut conditions: watch::Receiver<Condition>,
    ) {
        let mut rendered = Instant::now();
        // `None`: nothing to do, and for the view also "still watching".
        let mut render_at = None;
        let mut republish_at = None;
        let mut engine_alive = true;
        loop {
            select! {
                changed = self.view.changed(), if engine_alive && render_at.is_none() => {
                    engine_alive = changed.is_ok();
                    render_at = Some(rendered + BETWEEN_RENDERINGS);
                }
                () = at(render_at) => {
                    render_at = None;
                    rendered = Instant::now();
                    self.render();
                }
                () = at(republish_at) => {
                    republish_at = None;
                    self.outbox.edit(Outbox::republish);
                }
                Ok(()) = conditions.changed() => {
                    let condition = conditions.borrow_and_update().clone();
                    self.tell(Message::Health(Component::Mqtt, condition)).await;
                }
                Some(message) = received.recv() => match self.topics.parse(&message.topic) {
                    Some(Heard::HomeAssistant) => {
                        if message.payload == ONLINE && !message.retained {
                            republish_at.get_or_insert_with(|| Instant::now() + after_birth());
                        }
                    }
                    // Our own words come back without the retained mark.
                    Some(Heard::ZoneAvailability(slug)) => {
                        if message.retained && !message.payload.is_empty() {
                            self.renderer.found(slug);
                            render_at.get_or_insert_with(Instant::now);
                        }
                    }
                    Some(Heard::Command { owner, key }) => {
                        if let Some(command) = self.command(owner, key, &message) {
                            self.tell(Message::Command(command, None)).await;
                        }
                    }
                    None => debug!(topic = message.topic, "a message about nothing of ours"),
                },
            }
        }
    }

    fn render(&mut self) {
        let view = self.view.borrow_and_update().clone();
        self.outbox
            .edit(|outbox| self.renderer.render(&view, outbox));
    }

    async fn tell(&self, message: Message) {
        if self.inbox.send(message).await.is_err() {
            debug!("the engine is gone");
        }
    }

    fn command(&mut self, owner: Owner<'_>, key: &str, message: &Received) -> Option<Command> {
        let topic = &message.topic;
        if message.retained {
            // Said before we listened, perhaps weeks ago.
            self.complain(format_args!(
                "The retained command on {topic} is ignored; do not retain commands."
            ));
            return None;
        }
        let payload = &*String::from_utf8_lossy(&message.payload);
        let view = self.view.borrow().clone();
        let command = match owner {
            Owner::Hub => asked(ENTITIES.hub, &*view, key, payload),
            Owner::Zone(slug) => view
                .zones
                .iter()
                .find(|zone| zone.zone.options.slug == slug)
                .and_then(|zone| asked(ENTITIES.zone, zone, key, payload)),
        };
        if command.is_none() {
            let start: String = payload.chars().take(40).collect();
            self.complain(format_args!(
                "The command {start:?} on {topic} makes no sense and is ignored."
            ));
        }
        command
    }

    fn complain(&mut self, sentence: std::fmt::Arguments<'_>) {
        match self.nonsense.now() {
            None => {}
            Some(0) => warn!("{sentence}"),
            Some(more) => warn!("{sentence} ({more} more like this in the last minutes)"),
        }
    }
}

fn asked<S>(entities: &[Entity<S>], subject: &S, key: &str, payload: &str) -> Option<Command> {
    let entity = entities.iter().find(|entity| entity.key == key)?;
    entity.command?(subject, payload)
}

/// Home Assistant asks for a short random pause after its start, so that not
/// everybody answers at once; several births within it are one.
fn after_birth() -> Duration {
    Duration::from_millis(fastrand::u64(500..3000))
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
