//! Home Assistant's WebSocket: commands and subscriptions over one connection
//! that comes back by itself.
//!
//! [`Socket`] is a cheap handle; one [`actor`] owns the connection, a
//! [`conversation`] is the time between two losses of it, [`wire`] speaks the protocol.

mod actor;
mod conversation;
pub(super) mod dial;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    access::Access,
    counted::{counted, kind},
    error::HaError,
};

use crate::telemetry::Metrics;
use dial::Dial;

/// Commands that may wait for the actor.
const REQUESTS: usize = 64;
/// Updates that may wait for a subscription's reader; more and it is told to catch up.
const UPDATES: usize = 64;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connecting, up to the point where commands are accepted.
    pub connect: Duration,
    /// Handing one message to the network.
    pub send: Duration,
    /// A command's answer, where the caller names no other limit.
    pub call: Duration,
    pub ping_every: Duration,
    /// Silence after a ping that counts as a dead connection.
    pub pong_within: Duration,
    /// First and longest wait before a reconnect.
    pub retry: (Duration, Duration),
    /// First and longest wait before the next try where only a person can help.
    pub retry_failed: (Duration, Duration),
    /// How long Home Assistant may be away before that is a fault.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            send: Duration::from_secs(10),
            call: Duration::from_secs(30),
            ping_every: Duration::from_secs(30),
            pong_within: Duration::from_secs(10),
            // One small request on the same machine; a household notices a longer wait.
            retry: (Duration::from_secs(1), Duration::from_secs(8)),
            // Home Assistant warns its owner of each refused token, and may ban us.
            retry_failed: (Duration::from_secs(30), Duration::from_mins(10)),
            patience: Duration::from_mins(5),
        }
    }
}

/// How the connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// The first try is under way.
    Connecting,
    Up,
    /// Home Assistant is away and comes back by itself; a sentence says why.
    Away(String),
    /// Only a person can help; the sentence says how.
    Failed(String),
}

impl LinkState {
    /// Why nothing can be asked now; `None` while the link is up.
    pub(super) fn obstacle(&self) -> Option<HaError> {
        match self {
            Self::Up => None,
            Self::Connecting => Some(HaError::Away(
                "Home Assistant is not connected yet; waiting for it".into(),
            )),
            Self::Away(why) => Some(HaError::Away(why.clone())),
            Self::Failed(why) => Some(HaError::Failed(why.clone())),
        }
    }
}

/// What a subscription's reader gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Subscribed, or subscribed again: events may have been missed before this.
    Subscribed,
    /// The `event` of a message.
    Event(Value),
}

/// Where Home Assistant is, and how to get there.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) access: Arc<Access>,
    pub(super) dial: Arc<dyn Dial>,
}

enum Request {
    Call {
        command: Value,
        reply: oneshot::Sender<Result<Value, HaError>>,
    },
    Subscribe {
        key: u64,
        command: Value,
        updates: mpsc::Sender<Update>,
    },
    Unsubscribe(u64),
}

/// A handle to the connection; clones share it.
#[derive(Debug, Clone)]
pub struct Socket {
    requests: mpsc::Sender<Request>,
    link: watch::Receiver<LinkState>,
    keys: Arc<AtomicU64>,
    call_limit: Duration,
    metrics: Metrics,
}

impl Socket {
    /// Starts the actor as one of `tasks`; it ends with `stop`.
    pub(super) fn start(
        way: Way,
        limits: Limits,
        metrics: Metrics,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (requests, inbound) = mpsc::channel(REQUESTS);
        let (state, link) = watch::channel(LinkState::Connecting);
        let actor = actor::Actor::new(way, limits, metrics.clone(), inbound, state, stop);
        tasks.spawn(actor.run());
        Self {
            requests,
            link,
            keys: Arc::default(),
            call_limit: limits.call,
            metrics,
        }
    }

    /// Sends a command (a JSON object with a `type`, without `id`) and waits
    /// for its `result`. While Home Assistant is away it fails at once.
    pub async fn call(&self, command: Value) -> Result<Value, HaError> {
        self.call_within(command, self.call_limit).await
    }

    /// As [`Socket::call`], for commands that take their time.
    pub async fn call_within(&self, command: Value, limit: Duration) -> Result<Value, HaError> {
        let request = kind(&command);
        counted(&self.metrics, request, self.ask(command, limit)).await
    }

    async fn ask(&self, command: Value, limit: Duration) -> Result<Value, HaError> {
        if let Some(obstacle) = self.link.borrow().obstacle() {
            return Err(obstacle);
        }
        let (reply, answer) = oneshot::channel();
        let asking = async {
            let request = Request::Call { command, reply };
            self.requests.send(request).await.map_err(|_| stopping())?;
            answer.await.unwrap_or_else(|_| {
                Err(HaError::Away(
                    "the connection to Home Assistant was lost before it answered".into(),
                ))
            })
        };
        time::timeout(limit, asking)
            .await
            .unwrap_or(Err(HaError::TooSlow(limit)))
    }

    /// Subscribes with a command such as `subscribe_events`, now and after
    /// every reconnect, until the subscription is dropped. A refused one (the
    /// list does not exist yet) is tried again while the connection lasts.
    pub async fn subscribe(&self, command: Value) -> Subscription {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        let (updates, receiver) = mpsc::channel(UPDATES);
        let request = Request::Subscribe {
            key,
            command,
            updates,
        };
        // Fails only when everything stops; then the reader sees the end at once.
        let _ = self.requests.send(request).await;
        Subscription {
            key,
            updates: receiver,
            requests: self.requests.clone(),
        }
    }

    pub fn link(&self) -> watch::Receiver<LinkState> {
        self.link.clone()
    }
}

fn stopping() -> HaError {
    HaError::Away("the service is stopping".into())
}

/// Events of one subscription; dropping it unsubscribes.
#[derive(Debug)]
pub struct Subscription {
    key: u64,
    updates: mpsc::Receiver<Update>,
    requests: mpsc::Sender<Request>,
}

impl Subscription {
    /// The next update; `None` once the service stops. Safe to cancel.
    pub async fn next(&mut self) -> Option<Update> {
        self.updates.recv().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // If the queue is full, the actor finds the closed channel by itself.
        let _ = self.requests.try_send(Request::Unsubscribe(self.key));
    }
}
