//! Another client of the same broker, made of our own link.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::brisk;
use crate::{
    domain::health::Condition,
    mqtt::{
        link::{Link, MAX_PACKET, Received},
        outbox::{SharedOutbox, Stage},
        seldom::Seldom,
        trouble::Retry,
    },
    settings::model::Broker,
    telemetry::Metrics,
};

const SOON: Duration = Duration::from_secs(15);

pub struct Observer {
    seen: Vec<Received>,
    received: mpsc::Receiver<Received>,
    outbox: Arc<SharedOutbox>,
    condition: watch::Receiver<Condition>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Observer {
    pub fn start(broker: Broker, filters: &[&str]) -> Self {
        let id = format!("observer-{}", fastrand::u32(..));
        let outbox = Arc::new(SharedOutbox::new(MAX_PACKET));
        let (sender, received) = mpsc::channel(10_000);
        let (conditions, condition) = watch::channel(Condition::Starting);
        let link = Link {
            availability: format!("{id}/availability"),
            client_id: id,
            filters: filters.iter().map(|&filter| filter.into()).collect(),
            source: Arc::new(broker),
            outbox: outbox.clone(),
            claim: None,
            keeper: None,
            received: sender,
            dropped: Seldom::default(),
            largest: MAX_PACKET,
            condition: conditions,
            passive: watch::channel(false).0,
            retry: Retry::new(brisk()),
            metrics: Metrics::new(&[]),
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(link.run(stop.clone()));
        Self {
            seen: vec![],
            received,
            outbox,
            condition,
            stop,
            task,
        }
    }

    pub async fn connected(&mut self) {
        let up = self.condition.wait_for(|c| *c == Condition::Ok);
        timeout(SOON, up).await.expect("a connection").unwrap();
    }

    /// Publishes once, not retained.
    pub fn say(&self, topic: &str, payload: &str) {
        self.outbox.edit(|outbox| {
            outbox.clear(Stage::Picture, topic);
            outbox.set(Stage::Picture, topic, payload.to_owned());
        });
    }

    /// Waits until this was heard (it may have been already).
    pub async fn until(&mut self, topic: &str, payload: &str) {
        self.wait(|r| r.topic == topic && r.payload == payload, topic)
            .await;
    }

    pub async fn until_any(&mut self, topic: &str) {
        self.wait(|r| r.topic == topic, topic).await;
    }

    async fn wait(&mut self, is: impl Fn(&Received) -> bool, topic: &str) {
        if self.seen.iter().any(&is) {
            return;
        }
        let wait = async {
            while let Some(received) = self.received.recv().await {
                let found = is(&received);
                self.seen.push(received);
                if found {
                    return;
                }
            }
        };
        let found = timeout(SOON, wait).await;
        assert!(found.is_ok(), "not on {topic}: {:#?}", self.topics());
    }

    /// Was it said before we listened?
    pub fn retained(&self, topic: &str) -> bool {
        self.seen.iter().any(|r| r.topic == topic && r.retained)
    }

    /// The topics heard, in order.
    pub fn topics(&self) -> Vec<String> {
        self.seen.iter().map(|r| r.topic.clone()).collect()
    }

    /// Starts over with what comes from now on.
    pub fn forget(&mut self) {
        while self.received.try_recv().is_ok() {}
        self.seen.clear();
    }

    pub async fn stop(self) {
        self.stop.cancel();
        timeout(SOON, self.task).await.expect("stops").unwrap();
    }
}
