//! What happens on one connection: commands and their answers, subscriptions
//! and their events, pings.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::{
    sync::{mpsc::error::TrySendError, oneshot},
    time::{self, Instant},
};

use super::{
    Request, Update,
    actor::{Actor, Stage},
    wire::{Ended, Wire, silent},
};
use crate::home_assistant::{
    access::Access,
    counted::{answer, kind},
    error::HaError,
};

/// Commands that may wait for their answers at once.
const OPEN_CALLS: usize = 256;

type Reply = oneshot::Sender<Result<Value, HaError>>;

pub(super) struct Conversation<'a> {
    wire: Wire,
    actor: &'a mut Actor,
    calls: HashMap<u64, Reply>,
    /// Which subscription an id was asked or is served for.
    keys: HashMap<u64, u64>,
    ping_at: Instant,
    /// Something must be heard before this.
    answer_by: Option<Instant>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(wire: Wire, actor: &'a mut Actor) -> Self {
        let now = Instant::now();
        for live in actor.live.values_mut() {
            live.stage = Stage::Due(now);
            live.backoff.reset();
        }
        Self {
            wire,
            ping_at: now + actor.limits.ping_every,
            actor,
            calls: HashMap::new(),
            keys: HashMap::new(),
            answer_by: None,
        }
    }

    /// Until the connection ends, or (`None`) it is time to stop. Open calls
    /// end with the conversation.
    pub(super) async fn hold(mut self) -> (Wire, Option<Ended>) {
        let ended = loop {
            if let Err(ended) = self.see_to_what_is_due().await {
                break Some(ended);
            }
            let wake = self.next_due();
            let done = tokio::select! {
                () = self.actor.stop.cancelled() => break None,
                message = self.wire.receive() => match message {
                    Ok(message) => self.heard(message).await,
                    Err(ended) => Err(ended),
                },
                request = self.actor.requests.recv() => match request {
                    Some(request) => self.take(request).await,
                    // Nobody holds a handle any more.
                    None => break None,
                },
                () = time::sleep_until(wake) => Ok(()),
            };
            if let Err(ended) = done {
                break Some(ended);
            }
        };
        (self.wire, ended)
    }

    async fn take(&mut self, request: Request) -> Result<(), Ended> {
        match request {
            Request::Call { reply, .. } if self.calls.len() >= OPEN_CALLS => {
                let _ = reply.send(Err(HaError::Failed(
                    "Home Assistant leaves too many commands unanswered; restart it".into(),
                )));
            }
            Request::Call { command, reply } => {
                let id = self.wire.send(command).await?;
                self.calls.insert(id, reply);
            }
            Request::Subscribe {
                key,
                command,
                updates,
            } => self.actor.remember(key, command, updates),
            Request::Unsubscribe(key) => self.forget(key).await?,
        }
        Ok(())
    }

    async fn heard(&mut self, message: Value) -> Result<(), Ended> {
        self.answer_by = None;
        let Some(id) = message["id"].as_u64() else {
            return Ok(());
        };
        match message["type"].as_str() {
            Some("event") => self.event(id, message).await,
            Some("result") => {
                let outcome = outcome(message, &self.actor.way.access);
                if let Some(reply) = self.calls.remove(&id) {
                    let _ = reply.send(outcome);
                } else if let Some(key) = self.keys.get(&id).copied() {
                    self.subscribed(id, key, outcome).await?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn subscribed(
        &mut self,
        id: u64,
        key: u64,
        outcome: Result<Value, HaError>,
    ) -> Result<(), Ended> {
        let live = self.actor.live.get_mut(&key);
        let live = live.filter(|live| matches!(live.stage, Stage::Asked(asked, _) if asked == id));
        if let Some(live) = &live {
            let metrics = &self.actor.metrics;
            metrics.home_assistant_answered(kind(&live.command), answer(&outcome));
        }
        match (live, outcome) {
            (Some(live), Ok(_)) => {
                live.stage = Stage::On(id);
                live.backoff.reset();
                // There is room: it was looked for before asking, and nobody else sends.
                let _ = live.updates.try_send(Update::Subscribed);
                Ok(())
            }
            (Some(live), Err(why)) => {
                tracing::debug!(%why, command = %live.command, "a subscription was refused");
                live.stage = Stage::Due(Instant::now() + live.backoff.next(fastrand::f64()));
                self.keys.remove(&id);
                Ok(())
            }
            // Nobody waits for this one any more.
            (None, Ok(_)) => self.unsubscribe(id).await,
            (None, Err(_)) => {
                self.keys.remove(&id);
                Ok(())
            }
        }
    }

    async fn event(&mut self, id: u64, mut message: Value) -> Result<(), Ended> {
        let Some(key) = self.keys.get(&id).copied() else {
            return Ok(());
        };
        let Some(live) = self.actor.live.get_mut(&key) else {
            return Ok(());
        };
        match live
            .updates
            .try_send(Update::Event(message["event"].take()))
        {
            Ok(()) => Ok(()),
            // The reader is too slow: it starts over when it has caught up,
            // and is told so, rather than missing something unawares.
            Err(TrySendError::Full(_)) => {
                live.stage = Stage::Due(Instant::now() + live.backoff.next(fastrand::f64()));
                self.unsubscribe(id).await
            }
            Err(TrySendError::Closed(_)) => self.forget(key).await,
        }
    }

    async fn forget(&mut self, key: u64) -> Result<(), Ended> {
        match self.actor.live.remove(&key).map(|live| live.stage) {
            Some(Stage::On(id)) => self.unsubscribe(id).await,
            // One that is only asked for is unsubscribed when its answer comes.
            _ => Ok(()),
        }
    }

    async fn unsubscribe(&mut self, id: u64) -> Result<(), Ended> {
        self.keys.remove(&id);
        let command = json!({"type": "unsubscribe_events", "subscription": id});
        self.wire.send(command).await.map(drop)
    }

    fn next_due(&self) -> Instant {
        let subscriptions = self
            .actor
            .live
            .values()
            .filter_map(|live| match live.stage {
                Stage::Due(at) | Stage::Asked(_, at) => Some(at),
                Stage::On(_) => None,
            });
        subscriptions
            .chain(self.answer_by)
            .fold(self.ping_at, Instant::min)
    }

    async fn see_to_what_is_due(&mut self) -> Result<(), Ended> {
        let now = Instant::now();
        if self.answer_by.is_some_and(|by| by <= now) {
            return Err(silent());
        }
        if self.ping_at <= now {
            self.wire.send(json!({"type": "ping"})).await?;
            self.ping_at = now + self.actor.limits.ping_every;
            let by = now + self.actor.limits.pong_within;
            self.answer_by.get_or_insert(by);
            self.sweep().await?;
        }
        let due: Vec<u64> = (self.actor.live.iter())
            .filter(|(_, live)| match live.stage {
                Stage::Due(at) | Stage::Asked(_, at) => at <= now,
                Stage::On(_) => false,
            })
            .map(|(key, _)| *key)
            .collect();
        for key in due {
            self.ask(key, now).await?;
        }
        Ok(())
    }

    /// Asks for a subscription whose time has come.
    async fn ask(&mut self, key: u64, now: Instant) -> Result<(), Ended> {
        let Some(live) = self.actor.live.get_mut(&key) else {
            return Ok(());
        };
        // Not answered, or the reader has not caught up: later.
        if matches!(live.stage, Stage::Asked(..)) || live.updates.capacity() == 0 {
            live.stage = Stage::Due(now + live.backoff.next(fastrand::f64()));
            return Ok(());
        }
        let id = self.wire.send(live.command.clone()).await?;
        live.stage = Stage::Asked(id, now + self.actor.limits.call);
        self.keys.insert(id, key);
        Ok(())
    }

    /// Lets go of what nobody waits for any more.
    async fn sweep(&mut self) -> Result<(), Ended> {
        self.calls.retain(|_, reply| !reply.is_closed());
        let gone: Vec<u64> = (self.actor.live.iter())
            .filter(|(_, live)| live.updates.is_closed())
            .map(|(key, _)| *key)
            .collect();
        for key in gone {
            self.forget(key).await?;
        }
        Ok(())
    }
}

/// The `result` of a message, or why there is none.
fn outcome(mut message: Value, access: &Access) -> Result<Value, HaError> {
    if message["success"] == true {
        return Ok(message["result"].take());
    }
    let text = |field: &str| {
        let text = message["error"][field].as_str();
        access.quote(text.unwrap_or("unknown_error"))
    };
    Err(HaError::Refused {
        code: text("code"),
        message: text("message"),
    })
}
