//! The form: schema, defaults, translations and docs, held to what the program reads.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use aicleaner::settings::{Sources, known, load};
use serde_json::{Value, json};

use super::{manifest, object, text, yaml};

/// Patterns such as `zones[].name` and their types.
fn flat(schema: &Value, path: &str, into: &mut BTreeMap<String, String>) {
    match schema {
        Value::Object(group) => {
            for (key, value) in group {
                let dot = if path.is_empty() { "" } else { "." };
                flat(value, &format!("{path}{dot}{key}"), into);
            }
        }
        Value::Array(entries) => {
            assert_eq!(entries.len(), 1, "{path}: a list has one kind of entry");
            flat(&entries[0], &format!("{path}[]"), into);
        }
        Value::String(kind) => {
            into.insert(path.to_owned(), kind.clone());
        }
        other => panic!("{path}: {other}"),
    }
}

pub fn schema() -> BTreeMap<String, String> {
    let mut types = BTreeMap::new();
    flat(&manifest()["schema"], "", &mut types);
    types
}

#[test]
fn the_form_offers_exactly_what_the_program_reads() {
    let offered: BTreeSet<_> = schema().into_keys().collect();
    let read: BTreeSet<_> = known::IN_FORM
        .iter()
        .map(|path| (*path).to_owned())
        .collect();
    assert_eq!(offered, read);
}

#[test]
fn every_option_has_a_default_or_is_optional() {
    let manifest = manifest();
    let defaults = object(&manifest["options"]);
    for (path, kind) in schema() {
        let top = path.split(['.', '[']).next().unwrap();
        let optional = kind.ends_with('?');
        if top == path {
            assert_eq!(optional, !defaults.contains_key(top), "{path}");
        } else {
            // A list needs a default, and so does a group; within a group all is optional.
            assert!(defaults.contains_key(top), "{top}");
            let named = path == "fallback_providers[].provider";
            assert!(optional || named || path.starts_with("zones[]."), "{path}");
        }
    }
    for key in defaults.keys() {
        assert!(
            manifest["schema"].get(key).is_some(),
            "{key} has a default and no type"
        );
    }
}

/// The sentences of problems and of notices.
pub fn load_options(options: &Value) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::TempDir::new().unwrap();
    fs::write(folder.path().join("options.json"), options.to_string()).unwrap();
    let loaded = load(&Sources {
        environment: BTreeMap::from([
            ("SUPERVISOR_TOKEN".to_owned(), "t".to_owned()),
            (
                "AICLEANER_DATA_DIR".to_owned(),
                folder.path().display().to_string(),
            ),
        ]),
        ..Sources::default()
    });
    (
        loaded.problems.iter().map(ToString::to_string).collect(),
        loaded.notices.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn original_3_the_program_accepts_what_the_form_lets_through() {
    assert_eq!(load_options(&manifest()["options"]), (vec![], vec![]));
    for (path, kind) in schema() {
        let kind = kind.trim_end_matches('?');
        let inside = kind
            .split_once('(')
            .map(|(_, rest)| rest.trim_end_matches(')'));
        let refused = |value: Value| -> bool {
            let options = match path.split_once("[].") {
                Some((list, key)) => {
                    let mut zone = json!({ "name": "Bath", "cameras": ["camera.bath"] });
                    zone[key] = value;
                    json!({ list: [zone] })
                }
                None => match path.split_once('.') {
                    Some((group, key)) => json!({ group: { key: value } }),
                    None => json!({ path.as_str(): value }),
                },
            };
            // What a choice needs besides is another option's business.
            let place = format!("{}:", path.replace("[]", "[0]"));
            let (problems, _) = load_options(&options);
            problems.iter().any(|problem| problem.starts_with(&place))
        };
        match (kind.split('(').next().unwrap(), inside) {
            ("list", Some(words)) => {
                for word in words.split('|') {
                    assert!(!refused(json!(word)), "{path}: {word}");
                }
            }
            ("int", Some(range)) => {
                let (min, max) = range.split_once(',').unwrap();
                let (min, max): (i64, i64) = (min.parse().unwrap(), max.parse().unwrap());
                assert!(!refused(json!(min)) && !refused(json!(max)), "{path}");
                assert!(refused(json!(min - 1)) && refused(json!(max + 1)), "{path}");
            }
            ("match", _) => {
                assert!(!refused(json!("a_1")) && refused(json!("A-1")), "{path}");
            }
            _ => {}
        }
    }
}

/// Each entry of the form has a name and a description, and no other entry has.
fn translated(schema: &Value, words: &Value, path: &str) {
    let schema = if let Value::Array(entries) = schema {
        &entries[0]
    } else {
        schema
    };
    let Value::Object(group) = schema else {
        return;
    };
    let keys: BTreeSet<_> = group.keys().collect();
    let named: BTreeSet<_> = object(words).keys().collect();
    assert_eq!(keys, named, "{path}");
    for (key, kind) in group {
        let entry = &words[key];
        let path = format!("{path}{key}");
        for word in ["name", "description"] {
            let text = entry[word].as_str().unwrap_or_default();
            assert!(!text.trim().is_empty(), "{path}: no {word}");
        }
        let nested = kind.is_object() || kind.is_array() && kind[0].is_object();
        assert_eq!(nested, entry.get("fields").is_some(), "{path}");
        if nested {
            translated(kind, &entry["fields"], &format!("{path}."));
        }
    }
}

#[test]
fn every_option_and_port_is_explained() {
    let manifest = manifest();
    let words = yaml("aicleaner_v3/translations/en.yaml");
    translated(&manifest["schema"], &words["configuration"], "");
    for port in object(&manifest["ports"]).keys() {
        assert!(words["network"][port].is_string(), "{port}");
    }
    let docs = text("aicleaner_v3/DOCS.md");
    let options = known::IN_FORM
        .iter()
        .map(|path| path.rsplit('.').next().unwrap().trim_end_matches("[]"));
    for option in options.chain(known::OUTSIDE_THE_FORM.iter().copied()) {
        assert!(
            docs.contains(&format!("`{option}`")),
            "DOCS.md does not explain {option}"
        );
    }
    for heading in ["## Entities", "## Troubleshooting", "## Licence"] {
        assert!(docs.contains(heading), "{heading}");
    }
    assert!(docs.contains("<!-- entities -->") && docs.contains("<!-- /entities -->"));
}

/// The key's field showed it, and the app had a manager's rights.
#[test]
fn original_19_keys_are_masked_and_the_app_asks_for_no_more_rights_than_it_needs() {
    let mut keys = 0;
    for (path, kind) in schema() {
        let name = path.rsplit(['.', '[']).next().unwrap();
        if name.contains("key") || name.contains("password") || name.contains("token") {
            assert_eq!(kind.trim_end_matches('?'), "password", "{path}");
            keys += 1;
        }
    }
    assert!(keys >= 3, "{keys}");
    let manifest = manifest();
    for right in [
        "hassio_api",
        "hassio_role",
        "host_network",
        "host_pid",
        "host_dbus",
        "privileged",
        "full_access",
        "docker_api",
        "devices",
        "auth_api",
        "apparmor",
    ] {
        assert_eq!(manifest.get(right), None, "{right}");
    }
    let api = ["homeassistant_api", "ingress"];
    assert!(api.iter().all(|right| manifest[right] == true));
}
