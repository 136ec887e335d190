//! The settings as a user meets them: files and variables in, settings and
//! sentences out.

mod properties;

use std::{fmt::Write as _, fs, path::Path};

use aicleaner::settings::{
    Loaded, Sources, check_config, known, load,
    model::{HomeAssistantAccess, LogLevel, ProviderChoice},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with an options file, as the app finds it in `/data`.
fn app(options: &Value) -> (TempDir, Sources) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("options.json"), options.to_string()).unwrap();
    let sources = sources(&[
        ("SUPERVISOR_TOKEN", "supervisor-token"),
        ("AICLEANER_DATA_DIR", folder.path().to_str().unwrap()),
    ]);
    (folder, sources)
}

fn sources(environment: &[(&str, &str)]) -> Sources {
    Sources {
        config_file: None,
        environment: environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        working_dir: "/nowhere".into(),
    }
}

fn load_options(options: &Value) -> Loaded {
    let (_folder, sources) = app(options);
    load(&sources)
}

/// A config file outside the app.
fn load_file(name: &str, content: impl AsRef<[u8]>, environment: &[(&str, &str)]) -> Loaded {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    load(&Sources {
        config_file: Some(file),
        ..sources(environment)
    })
}

fn paths(loaded: &Loaded) -> Vec<&str> {
    loaded.problems.iter().map(|p| p.path.as_str()).collect()
}

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
        "provider": "gemini",
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
            "provider",
            "device_id",
            "log_level",
        ]
    );
    let names: Vec<_> = loaded.settings.zones.iter().map(|z| &z.name[..]).collect();
    assert_eq!(names, ["Kitchen"]);
    assert!(!loaded.zones_complete && !loaded.safe_mode);
    assert_eq!(loaded.settings.interval_minutes, 60);
    assert_eq!(loaded.settings.provider, ProviderChoice::Auto);
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
        "local_only": true, "advanced": { "gamification": true }, "intervall": 5,
        "zones": [{ "name": "Bath", "cameras": ["camera.bath"], "pickiness": 3, "camera": "x" }]
    }));
    assert_eq!(loaded.problems, []);
    let notices: Vec<_> = loaded.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "advanced: not used by this version.",
            "intervall: no such option; check its spelling.",
            "local_only: not used by this version.",
            "zones[0].camera: no such option; check its spelling.",
            "zones[0].pickiness: not used by this version.",
        ]
    );
    assert_eq!(loaded.settings.zones.len(), 1);
}

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

/// The value every secret has in the tests below.
const SECRET: &str = "hunter2-4711";

#[test]
fn secrets_are_never_shown() {
    let cases = [
        json!({ "mqtt": { "host": format!("mqtt://me:{SECRET}@broker"), "password": SECRET } }),
        json!({ "mqtt": { "host": "b", "username": "u", "password": 47_114_711 } }),
        json!({ "mqtt": { "password": [SECRET] }, "web": { "password": { SECRET: SECRET } } }),
        json!({ "mqtt": { "host": "b", "pasword": SECRET, "username": "u", "password": SECRET } }),
        json!({ "web": { "password": SECRET }, "api_key": SECRET, "home_assistant": { "token": SECRET } }),
        json!({ "home_assistant": { "url": format!("ftp://me:{SECRET}@ha"), "token": SECRET } }),
        json!({ "default_camera": format!("http://me:{SECRET}@cam/x.jpg"), "provider": "x" }),
        json!({ "default_camera": format!("rtsp://cam/x?token={SECRET}") }),
    ];
    for options in &cases {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("aicleaner.json");
        fs::write(&file, options.to_string()).unwrap();
        let sources = Sources {
            config_file: Some(file),
            ..sources(&[])
        };
        let loaded = load(&sources);
        let mut shown = check_config(&sources).0;
        // Camera addresses are the zone's own text; everything else hides in `Secret`.
        let loaded_parts = (&loaded.problems, &loaded.notices);
        let mut settings = loaded.settings.clone();
        settings.zones.clear();
        write!(shown, "{loaded_parts:?} {settings:?}").unwrap();
        // A key is a name, not a value: its spelling is shown.
        let shown = shown.replace(&format!("web.password.{SECRET}"), "");
        assert!(!shown.contains(SECRET), "{options}\n{shown}");
        assert!(!shown.contains("47114711"), "{options}\n{shown}");
    }
    for broken in [
        format!("mqtt:\n  password: \"{SECRET}\n"),
        format!("mqtt: {{ {SECRET}: 1, {SECRET}: 2 }}\n"),
        format!("? [{SECRET}]\n: 1\n"),
    ] {
        let loaded = load_file("a.yaml", &broken, &[]);
        assert!(
            loaded.safe_mode && !loaded.problems[0].to_string().contains(SECRET),
            "{:?}",
            loaded.problems
        );
    }
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
        "Provider: auto",
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

#[test]
fn a_broker_that_asks_for_encryption_is_not_spoken_to_in_the_open() {
    let with = |tls: Value| {
        let mqtt = json!({"host": "broker", "username": "me", "password": "pw", "tls": tls});
        load_options(&json!({ "mqtt": mqtt }))
    };
    for on in [json!(true), json!("true")] {
        let loaded = with(on);
        assert_eq!(paths(&loaded), ["mqtt.tls"]);
        assert!(loaded.settings.mqtt.broker.is_none());
    }
    assert!(with(json!(false)).settings.mqtt.broker.is_some());
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
