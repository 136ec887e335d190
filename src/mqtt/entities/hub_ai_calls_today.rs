//! What today cost in calls.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Calls of providers outside this program since midnight, failed ones and picture tests included; what is judged on this device does not count. Attributes: the limit, tokens in and out, and how many calls failed, by class.",
    icon: "mdi:counter",
    category: Category::Diagnostic,
    config: |_| json!({ "state_class": "total_increasing", "unit_of_measurement": "calls" }),
    state: Some(|view| State::text(view.calls_today)),
    attributes: Some(|view| {
        let judge = &view.judge;
        let (tokens_in, tokens_out) = judge.tokens_today;
        json!({
            "limit": judge.call_limit, "tokens_in": tokens_in, "tokens_out": tokens_out,
            "failed": judge.failed_today,
        })
    }),
    ..Entity::new("ai_calls_today", Platform::Sensor, "AI calls today")
};
