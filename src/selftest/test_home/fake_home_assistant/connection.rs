//! One WebSocket connection to the fake, and the commands it understands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::http::StatusCode;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{Message, handshake::server},
};

use super::{Happening, Shared, TOKEN, todo};

pub(super) async fn converse<S>(stream: S, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let upgrade = shared.lock().upgrade;
    #[allow(clippy::result_large_err, reason = "the library's signature")]
    let check = |_: &server::Request, response: server::Response| match upgrade {
        Some(status) => {
            let mut refusal = server::ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            Err(refusal)
        }
        None => Ok(response),
    };
    let Ok(mut socket) = accept_hdr_async(stream, check).await else {
        return;
    };
    let mut events = shared.events.subscribe();
    shared.lock().connections += 1;
    say(
        &mut socket,
        json!({"type": "auth_required", "ha_version": "2026.11.0"}),
    )
    .await;
    let Some(auth) = hear(&mut socket).await else {
        return;
    };
    let token = shared.lock().token.clone();
    if auth["access_token"] != token {
        // A careless server that repeats what it was told.
        let message = format!("Invalid access token {}", auth["access_token"]);
        say(
            &mut socket,
            json!({"type": "auth_invalid", "message": message}),
        )
        .await;
        return;
    }
    say(&mut socket, json!({"type": "auth_ok"})).await;

    let mut connection = Connection::default();
    loop {
        let replies = tokio::select! {
            event = events.recv() => match event {
                Ok(Happening::Cut) | Err(_) => return,
                Ok(Happening::State(entity)) => connection.state(&shared, &entity),
                Ok(Happening::Items(entity)) => connection.items(&shared, &entity),
            },
            command = hear(&mut socket) => match command {
                Some(command) => connection.command(&shared, &command),
                None => return,
            },
        };
        if shared.lock().mute {
            continue;
        }
        for reply in replies {
            say(&mut socket, reply).await;
        }
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>, message: Value) {
    // A client that is gone is noticed by the next read.
    let _ = socket.send(Message::text(message.to_string())).await;
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> Option<Value> {
    loop {
        if let Message::Text(text) = socket.next().await?.ok()? {
            return serde_json::from_str(&text).ok();
        }
    }
}

#[derive(Default)]
struct Connection {
    last_id: u64,
    /// Answers held back until `release`.
    held: Vec<Value>,
    state_ids: BTreeMap<u64, BTreeSet<String>>,
    item_ids: BTreeMap<u64, String>,
}

impl Connection {
    fn command(&mut self, shared: &Shared, command: &Value) -> Vec<Value> {
        if shared.lock().records {
            shared.lock().commands.push(command.clone());
        }
        let id = command["id"].as_u64().unwrap_or_default();
        let fail = |code: &str, message: String| {
            let error = json!({"code": code, "message": message});
            json!({"id": id, "type": "result", "success": false, "error": error})
        };
        let done =
            |result: Value| json!({"id": id, "type": "result", "success": true, "result": result});
        if id <= self.last_id {
            return vec![fail(
                "id_reuse",
                "Identifier values have to increase.".into(),
            )];
        }
        self.last_id = id;
        let entity = command["entity_id"].as_str().unwrap_or_default().to_owned();
        match command["type"].as_str().unwrap_or_default() {
            "get_config" => vec![done(json!({"state": shared.lock().state}))],
            "ping" => vec![json!({"id": id, "type": "pong"})],
            "echo" => vec![done(command["text"].clone())],
            "refuse" => vec![fail("home_assistant_error", format!("no, {TOKEN}\nno"))],
            "silent" => vec![],
            "hold" => {
                self.held.insert(0, done(command["text"].clone()));
                vec![]
            }
            "release" => {
                let mut replies = std::mem::take(&mut self.held);
                replies.push(done(Value::Null));
                replies
            }
            "flood" => {
                let event = json!({"id": id, "type": "event", "event": "drop"});
                let mut replies = vec![done(Value::Null)];
                replies.extend(vec![event; 200]);
                replies
            }
            "subscribe_entities" => {
                let wanted = command["entity_ids"].as_array().into_iter().flatten();
                let wanted: BTreeSet<String> =
                    wanted.filter_map(Value::as_str).map(String::from).collect();
                let model = shared.lock();
                let mut added = json!({});
                for entity in &wanted {
                    if let Some(e) = model.entities.get(entity) {
                        added[entity] =
                            json!({"s": e.state, "a": {"supported_features": e.features}});
                    }
                }
                self.state_ids.insert(id, wanted);
                let event = json!({"id": id, "type": "event", "event": {"a": added}});
                vec![done(Value::Null), event]
            }
            "subscribe_events" => vec![done(Value::Null)],
            "todo/item/subscribe" => {
                if !shared.lock().entities.contains_key(&entity) {
                    let message = format!("To-do list entity not found: {entity}");
                    return vec![fail("invalid_entity_id", message)];
                }
                let replies = vec![done(Value::Null), listing(shared, id, &entity)];
                self.item_ids.insert(id, entity);
                replies
            }
            "unsubscribe_events" => {
                let subscription = command["subscription"].as_u64().unwrap_or_default();
                self.state_ids.remove(&subscription);
                self.item_ids.remove(&subscription);
                vec![done(Value::Null)]
            }
            "call_service" if command["domain"] != "todo" => {
                if command["service"] == "gone" {
                    return vec![fail("not_found", "Action notify.gone not found.".into())];
                }
                vec![done(Value::Null)]
            }
            "call_service" => match todo::act(shared, command) {
                Ok(result) => vec![done(result)],
                Err((code, message)) => vec![fail(code, message)],
            },
            _ => vec![fail("unknown_command", "Unknown command.".into())],
        }
    }

    fn state(&self, shared: &Shared, entity: &str) -> Vec<Value> {
        let model = shared.lock();
        let state = model.entities.get(entity).map(|e| e.state.clone());
        let event = json!({"c": {entity: {"+": {"s": state}}}});
        let ids = self.state_ids.iter().filter(|(_, e)| e.contains(entity));
        ids.map(|(id, _)| json!({"id": id, "type": "event", "event": event}))
            .collect()
    }

    fn items(&self, shared: &Shared, entity: &str) -> Vec<Value> {
        let ids = self.item_ids.iter().filter(|(_, e)| *e == entity);
        ids.map(|(id, _)| listing(shared, *id, entity)).collect()
    }
}

/// An item event; a list that is not loaded, or gone, lists as empty, as the real one does.
fn listing(shared: &Shared, id: u64, entity: &str) -> Value {
    let model = shared.lock();
    let list = model.entities.get(entity);
    let items = list.and_then(|e| e.items.clone()).unwrap_or_default();
    json!({"id": id, "type": "event", "event": {"items": items}})
}
