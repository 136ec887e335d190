//! How long readings stay.

use jiff::SignedDuration;

use super::*;
use crate::domain::budget::{Money, Spending};

fn later(from: Timestamp, minutes: i64) -> Timestamp {
    from + SignedDuration::from_mins(minutes)
}

const DAY: i64 = 24 * 60;

fn with_readings(times: impl Iterator<Item = Timestamp>) -> (TempDir, Database) {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let mut changes = vec![Change::Zone(zone(1)), Change::Zone(zone(2))];
    changes.push(Change::Reading(reading(2, at("2001-01-01T00:00:00Z"))));
    changes.extend(times.map(|at| Change::Reading(reading(1, at))));
    database.commit(&changes).unwrap();
    (dir, database)
}

fn times(database: &Database, zone: u32) -> Vec<Timestamp> {
    let history = database.history(ZoneId(zone), Timestamp::MIN, u32::MAX);
    history.unwrap().iter().map(|reading| reading.at).collect()
}

#[test]
fn readings_stay_for_400_days() {
    let (_dir, database) = with_readings((0..600).map(|day| later(now(), day * DAY)));
    let kept = times(&database, 1);
    assert_eq!(kept.last(), Some(&later(now(), 599 * DAY)));
    // Counted from the reading before the newest.
    assert_eq!(kept.first(), Some(&later(now(), 198 * DAY)));
    assert_eq!(kept.len(), 402);
    assert_eq!(times(&database, 2).len(), 1, "the other zone's are its own");
}

#[test]
fn a_zone_keeps_ten_thousand_readings() {
    let midnight = at("2026-11-23T00:00:00Z");
    let (_dir, mut database) = with_readings((0..12_000).map(|minute| later(midnight, minute)));
    database
        .commit(&[Change::Reading(reading(1, later(midnight, 30 * DAY)))])
        .unwrap();
    let kept = times(&database, 1);
    assert_eq!(kept.len(), 10_000);
    assert_eq!(kept[0], later(midnight, 12_000 - 9_999));
}

#[test]
fn a_clock_that_jumps_ahead_for_a_moment_costs_no_history() {
    let (_dir, mut database) = with_readings((0..50).map(|day| later(now(), day * DAY)));
    let ahead = at("2040-01-01T00:00:00Z");
    for time in [ahead, later(ahead, 5), later(now(), 51 * DAY)] {
        database
            .commit(&[Change::Reading(reading(1, time))])
            .unwrap();
    }
    assert_eq!(times(&database, 1).len(), 53);
}

#[test]
fn history_is_the_newest_since_a_time_oldest_first() {
    let (_dir, database) = with_readings((0..10).map(|minute| later(now(), minute)));
    let history = database.history(ZoneId(1), later(now(), 4), 3).unwrap();
    let times: Vec<_> = history.iter().map(|reading| reading.at).collect();
    assert_eq!(times, [7, 8, 9].map(|minute| later(now(), minute)));
    assert_eq!(database.history(ZoneId(1), now(), 0).unwrap(), []);
    assert_eq!(database.history(ZoneId(3), now(), 9).unwrap(), []);
}

#[test]
fn times_sort_within_a_second() {
    let half = at("2026-11-22T17:41:00.5Z");
    let (_dir, database) = with_readings([half, now()].into_iter());
    assert_eq!(times(&database, 1), [now(), half]);
    let since = database.history(ZoneId(1), half, 9).unwrap();
    assert_eq!(since.len(), 1);
}

#[test]
fn spending_is_kept_for_400_days() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let spent = |day: i64| {
        let at = later(now(), day * DAY).to_zoned(jiff::tz::TimeZone::UTC);
        Change::Spent(Spending {
            day: at.date(),
            provider: "gemini".into(),
            model: "a".into(),
            calls: 1,
            cost: Money(5),
            tokens_in: 1,
            tokens_out: 1,
        })
    };
    database
        .commit(&(0..450).map(spent).collect::<Vec<_>>())
        .unwrap();
    let days: u32 = database
        .connection()
        .query_row("SELECT count(*) FROM spending", [], |row| row.get(0))
        .unwrap();
    assert_eq!(days, 400);
}

/// It was rewritten whole at each step, and what it held grew for ever.
#[test]
fn original_21_a_step_rewrites_no_whole_file_and_nothing_grows_for_ever() {
    let (dir, mut database) = with_readings((0..9_000).map(|hour| later(now(), hour * 60)));
    let size = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().len();
    let settle = |database: &Database| {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let connection = database.connection();
        connection.query_row(checkpoint, [], |_| Ok(())).unwrap();
    };
    settle(&database);
    let whole = size("aicleaner.db");
    assert!(whole > 500_000, "{whole}");
    let step = Change::Reading(reading(1, later(now(), 9_000 * 60)));
    database.commit(&[step]).unwrap();
    let written = size("aicleaner.db-wal");
    assert!(written < whole / 10, "{written} of {whole}");

    let years = (9_001..40_000).map(|hour| Change::Reading(reading(1, later(now(), hour * 60))));
    database.commit(&years.collect::<Vec<_>>()).unwrap();
    settle(&database);
    let kept = times(&database, 1).len();
    assert!(kept < 10_100, "{kept}");
    let grown = size("aicleaner.db");
    assert!(grown < whole * 3 / 2, "{grown} after {whole}");
}
