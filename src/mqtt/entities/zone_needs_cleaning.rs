//! Whether the room needs cleaning.

use serde_json::json;

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "On while the room needs cleaning (with hysteresis), unknown before the first reading.",
    icon: "mdi:vacuum-outline",
    config: |_| json!({ "device_class": "problem" }),
    state: Some(|zone| zone.needs_cleaning.map_or(State::Unknown, State::on_off)),
    ..Entity::new("needs_cleaning", Platform::BinarySensor, "Needs cleaning")
};
