//! Check the room now.

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Entity, PRESS, Platform},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Checks the room now, even if nothing seems to have changed.",
    icon: "mdi:camera-outline",
    command: Some(|zone, payload| (payload == PRESS).then_some(Command::CheckNow(zone.zone.id))),
    ..Entity::new("check_now", Platform::Button, "Check now")
};
