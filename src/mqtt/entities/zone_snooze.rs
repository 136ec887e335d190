//! Leaves the room alone for a while.

use serde_json::{Value, json};

use crate::{
    domain::{command::Command, snooze, view::ZoneView},
    mqtt::entity::{Entity, Platform, State, iso},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Leaves the room alone for a while: no checks but those asked for. Goes back to `off` by itself; attribute: until when (`until`).",
    icon: "mdi:sleep",
    config: |_| json!({ "options": snooze::choices() }),
    state: Some(|zone| State::text(snooze::shown(zone.snooze.map(|(_, minutes)| minutes)))),
    attributes: Some(attributes),
    command: Some(|zone, payload| Some(Command::Snooze(zone.zone.id, snooze::minutes(payload)?))),
    ..Entity::new("snooze", Platform::Select, "Snooze")
};

fn attributes(zone: &ZoneView) -> Value {
    json!({ "until": zone.snooze.map(|(until, _)| iso(until)) })
}
