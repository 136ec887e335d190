//! A look at the folder and the file, for the doctor. Changes nothing, and may
//! be taken while the service runs.

use std::{fs, io, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::{migrations, opening::FILE};

/// The name of the file that is written to see whether files can be.
const TRIAL: &str = "aicleaner-doctor.tmp";

/// Both are sentences for the household. Blocking.
pub fn examine(dir: &Path) -> Result<String, String> {
    writable(dir).map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::StorageFull => "free some space",
            io::ErrorKind::ReadOnlyFilesystem => {
                "the disk is read-only: look whether it is healthy"
            }
            io::ErrorKind::PermissionDenied => "make the folder writable for AICleaner",
            _ => "look whether it is a folder and the disk is healthy",
        };
        format!(
            "Nothing can be kept in {} ({error}); {remedy}.",
            dir.display()
        )
    })?;
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(format!(
            "{} can be written; there is no database yet.",
            dir.display()
        ));
    }
    let version = read(&path).map_err(|why| {
        format!(
            "The database {} cannot be used ({why}); restart AICleaner, which then sets a damaged file aside and begins from its copy, or restore a backup.",
            path.display()
        )
    })?;
    if version > migrations::CURRENT {
        return Err(format!(
            "The database {} was written by a newer version of AICleaner (its format is {version}, this version knows up to {}); install the newer version again to go on with it.",
            path.display(),
            migrations::CURRENT
        ));
    }
    Ok(format!("The database {} is whole.", path.display()))
}

/// What the store remembers under this name, read beside the running service;
/// nothing if there is no database, or it cannot be read. Blocking.
pub fn note(dir: &Path, name: &str) -> Option<String> {
    let path = dir.join(FILE);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    connection.busy_timeout(Duration::from_secs(5)).ok()?;
    super::providers::notes(&connection).ok()?.remove(name)
}

fn writable(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let trial = dir.join(TRIAL);
    let written = fs::write(&trial, [0; 4096]);
    fs::remove_file(&trial).ok();
    written
}

/// The format of a whole database; the error says what is wrong with it.
fn read(path: &Path) -> Result<u32, String> {
    let look = || -> rusqlite::Result<(u32, String)> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        let version = migrations::version(&connection)?;
        let check = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        Ok((version, check))
    };
    match look() {
        Ok((version, check)) if check == "ok" => Ok(version),
        Ok((_, check)) => Err(check),
        Err(error) => Err(error.to_string()),
    }
}
