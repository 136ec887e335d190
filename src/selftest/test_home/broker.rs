//! A small MQTT 3.1.1 broker on the client's own codec: for the demo, and for
//! tests that need what no stock broker offers: stop, start again on the same
//! port, forget, refuse, cut, count. Everything ends with its handle.
//!
//! What it leaves out: sessions that outlive a connection, QoS 2 towards
//! subscribers, and sending again what was not acknowledged.

mod connection;
mod state;

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use rumqttc::mqttbytes::{QoS, v4::Publish};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::state::State;

/// What a broker starts with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// User name and password that clients must give; `None` lets everybody in.
    pub login: Option<(String, String)>,
    /// Retained messages of an earlier life.
    pub retained: Retained,
    /// How many of the latest publishes to keep for `published`; pictures are large.
    pub capture: usize,
}

/// Topics and their retained payloads.
pub type Retained = BTreeMap<String, Bytes>;

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub client_id: String,
    pub topic: String,
    pub payload: Bytes,
    pub retain: bool,
}

/// What the broker saw so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Clients let in, and turned away for a wrong login.
    pub connects: u64,
    pub refusals: u64,
    pub publishes: u64,
    /// Messages that did not fit into a client's queue.
    pub dropped: u64,
}

/// The running broker. Dropping it stops it, without waiting for the end.
#[derive(Debug)]
pub struct Broker {
    addr: SocketAddr,
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

#[derive(Debug)]
struct Shared {
    // A std mutex: never held across an await.
    state: Mutex<State>,
    /// Counts every change of the state, for those who wait for one.
    changes: watch::Sender<u64>,
    stop: CancellationToken,
}

impl Broker {
    /// Serves `listener` until stopped. Needs a tokio runtime.
    pub fn start(listener: TcpListener, options: Options) -> io::Result<Self> {
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(options)),
            changes: watch::channel(0).0,
            stop: CancellationToken::new(),
        });
        let tasks = TaskTracker::new();
        tasks.spawn(connection::accept(listener, shared.clone(), tasks.clone()));
        Ok(Self {
            addr,
            shared,
            tasks,
        })
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Cuts everybody off, frees the port and hands over the retained messages.
    pub async fn stop(self) -> Retained {
        self.shared.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.shared
            .change(|state| std::mem::take(&mut state.options.retained))
    }

    /// Cuts all connections, as a crash would.
    pub fn kick_all(&self) {
        self.shared.change(|state| {
            for client in state.clients.values() {
                client.cut.cancel();
            }
        });
    }

    /// From now on (not) closes new connections at once.
    pub fn refuse(&self, refuse: bool) {
        self.shared.change(|state| state.refuse = refuse);
    }

    /// From now on (not) takes messages without acknowledging them.
    pub fn mute(&self, mute: bool) {
        self.shared.change(|state| state.mute = mute);
    }

    /// From now on asks new connections for this login.
    pub fn set_login(&self, user: &str, password: &str) {
        let login = Some((user.to_owned(), password.to_owned()));
        self.shared.change(|state| state.options.login = login);
    }

    /// From now on (not) neither reads nor writes on connections that are
    /// open or to come: half-open, as behind a router that lost its table.
    pub fn freeze(&self, freeze: bool) {
        self.shared.change(|state| state.frozen = freeze);
    }

    pub fn forget_retained(&self) {
        self.shared.change(|state| state.options.retained.clear());
    }

    pub fn retained(&self, topic: &str) -> Option<Bytes> {
        self.shared.lock().options.retained.get(topic).cloned()
    }

    pub fn all_retained(&self) -> Retained {
        self.shared.lock().options.retained.clone()
    }

    /// The latest publishes, oldest first, at most `Options::capture`.
    pub fn published(&self) -> Vec<Published> {
        self.shared.lock().published.iter().cloned().collect()
    }

    pub fn forget_published(&self) {
        self.shared.change(|state| state.published.clear());
    }

    pub fn counts(&self) -> Counts {
        self.shared.lock().counts
    }

    pub fn clients(&self) -> usize {
        self.shared.lock().clients.len()
    }

    /// Publishes a message of the broker's own.
    pub fn publish(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) {
        let mut publish = Publish::from_bytes(topic, QoS::AtLeastOnce, payload.into());
        publish.retain = retain;
        self.shared.change(|state| state.route("broker", &publish));
    }

    /// Waits until `test` holds, at most `limit`; says whether it does.
    pub async fn until(&self, limit: Duration, test: impl Fn(&Self) -> bool) -> bool {
        let mut changes = self.shared.changes.subscribe();
        let wait = async {
            while !test(self) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        // A last look: the change may have come with the limit.
        timeout(limit, wait).await.is_ok() || test(self)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once nothing is frozen.
    async fn thawed(&self) {
        let mut changes = self.changes.subscribe();
        while self.lock().frozen {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let done = change(&mut self.lock());
        self.changes.send_modify(|n| *n += 1);
        done
    }
}
