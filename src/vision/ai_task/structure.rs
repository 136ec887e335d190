//! What an answer is to look like, as Home Assistant's selectors say it.

use serde_json::{Map, Value, json};

/// A schema of ours as Home Assistant's selectors say it.
pub(super) fn structure(schema: &Value) -> Value {
    Value::Object(fields(schema, "description"))
}

fn fields(schema: &Value, word: &str) -> Map<String, Value> {
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    properties
        .iter()
        .map(|(name, form)| {
            let field = json!({ word: name, "required": true, "selector": selector(form) });
            (name.clone(), field)
        })
        .collect()
}

fn selector(form: &Value) -> Value {
    if form["enum"].is_array() {
        return json!({ "select": { "options": form["enum"] } });
    }
    match form["type"].as_str() {
        Some("integer" | "number") => json!({ "number": { "mode": "box" } }),
        Some("boolean") => json!({ "boolean": {} }),
        Some("array") => {
            json!({ "object": { "multiple": true, "fields": fields(&form["items"], "label") } })
        }
        Some("object") => json!({ "object": { "fields": fields(form, "label") } }),
        _ => json!({ "text": {} }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::schema;

    #[test]
    fn a_schema_becomes_selectors() {
        let structure = structure(&schema::room());
        assert_eq!(
            structure["score"]["selector"],
            json!({ "number": { "mode": "box" } })
        );
        assert_eq!(
            structure["confidence"]["selector"]["select"]["options"],
            json!(["low", "normal", "high"])
        );
        let tasks = &structure["tasks"]["selector"]["object"];
        assert_eq!(tasks["multiple"], true);
        assert_eq!(tasks["fields"]["title"]["selector"], json!({ "text": {} }));
    }
}
