//! What just fits, and what just does not.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{load_file, load_options, paths};

fn kitchen(cameras: &Value) -> Value {
    json!({ "zones": [{ "name": "Kitchen", "cameras": cameras }] })
}

#[test]
fn a_device_id_has_at_most_32_signs() {
    for (signs, problems) in [(1, 0), (32, 0), (33, 1)] {
        let id = "a".repeat(signs);
        let loaded = load_options(&json!({ "device_id": id }));
        assert_eq!(loaded.problems.len(), problems, "{signs}");
        let used = if problems == 0 { &id } else { "aicleaner_v3" };
        assert_eq!(loaded.settings.device_id, used);
    }
}

#[test]
fn a_zone_has_at_most_eight_cameras() {
    for (count, expected) in [(8, None), (9, Some("zones[0].cameras"))] {
        let cameras: Vec<_> = (0..count).map(|n| format!("camera.c{n}")).collect();
        let loaded = load_options(&kitchen(&json!(cameras)));
        assert_eq!(paths(&loaded).first().copied(), expected, "{count}");
        assert_eq!(loaded.settings.zones.len(), usize::from(expected.is_none()));
    }
}

#[test]
fn an_address_with_a_blank_in_it_is_none() {
    for address in [
        "http://camera/a b",
        "https://cam era/a",
        "http://camera/\ta",
    ] {
        let loaded = load_options(&kitchen(&json!([address])));
        assert_eq!(paths(&loaded), ["zones[0].cameras[0]"], "{address}");
    }
}

#[test]
fn a_password_is_what_was_typed_blanks_included() {
    let options = json!({ "mqtt": {
        "host": "broker", "username": "me", "password": " two words "
    }});
    let broker = load_options(&options).settings.mqtt.broker.unwrap();
    assert_eq!(broker.password.unwrap().expose_secret(), " two words ");
}

#[test]
fn a_password_without_a_user_is_not_sent() {
    let loaded = load_options(&json!({ "mqtt": { "host": "broker", "password": "p" } }));
    assert_eq!(paths(&loaded), ["mqtt.username"]);
    let broker = loaded.settings.mqtt.broker.unwrap();
    assert!(broker.username.is_none() && broker.password.is_none());
}

/// A parser that recurses once for each dash ends the program on a long line.
#[test]
fn lists_nest_32_deep_and_no_deeper() {
    for (depth, refused) in [(32, false), (33, true)] {
        let line = format!("zones: 1\n{}x\n", "- ".repeat(depth));
        let loaded = load_file("aicleaner.yaml", line, &[]);
        let said = loaded
            .problems
            .iter()
            .any(|p| p.to_string().contains("nested too deep"));
        assert_eq!(said, refused, "{depth}");
    }
}
