//! One connection to the broker, from the attempt to its end: what is under
//! way on it, and what its end means.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, LastWill, MqttOptions, QoS,
    StateError, SubscribeFilter, Transport, mqttbytes,
};
use tokio::time::Instant;

use super::{End, Link, MAX_PACKET, reason::reason, tls::Tunnel};
use crate::{
    mqtt::{
        claim::Claim,
        outbox::{self, Publish, SharedOutbox},
        render::OFFLINE,
        trouble::{Kind, Trouble},
    },
    settings::{model::Broker, secret::ExposeSecret},
};

/// Publishes under way (sent, not yet acknowledged).
const WINDOW: usize = 20;

/// Each may come with a subscription to its topic; the claim's messages, the
/// first subscription, the farewell and the disconnect find room besides.
const CHANNEL: usize = 2 * WINDOW + 8;

/// How long a clean stop may take; after it the last will speaks for us.
const FAREWELL: Duration = Duration::from_millis(500);

/// One connection, from the attempt to its end.
pub(super) struct Connection {
    pub(super) client: AsyncClient,
    pub(super) broker: String,
    /// The address at its other end; `None`: a name led there.
    pub(super) peer: Option<IpAddr>,
    pub(super) up_since: Option<Instant>,
    pub(super) ears: Ears,
    /// The place is ours: what we have is published.
    pub(super) serves: bool,
    /// The broker had everything once.
    pub(super) delivered: bool,
    /// What was sent and is not acknowledged, in order.
    under_way: VecDeque<outbox::Kind>,
    /// When the broker last acknowledged something.
    progress: Instant,
    /// How long it may take to acknowledge the next.
    patience: Duration,
    proven: Duration,
    /// Discovery topics we listen to, and how many removals of our own are
    /// still to come back on each.
    announced: HashMap<String, usize>,
    /// Set once we are leaving.
    pub(super) leave_by: Option<Instant>,
    /// What leaving is for.
    goal: Goal,
    pub(super) past: Past,
}

/// Whether the broker has answered our subscription, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ears {
    NotYet,
    Open,
    /// Not everything may be heard.
    Deaf,
}

#[derive(Debug, Clone, Copy)]
enum Goal {
    Stop,
    ComeAgain,
}

/// What connections leave to those after them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Past {
    /// The trouble that was told and is not over.
    pub(super) told: Option<Kind>,
    /// There was a connection that came about.
    pub(super) was_up: bool,
    /// That pictures are kept from the broker was said.
    pub(super) withheld: bool,
}

/// Host and port, as they are shown.
pub(super) fn name(broker: &Broker) -> String {
    format!("{}:{}", host(broker), broker.port)
}

/// The client joins host and port with a colon.
pub(super) fn host(broker: &Broker) -> String {
    match broker.host.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => broker.host.clone(),
    }
}

impl Connection {
    /// Prepares a connection, which comes about when the event loop is polled.
    pub(super) fn to(
        broker: &Broker,
        link: &Link,
        past: Past,
        tunnel: Option<&Tunnel>,
    ) -> (Self, EventLoop) {
        let client_id = match &link.claim {
            Some(claim) => format!("{}-{}", link.client_id, claim.instance()),
            None => link.client_id.clone(),
        };
        let address = match tunnel {
            Some(tunnel) => tunnel.path().display().to_string(),
            None => host(broker),
        };
        let mut options = MqttOptions::new(client_id, address, broker.port);
        if tunnel.is_some() {
            options.set_transport(Transport::Unix);
        }
        let pace = link.retry.pace();
        options
            .set_keep_alive(pace.keep_alive)
            .set_max_packet_size(MAX_PACKET, MAX_PACKET);
        // Who only watches must not declare offline who serves.
        if !link.claim.as_ref().is_some_and(Claim::watches) {
            options.set_last_will(LastWill::new(
                &link.availability,
                OFFLINE,
                QoS::AtLeastOnce,
                true,
            ));
        }
        if let Some(user) = &broker.username {
            let password = broker.password.as_ref().map_or("", |p| p.expose_secret());
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, CHANNEL);
        // Packets are small and each is flushed: do not let them wait for company.
        events.network_options.set_tcp_nodelay(true);
        let connection = Self {
            client,
            broker: name(broker),
            peer: None,
            up_since: None,
            ears: Ears::NotYet,
            serves: false,
            delivered: false,
            under_way: VecDeque::new(),
            progress: Instant::now(),
            patience: pace.acknowledged,
            proven: pace.proven,
            announced: HashMap::new(),
            leave_by: None,
            goal: Goal::Stop,
            past,
        };
        (connection, events)
    }

    /// Hands the client what it may have, and says when to look again.
    pub(super) fn feed(
        &mut self,
        outbox: &SharedOutbox,
        claim: Option<&mut Claim>,
        serving: bool,
    ) -> Instant {
        let now = Instant::now();
        if let Some(by) = self.leave_by {
            return by;
        }
        let since = if self.under_way.is_empty() {
            now
        } else {
            self.progress
        };
        let mut wake = since + self.patience;
        let Some(up_since) = self.up_since.filter(|_| self.ears != Ears::NotYet) else {
            return wake;
        };
        if let Some(claim) = claim {
            while self.under_way.len() < WINDOW + 2
                && let Some((topic, payload, retain)) = claim.say()
            {
                self.publish(Publish {
                    topic,
                    payload: payload.into(),
                    retain,
                    kind: outbox::Kind::Value,
                });
            }
        }
        if self.past.told == Some(Kind::Broken) && up_since + self.proven > now {
            wake = wake.min(up_since + self.proven);
        }
        if !(self.serves && serving) {
            return wake;
        }
        outbox.take(|outbox| {
            while self.under_way.len() < WINDOW {
                let Some(publish) = outbox.next(now) else {
                    return outbox.due(now).map_or(wake, |due| due.min(wake));
                };
                self.announce(&publish);
                self.publish(publish);
            }
            wake
        })
    }

    /// Listens to a device's discovery topic before it is written to: Home
    /// Assistant empties it when somebody deletes the device.
    fn announce(&mut self, publish: &Publish) {
        let listened = self.announced.get_mut(&publish.topic);
        if publish.payload.is_empty() {
            if let Some(removals) = listened {
                *removals += 1;
            }
        } else if publish.kind == outbox::Kind::Discovery && listened.is_none() {
            let topic = publish.topic.clone();
            let asked = self.client.try_subscribe(&topic, QoS::AtLeastOnce);
            debug_assert!(asked.is_ok(), "each publish has room for a subscription");
            self.announced.insert(topic, 0);
        }
    }

    /// Whether a message says something new: what we said ourselves to a
    /// device's discovery topic comes back.
    pub(super) fn is_news(&mut self, topic: &str, payload: &[u8]) -> bool {
        let Some(removals) = self.announced.get_mut(topic) else {
            return true;
        };
        if payload.is_empty() && *removals == 0 {
            return true;
        }
        if payload.is_empty() {
            *removals -= 1;
        }
        false
    }

    fn publish(&mut self, publish: Publish) {
        if self.under_way.is_empty() {
            self.progress = Instant::now();
        }
        let Publish {
            topic,
            payload,
            retain,
            kind,
        } = publish;
        #[cfg(feature = "mutants")]
        if crate::mutants::lives(crate::mutants::Mutant::PublishesTwice) {
            self.client
                .publish_bytes(&topic, QoS::AtMostOnce, retain, payload.clone())
                .now_or_never();
        }
        // The plain `try_publish` would copy the payload. There is room, so the
        // future is done at its first poll.
        let sent = self
            .client
            .publish_bytes(topic, QoS::AtLeastOnce, retain, payload)
            .now_or_never();
        debug_assert!(matches!(sent, Some(Ok(()))), "the window keeps room");
        self.under_way.push_back(kind);
    }

    /// The broker has acknowledged the oldest of what is under way.
    pub(super) fn acknowledged(&mut self) {
        self.under_way.pop_front();
        self.progress = Instant::now();
    }

    /// Messages under way that are never sent twice.
    pub(super) fn once_under_way(&self) -> usize {
        let once = |kind: &&outbox::Kind| **kind == outbox::Kind::Once;
        self.under_way.iter().filter(once).count()
    }

    /// Nothing is under way.
    pub(super) fn is_quiet(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn up_for(&self) -> Duration {
        self.up_since
            .map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(super) fn subscribe(&self, claim: Option<&Claim>, filters: &[String]) {
        let of_claim = claim.map(Claim::filters).into_iter().flatten();
        let filters = of_claim
            .chain(filters.iter().cloned())
            .map(|filter| SubscribeFilter::new(filter, QoS::AtLeastOnce));
        let asked = self.client.try_subscribe_many(filters);
        debug_assert!(asked.is_ok(), "the channel is empty after a connect");
    }

    /// Says `offline`, if it was ours to be online, and leaves.
    pub(super) fn farewell(&mut self, availability: Option<&str>) {
        let Some(availability) = availability.filter(|_| self.serves) else {
            return self.leave();
        };
        self.leave_by = Some(Instant::now() + FAREWELL);
        self.publish(Publish {
            topic: availability.to_owned(),
            payload: Bytes::from_static(OFFLINE.as_bytes()),
            retain: true,
            kind: outbox::Kind::Value,
        });
    }

    /// Takes leave of the broker, which then says no last will.
    pub(super) fn leave(&mut self) {
        self.leave_by = Some(Instant::now() + FAREWELL);
        // Without room for it the connection just ends.
        let _ = self.client.try_disconnect();
    }

    /// Leaves to come again at once.
    pub(super) fn change_role(&mut self) {
        self.goal = Goal::ComeAgain;
        self.leave();
    }

    /// What leaving was for.
    pub(super) fn goal(&self) -> End {
        match self.goal {
            Goal::Stop => End::Stopped,
            Goal::ComeAgain => End::Again,
        }
    }

    pub(super) fn stuck(&self, now: Instant) -> bool {
        !self.under_way.is_empty() && self.progress + self.patience <= now
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
                Kind::Broken,
                format!("sent a message of {size} bytes on one of our topics, more than the {MAX_PACKET} we accept; remove it, it may be retained"),
            ),
            _ if self.up_since.is_some() => (
                Kind::Away,
                format!("is gone ({reason}); we try again until it is back"),
            ),
            _ if reason.contains("reset by peer") || reason.contains("closed") => (
                Kind::Away,
                format!("hangs up before it has answered ({reason}); check host and port, and switch mqtt.tls on if it expects encryption"),
            ),
            _ => (
                Kind::Away,
                format!("cannot be reached ({reason}); check that it runs, and host and port"),
            ),
        };
        self.trouble(kind, &what)
    }
}
