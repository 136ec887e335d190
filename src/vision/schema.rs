//! The form of an answer as JSON Schema, in the subset that every provider
//! takes: objects closed, every property required, no bounds, no lengths, no
//! formats. Bounds are in the prompt's words and held by `reply`.

use serde_json::{Value, json};

/// The name that APIs want beside the schema: at most 64 of a-z, 0-9, _ and -.
pub const NAME: &str = "room_report";

/// The answer about a zone.
pub fn room() -> Value {
    let level = json!({"type": "string", "enum": ["low", "normal", "high"]});
    object(&[
        ("score", json!({"type": "integer"})),
        ("confidence", level.clone()),
        ("summary", json!({"type": "string"})),
        (
            "known",
            list(&object(&[
                ("id", json!({"type": "string"})),
                (
                    "now",
                    json!({"type": "string", "enum": ["remains", "done", "unclear"]}),
                ),
                ("confidence", level.clone()),
            ])),
        ),
        (
            "tasks",
            list(&object(&[
                ("title", json!({"type": "string"})),
                ("priority", level),
            ])),
        ),
    ])
}

/// The answer about a canary picture.
pub fn canary() -> Value {
    object(&[
        ("count", json!({"type": "integer"})),
        ("colour", json!({"type": "string"})),
        ("number", json!({"type": "integer"})),
    ])
}

fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Value> = properties
        .iter()
        .map(|(name, form)| ((*name).to_owned(), form.clone()))
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": names,
        "properties": properties,
    })
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keywords that at least one provider refuses or ignores.
    fn portable(schema: &Value) -> Result<(), String> {
        let object = schema.as_object().ok_or("not an object")?;
        for key in object.keys() {
            if ![
                "type",
                "additionalProperties",
                "required",
                "properties",
                "items",
                "enum",
            ]
            .contains(&key.as_str())
            {
                return Err(format!("{key} is not portable"));
            }
        }
        if object["type"] == "object" {
            let properties = object["properties"].as_object().ok_or("no properties")?;
            let required = object["required"].as_array().ok_or("nothing required")?;
            if object.get("additionalProperties") != Some(&Value::Bool(false)) {
                return Err("an open object".into());
            }
            if !properties
                .keys()
                .all(|name| required.contains(&json!(name)))
                || required.len() != properties.len()
            {
                return Err("a property is not required".into());
            }
            properties.values().try_for_each(portable)?;
        }
        object.get("items").map_or(Ok(()), portable)
    }

    #[test]
    fn schemas_are_in_the_portable_subset() {
        assert_eq!(portable(&room()), Ok(()));
        assert_eq!(portable(&canary()), Ok(()));
        assert!(portable(&json!({"type": "integer", "minimum": 0})).is_err());
        assert!(portable(&json!({"type": "object", "properties": {}, "required": []})).is_err());
    }
}
