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

/// The add-on of the generation before crashed on an empty port field.
#[test]
fn defect_7_an_empty_port_is_an_absent_one() {
    for empty in [json!(""), json!(null)] {
        let loaded = load_options(&json!({"mqtt": {"host": "broker", "port": empty}}));
        assert_eq!(paths(&loaded), [""; 0]);
        assert_eq!(loaded.settings.mqtt.broker.unwrap().port, 1883);
    }
}

/// It read a switch as text, so that a broker of one's own was not noticed.
#[test]
fn defect_14_a_switch_is_a_switch_and_a_named_broker_is_used() {
    for tls in [json!(true), json!("true"), json!(false), json!("false")] {
        let loaded = load_options(&json!({"mqtt": {"host": "192.168.1.20", "tls": tls}}));
        assert_eq!(paths(&loaded), [""; 0]);
        let broker = loaded.settings.mqtt.broker.unwrap();
        assert_eq!(broker.host, "192.168.1.20");
        assert_eq!(
            broker.tls.is_some(),
            tls == json!(true) || tls == json!("true")
        );
    }
}
