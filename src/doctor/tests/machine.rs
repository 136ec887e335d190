//! What stands on this machine: the database, the clock.

use std::fs;

use jiff::tz::TimeZone;
use tempfile::TempDir;

use crate::{
    doctor::{Verdict, home, machine},
    settings::{Sources, load},
    store,
};

#[test]
fn the_store_is_looked_at_and_left_as_it_is() {
    let dir = TempDir::new().unwrap();
    let shown = dir.path().display();
    let file = dir.path().join("aicleaner.db");
    assert_eq!(
        store::examine(dir.path()),
        Ok(format!("{shown} can be written; there is no database yet."))
    );
    let now = "2026-11-22T17:41:00Z".parse().unwrap();
    drop(store::SqliteStore::open(dir.path(), now));
    let before = fs::read(&file).unwrap();
    assert_eq!(
        store::examine(dir.path()),
        Ok(format!("The database {} is whole.", file.display()))
    );
    assert_eq!(fs::read(&file).unwrap(), before);
    let entries = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap());
    let trial = |e: &fs::DirEntry| e.file_name().to_string_lossy().contains("doctor");
    assert!(!entries.into_iter().any(|e| trial(&e)), "the trial stays");

    // A page in the middle is damaged; head and tables are as they were.
    let mut damaged = before;
    let middle = damaged.len() / 4096 / 2 * 4096;
    damaged[middle..middle + 4096].fill(0xa5);
    fs::write(&file, damaged).unwrap();
    let why = store::examine(dir.path()).unwrap_err();
    assert!(why.contains("cannot be used"), "{why}");

    fs::write(&file, "no database").unwrap();
    let why = store::examine(dir.path()).unwrap_err();
    assert!(
        why.contains("cannot be used") && why.contains("restart AICleaner"),
        "{why}"
    );

    let why = store::examine("/proc/self/data".as_ref()).unwrap_err();
    assert!(
        why.starts_with("Nothing can be kept in /proc/self/data ("),
        "{why}"
    );
}

#[test]
fn a_newer_database_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("aicleaner.db");
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer
        .execute_batch("PRAGMA user_version = 41; CREATE TABLE x (y)")
        .unwrap();
    drop(newer);
    let why = store::examine(dir.path()).unwrap_err();
    assert!(
        why.contains("newer version of AICleaner (its format is 41"),
        "{why}"
    );
}

#[tokio::test]
async fn what_the_machine_brings_is_told_part_by_part() {
    crate::cli::install_tls();
    let dir = TempDir::new().unwrap();
    let mut settings = load(&Sources::default()).settings;
    settings.data_dir = dir.path().to_owned();
    let lines = machine::lines(&settings).await;
    let told: Vec<_> = lines.iter().map(|l| (&*l.part, l.verdict)).collect();
    let ok = Verdict::Ok;
    assert_eq!(told, [("store", ok), ("certificates", ok)]);
}

#[test]
fn clocks_are_compared() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(
        machine::named_zone(None, &berlin),
        Ok("Europe/Berlin".into())
    );
    assert_eq!(machine::named_zone(Some("UTC"), &berlin), Ok("UTC".into()));
    let why = machine::named_zone(Some("Europe/Berlln"), &TimeZone::UTC).unwrap_err();
    assert_eq!(
        why,
        "The time zone \"Europe/Berlln\" of the variable TZ is not known; write one such as Europe/Berlin."
    );
    assert_eq!(home::same_clock("UTC", None).verdict, Verdict::Ok);
    assert_eq!(
        home::same_clock("UTC", Some("Europe/Berlin")).sentence,
        "AICleaner runs in UTC, Home Assistant in Europe/Berlin: the days and times of the two differ. Set the variable TZ to Europe/Berlin."
    );
}
