//! A local server loads its model with the first question, which takes minutes,
//! and stops loading when the connection closes. So the model is loaded by a
//! task of its own that goes on when a question has run out of time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use tokio::{
    sync::{Mutex, watch},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::info;

use super::{
    caller::Caller,
    dialect::{Fault, Loading},
    errors::{by_status, not_the_provider},
};
use crate::domain::provider::{Class, Wait};

/// Asking what is loaded is answered at once.
const CHECK: Duration = Duration::from_secs(10);
/// A large model from a slow disk; after that something else is wrong.
const LONGEST: Duration = Duration::from_mins(10);
/// When to ask again while it loads.
const AGAIN: SignedDuration = SignedDuration::from_secs(20);

type Outcome = Option<Result<(), Fault>>;

/// Has one model loaded. Dropping it stops the loading.
pub struct Loader {
    loading: Loading,
    caller: Arc<Caller>,
    model: String,
    running: Mutex<Option<(watch::Receiver<Outcome>, AbortOnDropHandle<()>)>>,
}

impl Loader {
    pub fn new(loading: Loading, caller: Arc<Caller>, model: String) -> Self {
        Self {
            loading,
            caller,
            model,
            running: Mutex::new(None),
        }
    }

    /// Returns when the model is loaded; a fault of class `Loading` if that
    /// takes longer than the question has time.
    pub async fn ready(&self, within: Duration) -> Result<(), Fault> {
        let begun = Instant::now();
        let mut outcome = {
            let mut running = self.running.lock().await;
            if let Some((outcome, _)) = &*running {
                outcome.clone()
            } else {
                let limit = within.min(CHECK);
                let reply = self.caller.call(&self.loading.check, limit).await?;
                // A proxy may not offer this; then the question loads the model.
                if !reply.is_success() || (self.loading.is_loaded)(&reply, &self.model) {
                    return Ok(());
                }
                running.insert(self.start()).0.clone()
            }
        };
        let left = within.saturating_sub(begun.elapsed());
        let ended = timeout(left, outcome.wait_for(Option::is_some)).await;
        let result = match ended.map(|ended| ended.map(|outcome| outcome.clone())) {
            Err(_late) => {
                return Err(Fault::new(Class::Loading, "").waiting(Some(Wait::For(AGAIN))));
            }
            Ok(Ok(outcome)) => outcome.unwrap_or(Ok(())),
            Ok(Err(_gone)) => Err(Fault::new(Class::Server, "loading the model failed")),
        };
        *self.running.lock().await = None;
        result
    }

    fn start(&self) -> (watch::Receiver<Outcome>, AbortOnDropHandle<()>) {
        let (sender, receiver) = watch::channel(None);
        let (caller, call) = (self.caller.clone(), self.loading.load.clone());
        let model = self.model.clone();
        let task = tokio::spawn(async move {
            info!("The model {model} is being loaded.");
            let loaded = caller.call(&call, LONGEST).await.and_then(|reply| {
                if let Some(fault) = not_the_provider(&reply) {
                    return Err(fault);
                }
                if reply.is_success() && reply.at("/error").is_none() {
                    return Ok(());
                }
                let class = if reply.is_success() {
                    Class::Server
                } else {
                    by_status(reply.status)
                };
                Err(Fault::new(class, reply.text_at("/error")))
            });
            // Nobody may be waiting any more.
            let _ = sender.send(Some(loaded));
        });
        (receiver, AbortOnDropHandle::new(task))
    }
}
