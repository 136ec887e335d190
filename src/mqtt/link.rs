//! The link to the broker: the only file that names the MQTT client.
//!
//! One task owns the client's event loop. A connection starts with nothing and
//! gets everything from the outbox; nothing is queued across reconnects. The
//! client is never awaited here: what is under way is counted, so that its
//! channel always has room.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions,
    Outgoing, Packet, QoS, StateError, SubscribeFilter, SubscribeReasonCode, mqttbytes,
};
use tokio::{
    select,
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    outbox::{Publish, SharedOutbox},
    render::OFFLINE,
    trouble::{Kind, Retry, Trouble},
};
use crate::{
    domain::health::Condition,
    ports::BrokerSource,
    settings::{model::Broker, secret::ExposeSecret},
};

/// Bytes of the largest packet, both ways. The client's own default of 10 KiB
/// ends the connection at the first picture.
pub const MAX_PACKET: usize = 1024 * 1024;

/// Publishes under way (sent, not yet acknowledged).
const WINDOW: usize = 20;

/// Room for these, the subscription, the farewell and the disconnect.
const CHANNEL: usize = WINDOW + 4;

const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long whoever knows the broker may take to say so.
const ASKING: Duration = Duration::from_secs(20);
const NOBODY_SAID: &str = "The Supervisor did not say within 20 s which MQTT broker to use.";

/// How long a clean stop may take; after it the last will speaks for us.
const FAREWELL: Duration = Duration::from_millis(500);

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
    /// Changes once when a trouble begins and once when it ends.
    pub condition: watch::Sender<Condition>,
    pub retry: Retry,
}

/// One connection, from the attempt to its end.
struct Connection {
    client: AsyncClient,
    broker: String,
    up_since: Option<Instant>,
    unacknowledged: usize,
    /// When the broker last acknowledged something.
    progress: Instant,
    /// How long it may take to acknowledge the next.
    patience: Duration,
    /// Set once we are leaving.
    leave_by: Option<Instant>,
    /// The trouble that was told and is not over.
    told: Option<Kind>,
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
        let mut told = None;
        loop {
            let asked = select! {
                () = stop.cancelled() => return,
                asked = timeout(ASKING, self.source.broker()) => asked,
            };
            let asked = asked.unwrap_or_else(|_| Err(NOBODY_SAID.to_owned()));
            let mut up = Duration::ZERO;
            let trouble = match asked {
                Ok(broker) => {
                    let (mut connection, events) = self.connect(&broker, told);
                    let end = self.serve(&mut connection, events, &stop).await;
                    told = connection.told;
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
            if told != Some(trouble.kind) {
                told = Some(trouble.kind);
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

    fn connect(&self, broker: &Broker, told: Option<Kind>) -> (Connection, EventLoop) {
        // The client joins host and port with a colon.
        let host = match broker.host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => broker.host.clone(),
        };
        let name = format!("{host}:{}", broker.port);
        let mut options = MqttOptions::new(&self.client_id, host, broker.port);
        options
            .set_keep_alive(KEEP_ALIVE)
            .set_max_packet_size(MAX_PACKET, MAX_PACKET)
            .set_last_will(LastWill::new(
                &self.availability,
                OFFLINE,
                QoS::AtLeastOnce,
                true,
            ));
        if let Some(user) = &broker.username {
            let password = broker.password.as_ref().map_or("", |p| p.expose_secret());
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, CHANNEL);
        // Packets are small and each is flushed: do not let them wait for company.
        events.network_options.set_tcp_nodelay(true);
        let connection = Connection {
            client,
            broker: name,
            up_since: None,
            unacknowledged: 0,
            progress: Instant::now(),
            patience: self.retry.pace().acknowledged,
            leave_by: None,
            told,
        };
        (connection, events)
    }

    async fn serve(
        &self,
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
        &self,
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
    fn handle(&self, connection: &mut Connection, event: Event) -> bool {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                connection.up_since = Some(Instant::now());
                connection.subscribe(&self.filters);
                self.outbox.take(super::outbox::Outbox::republish);
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
                connection.told = None;
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
                if let Err(error) = self.received.try_send(received) {
                    warn!("A message from the MQTT broker was dropped: {error}");
                }
            }
            Event::Outgoing(Outgoing::Disconnect) => return true,
            _ => {}
        }
        false
    }
}

impl Connection {
    /// Hands the client what it may have, and says when to look again.
    fn feed(&mut self, outbox: &SharedOutbox) -> Instant {
        let now = Instant::now();
        if let Some(by) = self.leave_by {
            return by;
        }
        let since = if self.unacknowledged > 0 {
            self.progress
        } else {
            now
        };
        let wake = since + self.patience;
        if self.up_since.is_none() {
            return wake;
        }
        outbox.take(|outbox| {
            while self.unacknowledged < WINDOW {
                let Some(publish) = outbox.next(now) else {
                    return outbox.due(now).map_or(wake, |due| due.min(wake));
                };
                self.publish(publish);
            }
            wake
        })
    }

    fn publish(&mut self, publish: Publish) {
        if self.unacknowledged == 0 {
            self.progress = Instant::now();
        }
        let Publish {
            topic,
            payload,
            retain,
        } = publish;
        // The plain `try_publish` would copy the payload. There is room, so the
        // future is done at its first poll.
        let sent = self
            .client
            .publish_bytes(topic, QoS::AtLeastOnce, retain, payload)
            .now_or_never();
        debug_assert!(matches!(sent, Some(Ok(()))), "the window keeps room");
        self.unacknowledged += 1;
    }

    fn subscribe(&self, filters: &[String]) {
        let filters = filters
            .iter()
            .map(|filter| SubscribeFilter::new(filter.clone(), QoS::AtLeastOnce));
        let asked = self.client.try_subscribe_many(filters);
        debug_assert!(asked.is_ok(), "the channel is empty after a connect");
    }

    fn farewell(&mut self, availability: &str) {
        self.leave_by = Some(Instant::now() + FAREWELL);
        self.publish(Publish {
            topic: availability.to_owned(),
            payload: Bytes::from_static(OFFLINE.as_bytes()),
            retain: true,
        });
    }

    fn stuck(&self, now: Instant) -> bool {
        self.unacknowledged > 0 && self.progress + self.patience <= now
    }

    fn trouble(&self, kind: Kind, what: &str) -> Trouble {
        let sentence = format!("The MQTT broker at {} {what}.", self.broker);
        Trouble { kind, sentence }
    }

    fn explain(&self, error: &ConnectionError) -> Trouble {
        use ConnectReturnCode as Code;
        let reason = reason(error);
        let (kind, what) = match error {
            ConnectionError::ConnectionRefused(Code::BadUserNamePassword | Code::NotAuthorized) => (
                Kind::Refused,
                "refuses our user name or password; check both in the options, or restart the broker's app if the Supervisor gave them to us".to_owned(),
            ),
            ConnectionError::ConnectionRefused(Code::ServiceUnavailable) => {
                (Kind::Away, "is not available at the moment".to_owned())
            }
            ConnectionError::ConnectionRefused(code) => (
                Kind::Refused,
                format!("refuses the connection ({code:?}); it must speak MQTT 3.1.1"),
            ),
            ConnectionError::NotConnAck(_) => (
                Kind::Refused,
                "does not answer like an MQTT broker; check host and port".to_owned(),
            ),
            ConnectionError::MqttState(StateError::Deserialization(
                mqttbytes::Error::PayloadSizeLimitExceeded(size),
            )) => (
                Kind::Refused,
                format!("sent a message of {size} bytes on one of our topics, more than the {MAX_PACKET} we accept; remove it, it may be retained"),
            ),
            _ if self.up_since.is_some() => (
                Kind::Away,
                format!("is gone ({reason}); we try again until it is back"),
            ),
            _ => (
                Kind::Away,
                format!("cannot be reached ({reason}); check that it runs, and host and port"),
            ),
        };
        self.trouble(kind, &what)
    }
}

/// The client's error without its wrappers, as a household may read it.
fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(error)
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(mqttbytes::Error::Io(error)),
        ) => error.to_string(),
        ConnectionError::MqttState(StateError::ConnectionAborted) => {
            "it closed the connection".to_owned()
        }
        ConnectionError::MqttState(StateError::AwaitPingResp)
        | ConnectionError::NetworkTimeout
        | ConnectionError::FlushTimeout => "it does not answer".to_owned(),
        other => other.to_string(),
    }
}
