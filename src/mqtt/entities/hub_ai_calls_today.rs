//! What today cost in calls.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Pictures judged since midnight.",
    icon: "mdi:counter",
    category: Category::Diagnostic,
    config: |_| json!({ "state_class": "total_increasing", "unit_of_measurement": "calls" }),
    state: Some(|view| State::text(view.calls_today)),
    ..Entity::new("ai_calls_today", Platform::Sensor, "AI calls today")
};
