//! What the broker should hold: the latest value of every topic, and which of
//! them still have to be sent. Never a queue: memory is bounded by the number
//! of topics, whatever happens and however long the broker is away. Beside it
//! the lane of what happened once, see `lane`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::{sync::Notify, time::Instant};
use tracing::warn;

use super::lane::{Lane, Once};

/// Home Assistant loses parts of a device's payload when a different one
/// follows while it still works on the first.
const BETWEEN_CONFIGS: Duration = Duration::from_millis(1500);

/// How long Home Assistant may need from a device's discovery until it listens
/// to its topics (or, for a removal, no longer does). Only what is not retained
/// has to wait for it, and the clearing of topics.
const SETTLING: Duration = Duration::from_secs(5);

/// Header, topic length, packet id: an upper bound on what MQTT adds.
const OVERHEAD: usize = 16;

/// In which order topics are sent after a (re)connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Discovery,
    State,
    /// That the service is there, once everything else is in place.
    Availability,
    /// Pictures are not retained, so that none lands in the broker's files.
    Picture,
}

/// One message for the broker, always with QoS 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    pub topic: String,
    pub payload: Bytes,
    pub retain: bool,
    /// What kind of message it is.
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A device's discovery payload.
    Discovery,
    /// The latest value of a topic.
    Value,
    /// Something that happened once: never sent twice.
    Once,
}

#[derive(Debug)]
struct Entry {
    stage: Stage,
    payload: Bytes,
    /// When a discovery payload was last sent, and which.
    sent: Option<(Instant, Bytes)>,
}

#[derive(Debug)]
pub struct Outbox {
    max_packet: usize,
    entries: BTreeMap<Arc<str>, Entry>,
    /// What is still to be sent, in order.
    waiting: BTreeSet<(Stage, Arc<str>)>,
    /// Topics whose latest value was too large, so that we say it once each.
    refused: BTreeSet<Arc<str>>,
    last_discovery: Option<Instant>,
    lane: Lane,
    /// Pictures must not leave the home network.
    only_at_home: bool,
    /// The broker is known to be inside it.
    broker_at_home: bool,
    /// Everything is being taken out of the broker: nothing new comes in.
    closing: bool,
}

impl Outbox {
    /// `max_packet`: bytes of the largest packet the link can send.
    pub fn new(max_packet: usize) -> Self {
        Self {
            max_packet,
            entries: BTreeMap::new(),
            waiting: BTreeSet::new(),
            refused: BTreeSet::new(),
            last_discovery: None,
            lane: Lane::default(),
            only_at_home: false,
            broker_at_home: false,
            closing: false,
        }
    }

    /// Notes the latest value of a topic; an unchanged one is not sent again.
    /// An oversize value is refused, since sending it would end the
    /// connection; the topic keeps the value it had.
    pub fn set(&mut self, stage: Stage, topic: &str, payload: impl Into<Bytes>) {
        let payload = payload.into();
        if self.closing {
            return;
        }
        let size = topic.len() + payload.len() + OVERHEAD;
        if size > self.max_packet {
            if self.refused.insert(topic.into()) {
                warn!(
                    topic,
                    "not sent to the broker: {size} bytes are more than the {} we send at most",
                    self.max_packet
                );
            }
            return;
        }
        self.refused.remove(topic);
        match self.entries.get_mut(topic) {
            Some(entry) if entry.payload == payload => {}
            Some(entry) => {
                entry.payload = payload;
                let stage = entry.stage;
                self.wait(stage, topic.into());
            }
            None => {
                let topic: Arc<str> = topic.into();
                let entry = Entry {
                    stage,
                    payload,
                    sent: None,
                };
                self.wait(stage, topic.clone());
                self.entries.insert(topic, entry);
            }
        }
    }

    /// A topic is to be sent, unless it is a picture that has to stay here.
    fn wait(&mut self, stage: Stage, topic: Arc<str>) {
        if stage != Stage::Picture || !self.withholds() {
            self.waiting.insert((stage, topic));
        }
    }

    /// Whether pictures stay here: they must not leave the home network, and
    /// the broker is not known to be inside it.
    pub fn withholds(&self) -> bool {
        self.only_at_home && !self.broker_at_home
    }

    /// Whether pictures must stay in the home network.
    pub fn only_at_home(&self) -> bool {
        self.only_at_home
    }

    /// From now on pictures must (not) stay in the home network.
    pub fn keep_at_home(&mut self, only_at_home: bool) {
        let before = self.withholds();
        self.only_at_home = only_at_home;
        self.sort_pictures(before);
    }

    /// A new connection: whether its other end is known to be in the home network.
    pub fn broker_is_at_home(&mut self, at_home: bool) {
        let before = self.withholds();
        self.broker_at_home = at_home;
        self.sort_pictures(before);
    }

    fn sort_pictures(&mut self, withheld: bool) {
        if self.withholds() {
            self.waiting.retain(|(stage, _)| *stage != Stage::Picture);
        } else if withheld {
            let pictures = self
                .entries
                .iter()
                .filter(|(_, e)| e.stage == Stage::Picture);
            let pictures = pictures.map(|(topic, entry)| (entry.stage, topic.clone()));
            self.waiting.extend(pictures);
        }
    }

    /// Takes a topic out of the broker: an empty retained payload, kept until
    /// it is acknowledged. A picture is not in the broker and simply forgotten.
    pub fn clear(&mut self, stage: Stage, topic: &str) {
        if stage == Stage::Picture {
            self.entries.remove(topic);
            self.waiting.remove(&(stage, topic.into()));
        } else {
            self.set(stage, topic, Bytes::new());
        }
    }

    /// Notes something that happened once.
    pub fn push(&mut self, once: Once) {
        let size = once.topic.len() + once.payload.len() + OVERHEAD;
        if size <= self.max_packet {
            self.lane.push(once);
        } else {
            self.lane.lost(1);
        }
    }

    /// How many such messages were lost since the last call: no room, too old
    /// or unconfirmed.
    pub fn lost(&mut self) -> u64 {
        self.lane.take_lost()
    }

    /// They were under way when the connection ended.
    pub fn lost_under_way(&mut self, number: usize) {
        self.lane.lost(number as u64);
    }

    /// A topic is to be sent again: somebody else wrote to it.
    pub fn resend(&mut self, topic: &str) {
        if let Some(stage) = self.entries.get(topic).map(|entry| entry.stage) {
            self.wait(stage, topic.into());
        }
    }

    /// Takes every topic out of the broker; nothing new comes in from now on.
    pub fn close(&mut self) {
        let topics: Vec<_> = self
            .entries
            .iter()
            .map(|(t, e)| (e.stage, t.clone()))
            .collect();
        for (stage, topic) in topics {
            self.clear(stage, &topic);
        }
        self.lane = Lane::default();
        self.closing = true;
    }

    pub fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether all that is over.
    pub fn is_closed(&self) -> bool {
        self.closing && self.waiting.is_empty()
    }

    /// Forgets a topic without a word: somebody else has emptied it.
    pub fn forget(&mut self, topic: &str) {
        if let Some(entry) = self.entries.remove(topic) {
            self.waiting.remove(&(entry.stage, topic.into()));
        }
    }

    /// The broker has acknowledged all it was sent: what went out of it need
    /// not be said again, which Home Assistant would wonder about.
    pub fn acknowledged(&mut self) {
        if self.waiting.is_empty() {
            self.entries.retain(|_, entry| !entry.payload.is_empty());
        }
    }

    /// Home Assistant has started: every value is to be said again. Not what
    /// was taken out: the broker is right about it, and Home Assistant would
    /// wonder about a device that it does not know.
    pub fn say_again(&mut self) {
        let held = self.withholds();
        for (topic, entry) in &self.entries {
            let stays = held && entry.stage == Stage::Picture;
            if !entry.payload.is_empty() && !stays {
                self.waiting.insert((entry.stage, topic.clone()));
            }
        }
    }

    /// A new connection: everything is to be sent (again), since nobody knows
    /// what of it arrived.
    pub fn republish(&mut self) {
        let held = self.withholds();
        self.waiting = self
            .entries
            .iter()
            .filter(|(_, entry)| !(held && entry.stage == Stage::Picture))
            .map(|(topic, entry)| (entry.stage, topic.clone()))
            .collect();
    }

    /// Takes the next message that may be sent now. Whoever takes it sends it,
    /// or calls `republish` when the connection is up again.
    pub fn next(&mut self, now: Instant) -> Option<Publish> {
        let ready = self
            .waiting
            .iter()
            .find(|(_, topic)| self.earliest(topic).is_none_or(|at| at <= now))
            .cloned();
        let Some(key) = ready else {
            return self.lane.next(now, self.settled());
        };
        self.waiting.remove(&key);
        let (stage, topic) = key;
        let entry = self.entries.get_mut(&topic)?;
        if stage == Stage::Discovery {
            entry.sent = Some((now, entry.payload.clone()));
            self.last_discovery = Some(now);
        }
        Some(Publish {
            topic: topic.as_ref().to_owned(),
            payload: entry.payload.clone(),
            retain: stage != Stage::Picture,
            kind: match stage {
                Stage::Discovery => Kind::Discovery,
                _ => Kind::Value,
            },
        })
    }

    /// When Home Assistant listens to what was announced last.
    fn settled(&self) -> Option<Instant> {
        self.last_discovery.map(|at| at + SETTLING)
    }

    /// When the first of the messages that wait may be sent.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.waiting
            .iter()
            .map(|(_, topic)| self.earliest(topic).unwrap_or(now))
            .chain(self.lane.due(now, self.settled()))
            .min()
    }

    /// Before which moment this topic must not be sent, if there is one.
    fn earliest(&self, topic: &str) -> Option<Instant> {
        let entry = self.entries.get(topic)?;
        match (entry.stage, &entry.sent) {
            (Stage::Discovery, Some((at, before))) if *before != entry.payload => {
                Some(*at + BETWEEN_CONFIGS)
            }
            (Stage::Picture, _) => self.settled(),
            (Stage::State, _) if entry.payload.is_empty() => self.settled(),
            _ => None,
        }
    }
}

/// The outbox between those who know what to publish and the link, which is
/// woken by every edit.
#[derive(Debug)]
pub struct SharedOutbox {
    // A std mutex: held for map operations only, never across an await.
    outbox: Mutex<Outbox>,
    edited: Notify,
}

impl SharedOutbox {
    pub fn new(max_packet: usize) -> Self {
        Self {
            outbox: Mutex::new(Outbox::new(max_packet)),
            edited: Notify::new(),
        }
    }

    pub fn edit<T>(&self, edit: impl FnOnce(&mut Outbox) -> T) -> T {
        let done = edit(&mut self.outbox.lock().unwrap_or_else(PoisonError::into_inner));
        self.edited.notify_one();
        done
    }

    /// Like `edit`, for the link itself, which need not be woken.
    pub fn take<T>(&self, take: impl FnOnce(&mut Outbox) -> T) -> T {
        take(&mut self.outbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns once something was edited since the last call.
    pub async fn edited(&self) {
        self.edited.notified().await;
    }
}

#[cfg(test)]
mod tests;
