//! The readings of each zone, and how long they are kept.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::values::{Fraction, Score, Time};
use crate::domain::{check::Reading, zone::ZoneId};

/// A year and the weeks to compare it with.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Of each zone: one an hour for those 400 days, 1 MB or so.
const KEPT_PER_ZONE: u32 = 10_000;

/// Adds a reading; the first of a (UTC) day clears away what is too old or too much.
pub fn save(connection: &Connection, reading: &Reading) -> rusqlite::Result<()> {
    let before: Option<Time> = connection.query_row(
        "SELECT max(at) FROM readings WHERE zone = ?1 AND at < ?2",
        params![reading.zone.0, Time(reading.at)],
        |row| row.get(0),
    )?;
    connection.execute(
        "REPLACE INTO readings (zone, at, score, confidence, provider, open_tasks)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            reading.zone.0,
            Time(reading.at),
            Score(reading.score),
            Fraction(reading.confidence),
            reading.provider,
            reading.open_tasks,
        ],
    )?;
    match before {
        Some(Time(before)) if day(before) != day(reading.at) => {
            thin_out(connection, reading.zone, before)
        }
        _ => Ok(()),
    }
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 60 * 60)
}

/// Age counts from the reading `before` the new one: a clock that is years
/// ahead for a moment must not cost the household its history.
fn thin_out(connection: &Connection, zone: ZoneId, before: Timestamp) -> rusqlite::Result<()> {
    let oldest = before.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    connection.execute(
        "DELETE FROM readings WHERE zone = ?1 AND at < max(?2, ifnull(
             (SELECT at FROM readings WHERE zone = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?3), ''))",
        params![zone.0, Time(oldest), KEPT_PER_ZONE - 1],
    )?;
    Ok(())
}

/// The newest `limit` readings of a zone since a time, oldest first.
pub fn load(
    connection: &Connection,
    zone: ZoneId,
    since: Timestamp,
    limit: u32,
) -> rusqlite::Result<Vec<Reading>> {
    let mut newest_first = connection
        .prepare("SELECT * FROM readings WHERE zone = ?1 AND at >= ?2 ORDER BY at DESC LIMIT ?3")?
        .query_map(params![zone.0, Time(since), limit], |row| {
            Ok(Reading {
                zone,
                at: row.get::<_, Time>("at")?.0,
                score: row.get::<_, Score>("score")?.0,
                confidence: row.get::<_, Fraction>("confidence")?.0,
                provider: row.get("provider")?,
                open_tasks: row.get("open_tasks")?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    newest_first.reverse();
    Ok(newest_first)
}
