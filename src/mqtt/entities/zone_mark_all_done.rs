//! Everything in the room is done.

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Entity, PRESS, Platform},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Ticks off all open tasks of the room.",
    icon: "mdi:check-all",
    command: Some(|zone, payload| (payload == PRESS).then_some(Command::MarkAllDone(zone.zone.id))),
    ..Entity::new("mark_all_done", Platform::Button, "Mark all done")
};
