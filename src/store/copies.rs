//! Files beside the live database: the copy for backups, and what was set aside.
//!
//! The Supervisor's backups leave the live files out (`backup_exclude` in the
//! app's config.yaml: they change while they are read) and take the copy. A
//! restore replaces the whole folder, so at the start after it the live files
//! are absent and the copy becomes them. Where both are there, the live files
//! are the newer ones and the copy is left alone.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rusqlite::Connection;

/// The copy's name in the data folder. It does not begin as the live files do.
pub const COPY: &str = "aicleaner-backup.db";
/// Files set aside for one reason that are kept; older ones make room.
const KEPT_ASIDE: usize = 3;

/// Where the copy of the live file at `path` is.
pub fn copy_of(path: &Path) -> PathBuf {
    path.with_file_name(COPY)
}

/// Writes a consistent copy of what is committed, whole or not at all.
pub fn write(connection: &Connection, path: &Path) -> Result<(), String> {
    let fresh = fresh(path);
    fs::remove_file(&fresh).ok();
    let target = fresh.to_str().ok_or("its folder's name is not text")?;
    connection
        .execute("VACUUM INTO ?1", [target])
        .map_err(|error| error.to_string())
        .and_then(|_| finish(&fresh, &copy_of(path)).map_err(|error| error.to_string()))
        .inspect_err(|_| {
            fs::remove_file(&fresh).ok();
        })
}

/// Copies a live file that is closed and has no log: cheap enough for a stop.
pub fn write_closed(path: &Path) -> io::Result<()> {
    let fresh = fresh(path);
    fs::copy(path, &fresh)?;
    fs::rename(&fresh, copy_of(path))
}

/// Makes the copy the live file, if there is a copy and no live file. Says
/// when the copy was made.
pub fn take(path: &Path) -> io::Result<Option<Timestamp>> {
    let copy = copy_of(path);
    if path.exists() || !copy.is_file() {
        return Ok(None);
    }
    // A log without its database belongs to one that is gone.
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(path, suffix)).ok();
    }
    let made = fs::metadata(&copy)?.modified()?;
    let fresh = fresh(path);
    fs::copy(&copy, &fresh)?;
    finish(&fresh, path)?;
    Ok(Some(
        Timestamp::try_from(made).unwrap_or(Timestamp::UNIX_EPOCH),
    ))
}

/// Renames the live file, and first what belongs to it: a new database must
/// not find an old log. Returns the file's new path.
pub fn set_aside(path: &Path, label: &str, now: Timestamp) -> io::Result<PathBuf> {
    let stem = beside(
        path,
        &format!(".{label}-{}", now.strftime("%Y%m%dT%H%M%SZ")),
    );
    let mut to = stem.clone();
    let mut again = 1;
    while fs::symlink_metadata(&to).is_ok() {
        again += 1;
        to = beside(&stem, &format!("-{again}"));
    }
    for suffix in ["-wal", "-shm"] {
        match fs::rename(beside(path, suffix), beside(&to, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &to)?;
    make_room(path, label);
    Ok(to)
}

/// Removes all but the newest files set aside for this reason.
fn make_room(path: &Path, label: &str) {
    let beginning = beside(path, &format!(".{label}-"));
    let (Some(dir), Some(beginning)) = (path.parent(), beginning.to_str()) else {
        return;
    };
    let mut old: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            file.to_str().is_some_and(|name| {
                name.starts_with(beginning) && !name.ends_with("-wal") && !name.ends_with("-shm")
            })
        })
        .collect();
    // The time stands in the name; "-2" comes after none and "-10" after "-2".
    old.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
    old.sort_by_key(|file| {
        let name = file.to_string_lossy();
        name.get(beginning.len()..beginning.len() + 16)
            .map(str::to_owned)
    });
    old.truncate(old.len().saturating_sub(KEPT_ASIDE));
    for file in old {
        for suffix in ["", "-wal", "-shm"] {
            fs::remove_file(beside(&file, suffix)).ok();
        }
    }
}

/// On disk, then under its name.
pub fn finish(fresh: &Path, to: &Path) -> io::Result<()> {
    File::open(fresh)?.sync_all()?;
    fs::rename(fresh, to)?;
    match to.parent() {
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

fn fresh(path: &Path) -> PathBuf {
    beside(&copy_of(path), ".new")
}

pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
