//! Whether something is wrong with the service, and what, in a sentence.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State, iso},
};

pub const ENTITY: Entity<View> = Entity {
    about: "On while something is wrong with the service; attributes: the sentence that says what and what to do, and since when.",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "problem" }),
    state: Some(|view| State::on_off(view.health.problem().is_some())),
    attributes: Some(|view| {
        let (sentence, since) = view.health.problem().unzip();
        json!({ "sentence": sentence, "since": since.map(iso) })
    }),
    ..Entity::new("problem", Platform::BinarySensor, "Problem")
};
