//! How often the room is checked.

use serde_json::json;

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Minutes between scheduled checks, 1–1440; holds until the option changes.",
    icon: "mdi:timer-outline",
    category: Category::Config,
    config: |_| {
        json!({
            "device_class": "duration",
            "unit_of_measurement": "min",
            "min": 1,
            "max": 1440,
            "step": 1,
            "mode": "box",
        })
    },
    state: Some(|zone| State::text(zone.interval_minutes)),
    command: Some(|zone, payload| {
        let minutes = minutes(payload)?;
        Some(Command::SetInterval(zone.zone.id, minutes))
    }),
    ..Entity::new("interval_minutes", Platform::Number, "Interval")
};

/// Home Assistant sends whole numbers as `30`, automations may send `30.0`.
fn minutes(payload: &str) -> Option<u32> {
    let value: f64 = payload.trim().parse().ok()?;
    (value.fract() == 0.0 && (1.0..=1440.0).contains(&value)).then_some(value as u32)
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn only_whole_minutes_of_a_day_are_taken() {
        assert_eq!(minutes("30"), Some(30));
        assert_eq!(minutes("1440.0"), Some(1440));
        for wrong in ["0", "1441", "1.5", "-3", "NaN", "inf", "", "soon"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }
}
