//! The picture that was judged last.

use serde_json::json;

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Exactly the picture that was judged last. It is not kept by the broker, so it appears a few seconds after a start.",
    icon: "mdi:image-outline",
    config: |_| json!({ "content_type": "image/jpeg" }),
    state: Some(|zone| zone.snapshot.clone().map_or(State::Unknown, State::Picture)),
    ..Entity::new("snapshot", Platform::Image, "Snapshot")
};
