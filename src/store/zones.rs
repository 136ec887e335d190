//! Zones and what each remembers besides its tasks.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::values::{Fraction, Json, Kept, Score, Time, Word};
use crate::domain::{
    check::Reading,
    effect::{LastReading, Override, ZoneState},
    streak::Streak,
    todo::ListId,
    zone::{Zone, ZoneId, ZoneOptions},
};

/// Updates in place: replacing the row would take the zone's tasks with it.
pub fn save(connection: &Connection, zone: &Zone) -> rusqlite::Result<()> {
    let Zone { id, options } = zone;
    connection.execute(
        "INSERT INTO zones (id, name, slug, cameras, todo_list, purpose, interval_minutes, icon,
             options)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET name = ?2, slug = ?3, cameras = ?4, todo_list = ?5,
             purpose = ?6, interval_minutes = ?7, icon = ?8, options = ?9",
        params![
            id.0,
            options.name,
            options.slug,
            Json(&options.cameras),
            options.todo_list.as_ref().map(|list| &list.0),
            options.purpose,
            options.interval_minutes,
            options.icon,
            Json(options),
        ],
    )?;
    Ok(())
}

pub fn save_state(
    connection: &Connection,
    zone: ZoneId,
    state: &ZoneState,
) -> rusqlite::Result<()> {
    let last = state.last.as_ref();
    let reading = last.map(|last| &last.reading);
    connection.execute(
        "REPLACE INTO zone_state (zone, monitoring, interval_set, interval_replaced,
             needs_cleaning, last_check, reading_at, score, confidence, provider, open_tasks,
             summary, method, snoozed_until, pickiness_set, pickiness_replaced, snoozed_for,
             rules, rules_replaced, streak_day, streak_days, streak_looked, streak_clear,
             masks)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
             ?19, ?20, ?21, ?22, ?23, ?24)",
        params![
            zone.0,
            state.monitoring,
            state.interval.map(|interval| interval.value),
            state.interval.map(|interval| interval.replaced),
            state.needs_cleaning,
            state.last_check.map(Time),
            reading.map(|reading| Time(reading.at)),
            reading.map(|reading| Score(reading.score)),
            reading.map(|reading| Fraction(reading.confidence)),
            reading.map(|reading| &reading.provider),
            reading.map(|reading| reading.open_tasks),
            last.map(|last| &last.summary),
            last.map(|last| &last.method),
            state.snoozed_until.map(Time),
            state.pickiness.map(|pickiness| pickiness.value),
            state.pickiness.map(|pickiness| pickiness.replaced),
            state.snoozed_for,
            Json(&state.rules),
            state.rules_replaced.as_ref().map(Json),
            state.streak.map(|streak| Word(streak.day)),
            state.streak.map(|streak| streak.days),
            state.streak.map(|streak| streak.looked),
            state.streak.map(|streak| streak.clear),
            Kept(&state.masks),
        ],
    )?;
    Ok(())
}

/// Its state, tasks and readings go with it.
pub fn remove(connection: &Connection, zone: ZoneId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM zones WHERE id = ?1", [zone.0])?;
    Ok(())
}

pub fn exists(connection: &Connection, zone: ZoneId) -> rusqlite::Result<bool> {
    let found = connection
        .query_row("SELECT 1 FROM zones WHERE id = ?1", [zone.0], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

pub fn load(connection: &Connection) -> rusqlite::Result<Vec<(Zone, ZoneState)>> {
    connection
        .prepare("SELECT * FROM zones LEFT JOIN zone_state ON zone = id ORDER BY id")?
        .query_map([], |row| {
            let id = ZoneId(row.get("id")?);
            Ok((read_zone(id, row)?, read_state(id, row)?))
        })?
        .collect()
}

fn read_zone(id: ZoneId, row: &Row<'_>) -> rusqlite::Result<Zone> {
    let options = ZoneOptions {
        name: row.get("name")?,
        slug: row.get("slug")?,
        cameras: row.get::<_, Json<_>>("cameras")?.0,
        todo_list: row.get::<_, Option<String>>("todo_list")?.map(ListId),
        purpose: row.get("purpose")?,
        interval_minutes: row.get("interval_minutes")?,
        icon: row.get("icon")?,
        // What has no column; of a file from before that, as if nobody had said anything.
        ..row
            .get::<_, Option<Json<ZoneOptions>>>("options")?
            .map(|options| options.0)
            .unwrap_or_default()
    };
    Ok(Zone { id, options })
}

fn read_state(zone: ZoneId, row: &Row<'_>) -> rusqlite::Result<ZoneState> {
    let Some(monitoring) = row.get("monitoring")? else {
        return Ok(ZoneState::default());
    };
    let interval = read_override(row, "interval_set", "interval_replaced")?;
    let pickiness = read_override(row, "pickiness_set", "pickiness_replaced")?;
    let last = match row.get("reading_at")? {
        Some(Time(at)) => Some(LastReading {
            reading: Reading {
                zone,
                at,
                score: row.get::<_, Score>("score")?.0,
                confidence: row.get::<_, Fraction>("confidence")?.0,
                provider: row.get("provider")?,
                open_tasks: row.get("open_tasks")?,
            },
            summary: row.get("summary")?,
            method: row.get("method")?,
        }),
        None => None,
    };
    Ok(ZoneState {
        monitoring,
        interval,
        pickiness,
        needs_cleaning: row.get("needs_cleaning")?,
        last,
        last_check: row.get::<_, Option<Time>>("last_check")?.map(|at| at.0),
        snoozed_until: row.get::<_, Option<Time>>("snoozed_until")?.map(|at| at.0),
        snoozed_for: row.get("snoozed_for")?,
        rules: row
            .get::<_, Option<Json<_>>>("rules")?
            .map(|rules| rules.0)
            .unwrap_or_default(),
        rules_replaced: row
            .get::<_, Option<Json<_>>>("rules_replaced")?
            .map(|rules| rules.0),
        streak: read_streak(row)?,
        masks: row.get::<_, Kept<_>>("masks")?.0,
    })
}

fn read_override(row: &Row<'_>, set: &str, replaced: &str) -> rusqlite::Result<Option<Override>> {
    Ok(match (row.get(set)?, row.get(replaced)?) {
        (Some(value), Some(replaced)) => Some(Override { value, replaced }),
        _ => None,
    })
}

fn read_streak(row: &Row<'_>) -> rusqlite::Result<Option<Streak>> {
    let Some(Word(day)) = row.get("streak_day")? else {
        return Ok(None);
    };
    Ok(Some(Streak {
        day,
        days: row.get("streak_days")?,
        looked: row.get("streak_looked")?,
        clear: row.get("streak_clear")?,
    }))
}
