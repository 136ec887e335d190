//! The store against a plain model, a broken disk and a broken file.

mod any;
mod copies_for_backups;
mod damage;
mod fixtures;
mod masks;
mod model;
mod power_cut;
mod retention;
mod thread;
mod trouble;

use jiff::Timestamp;
use tempfile::TempDir;

use super::{SqliteStore, copies, database::Database, opening};
use crate::{
    domain::{
        check::Reading,
        effect::{Change, HouseState, LastReading, Override, ZoneState},
        ignore::{LearntRule, RuleSource},
        mask::{Mask, Masks, Polygon},
        score::Score,
        streak::Streak,
        task::{By, Priority, Region, Task, TaskId, TaskItem, TaskState},
        todo::{ItemStatus, ListId, TodoChange, Uid, Want},
        zone::{Zone, ZoneId, ZoneOptions},
    },
    ports::{Remembered, Store},
};

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T17:41:00Z")
}

/// A folder without notices about it.
fn open(dir: &TempDir) -> (Database, Remembered) {
    let (database, remembered, notices) = opening::open(dir.path(), now());
    assert_eq!(notices, [""; 0]);
    (database, remembered)
}

fn zone(id: u32) -> Zone {
    Zone {
        id: ZoneId(id),
        options: ZoneOptions {
            name: "Küche".into(),
            slug: "kuche".into(),
            cameras: vec!["camera.kitchen".into(), "file:/media/a \"b\".jpg".into()],
            todo_list: Some(ListId("todo.kitchen".into())),
            purpose: Some("cooking; it's small".into()),
            ..ZoneOptions::default()
        },
    }
}

fn task(id: u64, zone: u32) -> Task {
    Task {
        id: TaskId(id),
        zone: ZoneId(zone),
        title: "Wipe the table".into(),
        state: TaskState::Open,
        provider: "local".into(),
        confidence: 0.9,
        priority: Priority::Normal,
        region: None,
        first_seen: now(),
        last_seen: now(),
        gone_readings: 0,
        item: None,
    }
}

fn todo(task: u64, list: &str, want: Want) -> TodoChange {
    TodoChange {
        task: TaskId(task),
        zone: ZoneId(1),
        list: ListId(list.into()),
        want,
        summary: "Wipe the table".into(),
        uid: None,
        attempted: None,
    }
}

fn reading(zone: u32, at: Timestamp) -> Reading {
    Reading {
        zone: ZoneId(zone),
        at,
        score: Score::clamped(71.0),
        confidence: 0.9,
        provider: "local".into(),
        open_tasks: 2,
    }
}

fn house(calls: u32) -> HouseState {
    HouseState {
        calls,
        ..HouseState::default()
    }
}

#[test]
fn a_new_store_remembers_nothing_but_where_task_ids_begin() {
    let dir = TempDir::new().unwrap();
    let (_, mut remembered) = open(&dir);
    // 325 days, 17 hours and 41 minutes after 2026 began.
    assert_eq!(remembered.last_task, (325 * 24 + 17) * 60 + 41);
    remembered.last_task = 0;
    assert_eq!(remembered, Remembered::default());
}

/// Two cameras, one of them with a hidden corner.
fn masks() -> Masks {
    let corner = Polygon::try_from(vec![[0.0, 0.0], [0.1, 0.0], [0.1, 1.0 / 3.0]]).unwrap();
    let mask = |camera: &str, areas, drawn_on| Mask {
        camera: camera.into(),
        areas,
        drawn_on,
    };
    Masks::Drawn(vec![
        mask("camera.kitchen", vec![corner], Some((1024, 576))),
        mask("file:/media/a \"b\".jpg", vec![], None),
    ])
}

/// Something in every field that can be empty.
fn full_state() -> ZoneState {
    ZoneState {
        monitoring: false,
        interval: Some(Override {
            value: 5,
            replaced: 60,
        }),
        pickiness: Some(Override {
            value: 5,
            replaced: 3,
        }),
        needs_cleaning: Some(true),
        last: Some(LastReading {
            reading: reading(1, at("2026-11-22T01:02:03.000000004Z")),
            summary: "A cup on the table".into(),
            method: "network without reference".into(),
        }),
        snoozed_until: Some(at("2026-11-22T03:00:00Z")),
        snoozed_for: Some(120),
        rules: vec![LearntRule {
            text: "the \"dog\" bed".into(),
            from: RuleSource::Entity,
            since: now(),
        }],
        rules_replaced: Some(vec!["shoes".into()]),
        streak: Some(Streak {
            day: jiff::civil::date(2026, 11, 22),
            days: 12,
            looked: true,
            clear: false,
        }),
        last_check: Some(at("2026-11-22T01:02:03.5Z")),
        masks: masks(),
    }
}

/// A task in every state, one of them with everything a task can have.
fn tasks() -> [Task; 3] {
    let done = Task {
        state: TaskState::Done {
            by: By::Person,
            at: at("2026-11-22T02:00:00Z"),
            seen_gone: true,
        },
        region: Some(Region {
            x: 0.1,
            y: 0.25,
            width: 1.0 / 3.0,
            height: 0.0,
        }),
        item: Some(TaskItem {
            list: ListId("todo.kitchen".into()),
            uid: Uid("a-1".into()),
            listed: Some(ItemStatus::Completed),
            words: Some("Kitchen: wash up".into()),
        }),
        gone_readings: 2,
        ..task(4_000_001, 1)
    };
    let until = at("2026-12-06T00:00:00Z");
    let dismissed = Task {
        state: TaskState::Dismissed { until },
        ..task(4_000_002, 1)
    };
    let candidate = Task {
        state: TaskState::Candidate,
        ..task(4_000_003, 2)
    };
    [done, dismissed, candidate]
}

/// Something of everything, and what is remembered of it.
fn full_household() -> (Vec<Change>, Remembered) {
    let attempted = TodoChange {
        uid: Some(Uid("a-1".into())),
        attempted: Some([Uid("x".into()), Uid("y".into())].into()),
        ..todo(4_000_001, "todo.kitchen", Want::Completed)
    };
    let home = HouseState {
        enabled: false,
        day: Some("2026-11-22".parse().unwrap()),
        calls: 1,
        saved: 2,
        checks: 3,
        failures: 4,
    };
    let mut changes = vec![
        Change::Zone(zone(1)),
        Change::Zone(zone(2)),
        Change::ZoneState(ZoneId(1), full_state()),
        Change::Todo(attempted.clone()),
        Change::Reading(reading(1, now())),
        Change::House(home.clone()),
        Change::ListDrops(ListId("todo.kitchen".into()), true),
        Change::ListDrops(ListId("todo.hall".into()), true),
        Change::ListDrops(ListId("todo.hall".into()), false),
    ];
    changes.extend(tasks().map(Change::Task));
    let remembered = Remembered {
        house: home,
        zones: vec![(zone(1), full_state()), (zone(2), ZoneState::default())],
        tasks: tasks().into(),
        outbox: vec![attempted],
        dropping: [ListId("todo.kitchen".into())].into(),
        last_zone: 2,
        last_task: 4_000_003,
        ..Remembered::default()
    };
    (changes, remembered)
}

#[test]
fn every_change_is_there_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let (changes, expected) = full_household();
    database.commit(&changes).unwrap();
    database.close();

    let (database, remembered) = open(&dir);
    assert_eq!(remembered, expected);
    let history = database.history(ZoneId(1), now(), 9).unwrap();
    assert_eq!(history, [reading(1, now())]);
}

#[test]
fn what_is_removed_stays_away_and_leaves_its_wishes_and_ids() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let wish = todo(4_000_001, "todo.kitchen", Want::Removed);
    let mut changes = vec![
        Change::Zone(zone(1)),
        Change::Zone(zone(2)),
        Change::ZoneState(ZoneId(1), full_state()),
        Change::Todo(wish.clone()),
        Change::Reading(reading(1, now())),
    ];
    changes.extend(tasks().map(Change::Task));
    database.commit(&changes).unwrap();
    database
        .commit(&[
            Change::RemoveZone(ZoneId(1)),
            Change::ForgetTask(TaskId(4_000_003)),
            Change::RemoveZone(ZoneId(2)),
        ])
        .unwrap();
    let (mut database, remembered) = open(&dir);
    let expected = Remembered {
        outbox: vec![wish.clone()],
        last_zone: 2,
        last_task: 4_000_003,
        ..Remembered::default()
    };
    assert_eq!(remembered, expected);

    // Nothing of the old life is left for a zone with the same id.
    database
        .commit(&[
            Change::Zone(zone(1)),
            Change::TodoApplied(wish.task, wish.list),
        ])
        .unwrap();
    let (database, remembered) = open(&dir);
    assert_eq!(remembered.zones, [(zone(1), ZoneState::default())]);
    assert_eq!(remembered.outbox, []);
    let history = database.history(ZoneId(1), Timestamp::MIN, 9).unwrap();
    assert_eq!(history, []);
}

#[test]
fn a_replaced_wish_keeps_its_place_and_a_new_one_goes_to_the_end() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let other_list = todo(1, "todo.hall", Want::Removed);
    let second = todo(2, "todo.kitchen", Want::Open);
    let again = todo(3, "todo.kitchen", Want::Completed);
    let latest = todo(1, "todo.kitchen", Want::Completed);
    database
        .commit(&[
            Change::Todo(todo(3, "todo.kitchen", Want::Open)),
            Change::Todo(todo(1, "todo.kitchen", Want::Open)),
            Change::Todo(second.clone()),
            Change::Todo(other_list.clone()),
            Change::Todo(latest.clone()),
            Change::TodoApplied(TaskId(3), ListId("todo.kitchen".into())),
            Change::Todo(again.clone()),
        ])
        .unwrap();
    assert_eq!(open(&dir).1.outbox, [latest, second, other_list, again]);
}

#[test]
fn a_person_can_read_the_file() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database
        .commit(&[Change::Zone(zone(1)), Change::Reading(reading(1, now()))])
        .unwrap();
    let seen: (String, f64, String) = database
        .connection()
        .query_row(
            "SELECT at, confidence, date(at, '+1 day') FROM readings JOIN zones ON zone = id
             WHERE name = 'Küche'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let expected = ("2026-11-22T17:41:00.000000000Z", 0.9, "2026-11-23");
    assert_eq!((seen.0.as_str(), seen.1, seen.2.as_str()), expected);
}

/// Whoever changed the file by hand, or a fault: nobody may take it for "nothing is hidden".
#[test]
fn masks_that_make_no_sense_are_known_as_such_and_cost_nothing_else() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database.commit(&full_household().0).unwrap();
    for wrong in [
        "'[{'",
        "'[{\"camera\":\"a\",\"areas\":[[[0,0],[2,2]]]}]'",
        "''",
        "x'00'",
        "7",
    ] {
        let sql = format!("UPDATE zone_state SET masks = {wrong}");
        match database.connection().execute_batch(&sql) {
            Ok(()) => {}
            // A column of text takes nothing else.
            Err(_) => continue,
        }
        // Their own file would bring them back.
        std::fs::remove_file(dir.path().join("masks.json")).ok();
        let (_, remembered) = open(&dir);
        let state = &remembered.zones[0].1;
        assert_eq!(state.masks, Masks::Unreadable, "{wrong}");
        assert_eq!(state.last, full_state().last);
        // Saving the zone's state again makes no difference to that.
        let saved = Change::ZoneState(ZoneId(1), state.clone());
        database.commit(&[saved]).unwrap();
        assert_eq!(open(&dir).1.zones[0].1.masks, Masks::Unreadable);
    }
}
