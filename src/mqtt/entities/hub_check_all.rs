//! Check every zone now.

use crate::{
    domain::{command::Command, view::View},
    mqtt::entity::{Entity, PRESS, Platform},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Checks every zone now, whatever the schedule says.",
    icon: "mdi:home-search-outline",
    command: Some(|_, payload| (payload == PRESS).then_some(Command::CheckAll)),
    ..Entity::new("check_all", Platform::Button, "Check all")
};
