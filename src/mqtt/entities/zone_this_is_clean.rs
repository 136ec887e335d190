//! What the camera shows is the room when it is clean.

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Entity, PRESS, Platform},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Keeps the last judged picture as the clean room that later ones are compared with; up to five are kept.",
    icon: "mdi:image-check-outline",
    command: Some(|zone, payload| (payload == PRESS).then_some(Command::ThisIsClean(zone.zone.id))),
    ..Entity::new("this_is_clean", Platform::Button, "This is clean")
};
