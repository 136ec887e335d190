//! Whether the room cannot be checked, and why, in a sentence.

use serde_json::json;

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Category, Entity, Platform, State, iso},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "On while the room cannot be checked; attributes: the sentence that says why and what to do, and since when.",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "problem" }),
    state: Some(|zone| State::on_off(zone.problem.is_some())),
    attributes: Some(|zone| {
        let (sentence, since) = zone.problem.as_ref().map(|(s, at)| (s, iso(*at))).unzip();
        json!({ "sentence": sentence, "since": since })
    }),
    ..Entity::new("problem", Platform::BinarySensor, "Problem")
};
