//! One connection to the broker, from the attempt to its end: what is under
//! way on it, and what its end means.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, LastWill, MqttOptions, QoS,
    StateError, SubscribeFilter, mqttbytes,
};
use tokio::time::Instant;

use super::{Link, MAX_PACKET};
use crate::{
    mqtt::{
        outbox::{Publish, SharedOutbox},
        render::OFFLINE,
        trouble::{Kind, Trouble},
    },
    settings::{model::Broker, secret::ExposeSecret},
};

/// Publishes under way (sent, not yet acknowledged).
const WINDOW: usize = 20;

/// Room for these, the subscription, the farewell and the disconnect.
const CHANNEL: usize = WINDOW + 4;

const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long a clean stop may take; after it the last will speaks for us.
const FAREWELL: Duration = Duration::from_millis(500);

/// One connection, from the attempt to its end.
pub(super) struct Connection {
    pub(super) client: AsyncClient,
    pub(super) broker: String,
    pub(super) up_since: Option<Instant>,
    pub(super) unacknowledged: usize,
    /// When the broker last acknowledged something.
    pub(super) progress: Instant,
    /// How long it may take to acknowledge the next.
    patience: Duration,
    /// Set once we are leaving.
    pub(super) leave_by: Option<Instant>,
    pub(super) past: Past,
}

/// What connections leave to those after them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Past {
    /// The trouble that was told and is not over.
    pub(super) told: Option<Kind>,
    /// There was a connection that came about.
    pub(super) was_up: bool,
}

impl Connection {
    /// Prepares a connection, which comes about when the event loop is polled.
    pub(super) fn to(broker: &Broker, link: &Link, past: Past) -> (Self, EventLoop) {
        // The client joins host and port with a colon.
        let host = match broker.host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => broker.host.clone(),
        };
        let name = format!("{host}:{}", broker.port);
        let mut options = MqttOptions::new(&link.client_id, host, broker.port);
        options
            .set_keep_alive(KEEP_ALIVE)
            .set_max_packet_size(MAX_PACKET, MAX_PACKET)
            .set_last_will(LastWill::new(
                &link.availability,
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
        let connection = Self {
            client,
            broker: name,
            up_since: None,
            unacknowledged: 0,
            progress: Instant::now(),
            patience: link.retry.pace().acknowledged,
            leave_by: None,
            past,
        };
        (connection, events)
    }

    /// Hands the client what it may have, and says when to look again.
    pub(super) fn feed(&mut self, outbox: &SharedOutbox) -> Instant {
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

    pub(super) fn subscribe(&self, filters: &[String]) {
        let filters = filters
            .iter()
            .map(|filter| SubscribeFilter::new(filter.clone(), QoS::AtLeastOnce));
        let asked = self.client.try_subscribe_many(filters);
        debug_assert!(asked.is_ok(), "the channel is empty after a connect");
    }

    pub(super) fn farewell(&mut self, availability: &str) {
        self.leave_by = Some(Instant::now() + FAREWELL);
        self.publish(Publish {
            topic: availability.to_owned(),
            payload: Bytes::from_static(OFFLINE.as_bytes()),
            retain: true,
        });
    }

    pub(super) fn stuck(&self, now: Instant) -> bool {
        self.unacknowledged > 0 && self.progress + self.patience <= now
    }

    pub(super) fn trouble(&self, kind: Kind, what: &str) -> Trouble {
        let sentence = format!("The MQTT broker at {} {what}.", self.broker);
        Trouble { kind, sentence }
    }

    pub(super) fn explain(&self, error: &ConnectionError) -> Trouble {
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
