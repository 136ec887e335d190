//! How long readings stay.

use jiff::SignedDuration;

use super::*;

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
