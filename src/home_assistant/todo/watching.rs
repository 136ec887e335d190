//! Follows one list and passes on every listing of it.
//!
//! Home Assistant ties an item subscription to the list's present incarnation
//! and falls silent when its integration is loaded anew; and it lists a list
//! that is unavailable or not loaded yet as empty. So the list's state is
//! followed too, and items are asked for only while it has one.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{super::Socket, super::Subscription, super::Update, is_usable, item};
use crate::{
    domain::todo::ListId,
    ports::{Inbox, Message},
};

pub(super) async fn watch(socket: Socket, list: ListId, inbox: Inbox, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = follow(socket, list, inbox) => {}
    }
}

async fn follow(socket: Socket, list: ListId, inbox: Inbox) {
    let states = json!({"type": "subscribe_entities", "entity_ids": [list]});
    let items = json!({"type": "todo/item/subscribe", "entity_id": list});
    let mut states = socket.subscribe(states).await;
    let mut listings: Option<Subscription> = None;
    let mut fresh = true;
    loop {
        tokio::select! {
            // The state first: a listing after it belongs to it.
            biased;
            update = states.next() => match update {
                None => return,
                // Another connection: what state the list is in must be learnt again.
                Some(Update::Subscribed) => listings = None,
                Some(Update::Event(event)) => match usable(&list, &event) {
                    Some(true) if listings.is_none() => {
                        listings = Some(socket.subscribe(items.clone()).await);
                    }
                    Some(false) => listings = None,
                    _ => {}
                },
            },
            update = next(&mut listings) => match update {
                None => return,
                Some(Update::Subscribed) => fresh = true,
                Some(Update::Event(event)) => {
                    let Some(items) = item::items(&event["items"]) else {
                        tracing::debug!(%list, "a pushed listing cannot be read");
                        continue;
                    };
                    let seen = Message::ListSeen { list: list.clone(), items, fresh };
                    if inbox.send(seen).await.is_err() {
                        return;
                    }
                    fresh = false;
                }
            },
        }
    }
}

/// The next update of a subscription, if there is one; else never.
async fn next(subscription: &mut Option<Subscription>) -> Option<Update> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

/// What an event of `subscribe_entities` says about the list: added (`a`),
/// changed (`c`) or removed (`r`); `None` if its state did not change.
fn usable(list: &ListId, event: &Value) -> Option<bool> {
    let list = list.0.as_str();
    let state = [&event["a"][list]["s"], &event["c"][list]["+"]["s"]];
    if let Some(state) = state.iter().find_map(|state| state.as_str()) {
        return Some(is_usable(state));
    }
    let removed = event["r"].as_array()?;
    removed
        .iter()
        .any(|gone| gone.as_str() == Some(list))
        .then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_from_all_kinds_of_events() {
        let list = ListId("todo.x".into());
        for (event, expected) in [
            (json!({"a": {"todo.x": {"s": "3", "a": {}}}}), Some(true)),
            (json!({"a": {"todo.x": {"s": "unavailable"}}}), Some(false)),
            (json!({"a": {}}), None),
            (
                json!({"c": {"todo.x": {"+": {"s": "unknown"}}}}),
                Some(false),
            ),
            (
                json!({"c": {"todo.x": {"+": {"s": "0", "lc": 1.5}}}}),
                Some(true),
            ),
            (json!({"c": {"todo.x": {"+": {"a": {}}, "-": {}}}}), None),
            (json!({"r": ["todo.x"]}), Some(false)),
            (json!({"r": ["todo.y"]}), None),
        ] {
            assert_eq!(usable(&list, &event), expected, "{event}");
        }
    }
}
