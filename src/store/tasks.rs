//! Tasks, one row each.

use rusqlite::{Connection, Row, params};

use super::values::{Fraction, Id, Time, Word};
use crate::domain::{
    task::{Region, Task, TaskId, TaskItem, TaskState},
    todo::{ListId, Uid},
    zone::ZoneId,
};

pub fn save(connection: &Connection, task: &Task) -> rusqlite::Result<()> {
    let (state, done, until) = match task.state {
        TaskState::Candidate => ("candidate", None, None),
        TaskState::Open => ("open", None, None),
        TaskState::Done { by, at, seen_gone } => ("done", Some((by, at, seen_gone)), None),
        TaskState::Dismissed { until } => ("dismissed", None, Some(until)),
    };
    let region = task.region;
    let item = task.item.as_ref();
    connection.execute(
        "REPLACE INTO tasks (id, zone, title, state, done_by, done_at, seen_gone, dismissed_until,
             provider, confidence, region_x, region_y, region_width, region_height,
             first_seen, last_seen, gone_readings, item_list, item_uid, item_status,
             item_words, priority)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
             ?19, ?20, ?21, ?22)",
        params![
            Id(task.id.0),
            task.zone.0,
            task.title,
            state,
            done.map(|(by, _, _)| Word(by)),
            done.map(|(_, at, _)| Time(at)),
            done.map(|(_, _, seen_gone)| seen_gone),
            until.map(Time),
            task.provider,
            Fraction(task.confidence),
            region.map(|region| Fraction(region.x)),
            region.map(|region| Fraction(region.y)),
            region.map(|region| Fraction(region.width)),
            region.map(|region| Fraction(region.height)),
            Time(task.first_seen),
            Time(task.last_seen),
            task.gone_readings,
            item.map(|item| &item.list.0),
            item.map(|item| &item.uid.0),
            item.and_then(|item| item.listed).map(Word),
            item.and_then(|item| item.words.as_ref()),
            Word(task.priority),
        ],
    )?;
    Ok(())
}

pub fn forget(connection: &Connection, task: TaskId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM tasks WHERE id = ?1", [Id(task.0)])?;
    Ok(())
}

pub fn load(connection: &Connection) -> rusqlite::Result<Vec<Task>> {
    connection
        .prepare("SELECT * FROM tasks ORDER BY id")?
        .query_map([], |row| {
            Ok(Task {
                id: TaskId(row.get::<_, Id>("id")?.0),
                zone: ZoneId(row.get("zone")?),
                title: row.get("title")?,
                state: read_state(row)?,
                provider: row.get("provider")?,
                confidence: row.get::<_, Fraction>("confidence")?.0,
                // Of a file from before that, as if nobody had said anything.
                priority: row
                    .get::<_, Option<Word<_>>>("priority")?
                    .map(|word| word.0)
                    .unwrap_or_default(),
                region: read_region(row)?,
                first_seen: row.get::<_, Time>("first_seen")?.0,
                last_seen: row.get::<_, Time>("last_seen")?.0,
                gone_readings: row.get("gone_readings")?,
                item: read_item(row)?,
            })
        })?
        .collect()
}

fn read_state(row: &Row<'_>) -> rusqlite::Result<TaskState> {
    let state: String = row.get("state")?;
    Ok(match state.as_str() {
        "open" => TaskState::Open,
        "done" => TaskState::Done {
            by: row.get::<_, Word<_>>("done_by")?.0,
            at: row.get::<_, Time>("done_at")?.0,
            seen_gone: row.get("seen_gone")?,
        },
        "dismissed" => TaskState::Dismissed {
            until: row.get::<_, Time>("dismissed_until")?.0,
        },
        // The table lets no other word in.
        _ => TaskState::Candidate,
    })
}

fn read_region(row: &Row<'_>) -> rusqlite::Result<Option<Region>> {
    let Some(Fraction(x)) = row.get("region_x")? else {
        return Ok(None);
    };
    Ok(Some(Region {
        x,
        y: row.get::<_, Fraction>("region_y")?.0,
        width: row.get::<_, Fraction>("region_width")?.0,
        height: row.get::<_, Fraction>("region_height")?.0,
    }))
}

fn read_item(row: &Row<'_>) -> rusqlite::Result<Option<TaskItem>> {
    let Some(list) = row.get("item_list")? else {
        return Ok(None);
    };
    Ok(Some(TaskItem {
        list: ListId(list),
        uid: Uid(row.get("item_uid")?),
        listed: row
            .get::<_, Option<Word<_>>>("item_status")?
            .map(|word| word.0),
        words: row.get("item_words")?,
    }))
}
