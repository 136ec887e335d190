//! What today cost in money.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "What the calls since midnight came to in US dollars, by the known prices; attribute: the limit, if there is one.",
    icon: "mdi:cash",
    category: Category::Diagnostic,
    config: |_| {
        json!({
            "device_class": "monetary", "state_class": "total", "unit_of_measurement": "USD",
            "suggested_display_precision": 4,
        })
    },
    state: Some(|view| State::text(format!("{:.4}", view.judge.cost_today))),
    attributes: Some(|view| json!({ "limit": view.judge.cost_limit })),
    ..Entity::new("ai_cost_today", Platform::Sensor, "AI cost today")
};
