//! What the page is shown of the options: no keys, and addresses without what
//! opens them.

use serde_json::{Map, Value, json};

use super::{super::known, Document};
use crate::domain::zone::shown;

/// Options whose values are keys: neither shown nor changed on the page.
const KEYS: [&str; 1] = ["api_key"];
/// Options whose values are addresses, which may hold a password.
const ADDRESSES: [&str; 3] = ["cameras", "default_camera", "base_url"];

/// `{"zones": [{"at", …}], "options": {…}}`.
pub fn shown_to_the_page(document: &Document) -> Value {
    let zones: Vec<Value> = match document.0.get("zones") {
        Some(Value::Array(zones)) => (0..).zip(zones).map(zone).collect(),
        _ => Vec::new(),
    };
    let options: Map<String, Value> = document
        .0
        .iter()
        .filter(|(key, _)| is_for_the_page(key))
        .map(|(key, value)| (key.clone(), masked(key, value)))
        .collect();
    json!({ "zones": zones, "options": options })
}

fn zone((at, zone): (usize, &Value)) -> Value {
    let mut shown: Map<String, Value> = match zone {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), masked(key, value)))
            .collect(),
        _ => Map::new(),
    };
    // One text alone is a list of one.
    if let Some(Value::String(camera)) = shown.get("cameras") {
        let list = json!([camera]);
        shown.insert("cameras".to_owned(), list);
    }
    shown.insert("at".to_owned(), at.into());
    Value::Object(shown)
}

/// A single option of the form that is no key.
pub(super) fn is_for_the_page(key: &str) -> bool {
    !key.contains(['.', '[']) && known::IN_FORM.contains(&key) && !KEYS.contains(&key)
}

/// The value as it may be seen.
pub(super) fn masked(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if ADDRESSES.contains(&key) => shown(text).into(),
        Value::Array(entries) => entries.iter().map(|entry| masked(key, entry)).collect(),
        other => other.clone(),
    }
}
