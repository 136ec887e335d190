//! Where options come from: the file, the environment, and what lies over what.

use std::{fs, path::Path};

use aicleaner::settings::{Sources, load, model::HomeAssistantAccess};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;

use super::{load_file, load_options, paths, sources};

#[test]
fn variables_lie_over_the_file() {
    let file = "interval_minutes: 20\nmqtt:\n  host: broker\n  username: me\n  password: \"old\"\n";
    let loaded = load_file(
        "aicleaner.yaml",
        file,
        &[
            ("AICLEANER_INTERVAL_MINUTES", "15"),
            ("AICLEANER_MQTT__PORT", "1884"),
            ("AICLEANER_MQTT__PASSWORD", "00123"),
            ("AICLEANER_MQTT__USERNAME", ""),
            ("AICLEANER_HOME_ASSISTANT__URL", "http://ha.local:8123/"),
            ("AICLEANER_HOME_ASSISTANT__TOKEN", "1e5"),
        ],
    );
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.settings.interval_minutes, 15);
    let broker = loaded.settings.mqtt.broker.unwrap();
    assert_eq!((broker.host.as_str(), broker.port), ("broker", 1884));
    assert_eq!(broker.username.as_deref(), Some("me"));
    assert_eq!(broker.password.unwrap().expose_secret(), "00123");
    match loaded.settings.home_assistant {
        HomeAssistantAccess::Direct { base_url, token } => {
            assert_eq!(base_url, "http://ha.local:8123");
            assert_eq!(token.expose_secret(), "1e5");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_variable_at_fault_is_named() {
    let loaded = load(&sources(&[
        ("AICLEANER_MQTT__PORT", "often"),
        ("AICLEANER_TYPO", "1"),
        ("AICLEANER_ZONES", "kitchen"),
    ]));
    let problems: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems[0].starts_with("zones: found \"kitchen\" (in AICLEANER_ZONES)"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with("mqtt.port: found \"often\" (in AICLEANER_MQTT__PORT)"),
        "{problems:?}"
    );
    assert!(
        problems[2].starts_with("mqtt.host: found nothing"),
        "{problems:?}"
    );
    assert_eq!(loaded.notices[0].path, "AICLEANER_TYPO");
}

/// The layering library reads such keys as paths; the last would fill the memory.
#[test]
fn a_key_is_a_name_and_never_a_path() {
    let loaded = load_options(&json!({
        "zones[0]": { "name": "Bath", "cameras": ["camera.bath"] },
        "mqtt.host": "broker",
        "zones[99999999999]": 1
    }));
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.notices.len(), 3);
    assert!(loaded.settings.zones.is_empty() && loaded.settings.mqtt.broker.is_none());
}

#[test]
fn an_unreadable_file_is_safe_mode_with_line_and_column() {
    for (name, content, place) in [
        (
            "a.json",
            "{\n  \"zones\": [,]\n}",
            "broken JSON at line 2, column 13",
        ),
        (
            "a.yaml",
            "zones:\n  - name: \"Bath\n",
            "broken YAML at line",
        ),
        (
            "a.yaml",
            "mqtt:\n  password: !secret mqtt\n",
            "!secret at line 2",
        ),
        ("a.json", "[]", "broken JSON"),
        ("a.yaml", "- a\n", "broken YAML"),
    ] {
        let loaded = load_file(
            name,
            content,
            &[("AICLEANER_DEFAULT_CAMERA", "camera.bath")],
        );
        assert!(loaded.safe_mode && !loaded.zones_complete, "{content}");
        assert!(loaded.settings.zones.is_empty());
        let [problem] = &loaded.problems[..] else {
            panic!("{:?}", loaded.problems)
        };
        assert!(problem.found.contains(place), "{problem}");
    }
}

#[test]
fn a_missing_file_matters_only_where_it_is_expected() {
    let none = load(&sources(&[]));
    assert!(none.problems.is_empty() && !none.safe_mode && none.file.is_none());
    assert_eq!(none.settings.data_dir, Path::new("data"));

    let named = load(&Sources {
        config_file: Some("/nowhere/a.yaml".into()),
        ..sources(&[])
    });
    assert!(named.safe_mode && named.problems[0].found == "nothing");

    let app = load(&sources(&[
        ("SUPERVISOR_TOKEN", "t"),
        ("AICLEANER_DATA_DIR", "/nowhere"),
    ]));
    assert!(app.safe_mode && app.problems[0].path == "/nowhere/options.json");
}

#[test]
fn the_config_file_in_the_working_directory_is_found() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("aicleaner.yaml"), "device_id: two\n").unwrap();
    let loaded = load(&Sources {
        working_dir: folder.path().to_owned(),
        ..Sources::default()
    });
    assert_eq!(loaded.settings.device_id, "two");
}

#[test]
fn nesting_without_bound_is_refused_rather_than_followed() {
    for content in [
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "[".repeat(100_000),
    ] {
        assert!(load_file("a.yaml", &content, &[]).safe_mode);
        assert!(load_file("a.json", &content, &[]).safe_mode);
    }
}

#[test]
fn a_file_without_end_is_refused() {
    let loaded = load(&Sources {
        config_file: Some("/dev/zero".into()),
        ..sources(&[])
    });
    assert!(loaded.safe_mode);
    assert_eq!(loaded.problems[0].found, "more than 256 KiB");
}

#[test]
fn outside_the_app_the_page_stays_here_until_it_has_a_password() {
    let bare = load(&sources(&[("AICLEANER_WEB__INGRESS", "0.0.0.0:80")]));
    assert_eq!(paths(&bare), ["web.ingress"]);
    assert_eq!(bare.settings.web.ingress.to_string(), "127.0.0.1:80");

    let guarded = load(&sources(&[("AICLEANER_WEB__PASSWORD", "page-password")]));
    assert_eq!(guarded.settings.web.ingress.to_string(), "0.0.0.0:8099");
    assert_eq!(guarded.settings.web.probes.to_string(), "127.0.0.1:9464");
}

#[test]
fn half_an_access_to_home_assistant_says_what_is_missing() {
    let url = load(&sources(&[(
        "AICLEANER_HOME_ASSISTANT__URL",
        "http://ha:8123",
    )]));
    assert_eq!(paths(&url), ["home_assistant.token"]);
    let token = load(&sources(&[("AICLEANER_HOME_ASSISTANT__TOKEN", "t")]));
    assert_eq!(paths(&token), ["home_assistant.url"]);
    assert!(matches!(
        token.settings.home_assistant,
        HomeAssistantAccess::None
    ));
}

#[test]
fn the_page_and_the_probes_do_not_share_a_port() {
    let loaded = load_options(&json!({"web": {"probes": "0.0.0.0:8099"}}));
    assert_eq!(paths(&loaded), ["web.probes"]);
    assert_ne!(loaded.settings.web.probes.port(), 8099);
}

#[test]
fn without_a_file_no_zone_was_taken_away() {
    assert!(!load(&sources(&[])).zones_complete);
    assert!(load_options(&json!({})).zones_complete);
}
