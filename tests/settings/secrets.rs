//! What must never be shown, sent or travel in the open.

use std::{fmt::Write as _, fs};

use aicleaner::settings::{Sources, check_config, load};
use serde_json::json;
use tempfile::TempDir;

use super::{load_file, sources};

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
        json!({ "provider": "gemini", "api_key": format!("sk-ant-{SECRET}"), "model": format!("AIza{SECRET}") }),
        json!({ "provider": format!("AIza{SECRET}"), "api_key": format!("{SECRET} {SECRET}") }),
        json!({ "provider": "ollama", "base_url": format!("http://me:{SECRET}@ollama:11434?k={SECRET}") }),
        json!({ "api_key": SECRET, "fallback_providers": [
            { "provider": "openai", "api_key": format!("AIza{SECRET}") },
            { "api_key": SECRET }, { "provider": "anthropic", "api_key": [SECRET] }
        ] }),
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
