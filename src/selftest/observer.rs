//! What an outsider sees at the broker: the latest of every topic, and how
//! many messages there were. And what an outsider says there.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

/// Bytes of the largest message; pictures are on it, too.
const MAX_PACKET: usize = 4 * 1024 * 1024;
/// Messages of ours that may wait to be sent.
const WAITING: usize = 64;
/// Between two attempts to reach the broker.
const AGAIN: Duration = Duration::from_millis(200);

/// Ends with its handle.
#[derive(Debug)]
pub struct Observer {
    client: AsyncClient,
    seen: Arc<Mutex<Seen>>,
    changed: watch::Receiver<u64>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub latest: BTreeMap<String, Bytes>,
    pub messages: u64,
    pub bytes: u64,
    /// States that were said again although nothing had changed: how often, by topic.
    pub repeated: BTreeMap<String, u64>,
}

impl Seen {
    fn note(&mut self, topic: String, payload: Bytes) {
        if topic.ends_with("/state") && self.latest.get(&topic) == Some(&payload) {
            *self.repeated.entry(topic.clone()).or_default() += 1;
        }
        self.latest.insert(topic, payload);
    }

    /// The latest of a topic, as text.
    pub fn text(&self, topic: &str) -> Option<&str> {
        let payload = self.latest.get(topic)?;
        std::str::from_utf8(payload).ok()
    }
}

impl Observer {
    /// Listens to everything under `device_id` and to its discovery. Connects,
    /// and reconnects, in the background. Needs a tokio runtime.
    pub fn start(broker: SocketAddr, device_id: &str) -> Self {
        let mut options =
            MqttOptions::new("self-test-observer", broker.ip().to_string(), broker.port());
        options
            .set_max_packet_size(MAX_PACKET, MAX_PACKET)
            .set_keep_alive(Duration::from_secs(5));
        let (client, mut events) = AsyncClient::new(options, WAITING);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (sender, changed) = watch::channel(0);
        let filters = [
            format!("{device_id}/#"),
            "homeassistant/device/+/config".to_owned(),
        ];
        let task = {
            let (client, seen) = (client.clone(), seen.clone());
            async move {
                loop {
                    match events.poll().await {
                        Ok(Event::Incoming(Packet::ConnAck(_))) => {
                            for filter in &filters {
                                // Fails only when the event loop is gone, which is this one.
                                let _ = client.try_subscribe(filter, QoS::AtLeastOnce);
                            }
                        }
                        Ok(Event::Incoming(Packet::Publish(publish))) => {
                            {
                                let mut seen = lock(&seen);
                                seen.messages += 1;
                                seen.bytes += publish.payload.len() as u64;
                                seen.note(publish.topic, publish.payload);
                            }
                            sender.send_modify(|n| *n += 1);
                        }
                        Ok(_) => {}
                        Err(_) => sleep(AGAIN).await,
                    }
                }
            }
        };
        Self {
            client,
            seen,
            changed,
            _task: AbortOnDropHandle::new(tokio::spawn(task)),
        }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// The latest of a topic, as text.
    pub fn text(&self, topic: &str) -> Option<String> {
        self.seen().text(topic).map(str::to_owned)
    }

    /// Says something; while the broker is away it waits for it.
    pub async fn say(&self, topic: &str, payload: &str) {
        // Fails only when the event loop is gone, which ends with us.
        let _ = self
            .client
            .publish(topic, QoS::AtLeastOnce, false, payload)
            .await;
    }

    /// Waits until `test` holds, at most `limit`; says whether it does.
    pub async fn until(&self, limit: Duration, test: impl Fn(&Seen) -> bool) -> bool {
        let mut changed = self.changed.clone();
        let wait = async {
            while !test(&self.seen()) {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        timeout(limit, wait).await.is_ok() || test(&self.seen())
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_said_again_unchanged_is_counted_and_a_command_is_not() {
        let mut seen = Seen::default();
        for (topic, payload) in [
            ("a/score/state", "58"),
            ("a/score/state", "96"),
            ("a/score/state", "96"),
            ("a/score/state", "58"),
            ("a/check_now/set", "PRESS"),
            ("a/check_now/set", "PRESS"),
        ] {
            seen.note(topic.into(), Bytes::from_static(payload.as_bytes()));
        }
        let repeated: Vec<_> = seen.repeated.into_iter().collect();
        assert_eq!(repeated, [("a/score/state".to_owned(), 1)]);
    }
}
