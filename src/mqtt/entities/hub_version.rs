//! The version of the service.

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "The version of the service.",
    icon: "mdi:tag-outline",
    category: Category::Diagnostic,
    state: Some(|_| State::text(env!("CARGO_PKG_VERSION"))),
    ..Entity::new("version", Platform::Sensor, "Version")
};
