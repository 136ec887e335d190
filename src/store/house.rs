//! What the household remembers as a whole, and the highest ids ever given.

use rusqlite::{Connection, params};

use super::values::{Id, Word};
use crate::domain::effect::HouseState;

pub fn save(connection: &Connection, house: &HouseState) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE house SET enabled = ?1, day = ?2, calls = ?3, saved = ?4, checks = ?5,
             failures = ?6",
        params![
            house.enabled,
            house.day.map(Word),
            house.calls,
            house.saved,
            house.checks,
            house.failures,
        ],
    )?;
    Ok(())
}

/// Notes that this id was given.
pub fn raise_last_zone(connection: &Connection, id: u32) -> rusqlite::Result<()> {
    connection.execute("UPDATE house SET last_zone = ?1 WHERE last_zone < ?1", [id])?;
    Ok(())
}

/// Notes that this id was given.
pub fn raise_last_task(connection: &Connection, id: u64) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE house SET last_task = ?1 WHERE last_task < ?1",
        [Id(id)],
    )?;
    Ok(())
}

/// The state, and the highest zone and task ids.
pub fn load(connection: &Connection) -> rusqlite::Result<(HouseState, u32, u64)> {
    connection.query_row("SELECT * FROM house", [], |row| {
        let house = HouseState {
            enabled: row.get("enabled")?,
            day: row.get::<_, Option<Word<_>>>("day")?.map(|word| word.0),
            calls: row.get("calls")?,
            saved: row.get("saved")?,
            checks: row.get("checks")?,
            failures: row.get("failures")?,
        };
        Ok((
            house,
            row.get("last_zone")?,
            row.get::<_, Id>("last_task")?.0,
        ))
    })
}
