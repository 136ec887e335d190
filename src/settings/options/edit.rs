//! What the page may change, and what that makes of the options. Whether the
//! outcome makes sense is `check`'s to say.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    super::known,
    Document,
    shown::{is_for_the_page, masked},
};

/// A change of the options. What it does not mention stays as it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Of the document that was shown to whoever changed it.
    pub revision: String,
    /// All zones as they are to be, in order.
    #[serde(default)]
    pub zones: Option<Vec<ZoneEdit>>,
    /// Single options by name; null or an empty text takes one away.
    #[serde(default)]
    pub set: Map<String, Value>,
}

/// A zone as it is to be: what it was, and the fields that are given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ZoneEdit {
    /// Its place in the zones that were shown; absent for a new one.
    #[serde(default)]
    pub at: Option<usize>,
    /// The fields that were shown, edited; null or an empty text takes one away.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Edit {
    /// The document with the change made. The error is a sentence.
    pub fn made_to(&self, document: &Document) -> Result<Document, String> {
        let mut changed = document.clone();
        for (key, value) in &self.set {
            if !is_for_the_page(key) {
                return Err(format!(
                    "{key} cannot be changed on the page; use the app's configuration or the config file."
                ));
            }
            let old = changed.0.get(key).cloned();
            put(&mut changed.0, key, unmasked(key, value, old.as_ref()));
        }
        if let Some(zones) = &self.zones {
            let old = match document.0.get("zones") {
                Some(Value::Array(zones)) => zones.as_slice(),
                _ => &[],
            };
            let zones = edited(zones, old)?;
            changed.0.insert("zones".to_owned(), Value::Array(zones));
        }
        Ok(changed)
    }

    /// Whether a problem at this path lies in what was changed.
    pub fn concerns(&self, path: &str) -> bool {
        let option = path.split(['.', '[']).next().unwrap_or(path);
        self.set.contains_key(option) || option == "zones" && self.zones.is_some()
    }
}

fn edited(zones: &[ZoneEdit], old: &[Value]) -> Result<Vec<Value>, String> {
    let mut taken = BTreeSet::new();
    let one = |zone: &ZoneEdit| {
        let before = match zone.at {
            None => Map::new(),
            Some(at) => match old.get(at) {
                Some(Value::Object(before)) if taken.insert(at) => before.clone(),
                _ => {
                    return Err(format!(
                        "There is no zone number {} to be changed; read the options again.",
                        at + 1
                    ));
                }
            },
        };
        let mut after = before.clone();
        for (key, value) in &zone.fields {
            if !is_zone_option(key) {
                return Err(format!("A zone has no option {key}; check its spelling."));
            }
            put(&mut after, key, unmasked(key, value, before.get(key)));
        }
        Ok(Value::Object(after))
    };
    zones.iter().map(one).collect()
}

fn put(options: &mut Map<String, Value>, key: &str, value: Value) {
    let absent = match &value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    if absent {
        options.remove(key);
    } else {
        options.insert(key.to_owned(), value);
    }
}

/// The value with the addresses that were shown without their keys made whole
/// again. What somebody typed anew stays as it was typed.
fn unmasked(key: &str, value: &Value, old: Option<&Value>) -> Value {
    let mut whole: Vec<&str> = match old {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(entries)) => entries.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut restore = |value: &Value| {
        let found = whole.iter().position(|text| {
            let shown = masked(key, &Value::from(*text));
            shown != **text && shown == *value
        });
        // Two addresses may look alike; each is used once, in order.
        found.map_or_else(|| value.clone(), |at| whole.remove(at).into())
    };
    match value {
        Value::Array(entries) => entries.iter().map(restore).collect(),
        other => restore(other),
    }
}

/// An option of zones in the form.
fn is_zone_option(key: &str) -> bool {
    known::IN_FORM.iter().any(|path| {
        path.strip_prefix("zones[].")
            .is_some_and(|name| name.trim_end_matches("[]") == key)
    })
}
