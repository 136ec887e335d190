//! How strict the judge is in the room.

use serde_json::json;

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "How strict the room is judged, 1 (easy-going) to 5 (strict); holds until the option changes.",
    icon: "mdi:magnify-scan",
    category: Category::Config,
    config: |_| json!({ "min": 1, "max": 5, "step": 1, "mode": "slider" }),
    state: Some(|zone| State::text(zone.pickiness)),
    command: Some(|zone, payload| {
        let pickiness = super::whole(payload, 1..=5)?;
        Some(Command::SetPickiness(zone.zone.id, pickiness as u8))
    }),
    ..Entity::new("pickiness", Platform::Number, "Pickiness")
};
