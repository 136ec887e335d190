//! What providers took, and what was noted about them.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::values::{Id, Word};
use crate::domain::budget::{DAYS_REMEMBERED, Money, Spending};

/// Days that are kept: a year to look back on.
const DAYS: u32 = 400;

pub fn save(connection: &Connection, row: &Spending) -> rusqlite::Result<()> {
    connection.execute(
        "REPLACE INTO spending (day, provider, model, calls, cost, tokens_in, tokens_out)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            Word(row.day),
            row.provider,
            row.model,
            row.calls,
            Id(row.cost.0),
            Id(row.tokens_in),
            Id(row.tokens_out),
        ],
    )?;
    connection.execute(
        "DELETE FROM spending WHERE day <= (
             SELECT DISTINCT day FROM spending ORDER BY day DESC LIMIT 1 OFFSET ?1)",
        [DAYS],
    )?;
    Ok(())
}

/// The latest days, oldest first.
pub fn load(connection: &Connection) -> rusqlite::Result<Vec<Spending>> {
    connection
        .prepare(
            "SELECT * FROM spending WHERE day IN (
                 SELECT DISTINCT day FROM spending ORDER BY day DESC LIMIT ?1)
             ORDER BY day, provider, model",
        )?
        .query_map([DAYS_REMEMBERED], |row| {
            Ok(Spending {
                day: row.get::<_, Word<_>>("day")?.0,
                provider: row.get("provider")?,
                model: row.get("model")?,
                calls: row.get("calls")?,
                cost: Money(row.get::<_, Id>("cost")?.0),
                tokens_in: row.get::<_, Id>("tokens_in")?.0,
                tokens_out: row.get::<_, Id>("tokens_out")?.0,
            })
        })?
        .collect()
}

pub fn note(connection: &Connection, name: &str, value: Option<&str>) -> rusqlite::Result<()> {
    match value {
        Some(value) => connection.execute(
            "REPLACE INTO notes (name, value) VALUES (?1, ?2)",
            params![name, value],
        )?,
        None => connection.execute("DELETE FROM notes WHERE name = ?1", [name])?,
    };
    Ok(())
}

pub fn notes(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    connection
        .prepare("SELECT name, value FROM notes")?
        .query_map([], |row| Ok((row.get("name")?, row.get("value")?)))?
        .collect()
}
