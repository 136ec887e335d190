//! The one task that owns the connection: opens it, holds a conversation, and
//! opens it again when it is lost.

use std::{collections::BTreeMap, mem, time::Duration};

use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{
    Limits, LinkState, Request, Update, Way,
    conversation::Conversation,
    stopping,
    wire::{Ended, Wire},
};
use crate::{domain::backoff::Backoff, telemetry::Metrics};

/// A goodbye may take this long.
const GOODBYE: Duration = Duration::from_millis(200);

/// A subscription somebody holds. It outlives connections.
pub(super) struct Live {
    pub(super) command: Value,
    pub(super) updates: mpsc::Sender<Update>,
    pub(super) stage: Stage,
    pub(super) backoff: Backoff,
}

/// Where a subscription stands on the present connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// To be asked for at this time.
    Due(Instant),
    /// Asked for under this id; given up at that time.
    Asked(u64, Instant),
    /// Events come under this id.
    On(u64),
}

pub(super) struct Actor {
    pub(super) way: Way,
    pub(super) limits: Limits,
    pub(super) metrics: Metrics,
    pub(super) requests: mpsc::Receiver<Request>,
    link: watch::Sender<LinkState>,
    /// By key, which grows: the order in which they were subscribed is kept.
    pub(super) live: BTreeMap<u64, Live>,
    pub(super) stop: CancellationToken,
}

impl Actor {
    pub(super) fn new(
        way: Way,
        limits: Limits,
        metrics: Metrics,
        requests: mpsc::Receiver<Request>,
        link: watch::Sender<LinkState>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            way,
            limits,
            metrics,
            requests,
            link,
            live: BTreeMap::new(),
            stop,
        }
    }

    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(self.limits.retry.0, self.limits.retry.1);
        let mut slower = Backoff::new(self.limits.retry_failed.0, self.limits.retry_failed.1);
        let mut was_up = false;
        loop {
            let (way, limits) = (self.way.clone(), self.limits);
            let Some(opened) = self.meanwhile(Wire::open(&way, limits)).await else {
                return;
            };
            let ended = match opened {
                Ok(wire) => {
                    if mem::replace(&mut was_up, true) {
                        self.metrics.home_assistant_reconnected();
                    }
                    self.link.send_replace(LinkState::Up);
                    slower.reset();
                    let begun = Instant::now();
                    let (wire, ended) = Conversation::new(wire, &mut self).hold().await;
                    let Some(ended) = ended else {
                        wire.close(Instant::now() + GOODBYE).await;
                        return;
                    };
                    // One that is thrown out at once must not come back at once.
                    if begun.elapsed() >= limits.ping_every {
                        backoff.reset();
                    }
                    ended
                }
                Err(ended) => ended,
            };
            tracing::debug!(?ended, "no connection to Home Assistant");
            let (state, wait) = match ended {
                Ended::Away(why) => (LinkState::Away(why), backoff.next(fastrand::f64())),
                Ended::Failed(why) => (LinkState::Failed(why), slower.next(fastrand::f64())),
            };
            self.link.send_replace(state);
            if self.meanwhile(time::sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// Answers requests while there is no connection; `None` when it is time to stop.
    async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                done = &mut work => return Some(done),
                request = self.requests.recv() => match request? {
                    Request::Call { reply, .. } => {
                        let obstacle = self.link.borrow().obstacle();
                        let _ = reply.send(Err(obstacle.unwrap_or_else(stopping)));
                    }
                    Request::Subscribe { key, command, updates } => {
                        self.remember(key, command, updates);
                    }
                    Request::Unsubscribe(key) => {
                        self.live.remove(&key);
                    }
                },
            }
        }
    }

    pub(super) fn remember(&mut self, key: u64, command: Value, updates: mpsc::Sender<Update>) {
        let live = Live {
            command,
            updates,
            stage: Stage::Due(Instant::now()),
            backoff: Backoff::new(self.limits.retry.0, self.limits.retry.1),
        };
        self.live.insert(key, live);
    }
}
