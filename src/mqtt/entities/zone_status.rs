//! What happens with the room now.

use serde_json::json;

use crate::{
    domain::view::{ZoneStatus, ZoneView},
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "`waiting`, `queued`, `checking`, `paused` (Home Assistant is away), `off` or `failed` (see Problem).",
    icon: "mdi:state-machine",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "enum", "options": ZoneStatus::ALL.map(ZoneStatus::name) }),
    state: Some(|zone| State::text(zone.status.name())),
    ..Entity::new("status", Platform::Sensor, "Status")
};
