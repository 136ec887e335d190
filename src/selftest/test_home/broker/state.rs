//! What the broker knows, and where messages go.

use std::collections::{HashMap, HashSet, VecDeque};

use rumqttc::{
    matches,
    mqttbytes::{
        QoS,
        v4::{
            Connect, LastWill, Packet, PubAck, PubComp, PubRec, Publish, SubAck, Subscribe,
            SubscribeFilter, SubscribeReasonCode, UnsubAck,
        },
    },
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Counts, Options, Published};

#[derive(Debug, Default)]
pub struct State {
    pub options: Options,
    /// Close new connections at once.
    pub refuse: bool,
    /// Acknowledge nothing.
    pub mute: bool,
    /// Let nothing through, either way.
    pub frozen: bool,
    pub clients: HashMap<u64, Client>,
    last_client: u64,
    pub published: VecDeque<Published>,
    pub counts: Counts,
}

#[derive(Debug)]
pub struct Client {
    id: String,
    queue: mpsc::Sender<Packet>,
    /// Published when the client goes without taking its leave.
    will: Option<LastWill>,
    filters: Vec<SubscribeFilter>,
    /// Cut the connection.
    pub cut: CancellationToken,
    last_pkid: u16,
}

impl State {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// Lets a client in, unless its login is wrong; its number.
    pub fn admit(
        &mut self,
        hello: &Connect,
        queue: mpsc::Sender<Packet>,
        cut: CancellationToken,
    ) -> Option<u64> {
        let login = hello.login.clone().map(|l| (l.username, l.password));
        if self.options.login.is_some() && self.options.login != login {
            self.counts.refusals += 1;
            return None;
        }
        self.counts.connects += 1;
        // Who comes again replaces who was, whose will is said before the
        // successor says anything.
        let same = |(number, old): (&u64, &Client)| (old.id == hello.client_id).then_some(*number);
        if let Some(old) = self.clients.iter().find_map(same) {
            self.leave(old, false);
        }
        let client = Client {
            id: hello.client_id.clone(),
            queue,
            will: hello.last_will.clone(),
            filters: vec![],
            cut,
            last_pkid: 0,
        };
        self.last_client += 1;
        self.clients.insert(self.last_client, client);
        Some(self.last_client)
    }

    /// A client is gone; `clean` if it took its leave.
    pub fn leave(&mut self, number: u64, clean: bool) {
        let Some(client) = self.clients.remove(&number) else {
            return;
        };
        client.cut.cancel();
        if let Some(will) = client.will
            && !clean
        {
            let mut publish = Publish::from_bytes(will.topic, will.qos, will.message);
            publish.retain = will.retain;
            self.route(&client.id, &publish);
        }
    }

    pub fn route(&mut self, client_id: &str, publish: &Publish) {
        self.counts.publishes += 1;
        if self.options.capture > 0 {
            while self.published.len() >= self.options.capture {
                self.published.pop_front();
            }
            self.published.push_back(Published {
                client_id: client_id.to_owned(),
                topic: publish.topic.clone(),
                payload: publish.payload.clone(),
                retain: publish.retain,
            });
        }
        if publish.retain && publish.payload.is_empty() {
            self.options.retained.remove(&publish.topic);
        } else if publish.retain {
            let (topic, payload) = (publish.topic.clone(), publish.payload.clone());
            self.options.retained.insert(topic, payload);
        }
        for client in self.clients.values_mut() {
            let granted = client
                .filters
                .iter()
                .filter(|filter| matches(&publish.topic, &filter.path))
                .map(|filter| filter.qos as u8)
                .max();
            if let Some(granted) = granted
                && !client.deliver(publish, granted, false)
            {
                self.counts.dropped += 1;
            }
        }
    }

    /// Does what a client's packet asks for; the answer, if one is due.
    pub fn answer(
        &mut self,
        number: u64,
        packet: Packet,
        received: &mut HashSet<u16>,
    ) -> Option<Packet> {
        let id = self.clients.get(&number)?.id.clone();
        match packet {
            Packet::Publish(publish) => {
                let (qos, pkid) = (publish.qos, publish.pkid);
                // With QoS 2 a repetition is not a second message.
                if qos != QoS::ExactlyOnce || received.insert(pkid) {
                    self.route(&id, &publish);
                }
                match qos {
                    QoS::AtMostOnce => None,
                    _ if self.mute => None,
                    QoS::AtLeastOnce => Some(Packet::PubAck(PubAck::new(pkid))),
                    QoS::ExactlyOnce => Some(Packet::PubRec(PubRec::new(pkid))),
                }
            }
            Packet::PubRel(release) => {
                received.remove(&release.pkid);
                Some(Packet::PubComp(PubComp::new(release.pkid)))
            }
            Packet::Subscribe(asked) => {
                self.subscribe(number, asked);
                None
            }
            Packet::Unsubscribe(asked) => {
                if let Some(client) = self.clients.get_mut(&number) {
                    client.filters.retain(|f| !asked.topics.contains(&f.path));
                }
                Some(Packet::UnsubAck(UnsubAck::new(asked.pkid)))
            }
            Packet::PingReq => Some(Packet::PingResp),
            _ => None,
        }
    }

    fn subscribe(&mut self, number: u64, asked: Subscribe) {
        let Some(client) = self.clients.get_mut(&number) else {
            return;
        };
        let codes = asked
            .filters
            .iter()
            .map(|filter| SubscribeReasonCode::Success(granted(filter.qos as u8)));
        client.send(Packet::SubAck(SubAck::new(asked.pkid, codes.collect())));
        for filter in asked.filters {
            for (topic, payload) in &self.options.retained {
                if matches(topic, &filter.path) {
                    let publish = Publish::from_bytes(topic, QoS::AtLeastOnce, payload.clone());
                    if !client.deliver(&publish, filter.qos as u8, true) {
                        self.counts.dropped += 1;
                    }
                }
            }
            client.filters.retain(|old| old.path != filter.path);
            client.filters.push(filter);
        }
    }
}

impl Client {
    /// `false` if the client's queue is full.
    fn deliver(&mut self, publish: &Publish, asked: u8, retained: bool) -> bool {
        let qos = granted(asked.min(publish.qos as u8));
        let mut copy = Publish::from_bytes(&publish.topic, qos, publish.payload.clone());
        copy.retain = retained;
        if qos == QoS::AtLeastOnce {
            self.last_pkid = self.last_pkid.checked_add(1).unwrap_or(1);
            copy.pkid = self.last_pkid;
        }
        self.send(Packet::Publish(copy))
    }

    fn send(&self, packet: Packet) -> bool {
        self.queue.try_send(packet).is_ok()
    }
}

/// We deliver with QoS 1 at most.
fn granted(asked: u8) -> QoS {
    if asked == 0 {
        QoS::AtMostOnce
    } else {
        QoS::AtLeastOnce
    }
}
