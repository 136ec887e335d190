//! When any zone was last checked.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "When a check of any zone last ended.",
    icon: "mdi:clock-check-outline",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "timestamp" }),
    state: Some(|view| State::time(view.zones.iter().filter_map(|zone| zone.last_check).max())),
    ..Entity::new("last_check", Platform::Sensor, "Last check")
};
