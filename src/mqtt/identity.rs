//! Who we are at the broker, kept over restarts: a name of this installation,
//! and the device id under which it last served. A restored backup is the same
//! installation; a second one beside the first is not.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tracing::debug;

const FILE: &str = "mqtt.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Eight hexadecimal digits.
    pub instance: String,
    /// Device id and discovery prefix under which we are known, if we are.
    #[serde(default)]
    pub served: Option<(String, String)>,
}

impl Identity {
    pub fn new() -> Self {
        Self {
            instance: new_name(),
            served: None,
        }
    }
}

/// A name that no other installation has.
pub fn new_name() -> String {
    format!("{:08x}", fastrand::u32(..))
}

/// The identity and its file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keeper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    // A std mutex: held to copy, never across an await.
    identity: Mutex<Identity>,
}

impl Keeper {
    /// Reads the identity in the folder for state, or makes one. Without a
    /// disk that works it lasts as long as the process.
    pub async fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let read = path.clone();
        let known = spawn_blocking(move || read_file(&read)).await;
        let known = known.ok().flatten();
        let keeper = Self(Arc::new(Inner {
            path,
            identity: Mutex::new(known.clone().unwrap_or_else(Identity::new)),
        }));
        if known.is_none() {
            keeper.change(|_| {}).await;
        }
        keeper
    }

    pub fn get(&self) -> Identity {
        let identity = self.0.identity.lock();
        identity.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes it and writes it down.
    pub async fn change(&self, change: impl FnOnce(&mut Identity)) {
        let identity = {
            let mut identity = self
                .0
                .identity
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            change(&mut identity);
            identity.clone()
        };
        let path = self.0.path.clone();
        let written = spawn_blocking(move || write_file(&path, &identity)).await;
        if let Ok(Err(error)) = written {
            // The store says the same of the same disk, in words.
            debug!("{FILE} cannot be written: {error}");
        }
    }
}

fn read_file(path: &Path) -> Option<Identity> {
    let text = std::fs::read(path).ok()?;
    let identity: Identity = serde_json::from_slice(&text).ok()?;
    let sound =
        identity.instance.len() == 8 && identity.instance.bytes().all(|b| b.is_ascii_hexdigit());
    sound.then_some(identity)
}

/// Whole or not at all.
fn write_file(path: &Path, identity: &Identity) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, identity)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_outlives_the_process_and_a_damaged_file_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keeper::open(folder.path()).await;
        let served = Some(("attic".to_owned(), "homeassistant".to_owned()));
        first
            .change(|identity| identity.served.clone_from(&served))
            .await;
        let again = Keeper::open(folder.path()).await;
        assert_eq!(again.get(), first.get());
        assert_eq!(again.get().served, served);

        std::fs::write(folder.path().join(FILE), "{\"instance\":\"../x\"}").unwrap();
        let anew = Keeper::open(folder.path()).await.get();
        assert_eq!((anew.instance.len(), anew.served), (8, None));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_no_hindrance() {
        let keeper = Keeper::open(Path::new("/proc/no-such-folder")).await;
        assert_eq!(keeper.get().instance.len(), 8);
    }
}
