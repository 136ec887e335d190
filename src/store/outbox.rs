//! What the to-do lists still have to be told: the latest wish for each task
//! and list.

use rusqlite::{Connection, params};

use super::values::{Id, Json, Word};
use crate::domain::{
    task::TaskId,
    todo::{ListId, TodoChange, Uid},
    zone::ZoneId,
};

/// A new wish goes to the end. One that replaces another keeps its place: the
/// other may have been attempted already, and a list on which it is unclear
/// what is ours must be settled before anything queued later is added to it.
/// Noting the attempt itself would otherwise send a wish to the back.
pub fn queue(connection: &Connection, change: &TodoChange) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO todo_outbox (task, zone, list, want, summary, uid, attempted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (task, list) DO UPDATE SET zone = ?2, want = ?4, summary = ?5, uid = ?6,
             attempted = ?7",
        params![
            Id(change.task.0),
            change.zone.0,
            change.list.0,
            Word(change.want),
            change.summary,
            change.uid.as_ref().map(|uid| &uid.0),
            change.attempted.as_ref().map(Json),
        ],
    )?;
    Ok(())
}

pub fn applied(connection: &Connection, task: TaskId, list: &ListId) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM todo_outbox WHERE task = ?1 AND list = ?2",
        params![Id(task.0), list.0],
    )?;
    Ok(())
}

pub fn load(connection: &Connection) -> rusqlite::Result<Vec<TodoChange>> {
    connection
        .prepare("SELECT * FROM todo_outbox ORDER BY place")?
        .query_map([], |row| {
            Ok(TodoChange {
                task: TaskId(row.get::<_, Id>("task")?.0),
                zone: ZoneId(row.get("zone")?),
                list: ListId(row.get("list")?),
                want: row.get::<_, Word<_>>("want")?.0,
                summary: row.get("summary")?,
                uid: row.get::<_, Option<String>>("uid")?.map(Uid),
                attempted: row
                    .get::<_, Option<Json<_>>>("attempted")?
                    .map(|json| json.0),
            })
        })?
        .collect()
}
