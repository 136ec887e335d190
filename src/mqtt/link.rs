//! The link to the broker: the only place that names the MQTT client.
//!
//! One task owns the client's event loop. A connection starts with nothing and
//! gets everything from the outbox; nothing is queued across reconnects. The
//! client is never awaited here: what is under way is counted, so that its
//! channel always has room. Nothing is published before the claim to the
//! device id is settled.

mod connection;
mod knock;
mod place;
mod reason;
mod tls;

use std::{mem, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use rumqttc::{Event, EventLoop, Outgoing, Packet, Publish};
use tokio::{
    select,
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

pub use self::knock::knock;
use self::{
    connection::{Connection, Ears, Past},
    tls::Tunnel,
};
use super::{
    claim::Claim,
    identity::Keeper,
    outbox::{Outbox, SharedOutbox},
    render::OFFLINE,
    seldom::Seldom,
    trouble::{Kind, Retry, Trouble},
};
use crate::{
    domain::health::Condition, ports::BrokerSource, settings::network::is_at_home,
    telemetry::Metrics,
};

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
    /// We serve; if not, commands are for somebody else.
    pub serving: bool,
}

pub struct Link {
    /// With the claim's instance it is stable, so that a new connection
    /// replaces a half-dead old one, whose late last will would otherwise
    /// declare us offline.
    pub client_id: String,
    /// Where `offline` is said, by the last will or at a clean stop.
    pub availability: String,
    pub filters: Vec<String>,
    pub source: Arc<dyn BrokerSource>,
    pub outbox: Arc<SharedOutbox>,
    /// `None`: nobody else can have our place.
    pub claim: Option<Claim>,
    /// Where a new name is written down.
    pub keeper: Option<Keeper>,
    /// Never waited for: what does not fit is dropped and counted.
    pub received: mpsc::Sender<Received>,
    pub dropped: Seldom,
    /// Bytes of the largest message that is passed on.
    pub largest: usize,
    /// Changes once when a trouble begins and once when it ends.
    pub condition: watch::Sender<Condition>,
    /// Whether another instance serves in our place.
    pub passive: watch::Sender<bool>,
    pub retry: Retry,
    pub metrics: Metrics,
}

/// Why a connection is over.
enum End {
    /// We were asked to stop, and did; or everything was taken out of the broker.
    Stopped,
    /// To come again in another role.
    Again,
    Trouble(Trouble),
}

impl Link {
    /// Keeps the link until `stop`, then says `offline` and leaves; or until
    /// the outbox is closed and empty, then leaves without a word.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut past = Past::default();
        loop {
            let (end, good) = self.once(&mut past, &stop).await;
            let wait = match end {
                End::Stopped => return,
                End::Again => self.retry.soon(),
                End::Trouble(trouble) => self.note(&mut past, trouble, good),
            };
            select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
        }
    }

    /// One attempt and what follows from it; `true` if the connection was good.
    async fn once(&mut self, past: &mut Past, stop: &CancellationToken) -> (End, bool) {
        let asked = select! {
            () = stop.cancelled() => return (End::Stopped, false),
            asked = timeout(ASKING, self.source.broker()) => asked,
        };
        let broker = match asked.unwrap_or_else(|_| Err(NOBODY_SAID.to_owned())) {
            Ok(broker) => broker,
            Err(sentence) => {
                let kind = Kind::NoBroker;
                return (End::Trouble(Trouble { kind, sentence }), false);
            }
        };
        // A name may lead anywhere: whoever has to know where connects himself.
        let literal: Option<IpAddr> = broker.host.parse().ok();
        let blind = literal.is_none() && self.outbox.take(|outbox| outbox.only_at_home());
        let tunnel = if broker.tls.is_some() || blind {
            let opened = select! {
                () = stop.cancelled() => return (End::Stopped, false),
                opened = Tunnel::open(&broker) => opened,
            };
            match opened {
                Ok(tunnel) => Some(tunnel),
                Err(why) => {
                    let name = connection::name(&broker);
                    let sentence = format!("The MQTT broker at {name} {}.", why.what);
                    let kind = why.kind;
                    return (End::Trouble(Trouble { kind, sentence }), false);
                }
            }
        } else {
            None
        };
        let peer = tunnel.as_ref().map(Tunnel::peer).or(literal);
        self.outbox
            .take(|outbox| outbox.broker_is_at_home(peer.is_some_and(is_at_home)));
        let (mut connection, events) = Connection::to(&broker, self, *past, tunnel.as_ref());
        connection.peer = peer;
        let end = self.serve(&mut connection, events, stop).await;
        *past = connection.past;
        self.outbox
            .take(|outbox| outbox.lost_under_way(connection.once_under_way()));
        if let Some(tunnel) = tunnel {
            tunnel.drained().await;
        }
        let good = connection.delivered || connection.up_for() >= self.retry.pace().proven;
        (end, good)
    }

    /// Says a trouble when it begins; how long to wait then.
    fn note(&mut self, past: &mut Past, trouble: Trouble, good: bool) -> Duration {
        let wait = self.retry.wait(trouble.kind, good);
        debug!(?wait, "no link to the broker: {}", trouble.sentence);
        if past.told != Some(trouble.kind) {
            past.told = Some(trouble.kind);
            warn!("{}", trouble.sentence);
            #[cfg(feature = "mutants")]
            if crate::mutants::lives(crate::mutants::Mutant::KeepsQuietAboutTheBroker) {
                return wait;
            }
            self.condition
                .send_replace(Condition::Degraded(trouble.sentence));
        }
        wait
    }

    async fn serve(
        &mut self,
        connection: &mut Connection,
        mut events: EventLoop,
        stop: &CancellationToken,
    ) -> End {
        loop {
            let ended = match self.turn(connection, &mut events, stop).await {
                Ok(event) => self.handle(connection, event).await,
                Err(end) => Some(end),
            };
            if let Some(end) = ended {
                return end;
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
            let serving = self.claim.as_ref().is_none_or(Claim::serves);
            let mut wake = connection.feed(&self.outbox, self.claim.as_mut(), serving);
            self.metrics
                .mqtt_events_dropped(self.outbox.take(Outbox::lost));
            if let Some(due) = self.claim.as_ref().and_then(Claim::due)
                && connection.ears != Ears::NotYet
            {
                wake = wake.min(due);
            }
            select! {
                polled = &mut poll => {
                    return polled.map_err(|error| match connection.leave_by {
                        Some(_) => connection.goal(),
                        None => End::Trouble(connection.explain(&error)),
                    });
                }
                () = self.outbox.edited() => {}
                () = stop.cancelled(), if connection.leave_by.is_none() => {
                    if connection.up_since.is_none() {
                        return Err(End::Stopped);
                    }
                    connection.farewell(serving.then_some(self.availability.as_str()));
                }
                () = sleep_until(wake) => {
                    let now = Instant::now();
                    if connection.leave_by.is_some_and(|by| by <= now) {
                        return Err(connection.goal());
                    }
                    if connection.stuck(now) {
                        let what = "acknowledges nothing any more; restart it";
                        return Err(End::Trouble(connection.trouble(Kind::Broken, what)));
                    }
                    if connection.ears != Ears::NotYet
                        && let Some(claim) = &mut self.claim
                    {
                        let verdict = claim.tick(now);
                        self.obey(connection, verdict).await;
                    }
                }
            }
            self.settle(connection);
            self.mind_pictures(connection);
        }
    }

    /// What is over when everything has arrived.
    fn settle(&mut self, connection: &mut Connection) {
        if connection.leave_by.is_some() || !connection.is_quiet() {
            return;
        }
        if connection.serves {
            if self.outbox.take(|outbox| outbox.is_closed()) {
                connection.leave();
                return;
            }
            connection.delivered = true;
            self.outbox.take(Outbox::acknowledged);
        }
        let proven = connection.up_for() >= self.retry.pace().proven;
        if connection.serves && proven && connection.past.told == Some(Kind::Broken) {
            self.say_connected(connection);
        }
    }

    /// Why this connection ends, if it does.
    async fn handle(&mut self, connection: &mut Connection, event: Event) -> Option<End> {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                connection.up_since = Some(Instant::now());
                let again = mem::replace(&mut connection.past.was_up, true);
                if again {
                    self.metrics.mqtt_reconnected();
                }
                let watching = self.claim.as_ref().is_some_and(Claim::watches);
                #[cfg(feature = "mutants")]
                let watching = watching
                    || again && crate::mutants::lives(crate::mutants::Mutant::IsDeafAfterReconnect);
                let filters = if watching { &[][..] } else { &self.filters };
                connection.subscribe(self.claim.as_ref(), filters);
            }
            Event::Incoming(Packet::SubAck(answer)) if connection.ears == Ears::NotYet => {
                self.listens(connection, &answer.return_codes).await;
            }
            Event::Incoming(Packet::PubAck(_)) => {
                connection.acknowledged();
                if connection.leave_by.is_some() && connection.is_quiet() {
                    // Only now: a DISCONNECT makes the broker forget the last will.
                    if connection.client.try_disconnect().is_err() {
                        return Some(connection.goal());
                    }
                }
                self.settle(connection);
            }
            Event::Incoming(Packet::Publish(publish)) => self.arrived(connection, publish).await,
            Event::Outgoing(Outgoing::Publish(_)) => self.metrics.mqtt_published(),
            Event::Outgoing(Outgoing::Disconnect) => return Some(connection.goal()),
            _ => {}
        }
        None
    }

    async fn arrived(&mut self, connection: &mut Connection, publish: Publish) {
        let Publish {
            topic,
            payload,
            retain: retained,
            ..
        } = publish;
        if let Some(claim) = &mut self.claim
            && claim.filters().contains(&topic)
        {
            if self.outbox.take(|outbox| outbox.is_closing()) {
                return;
            }
            let verdict = claim.heard(&topic, &payload, retained, Instant::now());
            return self.obey(connection, verdict).await;
        }
        if topic == self.availability {
            // The late last will of a connection that was ours, or of somebody
            // who has just left us the place.
            let wrong = payload == OFFLINE && !retained;
            if wrong && connection.serves && connection.leave_by.is_none() {
                self.outbox.edit(|outbox| outbox.resend(&topic));
            }
            return;
        }
        if !connection.is_news(&topic, &payload) {
            return;
        }
        let serving = connection.serves;
        let fits = payload.len() <= self.largest;
        let received = Received {
            topic,
            payload,
            retained,
            serving,
        };
        if fits && self.received.try_send(received).is_ok() {
            return;
        }
        self.metrics.mqtt_command_dropped();
        if let Some(more) = self.dropped.now() {
            warn!(
                "Messages come in by MQTT faster than they can be obeyed, or are too large for commands; {} were dropped.",
                more + 1
            );
        }
    }
}
