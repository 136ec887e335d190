//! When the room was last checked.

use serde_json::json;

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "When the room's last check ended, whatever its outcome.",
    icon: "mdi:clock-check-outline",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "timestamp" }),
    state: Some(|zone| State::time(zone.last_check)),
    ..Entity::new("last_check", Platform::Sensor, "Last check")
};
