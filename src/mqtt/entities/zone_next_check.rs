//! When the room will be checked.

use serde_json::json;

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "When the room's next check is due; unknown while none is planned.",
    icon: "mdi:clock-outline",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "timestamp" }),
    state: Some(|zone| State::time(zone.next_check)),
    ..Entity::new("next_check", Platform::Sensor, "Next check")
};
