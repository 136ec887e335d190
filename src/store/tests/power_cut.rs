//! The end at any moment: what is on disk is a row of whole commits.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{model::Model, *};

/// The folder in which the child commits.
const FOLDER: &str = "STORE_POWER_CUT_FOLDER";

/// The nth commit touches every table.
fn commit(number: u32) -> Vec<Change> {
    let id = 9_000_000 + u64::from(number);
    let time = now() + jiff::SignedDuration::from_secs(number.into());
    let state = ZoneState {
        last: Some(LastReading {
            reading: reading(1, time),
            summary: format!("after {number} checks"),
            method: "m".repeat(number as usize * 61 % 20_000),
        }),
        ..ZoneState::default()
    };
    vec![
        Change::House(house(number)),
        Change::Zone(zone(1)),
        Change::Zone(zone(number % 3 + 2)),
        Change::RemoveZone(ZoneId((number + 1) % 3 + 2)),
        Change::ZoneState(ZoneId(1), state),
        Change::Task(task(id, 1)),
        Change::Task(task(id + 1_000_000, number % 3 + 2)),
        Change::ForgetTask(TaskId(id - 5)),
        Change::Todo(todo(id, "todo.kitchen", Want::Open)),
        Change::TodoApplied(TaskId(id - 3), ListId("todo.kitchen".into())),
        Change::Reading(reading(1, time)),
    ]
}

/// The model after so many commits.
fn model(start: &Remembered, commits: u32) -> Model {
    let mut model = Model::of(start);
    for change in (1..=commits).flat_map(commit) {
        model.apply(&change);
    }
    model
}

/// All commits up to some number and nothing of the next; returns the number.
#[track_caller]
fn whole(database: &Database, remembered: &Remembered, start: &Remembered) -> u32 {
    let number = remembered.house.calls;
    let model = model(start, number);
    assert_eq!(*remembered, model.remembered(), "after {number}");
    let history = database.history(ZoneId(1), Timestamp::MIN, u32::MAX);
    let expected = model.history(ZoneId(1), Timestamp::MIN, usize::MAX);
    assert_eq!(history.unwrap(), expected, "after {number}");
    number
}

/// A folder with the same file and this log.
fn copy_with(dir: &TempDir, log: &[u8]) -> TempDir {
    let copy = TempDir::new().unwrap();
    let file = |dir: &TempDir| dir.path().join("aicleaner.db");
    fs::copy(file(dir), file(&copy)).unwrap();
    fs::write(copy.path().join("aicleaner.db-wal"), log).unwrap();
    copy
}

/// Runs only as the child of the next test.
#[test]
fn child_that_commits_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (store, remembered, notices) = SqliteStore::open(folder.as_ref(), now());
    assert_eq!(notices, [""; 0]);
    for number in remembered.house.calls + 1.. {
        runtime.block_on(store.commit(commit(number))).unwrap();
        // Past the test runner, which would keep it.
        let mut out = std::io::stdout();
        writeln!(out, "\ncommitted {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_kill_at_any_moment_leaves_whole_commits() {
    let dir = TempDir::new().unwrap();
    let (database, start) = open(&dir);
    database.close();
    let mut acknowledged = 0;
    for round in 0..25 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["store::tests::power_cut::child_that_commits_until_it_is_killed"])
            .args(["--exact", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("committed ")?.parse::<u32>().ok());
        acknowledged = lines.nth(fastrand::usize(0..30)).unwrap();
        let moment = Instant::now() + Duration::from_micros(fastrand::u64(0..4000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = lines.last().unwrap_or(acknowledged);

        // The next child finds the files as this one left them.
        let log = fs::read(dir.path().join("aicleaner.db-wal")).unwrap();
        let copy = copy_with(&dir, &log);
        let (database, remembered) = open(&copy);
        let found = whole(&database, &remembered, &start);
        assert!(
            found == acknowledged || found == acknowledged + 1,
            "round {round}: {acknowledged} acknowledged, {found} found"
        );
    }
    assert!(acknowledged > 25);
}

/// A power cut may leave any beginning of the log, and rubbish after it.
#[test]
fn a_log_cut_anywhere_leaves_whole_commits() {
    const COMMITS: u32 = 40;
    let dir = TempDir::new().unwrap();
    let (database, start) = open(&dir);
    // The tables go into the file, all else into the log.
    database.close();
    let (mut database, _) = open(&dir);
    for number in 1..=COMMITS {
        database.commit(&commit(number)).unwrap();
    }
    let log = fs::read(dir.path().join("aicleaner.db-wal")).unwrap();
    let mut found = Vec::new();
    for attempt in 0..60 {
        let length = if attempt == 0 {
            log.len()
        } else {
            fastrand::usize(0..log.len())
        };
        let mut cut = log[..length].to_vec();
        if attempt % 3 == 1 {
            cut.extend(std::iter::repeat_with(|| fastrand::u8(..)).take(10_000));
        }
        let copy = copy_with(&dir, &cut);
        let (database, remembered) = open(&copy);
        found.push(whole(&database, &remembered, &start));
    }
    assert_eq!(found[0], COMMITS);
    found.sort_unstable();
    found.dedup();
    assert!(found.len() > 10, "the cuts fell on {found:?}");
}
