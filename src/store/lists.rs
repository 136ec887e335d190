//! What is learnt of the to-do lists themselves.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::domain::todo::ListId;

/// Whether a list drops ticked items from what it lists.
pub fn save(connection: &Connection, list: &ListId, drops: bool) -> rusqlite::Result<()> {
    connection.execute(
        "REPLACE INTO lists (list, drops_completed) VALUES (?1, ?2)",
        params![list.0, drops],
    )?;
    Ok(())
}

/// The lists that do.
pub fn load(connection: &Connection) -> rusqlite::Result<BTreeSet<ListId>> {
    connection
        .prepare("SELECT list FROM lists WHERE drops_completed")?
        .query_map([], |row| row.get(0).map(ListId))?
        .collect()
}
