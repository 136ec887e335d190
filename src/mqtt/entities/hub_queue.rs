//! How many checks wait or run.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Checks that wait or run.",
    icon: "mdi:tray-full",
    category: Category::Diagnostic,
    config: |_| json!({ "state_class": "measurement", "unit_of_measurement": "checks" }),
    state: Some(|view| State::text(view.queue)),
    ..Entity::new("queue", Platform::Sensor, "Queue")
};
