//! The main switch.

use crate::{
    domain::{command::Command, view::View},
    mqtt::entity::{Entity, Platform, State, switched},
};

pub const ENTITY: Entity<View> = Entity {
    about: "The main switch: off means no checks but manual ones.",
    icon: "mdi:power",
    state: Some(|view| State::on_off(view.enabled)),
    command: Some(|_, payload| switched(payload).map(Command::SetEnabled)),
    ..Entity::new("enabled", Platform::Switch, "Enabled")
};
