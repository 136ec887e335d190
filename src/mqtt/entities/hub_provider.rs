//! Who judges.

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "The provider that judges the pictures now, such as `local`.",
    icon: "mdi:brain",
    category: Category::Diagnostic,
    state: Some(|view| State::known(Some(&view.provider).filter(|name| !name.is_empty()))),
    ..Entity::new("provider", Platform::Sensor, "Provider")
};
