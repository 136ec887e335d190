//! The rules: what is taken, what is refused and in which words.

use aicleaner::settings::{
    check_config, known,
    model::{HomeAssistantAccess, LogLevel, ProviderKind},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{app, load_file, load_options, paths};

#[test]
fn the_defaults_of_the_form_work_without_a_zone() {
    let loaded = load_options(&json!({
        "zones": [], "provider": "auto", "interval_minutes": 60, "mqtt": {},
        "device_id": "aicleaner_v3", "log_level": "info"
    }));
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.notices, []);
    assert!(!loaded.safe_mode && loaded.zones_complete);
    let settings = loaded.settings;
    assert!(settings.zones.is_empty() && settings.mqtt.broker.is_none());
    assert_eq!(settings.mqtt.discovery_prefix, "homeassistant");
    assert_eq!(settings.web.ingress.to_string(), "0.0.0.0:8099");
    assert_eq!(settings.web.probes.to_string(), "0.0.0.0:9464");
    match settings.home_assistant {
        HomeAssistantAccess::Supervisor { base_url, token } => {
            assert_eq!(base_url, "http://supervisor");
            assert_eq!(token.expose_secret(), "supervisor-token");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn basic_mode_is_one_zone_named_after_its_camera() {
    let loaded = load_options(&json!({
        "default_camera": "camera.living_room", "default_todo_list": "todo.chores",
        "interval_minutes": 30
    }));
    assert_eq!(loaded.problems, []);
    let [zone] = &loaded.settings.zones[..] else {
        panic!("{:?}", loaded.settings.zones)
    };
    assert_eq!(
        (zone.name.as_str(), zone.slug.as_str()),
        ("Living room", "living_room")
    );
    assert_eq!(zone.cameras, ["camera.living_room"]);
    assert_eq!(zone.todo_list.as_ref().unwrap().0, "todo.chores");
    assert_eq!(zone.interval_minutes, 30);
}

#[test]
fn the_camera_of_basic_mode_stands_beside_the_zones() {
    let loaded = load_options(&json!({
        "default_camera": "camera.bath",
        "zones": [
            { "name": "Kitchen", "cameras": ["camera.kitchen"] },
            { "name": "Bath!", "cameras": ["camera.other"] }
        ]
    }));
    assert_eq!(paths(&loaded), ["zones[1].name"]);
    assert!(loaded.problems[0].hint.contains("default_camera"));
    let names: Vec<_> = loaded.settings.zones.iter().map(|z| &z.name[..]).collect();
    assert_eq!(names, ["Bath", "Kitchen"]);
}

#[test]
fn every_problem_is_reported_at_once_and_the_rest_works() {
    let loaded = load_options(&json!({
        "zones": [
            { "name": "Kitchen", "cameras": ["camera.kitchen"] },
            { "name": "Bath", "cameras": ["camera.bath"], "interval_minutes": 0 },
            { "cameras": [] },
            { "name": "kitchen!", "cameras": ["camera.other"] },
            { "name": "Hall", "cameras": ["light.hall"], "todo_list": "hall", "icon": "sofa" },
            "Attic"
        ],
        "provider": "gemini", "daily_call_limit": 0,
        "interval_minutes": 1.9,
        "mqtt": { "port": 70000, "host": "mqtt://broker:1883" },
        "device_id": "Köln",
        "log_level": "loud"
    }));
    assert_eq!(
        paths(&loaded),
        [
            "interval_minutes",
            "zones[1].interval_minutes",
            "zones[2].name",
            "zones[2].cameras",
            "zones[4].cameras[0]",
            "zones[4].todo_list",
            "zones[4].icon",
            "zones[5]",
            "zones[3].name",
            "mqtt.host",
            "mqtt.port",
            "api_key",
            "daily_call_limit",
            "device_id",
            "log_level",
        ]
    );
    let names: Vec<_> = loaded.settings.zones.iter().map(|z| &z.name[..]).collect();
    assert_eq!(names, ["Kitchen"]);
    assert!(!loaded.zones_complete && !loaded.safe_mode);
    assert_eq!(loaded.settings.interval_minutes, 60);
    assert_eq!(loaded.settings.judging.chain[0].kind, ProviderKind::Local);
    assert_eq!(loaded.settings.device_id, "aicleaner_v3");
    assert_eq!(loaded.settings.log_level, LogLevel::Info);
    assert_eq!(
        loaded.problems[1].to_string(),
        "zones[1].interval_minutes: found 0, allowed is a whole number from 1 to 1440. \
         Leave it out to check every 60 minutes. Until then Bath is not watched."
    );
    assert!(
        loaded.problems[8].hint.contains("Kitchen"),
        "{}",
        loaded.problems[8]
    );
}

#[test]
fn an_empty_text_is_an_absent_option() {
    let loaded = load_options(&json!({
        "default_camera": "", "default_todo_list": " ", "provider": "", "interval_minutes": "",
        "mqtt": { "host": "", "password": "", "port": null }, "device_id": null,
        "zones": [{ "name": "Bath", "cameras": ["camera.bath", ""], "todo_list": "", "icon": "" }]
    }));
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.notices, []);
    assert_eq!(loaded.settings.zones[0].cameras, ["camera.bath"]);
}

#[test]
fn later_and_misspelt_options_are_noticed_and_harmless() {
    let loaded = load_options(&json!({
        "advanced": { "gamification": true }, "intervall": 5,
        "zones": [{ "name": "Bath", "cameras": ["camera.bath"], "vacuum": "vacuum.x", "camera": "x" }]
    }));
    assert_eq!(loaded.problems, []);
    let notices: Vec<_> = loaded.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "advanced.gamification: not used by this version.",
            "intervall: no such option; check its spelling.",
            "zones[0].camera: no such option; check its spelling.",
            "zones[0].vacuum: not used by this version.",
        ]
    );
    assert_eq!(loaded.settings.zones.len(), 1);
}

#[test]
fn check_config_says_what_would_run() {
    let (_folder, sources) = app(&json!({
        "zones": [{ "name": "Bath", "cameras": ["camera.bath"], "todo_list": "todo.chores" }]
    }));
    let (text, ok) = check_config(&sources);
    assert!(ok, "{text}");
    for part in [
        "They are fine.",
        "Zone Bath (bath): camera.bath, every 60 minutes, tasks go to todo.chores",
        "Judged by: local",
        "asked from the Supervisor",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let (_folder, sources) = app(&json!({ "log_level": "loud", "device_id": "" }));
    let (text, ok) = check_config(&sources);
    assert!(
        !ok && text.contains("1 problem:") && text.contains("log_level: found \"loud\""),
        "{text}"
    );
}

/// Each known option is read by a rule: a value that cannot fit is a problem there.
#[test]
fn every_known_option_is_read() {
    for pattern in known::IN_FORM.iter().chain(known::OUTSIDE_THE_FORM) {
        let mut options = json!({});
        let mut place = &mut options;
        for part in pattern.split('.') {
            let (key, list) = match part.strip_suffix("[]") {
                Some(key) => (key, true),
                None => (part, false),
            };
            place = place
                .as_object_mut()
                .unwrap()
                .entry(key)
                .or_insert(Value::Null);
            *place = if list { json!([{}]) } else { json!({}) };
            if list {
                place = &mut place[0];
            }
        }
        *place = json!({ "of": "no kind that fits" });
        let loaded = load_file("a.json", options.to_string(), &[]);
        let path = pattern.replace("[]", "[0]");
        // Inside default_todo_list nothing is read before there is a camera.
        if path == "default_todo_list" {
            continue;
        }
        assert!(
            paths(&loaded).contains(&path.as_str()),
            "{path}: {:?}",
            loaded.problems
        );
    }
}
