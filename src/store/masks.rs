//! The masks once more, in a file of their own beside the database. When that is
//! damaged or another version's, a room would be shown unmasked for want of it;
//! so the file brings its masks back, and where it cannot, nothing is shown.
//!
//! It is written before the database commits what it says and backups take it
//! along, so a room that it names has the masks that it says. A room that it
//! does not name has those of the database.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{
    copies::{beside, finish},
    house, words, zones,
};
use crate::{
    domain::{
        effect::ZoneState,
        mask::{Mask, Masks},
        zone::Zone,
    },
    ports::Remembered,
};

/// Its name in the data folder. It does not begin as the live files do, which
/// backups leave out.
pub const FILE: &str = "masks.json";

/// A room that has masks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Room {
    zone: Zone,
    /// `None`: they cannot be read.
    masks: Option<Vec<Mask>>,
}

/// The file, and what it says.
pub struct MasksFile {
    path: PathBuf,
    /// `Err`: why it cannot be read.
    rooms: Result<Vec<Room>, String>,
}

impl MasksFile {
    /// Reads what is there; a file that is missing names no room.
    pub fn read(path: PathBuf) -> Self {
        let rooms = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| error.to_string()),
            // Somebody may have put a folder or a broken link there: then it is not missing.
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory
                    if fs::symlink_metadata(&path).is_err() =>
                {
                    Ok(Vec::new())
                }
                _ => Err(error.to_string()),
            },
        };
        Self { path, rooms }
    }

    /// Gives each room its masks. `whole`: the database is the one that was
    /// in use last, not one that is new or older. Returns a sentence for the
    /// household if the file was needed.
    pub fn restore(&self, remembered: &mut Remembered, whole: bool) -> Option<String> {
        let rooms = match &self.rooms {
            Ok(rooms) => rooms,
            Err(why) if whole && !remembered.zones.is_empty() => {
                let path = self.path.display();
                tracing::warn!(%path, why, "the second copy of the masks cannot be read; it is written anew");
                return None;
            }
            Err(why) => {
                for (_, state) in &mut remembered.zones {
                    if state.masks == Masks::None {
                        state.masks = Masks::Unreadable;
                    }
                }
                remembered.masks_lost = true;
                return Some(words::masks_lost(&self.path, why));
            }
        };
        for room in rooms {
            let masks = match &room.masks {
                Some(masks) => Masks::Drawn(masks.clone()),
                None => Masks::Unreadable,
            };
            let slug = &room.zone.options.slug;
            let mut same = (remembered.zones.iter_mut())
                .filter(|(zone, _)| zone.options.slug == *slug)
                .collect::<Vec<_>>();
            same.sort_by_key(|(zone, _)| zone.id != room.zone.id);
            if let Some((_, state)) = same.first_mut() {
                state.masks = masks;
                continue;
            }
            remembered.last_zone += 1;
            let mut zone = room.zone.clone();
            zone.id.0 = remembered.last_zone;
            let state = ZoneState {
                masks,
                ..ZoneState::default()
            };
            remembered.zones.push((zone, state));
        }
        (!whole && !rooms.is_empty()).then(|| {
            let names = rooms.iter().map(|room| room.zone.options.name.as_str());
            words::masks_kept(&self.path, &names.collect::<Vec<_>>().join(", "))
        })
    }

    /// Makes the file say what the database says; untouched if it does already.
    pub fn keep(&mut self, connection: &Connection) -> Result<(), String> {
        let rooms: Vec<Room> = zones::load(connection)
            .map_err(|error| error.to_string())?
            .into_iter()
            .filter_map(|(zone, state)| {
                let masks = match state.masks {
                    Masks::None => return None,
                    Masks::Drawn(masks) => Some(masks),
                    Masks::Unreadable => None,
                };
                Some(Room { zone, masks })
            })
            .collect();
        if self.rooms.as_ref() == Ok(&rooms) {
            return Ok(());
        }
        write(&self.path, &rooms).map_err(|why| words::masks_not_kept(&self.path, &why))?;
        self.rooms = Ok(rooms);
        Ok(())
    }
}

/// Whole or not at all. The addresses of cameras may hold passwords, so nobody
/// else may read it.
fn write(path: &Path, rooms: &[Room]) -> io::Result<()> {
    let fresh = beside(path, ".new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(&serde_json::to_vec_pretty(rooms)?)?;
    finish(&fresh, path)
}

/// Puts rooms that `MasksFile::restore` changed or added into the tables.
pub fn save(connection: &mut Connection, remembered: &Remembered) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    house::raise_last_zone(&transaction, remembered.last_zone)?;
    for (zone, state) in &remembered.zones {
        zones::save(&transaction, zone)?;
        zones::save_state(&transaction, zone.id, state)?;
    }
    transaction.commit()
}
