//! How long the room has been kept in order.

use serde_json::json;

use crate::{
    domain::view::ZoneView,
    mqtt::entity::{Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Days in a row that ended with nothing left to do in the room; today counts as soon as nothing is left. A day on which it was not looked at neither counts nor ends the row. Unknown before the first reading.",
    icon: "mdi:fire",
    config: |_| {
        json!({
            "device_class": "duration",
            "state_class": "measurement",
            "unit_of_measurement": "d",
        })
    },
    state: Some(|zone| State::known(zone.streak_days)),
    ..Entity::new("streak_days", Platform::Sensor, "Streak")
};
