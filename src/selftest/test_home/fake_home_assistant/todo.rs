//! The to-do actions, with the real one's habit of doing nothing,
//! successfully, to a list that is not there.

use serde_json::{Value, json};

use super::Shared;

/// `TodoListEntityFeature.SET_DESCRIPTION_ON_ITEM`
const DESCRIPTION: u32 = 64;

/// A code and a message, as Home Assistant words them.
type Refusal = (&'static str, String);

pub(super) fn act(shared: &Shared, command: &Value) -> Result<Value, Refusal> {
    let entity = command["target"]["entity_id"].as_str().unwrap_or_default();
    let data = &command["service_data"];
    let (features, mut items) = {
        let model = shared.lock();
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
    match command["service"].as_str().unwrap_or_default() {
        "get_items" => {
            return Ok(json!({"context": {}, "response": {entity: {"items": items}}}));
        }
        "add_item" => {
            if !data["description"].is_null() && features & DESCRIPTION == 0 {
                let message =
                    "Validation error: Entity does not support setting field: description";
                return Err(("service_validation_error", message.into()));
            }
            let number = {
                let mut model = shared.lock();
                model.added += 1;
                model.added
            };
            let mut item = data.clone();
            item["summary"] = item["item"].take();
            item["uid"] = format!("uid-{number}").into();
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

fn find(items: &[Value], uid: &Value) -> Result<usize, Refusal> {
    let found = items.iter().position(|item| item["uid"] == *uid);
    let message = format!("Validation error: Unable to find to-do list item: {uid}");
    found.ok_or(("service_validation_error", message))
}
