//! When to look: times, triggers, quiet hours, presence.

use serde_json::{Value, json};

use super::{load_options, paths};

fn kitchen(more: &Value) -> Value {
    let mut zone = json!({ "name": "Kitchen", "cameras": ["camera.kitchen"] });
    for (key, value) in more.as_object().unwrap() {
        zone[key] = value.clone();
    }
    json!({ "zones": [zone] })
}

#[test]
fn times_and_triggers_are_read() {
    let loaded = load_options(&kitchen(&json!({
        "times": ["20:00", "7:30", "20:00", ""],
        "triggers": ["binary_sensor.door = off", "vacuum.robot=docked"],
        "trigger_delay_minutes": 10
    })));
    assert_eq!((paths(&loaded), loaded.notices.len()), (vec![], 0));
    let timing = &loaded.settings.zones[0].timing;
    let times: Vec<_> = timing.times.iter().map(ToString::to_string).collect();
    assert_eq!(times, ["07:30:00", "20:00:00"]);
    assert!(timing.at_times_only);
    assert_eq!(timing.triggers[0].entity, "binary_sensor.door");
    assert_eq!(timing.triggers[0].state, "off");
    assert_eq!(timing.trigger_delay_minutes, 10);
    let both = load_options(&kitchen(
        &json!({ "times": ["7:30"], "interval_minutes": 30 }),
    ));
    assert!(!both.settings.zones[0].timing.at_times_only);
}

#[test]
fn what_is_no_time_or_trigger_is_named_with_its_place() {
    for (key, value) in [
        ("times", "25:00"),
        ("times", "noon"),
        ("triggers", "binary_sensor.door"),
        ("triggers", "door=off"),
        ("triggers", "binary_sensor.door="),
    ] {
        let loaded = load_options(&kitchen(&json!({ key: [value] })));
        assert_eq!(paths(&loaded), [format!("zones[0].{key}[0]")], "{value}");
        assert!(loaded.settings.zones.is_empty() && !loaded.zones_complete);
        let said = loaded.problems[0].to_string();
        assert!(
            said.contains("Until then Kitchen is not watched."),
            "{said}"
        );
    }
    let many: Vec<_> = (0..25).map(|n| format!("{}:{n:02}", n % 24)).collect();
    assert_eq!(
        paths(&load_options(&kitchen(&json!({ "times": many })))),
        ["zones[0].times"]
    );
    let lonely = load_options(&kitchen(&json!({ "trigger_delay_minutes": 5 })));
    assert_eq!(lonely.notices.len(), 1);
}

#[test]
fn the_households_own_are_read_or_named() {
    let loaded = load_options(&json!({
        "quiet_hours": "22:00-07:00",
        "advanced": {
            "max_age_hours": 12, "adaptive_interval": true, "random_offset_minutes": 15,
            "pause_when_home": ["person.anna", ""]
        }
    }));
    assert_eq!((paths(&loaded), loaded.notices.len()), (vec![], 0));
    let house = loaded.settings.house;
    assert!(house.quiet_hours.is_some() && house.adaptive_interval);
    assert_eq!((house.max_age_hours, house.random_offset_minutes), (12, 15));
    assert_eq!(house.pause_when_home, ["person.anna"]);

    let wrong = load_options(&json!({
        "quiet_hours": "at night", "advanced": { "max_age_hours": 0, "pause_when_home": ["Anna"] }
    }));
    assert_eq!(
        paths(&wrong),
        [
            "quiet_hours",
            "advanced.max_age_hours",
            "advanced.pause_when_home[0]"
        ]
    );
    let house = wrong.settings.house;
    assert_eq!((house.quiet_hours, house.max_age_hours), (None, 24));
    // Nobody's picture leaves for a slip of the pen: "Anna" is never known to be out.
    assert_eq!(house.pause_when_home, ["Anna"]);
}
