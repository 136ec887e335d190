//! What went wrong with the options in earlier generations, one test each.

use serde_json::json;

use super::{load_options, paths};

/// The start script crashed on a port that was an empty text.
#[test]
fn an_empty_port_text_is_no_port() {
    for empty in [json!(""), json!(" "), json!(null)] {
        let loaded = load_options(&json!({ "mqtt": { "host": "", "port": empty } }));
        assert_eq!(paths(&loaded), [] as [&str; 0]);
        assert!(loaded.settings.mqtt.broker.is_none());
    }
    let loaded = load_options(&json!({ "mqtt": { "host": "broker", "port": "" } }));
    assert_eq!(loaded.settings.mqtt.broker.unwrap().port, 1883);
}

/// An external broker was not found because a yes was compared as text.
#[test]
fn a_yes_is_a_yes_however_it_is_written() {
    for yes in [json!(true), json!("true")] {
        let loaded = load_options(&json!({ "local_only": yes }));
        assert_eq!(paths(&loaded), [] as [&str; 0]);
        assert!(loaded.settings.judging.local_only);
    }
    let loaded = load_options(&json!({ "local_only": "yes" }));
    assert_eq!(paths(&loaded), ["local_only"], "what is neither is said");
}

/// Users had to store the placeholder "str" to satisfy a form that refused its own defaults.
#[test]
fn a_placeholder_left_in_a_list_is_named_and_the_rest_works() {
    let loaded = load_options(&json!({
        "zones": [
            { "name": "Bath", "cameras": ["camera.bath"], "todo_list": "str" },
            { "name": "Kitchen", "cameras": ["camera.kitchen"] }
        ]
    }));
    assert_eq!(paths(&loaded), ["zones[0].todo_list"]);
    assert_eq!(loaded.settings.zones.len(), 1);
}
