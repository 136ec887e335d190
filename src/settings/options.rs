//! The options as a document that is edited and compared. Where it is kept
//! (the Supervisor's form, a config file) and who may edit it live elsewhere.

mod edit;
mod shown;

use std::{
    collections::BTreeSet,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::{Map, Value};

pub use edit::{Edit, ZoneEdit};
pub use shown::shown_to_the_page;

use super::known;

/// Options as the user wrote them, or as they are to be applied. They may hold
/// keys, so `Debug` says nothing of them.
#[derive(Clone, Default, PartialEq)]
pub struct Document(pub Map<String, Value>);

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document of {} options", self.0.len())
    }
}

impl Document {
    /// Tells documents apart; the same document has the same revision as long
    /// as the program runs.
    pub fn revision(&self) -> String {
        let mut hasher = DefaultHasher::new();
        // The keys of a map are in order, so equal documents are equal texts.
        Value::Object(self.0.clone()).to_string().hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Where a `!secret` stands, if one does: `zones[0].cameras[1]`.
    pub fn secret_in_use(&self) -> Option<String> {
        self.0.iter().find_map(|(key, value)| secret(value, key))
    }

    /// What is saved here and not in use by a service that runs with `self`.
    pub fn unused(&self, saved: &Self) -> Unused {
        let keys: BTreeSet<&String> = self.0.keys().chain(saved.0.keys()).collect();
        let of = |document: &Self, key: &str| document.0.get(key).and_then(tidy);
        let (live, restart) = keys
            .into_iter()
            .filter(|key| of(self, key) != of(saved, key))
            .cloned()
            .partition(|key| known::LIVE.contains(&key.as_str()));
        Unused { live, restart }
    }

    /// Whether the two ask for the same judge.
    pub fn same_judge(&self, other: &Self) -> bool {
        let of = |document: &Self, key: &str| document.0.get(key).and_then(tidy);
        known::JUDGE
            .iter()
            .all(|key| of(self, key) == of(other, key))
    }

    /// Takes over from `saved` what can be used without a restart.
    pub fn use_live(&mut self, saved: &Self) {
        for key in known::LIVE {
            match saved.0.get(*key) {
                Some(value) => self.0.insert((*key).to_owned(), value.clone()),
                None => self.0.remove(*key),
            };
        }
    }
}

/// Options that are saved and not in use, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unused {
    /// Could be used at once.
    pub live: Vec<String>,
    /// Are read at the start only.
    pub restart: Vec<String>,
}

impl Unused {
    /// For the household; `None` when everything is in use.
    pub fn sentence(&self) -> Option<String> {
        let Self { live, restart } = self;
        match (live.as_slice(), restart.as_slice()) {
            ([], []) => None,
            ([], _) => Some(format!(
                "The saved options {} are used from the next start on; restart AICleaner to use them.",
                restart.join(", ")
            )),
            (_, []) => Some(format!(
                "The options {} were changed elsewhere and are not in use yet; press \"Use them now\" on AICleaner's page, or restart it.",
                live.join(", ")
            )),
            _ => Some(format!(
                "The options {} were changed elsewhere and are not in use yet; restart AICleaner to use them all.",
                [live.as_slice(), restart].concat().join(", ")
            )),
        }
    }
}

/// The path below `path` where a `!secret` stands.
fn secret(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) if text.trim_start().starts_with("!secret ") => Some(path.to_owned()),
        Value::Array(entries) => entries
            .iter()
            .enumerate()
            .find_map(|(at, entry)| secret(entry, &format!("{path}[{at}]"))),
        Value::Object(group) => group
            .iter()
            .find_map(|(key, value)| secret(value, &format!("{path}.{key}"))),
        _ => None,
    }
}

/// The value without what means nothing: nulls, empty texts, lists and groups.
fn tidy(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::Array(entries) => {
            let entries: Vec<Value> = entries.iter().filter_map(tidy).collect();
            (!entries.is_empty()).then_some(Value::Array(entries))
        }
        Value::Object(group) => {
            let group: Map<String, Value> = group
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), tidy(value)?)))
                .collect();
            (!group.is_empty()).then_some(Value::Object(group))
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests;
