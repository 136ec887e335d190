//! The discovery payloads, as Home Assistant gets them, against golden files.
//! After a change that is meant: `UPDATE_GOLDEN=1 cargo test --test discovery`,
//! then read the difference.

use std::path::PathBuf;

use aicleaner::{
    domain::{
        health::Health,
        standing::Standing,
        view::{View, ZoneStatus, ZoneView},
        zone::{Zone, ZoneId, ZoneOptions},
    },
    mqtt::{
        discovery,
        entity::{ENTITIES, Entity, Platform},
        topics::{Owner, Topics},
    },
};
use serde_json::Value;

const SLUG: Option<&str> = Some("1234abcd_aicleaner_v3");

fn topics() -> Topics {
    Topics::new("aicleaner_v3", "homeassistant")
}

fn zone() -> ZoneView {
    ZoneView {
        zone: Zone {
            id: ZoneId(7),
            options: ZoneOptions {
                name: "Küche".into(),
                slug: "kuche".into(),
                cameras: vec!["camera.kuche".into()],
                icon: Some("mdi:silverware-fork-knife".into()),
                ..ZoneOptions::default()
            },
        },
        status: ZoneStatus::Waiting,
        monitoring: true,
        interval_minutes: 60,
        pickiness: 3,
        snooze: None,
        rules: vec![],
        streak_days: None,
        reading: None,
        needs_cleaning: None,
        tasks: vec![],
        last_check: None,
        next_check: None,
        problem: None,
        snapshot: None,
        clean_pictures: None,
        masks: aicleaner::domain::mask::Masks::None,
        lessons: 0,
    }
}

fn view() -> View {
    View {
        started: "2026-11-22T08:00:00Z".parse().unwrap(),
        enabled: true,
        health: Health::default(),
        degraded: None,
        config_problems: vec![],
        unused_options: None,
        judge: Standing::of("local"),
        provider: "local".into(),
        calls_today: 0,
        saved_today: 0,
        queue: 0,
        error_rate: 0.0,
        memory_mib: 30.0,
        zones: vec![zone()],
    }
}

/// Every release has another version; the payload is the same.
fn without_version(payload: &Value) -> String {
    let text = serde_json::to_string_pretty(payload).unwrap() + "\n";
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn golden(name: &str, payload: &Value) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    let actual = without_version(payload);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &actual).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    assert!(
        actual == expected,
        "{} no longer matches; see the head of this file. Now:\n{actual}",
        file.display()
    );
}

#[test]
fn the_hub_is_announced_as_agreed() {
    golden("hub.json", &discovery::hub(&topics(), SLUG, &view()));
}

#[test]
fn a_zone_is_announced_as_agreed() {
    golden("zone.json", &discovery::zone(&topics(), SLUG, &zone()));
}

#[test]
fn equal_views_give_equal_bytes() {
    let bytes = || discovery::hub(&topics(), SLUG, &view()).to_string();
    assert_eq!(bytes(), bytes());
}

/// Home Assistant drops a whole payload for one unknown key in these places.
#[test]
fn only_known_keys_where_the_schema_is_strict() {
    let allowed = |value: &Value, known: &[&str]| {
        for key in value.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key}");
        }
    };
    let (topics, zone) = (topics(), zone());
    for payload in [
        discovery::hub(&topics, SLUG, &view()),
        discovery::zone(&topics, None, &zone),
    ] {
        let root = [
            "device",
            "origin",
            "availability",
            "availability_mode",
            "qos",
            "components",
        ];
        allowed(&payload, &root);
        allowed(&payload["origin"], &["name", "sw_version", "support_url"]);
        let device = [
            "identifiers",
            "name",
            "manufacturer",
            "model",
            "sw_version",
            "via_device",
            "configuration_url",
        ];
        allowed(&payload["device"], &device);
        assert!(payload.to_string().len() < 20_000);
    }
}

#[test]
fn every_entity_is_announced_with_its_id_and_listens_where_it_says() {
    fn check<S>(entities: &[Entity<S>], payload: &Value, prefix: &str) {
        let components = payload["components"].as_object().unwrap();
        assert_eq!(components.len(), entities.len());
        for entity in entities {
            let (component, domain) = (&components[entity.key], entity.platform.name());
            let id = format!("{domain}.{prefix}_{}", entity.key);
            assert_eq!(component["default_entity_id"], id.as_str());
            let has = |key: &str| component.get(key).is_some();
            assert!(has("unique_id") && has("name"), "{id}");
            assert_eq!(has("command_topic"), entity.command.is_some(), "{id}");
            assert_eq!(
                has("state_topic") || has("image_topic"),
                entity.state.is_some() || entity.platform == Platform::Event,
                "{id}"
            );
            assert_eq!(
                has("json_attributes_topic"),
                entity.attributes.is_some(),
                "{id}"
            );
        }
    }
    let hub = discovery::hub(&topics(), SLUG, &view());
    check(ENTITIES.hub, &hub, "aicleaner_v3");
    let kitchen = discovery::zone(&topics(), SLUG, &zone());
    check(ENTITIES.zone, &kitchen, "aicleaner_kuche");
}

#[test]
fn the_documentation_lists_every_entity() {
    const BEGIN: &str = "<!-- entities -->\n";
    const END: &str = "<!-- /entities -->";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("aicleaner_v3/DOCS.md");
    let docs = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = docs.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}\n{}\n{END}{after}", ENTITIES.markdown());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &expected).unwrap();
        return;
    }
    assert!(
        docs == expected,
        "the table of entities in DOCS.md is old; see the head of this file"
    );
}

/// The published add-on of the generation before announced empty keys, which
/// broke the loading of entities.
#[test]
fn defect_10_no_key_of_a_payload_is_null_or_empty() {
    fn search(value: &Value, path: &str) {
        match value {
            Value::Null => panic!("{path} is null"),
            Value::String(text) => assert!(!text.is_empty(), "{path} is empty"),
            Value::Array(entries) => {
                assert!(!entries.is_empty(), "{path} is empty");
                for entry in entries {
                    search(entry, path);
                }
            }
            Value::Object(entries) => {
                for (key, entry) in entries {
                    search(entry, &format!("{path}.{key}"));
                }
            }
            _ => {}
        }
    }
    search(&discovery::hub(&topics(), None, &view()), "hub");
    search(&discovery::zone(&topics(), None, &zone()), "zone");
}

/// It had five-level discovery topics, and ids made of host name, address and MAC.
#[test]
fn defect_11_topics_and_ids_follow_from_device_id_and_zone_alone() {
    let topics = topics();
    for owner in [Owner::Hub, Owner::Zone("kuche")] {
        let config = topics.config(owner);
        let levels: Vec<&str> = config.split('/').collect();
        let ["homeassistant", "device", id, "config"] = levels[..] else {
            panic!("{config}")
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        assert!(
            id.starts_with("aicleaner_v3") && id.chars().all(plain),
            "{id}"
        );
    }
    // Another installation of the same options is the same household.
    let again = Topics::new("aicleaner_v3", "homeassistant");
    assert_eq!(
        discovery::zone(&topics, None, &zone()),
        discovery::zone(&again, None, &zone())
    );
}

/// Somebody who follows the installation test looks for these very ids.
#[test]
fn the_installation_test_names_entities_that_exist() {
    let file =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/validation/INSTALLATION_TEST.md");
    let text = std::fs::read_to_string(file).unwrap();
    let documented = ENTITIES.markdown();
    let is_id = |text: &&str| text.contains(".aicleaner_");
    let ids: Vec<&str> = text.split('`').skip(1).step_by(2).filter(is_id).collect();
    assert!(ids.len() > 10, "{ids:?}");
    for id in ids {
        let shown = id.replace(".aicleaner_kitchen_", ".aicleaner_<zone>_");
        assert!(documented.contains(&format!("`{shown}`")), "{id}");
    }
}

/// Its entity ids differed between code, README and test guide.
#[test]
fn defect_12_every_documented_id_is_the_announced_one() {
    let documented = ENTITIES.markdown();
    for (payload, zone) in [
        (discovery::hub(&topics(), None, &view()), None),
        (discovery::zone(&topics(), None, &zone()), Some("kuche")),
    ] {
        for component in payload["components"].as_object().unwrap().values() {
            let id = component["default_entity_id"].as_str().unwrap();
            let shown = zone.map_or(id.to_owned(), |zone| {
                id.replace(&format!("_{zone}_"), "_<zone>_")
            });
            assert!(documented.contains(&format!("`{shown}`")), "{shown}");
        }
    }
}
