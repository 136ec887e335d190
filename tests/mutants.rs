//! The self-test finds what it is there for: with each fault on purpose its own
//! criterion fails, and without one nothing does. `quick_…` are those that take
//! seconds; .ci/full runs all.

use std::{path::Path, process::Command};

use serde_json::Value;

/// A short ordinary day, in which everything but faults is looked at.
const DAY: &[&str] = &["baseline", "--duration", "80s", "--speed", "10"];

/// Runs the self-test with this mutant; its rows as (title, verdict).
fn rows(arguments: &[&str], mutant: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aicleaner"));
    command
        .arg("self-test")
        .args(arguments)
        .arg("--report")
        .arg(folder.path())
        .env_remove("AICLEANER_MUTANT");
    if !mutant.is_empty() {
        command.env("AICLEANER_MUTANT", mutant);
    }
    let ended = command.output().unwrap();
    let error = String::from_utf8_lossy(&ended.stderr);
    read(&folder.path().join("run.json"))
        .unwrap_or_else(|| panic!("{mutant:?}: there is no report: {error}"))
}

fn read(path: &Path) -> Option<Vec<(String, String)>> {
    let text = std::fs::read_to_string(path).ok()?;
    let report: Value = serde_json::from_str(&text).ok()?;
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = report["criteria"].as_array()?.iter().map(|row| {
        let title = format!("{}: {}", word(row, "part"), word(row, "name"));
        (title, word(row, "verdict"))
    });
    Some(rows.collect())
}

/// The mutant is found by this criterion.
fn is_found(arguments: &[&str], mutant: &str, by: &str) {
    let rows = rows(arguments, mutant);
    let verdict = rows.iter().find(|(title, _)| title == by);
    let verdict = verdict.map(|(_, verdict)| verdict.as_str());
    assert_eq!(verdict, Some("fail"), "{mutant}: \"{by}\" of {rows:#?}");
}

/// Without a mutant nothing is found, and the rows are there.
fn is_fine(arguments: &[&str], rows_of_mutants: &[&str]) {
    let rows = rows(arguments, "");
    for (title, verdict) in &rows {
        assert_ne!(verdict, "fail", "{title} of {rows:#?}");
    }
    for by in rows_of_mutants {
        let passed = rows.contains(&((*by).to_owned(), "pass".to_owned()));
        assert!(passed, "\"{by}\" of {rows:#?}");
    }
}

const UNTRUE: &str = "baseline: lost, doubled or untrue";
const TWICE: &str = "baseline: states published again unchanged";
const MEMORY: &str = "baseline: memory at most";
const WARNINGS: &str = "baseline: warnings in its log";
const ENDS: &str = "baseline: crashes and wrong ends";
const STOPPED: &str = "baseline: stopped (ours: 1 s)";

#[test]
fn quick_without_a_mutant_a_day_is_fine() {
    is_fine(DAY, &[UNTRUE, TWICE, MEMORY, WARNINGS, ENDS, STOPPED]);
}

#[test]
fn quick_items_that_are_doubled_are_found() {
    is_found(DAY, "doubles_items", UNTRUE);
}

#[test]
fn quick_states_that_are_published_twice_are_found() {
    is_found(DAY, "publishes_twice", TWICE);
}

#[test]
fn quick_a_stop_that_takes_too_long_is_found() {
    is_found(DAY, "lingers_at_the_end", STOPPED);
}

#[test]
fn items_that_are_lost_are_found() {
    is_found(DAY, "loses_items", UNTRUE);
}

#[test]
fn items_that_are_never_ticked_are_found() {
    is_found(DAY, "keeps_items", UNTRUE);
}

#[test]
fn memory_that_is_never_given_back_is_found() {
    is_found(DAY, "leaks", MEMORY);
}

#[test]
fn warnings_are_found() {
    is_found(DAY, "worries", WARNINGS);
}

#[test]
fn an_end_of_its_own_is_found() {
    is_found(DAY, "dies", ENDS);
}

const UNTOLD: &str = "failures: faults that were not told";
const UNRECOVERED: &str = "failures: faults that were not recovered from";
const LEFT: &str = "failures: lost, doubled or restarted by faults";

/// Only this fault.
fn failure(name: &'static str) -> [&'static str; 3] {
    ["failures", "--only", name]
}

#[test]
fn without_a_mutant_the_faults_are_borne() {
    for name in [
        "killed while tasks",
        "the broker is stopped",
        "broker's connection is cut",
        "wants a pause",
    ] {
        is_fine(&failure(name), &[UNTOLD, UNRECOVERED, LEFT]);
    }
}

#[test]
fn a_store_that_forgets_is_found() {
    is_found(&failure("killed while tasks"), "forgets_writes", LEFT);
}

#[test]
fn commands_that_are_not_heard_after_a_new_connection_are_found() {
    let fault = failure("broker's connection is cut");
    is_found(&fault, "is_deaf_after_reconnect", UNRECOVERED);
}

#[test]
fn a_fault_that_is_not_told_is_found() {
    let fault = failure("the broker is stopped");
    is_found(&fault, "keeps_quiet_about_the_broker", UNTOLD);
}

#[test]
fn a_pause_that_is_not_kept_is_found() {
    is_found(&failure("wants a pause"), "ignores_retry_after", LEFT);
}
