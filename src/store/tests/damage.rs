//! Files that are no use, and folders.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::*;

/// A folder with a database of a zone, a task and a few hundred readings.
fn lived_in() -> TempDir {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let mut changes = vec![Change::Zone(zone(1)), Change::Task(task(9_000_000, 1))];
    let readings = (0..500).map(|second| now() + jiff::SignedDuration::from_secs(second));
    changes.extend(readings.map(|at| Change::Reading(reading(1, at))));
    database.commit(&changes).unwrap();
    database.close();
    // As if it had never been stopped in order: without a copy to go on from.
    fs::remove_file(dir.path().join(copies::COPY)).unwrap();
    dir
}

fn file(dir: &TempDir) -> PathBuf {
    dir.path().join(opening::FILE)
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The store comes up empty, says so, and works; returns the notice and what was set aside.
#[track_caller]
fn begins_anew(dir: &TempDir, label: &str) -> (String, PathBuf) {
    let (mut database, remembered, notices) = opening::open(dir.path(), now());
    let [notice] = &notices[..] else {
        panic!("one notice, not {notices:?}");
    };
    assert_eq!(remembered.zones, []);
    let aside = dir
        .path()
        .join(format!("aicleaner.db.{label}-20261122T174100Z"));
    assert!(aside.is_file(), "{:?}", names(dir.path()));
    for part in [&file(dir), &aside] {
        let part = part.to_str().unwrap();
        assert!(notice.contains(part), "{notice} does not name {part}");
    }
    database.commit(&[Change::Zone(zone(7))]).unwrap();
    database.close();
    assert_eq!(open(dir).1.last_zone, 7);
    (notice.clone(), aside)
}

#[test]
fn a_text_file_is_set_aside_as_it_is() {
    let dir = TempDir::new().unwrap();
    let text = "Not a database, but dear to somebody.\n".repeat(300);
    fs::write(file(&dir), &text).unwrap();
    let (notice, aside) = begins_anew(&dir, "corrupt");
    assert!(notice.contains("not a database"), "{notice}");
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
}

#[test]
fn an_empty_file_is_no_reason_to_keep_silent() {
    let dir = TempDir::new().unwrap();
    fs::write(file(&dir), "").unwrap();
    fs::write(dir.path().join("aicleaner.db-wal"), "its log").unwrap();
    let (notice, aside) = begins_anew(&dir, "corrupt");
    assert!(notice.contains("empty"), "{notice}");
    let log = aside.to_str().unwrap().to_owned() + "-wal";
    assert_eq!(fs::read_to_string(log).unwrap(), "its log");
}

#[test]
fn a_truncated_file_is_set_aside() {
    for pages in [1, 2, 5] {
        let dir = lived_in();
        let database = fs::OpenOptions::new().write(true).open(file(&dir)).unwrap();
        database.set_len(pages * 4096 - 100).unwrap();
        begins_anew(&dir, "corrupt");
    }
}

#[test]
fn a_file_with_a_damaged_page_is_set_aside() {
    let dir = lived_in();
    let mut bytes = fs::read(file(&dir)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    fs::write(file(&dir), bytes).unwrap();
    begins_anew(&dir, "corrupt");
}

/// What is damaged is not even read at a start: the household would learn of it
/// months later, when somebody looks at the history.
#[test]
fn a_damaged_page_of_the_history_is_found_at_the_start() {
    let dir = lived_in();
    let (mut database, _) = open(&dir);
    let later = |hour: i64| now() + jiff::SignedDuration::from_hours(hour);
    let readings = (1..3_000).map(|hour| Change::Reading(reading(1, later(hour))));
    database.commit(&readings.collect::<Vec<_>>()).unwrap();
    database.close();
    fs::remove_file(dir.path().join("aicleaner-backup.db")).unwrap();
    let mut bytes = fs::read(file(&dir)).unwrap();
    let page = bytes.len() / 4096 / 2 * 4096;
    bytes[page..page + 4096].fill(0xa5);
    fs::write(file(&dir), bytes).unwrap();
    begins_anew(&dir, "corrupt");
}

#[test]
fn a_newer_file_is_set_aside_untouched() {
    let dir = lived_in();
    Connection::open(file(&dir))
        .unwrap()
        .execute_batch("PRAGMA user_version = 41; ALTER TABLE tasks RENAME TO errands;")
        .unwrap();
    let (notice, aside) = begins_anew(&dir, "newer");
    assert!(notice.contains("41"), "{notice}");
    let errands: u32 = Connection::open(aside)
        .unwrap()
        .query_row("SELECT count(*) FROM errands", [], |row| row.get(0))
        .unwrap();
    assert_eq!(errands, 1);
}

#[test]
fn a_file_that_makes_no_sense_to_us_is_set_aside() {
    for sql in [
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -3",
        "DROP TABLE todo_outbox",
        "UPDATE tasks SET first_seen = 'yesterday'",
        "UPDATE zones SET cameras = 'the new one'",
        "DELETE FROM house",
    ] {
        let dir = lived_in();
        Connection::open(file(&dir))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        begins_anew(&dir, "corrupt");
    }
}

#[test]
fn another_programs_database_is_left_alone() {
    let dir = TempDir::new().unwrap();
    Connection::open(file(&dir))
        .unwrap()
        .execute_batch("CREATE TABLE recipes (title); INSERT INTO recipes VALUES ('soup')")
        .unwrap();
    let (_, aside) = begins_anew(&dir, "corrupt");
    let title: String = Connection::open(aside)
        .unwrap()
        .query_row("SELECT title FROM recipes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(title, "soup");
}

#[test]
fn nothing_that_was_set_aside_is_overwritten() {
    let dir = TempDir::new().unwrap();
    for text in ["first", "second", "third"] {
        fs::remove_file(file(&dir)).ok();
        fs::remove_file(dir.path().join(copies::COPY)).ok();
        fs::write(file(&dir), text).unwrap();
        opening::open(dir.path(), now()).0.close();
    }
    let aside = "aicleaner.db.corrupt-20261122T174100Z";
    let expected = [
        copies::COPY.to_owned(),
        "aicleaner.db".to_owned(),
        aside.to_owned(),
        format!("{aside}-2"),
        format!("{aside}-3"),
    ];
    assert_eq!(names(dir.path()), expected);
    let third = fs::read_to_string(dir.path().join(&expected[4])).unwrap();
    assert_eq!(third, "third");
}

#[test]
fn a_missing_folder_is_made() {
    let dir = TempDir::new().unwrap();
    let below = dir.path().join("a/b");
    let (_, _, notices) = opening::open(&below, now());
    assert_eq!(notices, [""; 0]);
    assert!(below.join(opening::FILE).is_file());
}

#[test]
fn a_folder_that_cannot_be_written_is_done_without() {
    let dir = TempDir::new().unwrap();
    let blocked = dir.path().join("a file");
    fs::write(&blocked, "").unwrap();
    for folder in [blocked.join("data"), PathBuf::from("/proc/self/data")] {
        let (mut database, remembered, notices) = opening::open(&folder, now());
        assert_eq!(notices.len(), 1);
        assert!(notices[0].contains("in memory only"), "{}", notices[0]);
        assert!(notices[0].contains(folder.to_str().unwrap()));
        assert!(remembered.last_task > 0);
        database
            .commit(&[Change::Zone(zone(1)), Change::Reading(reading(1, now()))])
            .unwrap();
        let history = database.history(ZoneId(1), now(), 1).unwrap();
        assert_eq!(history, [reading(1, now())]);
        database.close();
    }
}

#[test]
fn what_can_still_be_read_is_not_forgotten() {
    let dir = lived_in();
    let (mut database, _) = open(&dir);
    database
        .commit(&[
            Change::House(house(3)),
            Change::Todo(todo(9_000_000, "todo.kitchen", Want::Open)),
            Change::ListDrops(ListId("todo.kitchen".into()), true),
        ])
        .unwrap();
    database.close();
    let (_, before) = open(&dir);
    // In the way of the log, as a disk that went read-only is.
    fs::create_dir(dir.path().join("aicleaner.db-wal")).unwrap();
    let (mut database, remembered, notices) = opening::open(dir.path(), now());
    assert!(notices[0].contains("goes on from what the file held"));
    assert_eq!(remembered, before);
    assert_eq!(remembered.house.calls, 3);
    database.commit(&[Change::Zone(zone(2))]).unwrap();

    fs::remove_dir(dir.path().join("aicleaner.db-wal")).unwrap();
    assert_eq!(open(&dir).1, before);
}

#[test]
fn without_room_for_the_shared_index_the_file_is_used_alone() {
    let dir = lived_in();
    let index = dir.path().join("aicleaner.db-shm");
    std::os::unix::fs::symlink("/proc/nowhere", &index).unwrap();
    let (mut database, remembered) = open(&dir);
    assert_eq!(remembered.tasks.len(), 1);
    database.commit(&[Change::House(house(4))]).unwrap();
    database.close();

    fs::remove_file(index).unwrap();
    assert_eq!(open(&dir).1.house.calls, 4);
}

#[test]
fn a_file_in_use_is_neither_damaged_nor_set_aside() {
    let dir = lived_in();
    let other = Connection::open(file(&dir)).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = exclusive; BEGIN IMMEDIATE; DELETE FROM tasks;")
        .unwrap();
    let (_, _, notices) = opening::open(dir.path(), now());
    assert!(notices[0].contains("locked"), "{}", notices[0]);
    drop(other);
    assert_eq!(open(&dir).1.tasks.len(), 1);
    assert_eq!(
        names(dir.path())
            .iter()
            .filter(|name| name.contains("corrupt"))
            .count(),
        0
    );
}
