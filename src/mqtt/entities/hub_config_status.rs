//! Whether the options are complete and valid.

use serde_json::{Value, json};

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "`ok`, `incomplete` (no zone yet), `invalid`, or `changed` (saved, but not in use yet); attributes: what is missing, and what will be some day (`warnings`), one sentence each.",
    icon: "mdi:clipboard-check-outline",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "enum", "options": ["ok", "incomplete", "invalid", "changed"] }),
    state: Some(|view| State::text(status(view))),
    attributes: Some(attributes),
    ..Entity::new("config_status", Platform::Sensor, "Configuration")
};

/// Sentences shown; a file full of mistakes is not told in attributes.
const SHOWN: usize = 10;

fn status(view: &View) -> &'static str {
    match (view.config_problems.is_empty(), view.zones.is_empty()) {
        (false, _) => "invalid",
        _ if view.unused_options.is_some() => "changed",
        (true, true) => "incomplete",
        (true, false) => "ok",
    }
}

fn attributes(view: &View) -> Value {
    let no_zone = (status(view) == "incomplete")
        .then(|| "No zone is set up: name a camera in the options.".to_owned());
    let missing: Vec<String> = view
        .config_problems
        .iter()
        .chain(&view.unused_options)
        .map(|sentence| super::shortened(sentence, 300))
        .chain(no_zone)
        .take(SHOWN)
        .collect();
    // What will be wrong some day: a model that is switched off, a price nobody knows.
    let warnings: Vec<String> = (view.judge.warnings.iter())
        .map(|sentence| super::shortened(sentence, 300))
        .take(SHOWN)
        .collect();
    json!({ "missing": missing, "warnings": warnings, "omitted": view.config_problems.len().saturating_sub(SHOWN) })
}
