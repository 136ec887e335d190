//! The room's switch.

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Entity, Platform, State, switched},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "The room's switch: off means no scheduled checks of it.",
    icon: "mdi:cctv",
    state: Some(|zone| State::on_off(zone.monitoring)),
    command: Some(|zone, payload| {
        switched(payload).map(|on| Command::SetMonitoring(zone.zone.id, on))
    }),
    ..Entity::new("monitoring", Platform::Switch, "Monitoring")
};
