//! How often the room is checked.

use serde_json::json;

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Minutes between scheduled checks, 1–1440; holds until the option changes.",
    icon: "mdi:timer-outline",
    category: Category::Config,
    config: |_| {
        json!({
            "device_class": "duration",
            "unit_of_measurement": "min",
            "min": 1,
            "max": 1440,
            "step": 1,
            "mode": "box",
        })
    },
    state: Some(|zone| State::text(zone.interval_minutes)),
    command: Some(|zone, payload| {
        let minutes = super::whole(payload, 1..=1440)?;
        Some(Command::SetInterval(zone.zone.id, minutes))
    }),
    ..Entity::new("interval_minutes", Platform::Number, "Interval")
};
