//! How the service is, in one word.

use serde_json::{Map, Value, json};

use crate::{
    domain::{health::Condition, view::View},
    mqtt::entity::{Category, Entity, Platform, State, iso},
};

pub const ENTITY: Entity<View> = Entity {
    about: "`ok`, `starting`, `paused` (Home Assistant is away), `degraded` (something is wrong, see Problem) or `off` (the main switch); attributes: each part of the service and, while something is missing, one sentence on it, what works (`works`), what does not (`does_not_work`), since when and until when.",
    icon: "mdi:broom",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "enum", "options": OPTIONS }),
    state: Some(|view| State::text(status(view))),
    attributes: Some(attributes),
    ..Entity::new("status", Platform::Sensor, "Status")
};

const OPTIONS: [&str; 5] = ["ok", "starting", "paused", "degraded", "off"];

/// The first that applies, the gravest first.
fn status(view: &View) -> &'static str {
    let any = |is: fn(&Condition) -> bool| view.health.iter().any(|(_, c, _)| is(c));
    if !view.enabled {
        "off"
    } else if any(|c| matches!(c, Condition::Degraded(_))) {
        "degraded"
    } else if any(|c| matches!(c, Condition::Paused(_))) {
        "paused"
    } else if any(|c| matches!(c, Condition::Starting)) {
        "starting"
    } else {
        "ok"
    }
}

fn attributes(view: &View) -> Value {
    let mut parts: Map<String, Value> = view
        .health
        .iter()
        .map(|(part, condition, _)| (part.name().to_owned(), word(condition).into()))
        .collect();
    if let Some(told) = &view.degraded {
        let more = json!({
            "sentence": super::shortened(&told.sentence, 1500),
            "works": told.works,
            "does_not_work": told.lost,
            "since": told.since.map(iso),
            "until": told.until.map(iso),
        });
        parts.extend(more.as_object().cloned().unwrap_or_default());
    }
    parts.into()
}

fn word(condition: &Condition) -> &'static str {
    match condition {
        Condition::Starting => "starting",
        Condition::Ok => "ok",
        Condition::Off(_) => "off",
        Condition::Paused(_) => "paused",
        Condition::Degraded(_) => "degraded",
    }
}
