//! Whether and how the way to the broker is encrypted.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{load_options, paths};

#[test]
fn encryption_to_the_broker_is_read_and_what_is_unclear_stays_unused() {
    let with = |more: Value| {
        let mut mqtt = json!({"host": "broker", "username": "me", "password": "pw"});
        let all = mqtt.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        load_options(&json!({ "mqtt": mqtt }))
    };
    let broker = |more: Value| with(more).settings.mqtt.broker.unwrap();
    for on in [json!(true), json!("true")] {
        let broker = broker(json!({ "tls": on }));
        assert_eq!((broker.port, broker.tls.unwrap().ca_file), (8883, None));
    }
    for off in [
        json!({}),
        json!({"tls": false}),
        json!({"tls": "", "ca_file": ""}),
    ] {
        let broker = broker(off);
        assert_eq!((broker.port, broker.tls), (1883, None));
    }
    let own = broker(json!({"ca_file": "own-ca.crt", "port": 1884}));
    assert_eq!(own.port, 1884);
    assert_eq!(
        own.tls.unwrap().ca_file.unwrap(),
        PathBuf::from("/ssl/own-ca.crt")
    );

    for (unclear, path) in [
        (json!({"tls": "perhaps"}), "mqtt.tls"),
        (json!({"tls": false, "ca_file": "ca.crt"}), "mqtt.tls"),
        (json!({"ca_file": 7}), "mqtt.ca_file"),
        (json!({"ca_file": "/data/options.json"}), "mqtt.ca_file"),
        (json!({"ca_file": "/data/options.json"}), "mqtt.ca_file"),
    ] {
        let loaded = with(unclear);
        assert_eq!(paths(&loaded), [path]);
        assert!(loaded.settings.mqtt.broker.is_none(), "{path}");
    }
    let lonely = load_options(&json!({"mqtt": {"tls": true}}));
    assert_eq!(paths(&lonely), ["mqtt.host"]);
}
