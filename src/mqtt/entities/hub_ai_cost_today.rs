//! What today cost in money.

use serde_json::json;

use crate::{
    domain::{standing::LinkStanding, view::View},
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "What the calls since midnight came to in US dollars, by the known prices; attributes: the limit, if there is one, and whose calls cost something that is not known (`not_included`).",
    icon: "mdi:cash",
    category: Category::Diagnostic,
    config: |_| {
        json!({
            "device_class": "monetary", "state_class": "total", "unit_of_measurement": "USD",
            "suggested_display_precision": 4,
        })
    },
    state: Some(|view| State::text(format!("{:.4}", view.judge.cost_today))),
    attributes: Some(|view| {
        let unpriced = view.judge.links.iter().filter(|link| !link.priced);
        let not_included: Vec<&str> = unpriced.map(LinkStanding::shown).collect();
        json!({ "limit": view.judge.cost_limit, "not_included": not_included })
    }),
    ..Entity::new("ai_cost_today", Platform::Sensor, "AI cost today")
};
