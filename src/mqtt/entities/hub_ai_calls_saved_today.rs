//! What today did not cost, because nothing had changed.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Calls saved since midnight because the picture had not changed.",
    icon: "mdi:piggy-bank-outline",
    category: Category::Diagnostic,
    config: |_| json!({ "state_class": "total_increasing", "unit_of_measurement": "calls" }),
    state: Some(|view| State::text(view.saved_today)),
    ..Entity::new(
        "ai_calls_saved_today",
        Platform::Sensor,
        "AI calls saved today",
    )
};
