//! What the household reads when the database fails: what, where, what to do.

use std::{io, path::Path};

use jiff::Timestamp;
use rusqlite::{Error, ErrorCode};

/// Whether the file itself is at fault. Everything else (no space, no
/// permission, locked …) is about what surrounds it and may pass.
pub fn is_damage(error: &Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::NoLargeFileSupport
        )
    )
}

/// A commit failed; the caller keeps the changes and tries again.
pub fn not_saved(path: &Path, error: &Error) -> String {
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => format!(
            "The disk of {path} is full. Changes wait in memory; free some space and they are saved without a restart."
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => format!(
            "{path} cannot be written ({error}). Changes wait in memory; make the file and its folder writable."
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => format!(
            "{path} is in use by another program. Changes wait in memory; close that program and they are saved."
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => format!(
            "{path} is damaged ({error}). Changes wait in memory; restart AICleaner, which then sets the file aside and begins a new one."
        ),
        _ => format!(
            "{path} could not be written ({error}). Changes wait in memory and are tried again; if this stays, look whether the disk is healthy and restart AICleaner."
        ),
    }
}

pub fn not_read(path: &Path, error: &Error) -> String {
    format!(
        "The history in {} could not be read ({error}). If this stays, restart AICleaner: a damaged file is then set aside.",
        path.display()
    )
}

pub fn set_aside_damaged(path: &Path, aside: &Path, why: &str) -> String {
    format!(
        "The database {} was damaged ({why}) and was set aside as {}. AICleaner began a new one: zones' states, tasks and history start afresh, and items already on your to-do lists stay as they are. Restore a backup to get the old state back, or delete the file that was set aside.",
        path.display(),
        aside.display()
    )
}

/// The live file was absent, as it is after a restore.
pub fn from_copy(path: &Path, made: Timestamp) -> String {
    format!(
        "There was no database {}; AICleaner goes on from the copy that was made for backups at {made:.0}.",
        path.display()
    )
}

pub fn copy_for_damaged(path: &Path, aside: &Path, why: &str, made: Timestamp) -> String {
    format!(
        "The database {} was damaged ({why}) and was set aside as {}. AICleaner goes on from the copy that was made for backups at {made:.0}; what happened since is forgotten. You can delete the file that was set aside.",
        path.display(),
        aside.display()
    )
}

/// No copy could be made.
pub fn not_copied(path: &Path, why: &str) -> String {
    format!(
        "No copy of the database {} could be made for the backup ({why}); the backup gets the one before, if there is one. Look whether the folder can be written and the disk has space.",
        path.display()
    )
}

pub fn set_aside_newer(path: &Path, aside: &Path, found: u32, known: u32) -> String {
    format!(
        "The database {} was written by a newer version of AICleaner (its format is {found}, this version knows up to {known}) and was set aside as {}. AICleaner began a new one. To get the old state back, install the newer version again, stop it and give the file its old name.",
        path.display(),
        aside.display()
    )
}

/// The database is new or older, and the masks came from their own file.
pub fn masks_kept(path: &Path, rooms: &str) -> String {
    format!(
        "The masks of {rooms} were kept in {} and stay in use.",
        path.display()
    )
}

pub fn masks_lost(path: &Path, why: &str) -> String {
    format!(
        "The masks went with the database, and the file that keeps them as well, {}, cannot be read ({why}), so nothing is judged or sent: for every room open Masks on AICleaner's page, draw what nobody may see (or nothing) and save.",
        path.display()
    )
}

pub fn masks_not_kept(path: &Path, why: &io::Error) -> String {
    format!(
        "The masks could not be written to {} ({why}), so nothing was saved; it is tried again. Look whether the folder can be written and the disk has space.",
        path.display()
    )
}

/// Nothing can be kept on disk. `known`: what was there could be read.
pub fn in_memory(path: &Path, why: &str, known: bool) -> String {
    let begin = if known {
        "It goes on from what the file held"
    } else {
        "It begins without a memory"
    };
    format!(
        "The database {} cannot be used ({why}). {begin}, keeps its state in memory only and forgets it at the next start. Look whether the folder can be written, the disk has space and no other program holds the file, then restart AICleaner.",
        path.display()
    )
}
