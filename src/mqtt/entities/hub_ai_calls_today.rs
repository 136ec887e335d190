//! What today cost in calls.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Calls of providers outside this program since midnight, failed ones and picture tests included; what is judged on this device does not count. Attribute: the limit.",
    icon: "mdi:counter",
    category: Category::Diagnostic,
    config: |_| json!({ "state_class": "total_increasing", "unit_of_measurement": "calls" }),
    state: Some(|view| State::text(view.calls_today)),
    attributes: Some(|view| json!({ "limit": view.judge.call_limit })),
    ..Entity::new("ai_calls_today", Platform::Sensor, "AI calls today")
};
