//! The link to the broker: the only place that names the MQTT client.
//!
//! One task owns the client's event loop. A connection starts with nothing and
//! gets everything from the outbox; nothing is queued across reconnects. The
//! client is never awaited here: what is under way is counted, so that its
//! channel always has room.

mod connection;

use std::{mem, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use rumqttc::{Event, EventLoop, Outgoing, Packet, SubscribeReasonCode};
use tokio::{
    select,
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::connection::{Connection, Past};
use super::{
    outbox::{Outbox, SharedOutbox},
    seldom::Seldom,
    trouble::{Kind, Retry, Trouble},
};
use crate::{domain::health::Condition, ports::BrokerSource, telemetry::Metrics};

/// Bytes of the largest packet, both ways. The client's own default of 10 KiB
/// ends the connection at the first picture.
pub const MAX_PACKET: usize = 1024 * 1024;

/// How long whoever knows the broker may take to say so.
const ASKING: Duration = Duration::from_secs(20);
const NOBODY_SAID: &str = "The Supervisor did not say within 20 s which MQTT broker to use.";

/// A message somebody sent us.
#[derive(Debug)]
pub struct Received {
    pub topic: String,
    pub payload: Bytes,
    /// It was said before we listened.
    pub retained: bool,
}

pub struct Link {
    /// Stable, so that a new connection replaces a half-dead old one, whose
    /// late last will would otherwise declare us offline.
    pub client_id: String,
    /// Where `offline` is said, by the last will or at a clean stop.
    pub availability: String,
    pub filters: Vec<String>,
    pub source: Arc<dyn BrokerSource>,
    pub outbox: Arc<SharedOutbox>,
    /// Never waited for: what does not fit is dropped and logged.
    pub received: mpsc::Sender<Received>,
    pub dropped: Seldom,
    /// Changes once when a trouble begins and once when it ends.
    pub condition: watch::Sender<Condition>,
    pub retry: Retry,
    pub metrics: Metrics,
}

/// Why a connection is over.
enum End {
    /// We were asked to stop, and did.
    Stopped,
    Trouble(Trouble),
}

impl Link {
    /// Keeps the link until `stop`; then says `offline` and leaves.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut past = Past::default();
        loop {
            let asked = select! {
                () = stop.cancelled() => return,
                asked = timeout(ASKING, self.source.broker()) => asked,
            };
            let asked = asked.unwrap_or_else(|_| Err(NOBODY_SAID.to_owned()));
            let mut up = Duration::ZERO;
            let trouble = match asked {
                Ok(broker) => {
                    let (mut connection, events) = Connection::to(&broker, &self, past);
                    let end = self.serve(&mut connection, events, &stop).await;
                    past = connection.past;
                    up = connection.up_since.map_or(up, |since| since.elapsed());
                    match end {
                        End::Stopped => return,
                        End::Trouble(trouble) => trouble,
                    }
                }
                Err(sentence) => Trouble {
                    kind: Kind::NoBroker,
                    sentence,
                },
            };
            let wait = self.retry.wait(trouble.kind, up);
            debug!(?wait, "no link to the broker: {}", trouble.sentence);
            if past.told != Some(trouble.kind) {
                past.told = Some(trouble.kind);
                warn!("{}", trouble.sentence);
                self.condition
                    .send_replace(Condition::Degraded(trouble.sentence));
            }
            select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
        }
    }

    async fn serve(
        &mut self,
        connection: &mut Connection,
        mut events: EventLoop,
        stop: &CancellationToken,
    ) -> End {
        loop {
            match self.turn(connection, &mut events, stop).await {
                Ok(event) => {
                    if self.handle(connection, event) {
                        return End::Stopped;
                    }
                }
                Err(end) => return end,
            }
        }
    }

    /// Polls the event loop until it has something to say, feeding it meanwhile.
    /// A poll is never abandoned half-way: it may hold a packet in its hands.
    async fn turn(
        &mut self,
        connection: &mut Connection,
        events: &mut EventLoop,
        stop: &CancellationToken,
    ) -> Result<Event, End> {
        let mut poll = pin!(events.poll());
        loop {
            let wake = connection.feed(&self.outbox);
            select! {
                polled = &mut poll => {
                    return polled.map_err(|error| match connection.leave_by {
                        Some(_) => End::Stopped,
                        None => End::Trouble(connection.explain(&error)),
                    });
                }
                () = self.outbox.edited() => {}
                () = stop.cancelled(), if connection.leave_by.is_none() => {
                    if connection.up_since.is_none() {
                        return Err(End::Stopped);
                    }
                    connection.farewell(&self.availability);
                }
                () = sleep_until(wake) => {
                    let now = Instant::now();
                    if connection.leave_by.is_some_and(|by| by <= now) {
                        return Err(End::Stopped);
                    }
                    if connection.stuck(now) {
                        let what = "acknowledges nothing any more; restart it";
                        return Err(End::Trouble(connection.trouble(Kind::Away, what)));
                    }
                }
            }
        }
    }

    /// `true` when the farewell is over.
    fn handle(&mut self, connection: &mut Connection, event: Event) -> bool {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                connection.up_since = Some(Instant::now());
                if mem::replace(&mut connection.past.was_up, true) {
                    self.metrics.mqtt_reconnected();
                }
                connection.subscribe(&self.filters);
                self.outbox.take(Outbox::republish);
            }
            Event::Incoming(Packet::SubAck(answer)) => {
                let broker = &connection.broker;
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                    let sentence = format!(
                        "The MQTT broker at {broker} does not let us listen for commands; allow this user to read our topics in the broker's access list."
                    );
                    warn!("{sentence}");
                    self.condition.send_replace(Condition::Degraded(sentence));
                } else {
                    info!("Connected to the MQTT broker at {broker}.");
                    self.condition.send_replace(Condition::Ok);
                }
                connection.past.told = None;
            }
            Event::Incoming(Packet::PubAck(_)) => {
                connection.unacknowledged = connection.unacknowledged.saturating_sub(1);
                connection.progress = Instant::now();
                if connection.leave_by.is_some() && connection.unacknowledged == 0 {
                    // Only now: a DISCONNECT makes the broker forget the last will.
                    return connection.client.try_disconnect().is_err();
                }
            }
            Event::Incoming(Packet::Publish(publish)) => {
                let received = Received {
                    topic: publish.topic,
                    payload: publish.payload,
                    retained: publish.retain,
                };
                if self.received.try_send(received).is_err()
                    && let Some(more) = self.dropped.now()
                {
                    warn!(
                        "Commands come in by MQTT faster than they can be obeyed; {} were dropped.",
                        more + 1
                    );
                }
            }
            Event::Outgoing(Outgoing::Publish(_)) => self.metrics.mqtt_published(),
            Event::Outgoing(Outgoing::Disconnect) => return true,
            _ => {}
        }
        false
    }
}
