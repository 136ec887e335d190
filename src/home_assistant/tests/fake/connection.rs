//! One WebSocket connection to the fake, and the commands it understands.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::StatusCode;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{Message, handshake::server},
};

use super::{super::super::websocket::dial::Stream, Happening, Shared, TOKEN};

type Socket = WebSocketStream<Stream>;

pub(super) async fn converse(stream: Stream, shared: Arc<Shared>) {
    let upgrade = shared.model.lock().unwrap().upgrade;
    #[allow(clippy::result_large_err, reason = "the library's signature")]
    let check = |_: &server::Request, response: server::Response| match upgrade {
        Some(status) => {
            let mut refusal = server::ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::from_u16(status).unwrap();
            Err(refusal)
        }
        None => Ok(response),
    };
    let Ok(mut socket) = accept_hdr_async(stream, check).await else {
        return;
    };
    let mut events = shared.events.subscribe();
    shared.model.lock().unwrap().connections += 1;
    say(
        &mut socket,
        json!({"type": "auth_required", "ha_version": "2026.11.0"}),
    )
    .await;
    let Some(auth) = hear(&mut socket).await else {
        return;
    };
    let token = shared.model.lock().unwrap().token.clone();
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
        if shared.model.lock().unwrap().mute {
            continue;
        }
        for reply in replies {
            say(&mut socket, reply).await;
        }
    }
}

async fn say(socket: &mut Socket, message: Value) {
    let _ = socket.send(Message::text(message.to_string())).await;
}

async fn hear(socket: &mut Socket) -> Option<Value> {
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
    state_ids: BTreeMap<u64, String>,
    item_ids: BTreeMap<u64, String>,
}

impl Connection {
    fn command(&mut self, shared: &Shared, command: &Value) -> Vec<Value> {
        shared.model.lock().unwrap().commands.push(command.clone());
        let id = command["id"].as_u64().unwrap();
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
        match command["type"].as_str().unwrap() {
            "get_config" => vec![done(json!({"state": shared.model.lock().unwrap().state}))],
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
                let entity = command["entity_ids"][0].as_str().unwrap().to_owned();
                self.state_ids.insert(id, entity.clone());
                let model = shared.model.lock().unwrap();
                let mut added = json!({});
                if let Some(e) = model.entities.get(&entity) {
                    added[&entity] = json!({"s": e.state, "a": {"supported_features": e.features}});
                }
                let event = json!({"id": id, "type": "event", "event": {"a": added}});
                vec![done(Value::Null), event]
            }
            "todo/item/subscribe" => {
                if !shared.model.lock().unwrap().entities.contains_key(&entity) {
                    let message = format!("To-do list entity not found: {entity}");
                    return vec![fail("invalid_entity_id", message)];
                }
                let mut replies = vec![done(Value::Null)];
                replies.push(listing(shared, id, &entity));
                self.item_ids.insert(id, entity);
                replies
            }
            "unsubscribe_events" => {
                let subscription = command["subscription"].as_u64().unwrap();
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
            "call_service" => match act(shared, command) {
                Ok(result) => vec![done(result)],
                Err((code, message)) => vec![fail(code, message)],
            },
            _ => vec![fail("unknown_command", "Unknown command.".into())],
        }
    }

    fn state(&self, shared: &Shared, entity: &str) -> Vec<Value> {
        let model = shared.model.lock().unwrap();
        let state = model.entities.get(entity).map(|e| e.state.clone());
        let event = json!({"c": {entity: {"+": {"s": state}}}});
        let ids = self.state_ids.iter().filter(|(_, e)| *e == entity);
        ids.map(|(id, _)| json!({"id": id, "type": "event", "event": event}))
            .collect()
    }

    fn items(&self, shared: &Shared, entity: &str) -> Vec<Value> {
        let ids = self.item_ids.iter().filter(|(_, e)| *e == entity);
        ids.map(|(id, _)| listing(shared, *id, entity)).collect()
    }
}

/// An item event; a list that is not loaded lists as empty, as the real one does.
fn listing(shared: &Shared, id: u64, entity: &str) -> Value {
    let model = shared.model.lock().unwrap();
    let items = model.entities[entity].items.clone().unwrap_or_default();
    json!({"id": id, "type": "event", "event": {"items": items}})
}

/// A to-do action, with the real one's habit of doing nothing, successfully,
/// to a list that is not there.
fn act(shared: &Shared, command: &Value) -> Result<Value, (&'static str, String)> {
    let entity = command["target"]["entity_id"].as_str().unwrap();
    let data = &command["service_data"];
    let (features, mut items) = {
        let model = shared.model.lock().unwrap();
        match model.entities.get(entity) {
            Some(e) if e.state != "unavailable" => {
                (e.features, e.items.clone().unwrap_or_default())
            }
            _ if command["return_response"] == true => {
                let message = "Service call requested response data but did not match any entities";
                return Err(("home_assistant_error", message.into()));
            }
            _ => return Ok(json!({"context": {}})),
        }
    };
    let find = |items: &[Value], uid: &Value| {
        let found = items.iter().position(|item| item["uid"] == *uid);
        let message = format!("Validation error: Unable to find to-do list item: {uid}");
        found.ok_or(("service_validation_error", message))
    };
    match command["service"].as_str().unwrap() {
        "get_items" => {
            return Ok(json!({"context": {}, "response": {entity: {"items": items}}}));
        }
        "add_item" => {
            if !data["description"].is_null() && features & 64 == 0 {
                let message =
                    "Validation error: Entity does not support setting field: description";
                return Err(("service_validation_error", message.into()));
            }
            let mut item = data.clone();
            item["summary"] = item["item"].take();
            item["uid"] = format!("uid-{}", items.len() + 1).into();
            item["status"] = "needs_action".into();
            items.push(item);
        }
        "update_item" => {
            let found = find(&items, &data["item"])?;
            for (of_item, of_action) in [("status", "status"), ("summary", "rename")] {
                if !data[of_action].is_null() {
                    items[found][of_item] = data[of_action].clone();
                }
            }
        }
        "remove_item" => {
            let found = find(&items, &data["item"][0])?;
            items.remove(found);
        }
        other => return Err(("not_found", format!("Service todo.{other} not found."))),
    }
    shared.set_items(entity, items);
    Ok(json!({"context": {}}))
}
