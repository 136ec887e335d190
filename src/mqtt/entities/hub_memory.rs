//! The memory the service uses.

use serde_json::json;

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "Resident memory of the service.",
    icon: "mdi:memory",
    category: Category::Diagnostic,
    config: |_| {
        json!({
            "device_class": "data_size",
            "state_class": "measurement",
            "unit_of_measurement": "MiB",
            "suggested_display_precision": 1,
        })
    },
    state: Some(|view| State::tenths(view.memory_mib)),
    ..Entity::new("memory", Platform::Sensor, "Memory")
};
