//! The connection: changes in, what is remembered out. Blocking; the thread
//! that owns it lives in `mod`, how it came to be in `opening`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior::Immediate};

use super::{
    copies, history, house, lists, masks::MasksFile, outbox, providers, tasks, words, zones,
};
use crate::{
    domain::{check::Reading, effect::Change, zone::ZoneId},
    ports::Remembered,
};

/// How long to wait for another program that holds the file.
pub const BUSY: Duration = Duration::from_secs(5);
/// The same when stopping, where time is short.
const BUSY_AT_THE_END: Duration = Duration::from_millis(200);

pub struct Database {
    connection: Connection,
    /// Where it is, for the sentences.
    path: PathBuf,
    /// The masks once more, if there is a folder for them.
    masks: Option<MasksFile>,
}

impl Database {
    /// Takes a connection whose tables are there and current.
    pub fn new(connection: Connection, path: &Path, masks: Option<MasksFile>) -> Self {
        let path = path.to_owned();
        Self {
            connection,
            path,
            masks,
        }
    }

    /// All changes or none; on disk when it returns `Ok`.
    pub fn commit(&mut self, changes: &[Change]) -> Result<(), String> {
        let in_memory = self.in_memory();
        let mut kept = Ok(());
        let saved = self.write(changes, |masks, transaction| {
            kept = masks.keep(transaction);
            // In memory nothing outlives the program, which was said at the start.
            kept.is_ok() || in_memory
        });
        match (saved, kept) {
            (Ok(true), _) => Ok(()),
            (Ok(false), kept) => kept,
            (Err(error), _) => {
                tracing::warn!(%error, changes = changes.len(), "could not save");
                Err(words::not_saved(&self.path, &error))
            }
        }
    }

    /// Whether `keep`, which is asked before masks change, agreed.
    fn write(
        &mut self,
        changes: &[Change],
        keep: impl FnOnce(&mut MasksFile, &Connection) -> bool,
    ) -> rusqlite::Result<bool> {
        if !self.connection.is_autocommit() {
            // The disk failed even while giving up: the rest of that attempt goes first.
            self.connection.execute_batch("ROLLBACK")?;
        }
        let transaction = self.connection.transaction_with_behavior(Immediate)?;
        for change in changes {
            apply(&transaction, change)?;
        }
        let of_zones = |change: &Change| {
            matches!(
                change,
                Change::Zone(_) | Change::ZoneState(..) | Change::RemoveZone(_)
            )
        };
        if let Some(masks) = &mut self.masks
            && changes.iter().any(of_zones)
            && !keep(masks, &transaction)
        {
            return Ok(false);
        }
        transaction.commit()?;
        Ok(true)
    }

    pub fn history(
        &self,
        zone: ZoneId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Reading>, String> {
        history::load(&self.connection, zone, since, limit)
            .map_err(|error| words::not_read(&self.path, &error))
    }

    /// Writes the copy for backups.
    pub fn copy(&self) -> Result<(), String> {
        if self.in_memory() {
            let why = "it is kept in memory only";
            return Err(words::not_copied(&self.path, why));
        }
        copies::write(&self.connection, &self.path)
            .map_err(|why| words::not_copied(&self.path, &why))
    }

    fn in_memory(&self) -> bool {
        self.connection.path().is_none_or(str::is_empty)
    }

    /// Everything goes from the write-ahead log into the one file, and from
    /// there into the copy for backups: one may be made while we are stopped.
    pub fn close(self) {
        let in_memory = self.in_memory();
        let Self {
            connection,
            path: file,
            ..
        } = self;
        let path = file.display();
        let checkpoint = connection
            .busy_timeout(BUSY_AT_THE_END)
            .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        // Nothing is lost: the next start reads the log.
        if let Err(error) = &checkpoint {
            tracing::warn!(%error, %path, "the write-ahead log stays until the next start");
        }
        if let Err((_, error)) = connection.close() {
            tracing::warn!(%error, %path, "could not close the database in order");
        }
        if checkpoint.is_ok()
            && !in_memory
            && let Err(error) = copies::write_closed(&file)
        {
            tracing::warn!(%error, %path, "no copy was made for backups");
        }
    }

    #[cfg(test)]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}

fn apply(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Zone(zone) => {
            house::raise_last_zone(connection, zone.id.0)?;
            zones::save(connection, zone)
        }
        Change::ZoneState(zone, state) => in_zone(connection, *zone, "state", || {
            zones::save_state(connection, *zone, state)
        }),
        Change::RemoveZone(zone) => zones::remove(connection, *zone),
        Change::Task(task) => {
            house::raise_last_task(connection, task.id.0)?;
            in_zone(connection, task.zone, "task", || {
                tasks::save(connection, task)
            })
        }
        Change::ForgetTask(task) => tasks::forget(connection, *task),
        Change::Todo(change) => {
            house::raise_last_task(connection, change.task.0)?;
            outbox::queue(connection, change)
        }
        Change::TodoApplied(task, list) => outbox::applied(connection, *task, list),
        Change::ListDrops(list, drops) => lists::save(connection, list, *drops),
        Change::Reading(reading) => in_zone(connection, reading.zone, "reading", || {
            history::save(connection, reading)
        }),
        Change::House(house) => house::save(connection, house),
        Change::Spent(row) => providers::save(connection, row),
        Change::Note(name, value) => providers::note(connection, name, value.as_deref()),
    }
}

/// What comes late about a zone that is gone has no place any more. Refusing
/// it would refuse every later attempt too, and with it all other changes.
fn in_zone(
    connection: &Connection,
    zone: ZoneId,
    what: &str,
    save: impl FnOnce() -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    if zones::exists(connection, zone)? {
        return save();
    }
    tracing::warn!(%zone, what, "left out: the zone does not exist");
    Ok(())
}

/// Everything that is kept, but for the history.
pub fn load(connection: &Connection) -> rusqlite::Result<Remembered> {
    let (house, last_zone, last_task) = house::load(connection)?;
    Ok(Remembered {
        house,
        zones: zones::load(connection)?,
        tasks: tasks::load(connection)?,
        outbox: outbox::load(connection)?,
        dropping: lists::load(connection)?,
        last_zone,
        last_task,
        spending: providers::load(connection)?,
        notes: providers::notes(connection)?,
        masks_lost: false,
    })
}

/// The reverse of `load`, for a database that has only just been made.
pub fn fill(connection: &mut Connection, remembered: &Remembered) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    house::save(&transaction, &remembered.house)?;
    house::raise_last_zone(&transaction, remembered.last_zone)?;
    house::raise_last_task(&transaction, remembered.last_task)?;
    for (zone, state) in &remembered.zones {
        zones::save(&transaction, zone)?;
        zones::save_state(&transaction, zone.id, state)?;
    }
    for task in &remembered.tasks {
        tasks::save(&transaction, task)?;
    }
    for change in &remembered.outbox {
        outbox::queue(&transaction, change)?;
    }
    for row in &remembered.spending {
        providers::save(&transaction, row)?;
    }
    for (name, value) in &remembered.notes {
        providers::note(&transaction, name, Some(value))?;
    }
    for list in &remembered.dropping {
        lists::save(&transaction, list, true)?;
    }
    transaction.commit()
}
