//! The Supervisor's backup and restore, as far as a running service meets them.

use std::fs;

use serde_json::Value;

use crate::program::{Service, aicleaner, get, room, send};

/// The hook, as the Supervisor calls it in the container: exit code and complaints.
fn prepare(service: &Service) -> (Option<i32>, String) {
    let output = aicleaner()
        .arg("backup-prepare")
        .env("AICLEANER_DATA_DIR", service.folder.path())
        .env(
            "AICLEANER_WEB__INGRESS",
            format!("127.0.0.1:{}", service.page),
        )
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), complaints)
}

/// What a backup holds: everything that `backup_exclude` does not leave out.
fn back_up(service: &Service) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    fs::read_dir(service.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| {
            !entry
                .file_name()
                .to_str()
                .unwrap()
                .starts_with("aicleaner.db")
        })
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn a_backup_of_the_running_service_brings_its_readings_back() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    let judged = service.until_judged();
    assert_eq!(prepare(&service), (Some(0), String::new()));
    let backup = back_up(&service);
    service.signal("KILL");
    assert_eq!(service.ended(), None);

    for entry in fs::read_dir(service.folder.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (name, bytes) in backup {
        fs::write(service.folder.path().join(name), bytes).unwrap();
    }
    service.one_zone(&service.folder.path().join("no-such-picture.jpg"));
    service.start();
    service.until_ready();
    let back = service.zone().unwrap();
    assert_eq!(back["reading"]["at"], judged["reading"]["at"]);
    assert_ne!(back["reading"]["at"], Value::Null);
}

/// Whoever copies a backup over the folder without stopping the app first gets
/// what the backup held, however much newer the database of the running one is.
#[test]
fn a_restore_over_the_running_service_holds_from_the_next_start_on() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    let judged = service.until_judged();
    assert_eq!(prepare(&service), (Some(0), String::new()));
    let backup = back_up(&service);
    let (code, _) = send(service.page, "POST", "/api/v1/check", "{}");
    assert!((200..300).contains(&code), "{code}");
    let page = service.page;
    service.until("a newer reading", || {
        let (_, zones) = get(page, "/api/v1/zones").unwrap();
        let zones: Value = serde_json::from_str(&zones).unwrap();
        zones["zones"][0]["reading"]["at"] != judged["reading"]["at"]
    });
    for entry in fs::read_dir(service.folder.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (name, bytes) in backup {
        fs::write(service.folder.path().join(name), bytes).unwrap();
    }
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    service.one_zone(&service.folder.path().join("no-such-picture.jpg"));
    service.start();
    service.until_ready();
    let back = service.zone().unwrap();
    assert_eq!(back["reading"]["at"], judged["reading"]["at"]);
}

#[test]
fn without_a_running_service_the_backup_goes_on() {
    let service = Service::new();
    service.options("{}");
    let (code, complaint) = prepare(&service);
    assert_eq!(code, Some(0));
    assert!(
        complaint.contains("no fresh copy of the database"),
        "{complaint}"
    );
}
