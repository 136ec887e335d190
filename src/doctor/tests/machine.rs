//! What stands on this machine: the database, the clock.

use std::fs;

use jiff::tz::TimeZone;
use tempfile::TempDir;

use crate::{
    doctor::{Verdict, home, machine},
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
