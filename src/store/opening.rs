//! From a folder to a database that works, whatever is in the folder: a file
//! that cannot be used is set aside, a folder that cannot be used is done
//! without.

use std::{fs, path::Path, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{
    copies::{self, beside},
    database::{self, BUSY, Database},
    house,
    masks::{self, MasksFile},
    migrations, words,
};
use crate::ports::Remembered;

/// The file's name in the data folder; SQLite puts `-wal` and `-shm` beside it.
pub const FILE: &str = "aicleaner.db";

type Opened = (Connection, Remembered);

/// Never fails; the notices say what is not as it should be.
pub fn open(dir: &Path, now: Timestamp) -> (Database, Remembered, Vec<String>) {
    let path = dir.join(FILE);
    let mut notices = Vec::new();
    let mut beside = MasksFile::read(dir.join(masks::FILE));
    let was_there = path.exists();
    let opened = on_disk(&path, now, &mut notices).and_then(|opened| {
        let whole = was_there && notices.is_empty();
        with_masks(opened, &beside, whole, &mut notices)
    });
    let (connection, remembered) = opened.unwrap_or_else(|why| {
        let old = read_only(&path);
        notices.push(words::in_memory(&path, &why, old.is_some()));
        if is_empty(&path) {
            // SQLite made it just now and got no further; the next start must not mourn it.
            fs::remove_file(&path).ok();
        }
        let masks = |mut old: Remembered| {
            let said = beside.restore(&mut old, false);
            (old, said)
        };
        let (old, said) = masks(old.unwrap_or_default());
        notices.extend(said);
        let (connection, mut remembered) = in_memory(Some(&old), now)
            // What was read contradicts itself; better without it than not at all.
            .or_else(|_| in_memory(Some(&masks(Remembered::default()).0), now))
            .expect("a database in memory needs neither disk nor permission");
        remembered.masks_lost = old.masks_lost;
        (connection, remembered)
    });
    // Where rooms must not be shown for want of it, a file that cannot be read
    // stays until they are known to be such.
    if !remembered.masks_lost
        && let Err(sentence) = beside.keep(&connection)
    {
        tracing::warn!("{sentence}");
    }
    let database = Database::new(connection, &path, Some(beside));
    (database, remembered, notices)
}

/// The masks of their own file in the tables and in what is remembered.
fn with_masks(
    (mut connection, mut remembered): Opened,
    beside: &MasksFile,
    whole: bool,
    notices: &mut Vec<String>,
) -> Result<Opened, String> {
    let before = remembered.clone();
    let said = beside.restore(&mut remembered, whole);
    if remembered != before {
        masks::save(&mut connection, &remembered).map_err(|error| error.to_string())?;
    }
    notices.extend(said);
    Ok((connection, remembered))
}

/// The error says why no file can be used.
fn on_disk(path: &Path, now: Timestamp, notices: &mut Vec<String>) -> Result<Opened, String> {
    if let Some(made) = take_copy(path) {
        tracing::info!("{}", words::from_copy(path, made));
        if let Ok(opened) = of_copy(path, now) {
            return Ok(opened);
        }
    }
    let refusal = match attempt(path, now, Access::Shared) {
        Ok(opened) => return Ok(opened),
        Err(refusal) => refusal,
    };
    let aside = |label| {
        copies::set_aside(path, label, now)
            .map_err(|error| format!("the {label} file could not be renamed: {error}"))
    };
    notices.push(match refusal {
        // A full disk has no room for the index that programs share, but may
        // have some later: better a commit that fails until then than none ever.
        Refusal::Environment(why) => {
            return attempt(path, now, Access::Alone).map_err(|_| why);
        }
        Refusal::Damaged(why) => {
            let to = aside("corrupt")?;
            if let Some(made) = take_copy(path) {
                if let Ok(opened) = of_copy(path, now) {
                    notices.push(words::copy_for_damaged(path, &to, &why, made));
                    return Ok(opened);
                }
                aside("corrupt")?;
            }
            words::set_aside_damaged(path, &to, &why)
        }
        Refusal::Newer(version) => {
            words::set_aside_newer(path, &aside("newer")?, version, migrations::CURRENT)
        }
    });
    attempt(path, now, Access::Shared).map_err(|refusal| match refusal {
        Refusal::Damaged(why) | Refusal::Environment(why) => why,
        Refusal::Newer(version) => format!("its format is {version}"),
    })
}

/// Makes the copy for backups the live file, if there is one and no live file.
fn take_copy(path: &Path) -> Option<Timestamp> {
    copies::take(path).unwrap_or_else(|error| {
        tracing::warn!("the copy of the database could not be used: {error}");
        None
    })
}

/// A copy knows nothing of the tasks that came after it. Their ids still stand
/// in marks on the household's lists and must not be given again.
fn of_copy(path: &Path, now: Timestamp) -> Result<Opened, Refusal> {
    let (connection, _) = attempt(path, now, Access::Shared)?;
    house::raise_last_task(&connection, first_task(now))?;
    let remembered = database::load(&connection)?;
    Ok((connection, remembered))
}

/// Whether other programs may look into the file meanwhile.
#[derive(Clone, Copy)]
enum Access {
    Shared,
    Alone,
}

/// Why there is no database.
enum Refusal {
    /// The file is of no use; a new one would be.
    Damaged(String),
    /// The same: it has this version.
    Newer(u32),
    /// No file would be of use here and now.
    Environment(String),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        if words::is_damage(&error) {
            Self::Damaged(error.to_string())
        } else {
            Self::Environment(error.to_string())
        }
    }
}

fn attempt(path: &Path, now: Timestamp, access: Access) -> Result<Opened, Refusal> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(|error| Refusal::Environment(error.to_string()))?;
    }
    // SQLite would take an empty file for a new one and say nothing.
    if is_empty(path) {
        return Err(Refusal::Damaged("it is empty".into()));
    }

    let mut connection = Connection::open(path)?;
    match access {
        Access::Shared => connection.busy_timeout(BUSY)?,
        Access::Alone => {
            connection.busy_timeout(Duration::ZERO)?;
            connection.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
        }
    }
    let version = migrations::version(&connection)?;
    if version > migrations::CURRENT {
        return Err(Refusal::Newer(version));
    }
    let tables: u32 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version == 0 && tables > 0 {
        return Err(Refusal::Damaged("it holds another program's tables".into()));
    }
    let check: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if check != "ok" {
        return Err(Refusal::Damaged(check));
    }

    connection.pragma_update(None, "foreign_keys", true)?;
    // Pages stay at SQLite's 4 KiB. Those of 1 KiB would halve what a check writes
    // (`benches/store.rs`: 9 kB, not 19), but share a block of the disk with others
    // that a power cut may then take along.
    // A file system without shared memory says no; the rollback journal is as safe.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    migrations::run(&mut connection, first_task(now))?;
    let remembered = database::load(&connection)?;
    Ok((connection, remembered))
}

fn is_empty(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0)
}

/// Task ids stand in marks on the household's lists. Those of a database that
/// was lost may still be there, so a new one does not count from 1 but from the
/// minutes since 2026: nobody finds more than a task a minute for years.
fn first_task(now: Timestamp) -> u64 {
    const YEAR_2026: i64 = 1_767_225_600;
    u64::try_from((now.as_second() - YEAR_2026) / 60).unwrap_or(0)
}

/// What a file holds that can be read though not written.
fn read_only(path: &Path) -> Option<Remembered> {
    let log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.is_file() && log.len() > 0);
    if log {
        return None;
    }
    let mut uri = String::from("file:");
    for character in path.to_str()?.chars() {
        match character {
            '%' => uri += "%25",
            '?' => uri += "%3f",
            '#' => uri += "%23",
            other => uri.push(other),
        }
    }
    // Without a log SQLite can do without locks and files of its own, too.
    uri += "?immutable=1";
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags).ok()?;
    if migrations::version(&connection).ok()? != migrations::CURRENT {
        return None;
    }
    database::load(&connection).ok()
}

/// A new database in memory.
#[cfg(test)]
pub fn for_tests(now: Timestamp) -> Database {
    let (connection, _) = in_memory(None, now).unwrap();
    Database::new(connection, Path::new(FILE), None)
}

fn in_memory(
    old: Option<&Remembered>,
    now: Timestamp,
) -> rusqlite::Result<(Connection, Remembered)> {
    let mut connection = Connection::open_in_memory()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrations::run(&mut connection, first_task(now))?;
    if let Some(old) = old {
        database::fill(&mut connection, old)?;
    }
    let remembered = database::load(&connection)?;
    Ok((connection, remembered))
}
