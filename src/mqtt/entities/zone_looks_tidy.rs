//! Somebody finds the room tidy, whatever the embedded judge says.

use crate::{
    domain::{command::Command, learning::Opinion, view::ZoneView},
    mqtt::entity::{Entity, PRESS, Platform},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Tells the built-in judge that the last judged picture shows a tidy room; it learns what you mean by that.",
    icon: "mdi:emoticon-happy-outline",
    command: Some(|zone, payload| {
        (payload == PRESS).then_some(Command::Teach(zone.zone.id, Opinion::Tidy))
    }),
    ..Entity::new("looks_tidy", Platform::Button, "It is tidy")
};
