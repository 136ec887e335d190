//! Commits that fail, and the ones after them.

use std::time::Duration;

use rusqlite::types::Value;

use super::*;
use crate::store::database;

#[test]
fn a_full_disk_refuses_whole_commits_until_there_is_space() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database.commit(&[Change::Zone(zone(1))]).unwrap();
    let pages: u32 = pragma(&database, "page_count");
    let _: u32 = pragma(&database, &format!("max_page_count = {pages}"));
    let before = database::load(database.connection()).unwrap();

    let long = Task {
        title: "x".repeat(100_000),
        ..task(9_000_000, 1)
    };
    let changes = [Change::House(house(8)), Change::Task(long)];
    for _ in 0..3 {
        let sentence = database.commit(&changes).unwrap_err();
        assert!(sentence.contains("full"), "{sentence}");
        assert!(
            sentence.contains(dir.path().to_str().unwrap()),
            "{sentence}"
        );
        assert_eq!(database::load(database.connection()).unwrap(), before);
    }
    database.commit(&[Change::House(house(9))]).unwrap();

    let _: u32 = pragma(&database, "max_page_count = 100000");
    database.commit(&changes).unwrap();
    let (_, after) = open(&dir);
    assert_eq!((after.house.calls, after.tasks.len()), (8, 1));
}

#[test]
fn a_disk_gone_read_only_is_named_and_forgiven() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database
        .connection()
        .execute_batch("PRAGMA query_only = on")
        .unwrap();
    let sentence = database.commit(&[Change::House(house(1))]).unwrap_err();
    assert!(sentence.contains("cannot be written"), "{sentence}");
    database
        .connection()
        .execute_batch("PRAGMA query_only = off")
        .unwrap();
    database.commit(&[Change::House(house(1))]).unwrap();
    assert_eq!(open(&dir).1.house, house(1));
}

#[test]
fn another_program_that_writes_is_waited_for_then_named() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database
        .connection()
        .busy_timeout(Duration::from_millis(20))
        .unwrap();
    let other = rusqlite::Connection::open(dir.path().join(opening::FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sentence = database.commit(&[Change::House(house(1))]).unwrap_err();
    assert!(sentence.contains("another program"), "{sentence}");
    other.execute_batch("ROLLBACK").unwrap();
    database.commit(&[Change::House(house(1))]).unwrap();
}

#[test]
fn a_transaction_left_open_does_not_block_the_next_commit() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database
        .connection()
        .execute_batch("BEGIN; UPDATE house SET saved = 77")
        .unwrap();
    database.commit(&[Change::Zone(zone(1))]).unwrap();
    assert_eq!(open(&dir).1.house.saved, 0);
}

#[test]
fn what_comes_late_about_a_removed_zone_does_not_hold_up_the_rest() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database
        .commit(&[
            Change::ZoneState(ZoneId(5), ZoneState::default()),
            Change::Task(task(9_000_000, 5)),
            Change::Reading(reading(5, now())),
            Change::House(house(1)),
        ])
        .unwrap();
    let (_, remembered) = open(&dir);
    assert_eq!(remembered.house, house(1));
    assert_eq!(remembered.tasks, []);
    assert_eq!(remembered.last_task, 9_000_000, "the id was given");
}

#[test]
fn an_undefined_confidence_is_none() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let unsure = Task {
        confidence: f32::NAN,
        ..task(9_000_000, 1)
    };
    database
        .commit(&[Change::Zone(zone(1)), Change::Task(unsure)])
        .unwrap();
    assert!(open(&dir).1.tasks[0].confidence.abs() < f32::EPSILON);
}

fn pragma<T: rusqlite::types::FromSql>(database: &Database, pragma: &str) -> T {
    let sql = format!("PRAGMA {pragma}");
    database
        .connection()
        .query_row(&sql, [], |row| row.get(0))
        .unwrap()
}

/// A power cut right after a commit must find it on the disk; a test that kills
/// the process cannot tell, since the system still writes what it was given.
#[test]
fn a_commit_waits_for_the_disk() {
    let dir = TempDir::new().unwrap();
    let (database, _) = open(&dir);
    let pragma = |name: &str| -> String {
        let connection = database.connection();
        let value = connection.pragma_query_value(None, name, |row| row.get::<_, Value>(0));
        match value.unwrap() {
            Value::Text(text) => text,
            Value::Integer(number) => number.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(pragma("synchronous"), "2", "FULL");
    assert_eq!(pragma("journal_mode"), "wal");
}
