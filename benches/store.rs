//! What keeping state costs: bytes to the disk and time for each commit, and
//! the start with a full history.
//!
//! `cargo bench --bench store [-- FOLDER]`; the folder decides the disk (default:
//! the system's temporary one). Bytes are those of `/proc/self/io`, which counts
//! nothing on a disk in memory.

use std::{env, error::Error, fs, path::Path, time::Instant};

use aicleaner::{
    domain::{
        check::Reading,
        effect::{Change, HouseState, LastReading, ZoneState},
        score::Score,
        task::{Priority, Task, TaskId, TaskState},
        todo::{ListId, TodoChange, Want},
        zone::{Zone, ZoneId, ZoneOptions},
    },
    ports::Store,
    store::SqliteStore,
};
use jiff::{SignedDuration, Timestamp};

const ZONES: u32 = 5;
const COMMITS: u32 = 2000;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let parent = env::args().skip(1).find(|word| !word.starts_with("--"));
    let parent = parent.map_or_else(env::temp_dir, Into::into);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let start: Timestamp = "2026-11-22T12:00:00Z".parse()?;
    println!("{COMMITS} commits of each kind, {ZONES} zones, with the final checkpoint:");
    for (name, changes) in KINDS {
        let dir = tempfile::tempdir_in(&parent)?;
        let (store, _, _) = SqliteStore::open(dir.path(), start);
        runtime.block_on(store.commit((1..=ZONES).map(|id| Change::Zone(zone(id))).collect()))?;

        let (before, begun) = (written()?, Instant::now());
        for number in 0..COMMITS {
            let at = start + SignedDuration::from_mins(i64::from(number) * 12);
            runtime.block_on(store.commit(changes(number, at)))?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        drop(store);
        println!(
            "  {name:<38} {:>6.1} kB a commit {:>7.0} commits/s",
            (written()? - before) as f64 / 1000.0 / f64::from(COMMITS),
            f64::from(COMMITS) / seconds,
        );
    }
    full_history(&runtime, &parent, start)
}

type Kind = fn(u32, Timestamp) -> Vec<Change>;

const KINDS: [(&str, Kind); 4] = [
    ("house alone", |number, _| {
        vec![Change::House(house(number))]
    }),
    ("check: state, reading, task", check),
    ("check and house", |number, at| {
        let mut changes = check(number, at);
        changes.push(Change::House(house(number)));
        changes
    }),
    ("check, house, to-do queued", |number, at| {
        let mut changes = check(number, at);
        changes.push(Change::House(house(number)));
        changes.push(Change::Todo(todo(number)));
        if let Some(before) = number.checked_sub(3) {
            let TodoChange { task, list, .. } = todo(before);
            changes.push(Change::TodoApplied(task, list));
        }
        changes
    }),
];

/// The start when every zone keeps as many readings as it may.
fn full_history(runtime: &tokio::runtime::Runtime, parent: &Path, start: Timestamp) -> Outcome<()> {
    let dir = tempfile::tempdir_in(parent)?;
    let (store, _, _) = SqliteStore::open(dir.path(), start);
    for id in 1..=20 {
        let times = (0..10_000).map(|hour| start + SignedDuration::from_hours(hour));
        let mut changes = vec![Change::Zone(zone(id))];
        changes.extend(times.map(|at| Change::Reading(reading(ZoneId(id), at))));
        runtime.block_on(store.commit(changes))?;
    }
    drop(store);
    let size: u64 = fs::read_dir(dir.path())?
        .map(|entry| {
            entry
                .and_then(|entry| entry.metadata())
                .map(|file| file.len())
        })
        .sum::<Result<_, _>>()?;

    let begun = Instant::now();
    let (store, _, _) = SqliteStore::open(dir.path(), start);
    let opened = begun.elapsed();
    let begun = Instant::now();
    let week = start + SignedDuration::from_hours(10_000 - 7 * 24);
    let read = runtime
        .block_on(store.history(ZoneId(7), week, 1000))?
        .len();
    let asked = begun.elapsed();
    println!(
        "20 zones, 400 days of readings every hour: {:.1} MB, opened and checked in {opened:.1?}, {read} readings read in {asked:.1?}",
        size as f64 / 1e6
    );
    Ok(())
}

/// Bytes this process caused to be sent to storage so far.
fn written() -> Outcome<u64> {
    let io = fs::read_to_string("/proc/self/io")?;
    let line = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(line.ok_or("no write_bytes")?.parse()?)
}

fn zone(id: u32) -> Zone {
    let options = ZoneOptions {
        name: format!("Room {id}"),
        slug: format!("room_{id}"),
        cameras: vec![format!("camera.room_{id}")],
        todo_list: Some(ListId("todo.home".into())),
        ..ZoneOptions::default()
    };
    Zone {
        id: ZoneId(id),
        options,
    }
}

fn reading(zone: ZoneId, at: Timestamp) -> Reading {
    Reading {
        zone,
        at,
        score: Score::clamped((at.as_second() / 720 % 101) as f32),
        confidence: 0.83,
        provider: "local".into(),
        open_tasks: 3,
    }
}

fn check(number: u32, at: Timestamp) -> Vec<Change> {
    let zone = ZoneId(number % ZONES + 1);
    let reading = reading(zone, at);
    let state = ZoneState {
        last: Some(LastReading {
            reading: reading.clone(),
            summary: "A cup and two plates on the table, a coat over the chair.".into(),
            method: "network without reference".into(),
        }),
        last_check: Some(at),
        needs_cleaning: Some(true),
        ..ZoneState::default()
    };
    // A household has a few dozen tasks.
    let task = Task {
        id: TaskId(470_000 + u64::from(number) % 40),
        zone,
        title: "Put the plates into the dishwasher".into(),
        state: TaskState::Open,
        provider: "local".into(),
        confidence: 0.7,
        priority: Priority::Normal,
        region: None,
        first_seen: at,
        last_seen: at,
        gone_readings: 0,
        item: None,
    };
    vec![
        Change::ZoneState(zone, state),
        Change::Reading(reading),
        Change::Task(task),
    ]
}

fn todo(number: u32) -> TodoChange {
    TodoChange {
        task: TaskId(470_000 + u64::from(number)),
        zone: ZoneId(1),
        list: ListId("todo.home".into()),
        want: Want::Open,
        summary: "Put the plates into the dishwasher".into(),
        uid: None,
        attempted: None,
    }
}

fn house(calls: u32) -> HouseState {
    HouseState {
        calls,
        ..HouseState::default()
    }
}
