//! The copy that backups hold, and what a restore makes of it.

use std::{fs, path::Path};

use rusqlite::Connection;

use super::*;

fn commit(database: &mut Database, number: u32) {
    let id = 9_000_000 + u64::from(number);
    let changes = [
        Change::Zone(zone(1)),
        Change::Task(task(id, 1)),
        Change::House(house(number)),
    ];
    database.commit(&changes).unwrap();
}

/// What the Supervisor does at a restore: the folder is emptied, then filled
/// with what the backup holds, and that has no live files.
fn restored(dir: &TempDir) -> TempDir {
    let fresh = TempDir::new().unwrap();
    fs::copy(
        dir.path().join(copies::COPY),
        fresh.path().join(copies::COPY),
    )
    .unwrap();
    fresh
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_copy_made_while_it_runs_is_whole_and_holds_all_that_is_committed() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    for number in 1..40 {
        commit(&mut database, number);
        database.copy().unwrap();
    }
    commit(&mut database, 40);
    let (_, remembered) = open(&restored(&dir));
    assert_eq!(remembered.house.calls, 39);
    assert_eq!(remembered.tasks.len(), 39);
    // The one that runs goes on as before.
    commit(&mut database, 41);
    drop(database);
    assert_eq!(open(&dir).1.house.calls, 41);
}

#[test]
fn what_a_broken_copy_left_is_no_hindrance() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 5);
    let unfinished = dir.path().join("aicleaner-backup.db.new");
    fs::write(&unfinished, "cut off in the middle").unwrap();
    database.copy().unwrap();
    assert!(!unfinished.exists());
    assert_eq!(open(&restored(&dir)).1.house.calls, 5);
}

#[test]
fn a_stop_leaves_a_copy_too() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 3);
    database.close();
    let (_, remembered) = open(&restored(&dir));
    assert_eq!(remembered.house.calls, 3);
    assert_eq!(names(dir.path()), [copies::COPY, "aicleaner.db"]);
}

/// The Supervisor replaces the folder; where somebody put the copy beside live
/// files by hand, the live ones are newer and stay.
#[test]
fn a_copy_beside_live_files_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 1);
    database.copy().unwrap();
    commit(&mut database, 2);
    drop(database);
    assert_eq!(open(&dir).1.house.calls, 2);
}

#[test]
fn after_a_restore_no_task_id_is_given_twice() {
    let dir = TempDir::new().unwrap();
    let (database, made) = open(&dir);
    database.close();
    let fresh = restored(&dir);
    let a_month_later = at("2026-12-22T17:41:00Z");
    let (_, remembered, notices) = opening::open(fresh.path(), a_month_later);
    assert_eq!(notices, [""; 0], "a restore is no fault");
    assert_eq!(remembered.last_task, made.last_task + 30 * 24 * 60);
}

#[test]
fn a_log_without_its_database_does_not_get_into_the_copy() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 1);
    database.copy().unwrap();
    commit(&mut database, 2);
    let fresh = restored(&dir);
    let log = |dir: &TempDir| dir.path().join("aicleaner.db-wal");
    fs::copy(log(&dir), log(&fresh)).unwrap();
    assert_eq!(open(&fresh).1.house.calls, 1);
}

#[test]
fn a_damaged_database_goes_on_from_the_copy_and_says_so() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 5);
    database.close();
    fs::write(dir.path().join(opening::FILE), "no database").unwrap();
    let (_, remembered, notices) = opening::open(dir.path(), now());
    assert_eq!(remembered.house.calls, 5);
    let [notice] = &notices[..] else {
        panic!("{notices:?}")
    };
    assert!(
        notice.contains("goes on from the copy") && notice.contains("corrupt-"),
        "{notice}"
    );
}

#[test]
fn a_damaged_copy_is_set_aside_like_any_other() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(copies::COPY), "no database either").unwrap();
    let (_, remembered, notices) = opening::open(dir.path(), now());
    assert_eq!(remembered.zones, []);
    assert!(notices[0].contains("set aside"), "{notices:?}");
}

#[test]
fn what_cannot_be_copied_is_said_and_leaves_the_copy_before() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 1);
    database.copy().unwrap();
    fs::create_dir(dir.path().join("aicleaner-backup.db.new")).unwrap();
    commit(&mut database, 2);
    let why = database.copy().unwrap_err();
    assert!(why.contains("the backup gets the one before"), "{why}");
    assert_eq!(open(&restored(&dir)).1.house.calls, 1);

    let (database, ..) = opening::open(Path::new("/proc/self/data"), now());
    let why = database.copy().unwrap_err();
    assert!(why.contains("in memory only"), "{why}");
}

#[test]
fn of_what_was_set_aside_the_newest_three_are_kept() {
    let dir = TempDir::new().unwrap();
    for day in 10..16 {
        fs::remove_file(dir.path().join(copies::COPY)).ok();
        fs::write(dir.path().join(opening::FILE), format!("day {day}")).unwrap();
        let time = at(&format!("2026-11-{day}T00:00:00Z"));
        opening::open(dir.path(), time).0.close();
        fs::remove_file(dir.path().join(opening::FILE)).unwrap();
    }
    let kept: Vec<_> = names(dir.path())
        .into_iter()
        .filter(|name| name.contains("corrupt"))
        .collect();
    let expected = [13, 14, 15].map(|day| format!("aicleaner.db.corrupt-202611{day}T000000Z"));
    assert_eq!(kept, expected);
}

/// An older program meets what a newer one wrote, by way of a backup.
#[test]
fn a_restored_copy_of_a_newer_version_is_kept_and_named() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    commit(&mut database, 7);
    database.close();
    let copy = dir.path().join(copies::COPY);
    let newer = Connection::open(&copy).unwrap();
    newer.execute_batch("PRAGMA user_version = 41").unwrap();
    drop(newer);
    let fresh = restored(&dir);
    let (_, remembered, notices) = opening::open(fresh.path(), now());
    assert_eq!(remembered.zones, []);
    assert!(
        notices[0].contains("newer version") && notices[0].contains("41"),
        "{notices:?}"
    );
    let aside = fresh.path().join("aicleaner.db.newer-20261122T174100Z");
    let calls: u32 = Connection::open(aside)
        .unwrap()
        .query_row("SELECT calls FROM house", [], |row| row.get(0))
        .unwrap();
    assert_eq!(calls, 7);
}
