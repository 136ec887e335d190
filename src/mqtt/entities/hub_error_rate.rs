//! How many of today's checks failed.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Share of today's checks that failed.",
    icon: "mdi:percent-outline",
    category: Category::Diagnostic,
    config: |_| json!({ "state_class": "measurement", "unit_of_measurement": "%", "suggested_display_precision": 1 }),
    state: Some(|view| State::tenths(view.error_rate)),
    ..Entity::new("error_rate", Platform::Sensor, "Error rate")
};
