//! When the service started.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "When the service started.",
    icon: "mdi:clock-start",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "timestamp" }),
    state: Some(|view| State::time(Some(view.started))),
    ..Entity::new("started", Platform::Sensor, "Started")
};
