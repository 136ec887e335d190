//! The options changed on the page of a running service, outside a Supervisor.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::program::{Service, get, room, send};

fn started(folder: &Path) -> Service {
    let mut service = Service::new();
    service.start_outside(folder);
    service.until_ready();
    service
}

fn options(service: &Service) -> Value {
    let (code, body) = get(service.page, "/api/v1/options").unwrap();
    assert_eq!(code, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn the_config_file_is_written_and_used_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("aicleaner.yaml");
    let before = "# ours\nlog_level: debug\nmqtt: {discovery_prefix: other}\n";
    fs::write(&file, before).unwrap();
    let mut service = started(folder.path());
    let shown = options(&service);
    assert!(
        shown["cost"].as_str().unwrap().contains("comments"),
        "{shown}"
    );
    let camera = format!("file:{}", room("living_room/day-20.jpg").display());
    let change = json!({
        "revision": shown["revision"],
        "zones": [{ "name": "Wohnzimmer", "cameras": [camera] }]
    });
    let (code, body) = send(service.page, "PUT", "/api/v1/options", &change.to_string());
    assert_eq!(code, 200, "{body}");
    assert_eq!(service.until_judged()["slug"], "wohnzimmer");
    let kept = fs::read_to_string(folder.path().join("aicleaner.yaml.bak")).unwrap();
    assert_eq!(kept, before);

    // The same revision again: somebody else was faster.
    let (code, body) = send(service.page, "PUT", "/api/v1/options", &change.to_string());
    assert_eq!(code, 409, "{body}");

    // What was written is what the next start reads.
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    let service = started(folder.path());
    assert_eq!(service.zone().unwrap()["name"], "Wohnzimmer");
    assert_eq!(options(&service)["problems"], json!([]));
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("discovery_prefix: other"), "{written}");
}

#[test]
fn the_first_room_makes_the_config_file() {
    let folder = tempfile::tempdir().unwrap();
    let service = started(folder.path());
    let change = json!({
        "revision": options(&service)["revision"],
        "zones": [{ "name": "Attic", "cameras": ["camera.attic"] }]
    });
    let (code, body) = send(service.page, "PUT", "/api/v1/options", &change.to_string());
    assert_eq!(code, 200, "{body}");
    assert_eq!(service.zone().unwrap()["name"], "Attic");
    assert!(folder.path().join("aicleaner.yaml").is_file());
}

#[test]
fn a_wrong_room_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let service = started(folder.path());
    let change = json!({
        "revision": options(&service)["revision"],
        "zones": [{ "name": "Attic", "cameras": ["light.attic"], "interval_minutes": 0 }]
    });
    let (code, body) = send(service.page, "PUT", "/api/v1/options", &change.to_string());
    assert_eq!(code, 422, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["problems"][0]["path"], "zones[0].cameras[0]");
    assert_eq!(body["problems"][1]["path"], "zones[0].interval_minutes");
    assert!(!folder.path().join("aicleaner.yaml").exists());
}
