//! Follows the states of entities and tells each change of one. What a state
//! means is decided elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{Socket, Update};
use crate::ports::{self, Inbox, Message};

/// The state of an entity that is gone, as Home Assistant calls it.
const GONE: &str = "unavailable";

/// Watches entities over Home Assistant's WebSocket.
#[derive(Debug)]
pub struct States {
    /// `None` without a Home Assistant.
    socket: Option<Socket>,
    inbox: Inbox,
    tasks: TaskTracker,
    runtime: Handle,
    stop: CancellationToken,
    /// What is watched; letting go of the guard ends its task.
    watched: Mutex<(BTreeSet<String>, Option<DropGuard>)>,
}

impl States {
    /// Needs a tokio runtime: the watching runs on it.
    pub(super) fn new(
        socket: Option<Socket>,
        inbox: Inbox,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            socket,
            inbox,
            tasks,
            runtime: Handle::current(),
            stop,
            watched: Mutex::default(),
        }
    }
}

impl ports::States for States {
    fn watch(&self, entities: BTreeSet<String>) {
        let Some(socket) = &self.socket else { return };
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.0 == entities {
            return;
        }
        let guard = (!entities.is_empty()).then(|| {
            let stop = self.stop.child_token();
            let task = follow(socket.clone(), entities.clone(), self.inbox.clone());
            let stopped = stop.clone();
            self.tasks.spawn_on(
                async move {
                    tokio::select! {
                        () = stopped.cancelled() => {}
                        () = task => {}
                    }
                },
                &self.runtime,
            );
            stop.drop_guard()
        });
        *watched = (entities, guard);
    }
}

async fn follow(socket: Socket, entities: BTreeSet<String>, inbox: Inbox) {
    let command = json!({"type": "subscribe_entities", "entity_ids": entities});
    let mut subscription = socket.subscribe(command).await;
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    while let Some(update) = subscription.next().await {
        let event = match update {
            // Another connection: everything is told anew, and so passed on.
            Update::Subscribed => {
                told.clear();
                continue;
            }
            Update::Event(event) => event,
        };
        for (entity, state) in changes(&event) {
            if !entities.contains(&entity) || told.get(&entity) == Some(&state) {
                continue;
            }
            told.insert(entity.clone(), state.clone());
            if inbox.send(Message::State { entity, state }).await.is_err() {
                return;
            }
        }
    }
}

/// The states in an event of `subscribe_entities`: added (`a`), changed (`c`),
/// removed (`r`). A change of attributes alone has none.
fn changes(event: &Value) -> Vec<(String, String)> {
    let state = |entity: &String, state: &Value| Some((entity.clone(), state.as_str()?.to_owned()));
    let added = event["a"].as_object().into_iter().flatten();
    let changed = event["c"].as_object().into_iter().flatten();
    let removed = event["r"].as_array().into_iter().flatten();
    added
        .filter_map(|(entity, now)| state(entity, &now["s"]))
        .chain(changed.filter_map(|(entity, now)| state(entity, &now["+"]["s"])))
        .chain(removed.filter_map(|gone| Some((gone.as_str()?.to_owned(), GONE.to_owned()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_states_are_told() {
        let told = |event: Value| changes(&event);
        let pair = |entity: &str, state: &str| (entity.to_owned(), state.to_owned());
        assert_eq!(
            told(json!({"a": {"person.anna": {"s": "home", "a": {"icon": "x"}}}})),
            [pair("person.anna", "home")]
        );
        assert_eq!(
            told(json!({"c": {"lock.door": {"+": {"s": "locked", "lc": 1.5}}}})),
            [pair("lock.door", "locked")]
        );
        assert_eq!(told(json!({"c": {"lock.door": {"+": {"a": {}}}}})), []);
        assert_eq!(
            told(json!({"r": ["lock.door"]})),
            [pair("lock.door", "unavailable")]
        );
        assert_eq!(told(json!({"a": {"lock.door": 7}, "c": [], "r": {}})), []);
    }
}
