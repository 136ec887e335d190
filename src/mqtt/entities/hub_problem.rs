//! Whether something is wrong with the service, and what, in a sentence.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State, iso},
};

pub const ENTITY: Entity<View> = Entity {
    about: "On while something is wrong with the service; attributes: the sentence that says what works, what does not, until when and what to do (`sentence`), the part's own words (`detail`), and since when.",
    category: Category::Diagnostic,
    config: |_| json!({ "device_class": "problem" }),
    state: Some(|view| State::on_off(view.health.problem().is_some())),
    attributes: Some(|view| {
        let (detail, since) = view.health.problem().unzip();
        let told = view.degraded.as_ref().filter(|_| detail.is_some());
        json!({
            "sentence": told.map(|told| super::shortened(&told.sentence, 1500)),
            "detail": detail.map(|detail| super::shortened(detail, 1500)),
            "since": since.map(iso),
        })
    }),
    ..Entity::new("problem", Platform::BinarySensor, "Problem")
};
