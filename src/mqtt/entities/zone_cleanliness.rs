//! How clean the room is.

use serde_json::{Value, json};

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Entity, Platform, State, iso},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "How clean the room is, 100 % = spotless, unknown before the first reading; attributes: label, summary, confidence, provider and method of the last good reading, when it was taken, and whether a newer check failed (`old`).",
    icon: "mdi:broom",
    config,
    state: Some(|zone| State::known(zone.reading.as_ref().map(|reading| reading.score.value()))),
    attributes: Some(attributes),
    ..Entity::new("cleanliness", Platform::Sensor, "Cleanliness")
};

/// The zone's icon, where the user chose one.
fn config(zone: &ZoneView) -> Value {
    let mut config = json!({ "state_class": "measurement", "unit_of_measurement": "%" });
    if let Some(icon) = &zone.zone.options.icon {
        config["icon"] = icon.as_str().into();
    }
    config
}

fn attributes(zone: &ZoneView) -> Value {
    let Some(reading) = &zone.reading else {
        return json!({});
    };
    json!({
        "label": reading.label,
        "summary": super::shortened(&reading.summary, 1000),
        "confidence": super::hundredths(reading.confidence),
        "provider": reading.provider,
        "method": reading.method,
        "taken": iso(reading.at),
        "old": reading.old,
    })
}
