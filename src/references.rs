//! The clean pictures of each zone: JPEG files in the data folder, at most five
//! for each camera. Files rather than rows, so that a backup can leave them out.
//! What is done with them is the engine's and the judges' business.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::task::spawn_blocking;

use crate::{
    domain::zone::ZoneId,
    ports::{Boxed, CleanPicture, CleanPictures},
};

/// So many are kept for each camera: by day, in the evening, in infrared, and two more.
const MOST: usize = 5;
/// A judged picture has about 100 kB; what is larger is not ours.
const LARGEST: u64 = 4_000_000;

/// Clean pictures under a folder of their own.
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Nothing is created before there is something to keep.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            root: data_dir.join("references"),
        }
    }

    fn of_zone(&self, zone: ZoneId) -> PathBuf {
        self.root.join(format!("zone-{zone}"))
    }
}

impl CleanPictures for Folder {
    fn of<'a>(
        &'a self,
        zone: ZoneId,
        sources: &'a [String],
    ) -> Boxed<'a, Result<Vec<CleanPicture>, String>> {
        let (folder, sources) = (self.of_zone(zone), sources.to_vec());
        blocking("read", move || {
            let mut found = Vec::new();
            for source in sources {
                for path in pictures(&folder, &source)? {
                    if fs::metadata(&path)?.len() <= LARGEST {
                        let jpeg = fs::read(&path)?.into();
                        let source = source.clone();
                        found.push(CleanPicture { source, jpeg });
                    }
                }
            }
            Ok(found)
        })
    }

    fn add(&self, zone: ZoneId, picture: CleanPicture) -> Boxed<'_, Result<(), String>> {
        let folder = self.of_zone(zone);
        blocking("saved", move || {
            fs::create_dir_all(&folder)?;
            let kept = pictures(&folder, &picture.source)?;
            // Names count up, so that they sort by age even when the clock jumps back.
            let newest = kept.last().and_then(|path| number(path)).unwrap_or(0);
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let number = now.map_or(0, |age| age.as_secs()).max(newest + 1);
            let path = folder.join(format!("{}-{number:012}.jpg", camera(&picture.source)));
            // Whole or not at all, whenever the power goes.
            let unfinished = path.with_extension("new");
            fs::write(&unfinished, &picture.jpeg)?;
            fs::File::open(&unfinished)?.sync_all()?;
            fs::rename(&unfinished, &path)?;
            for old in kept.iter().take((kept.len() + 1).saturating_sub(MOST)) {
                fs::remove_file(old)?;
            }
            Ok(())
        })
    }

    fn forget(&self, zone: ZoneId) -> Boxed<'_, Result<(), String>> {
        let folder = self.of_zone(zone);
        blocking("deleted", move || match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        })
    }
}

fn blocking<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Boxed<'static, Result<T, String>> {
    Box::pin(async move {
        let failed = |e: &dyn std::fmt::Display| {
            format!("The clean pictures could not be {what} ({e}); check the disk.")
        };
        spawn_blocking(work)
            .await
            .map_err(|e| failed(&e))?
            .map_err(|e| failed(&e))
    })
}

/// A camera's files, oldest first.
fn pictures(folder: &Path, source: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let begin = format!("{}-", camera(source));
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&begin) && name.ends_with(".jpg") {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn number(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.rsplit('-').next()?.parse().ok()
}

/// A name for a camera's files that does not tell its address or password
/// (64-bit FNV-1a, which is the same in every version of the program).
fn camera(source: &str) -> String {
    let hash = source
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(source: &str, what: &str) -> CleanPicture {
        CleanPicture {
            source: source.into(),
            jpeg: what.to_owned().into_bytes().into(),
        }
    }

    #[tokio::test]
    async fn the_newest_five_of_each_camera_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        let sources = ["camera.a".to_owned(), "http://me:pa55@cam/x.jpg".to_owned()];
        assert_eq!(folder.of(ZoneId(1), &sources).await, Ok(vec![]));
        folder
            .add(ZoneId(1), picture(&sources[1], "other"))
            .await
            .unwrap();
        for what in ["1", "2", "3", "4", "5", "6", "7"] {
            folder
                .add(ZoneId(1), picture(&sources[0], what))
                .await
                .unwrap();
        }
        let kept = folder.of(ZoneId(1), &sources).await.unwrap();
        let jpegs: Vec<&[u8]> = kept.iter().map(|p| &p.jpeg[..]).collect();
        assert_eq!(jpegs, [&b"3"[..], b"4", b"5", b"6", b"7", b"other"]);
        assert_eq!(folder.of(ZoneId(2), &sources).await, Ok(vec![]));
        for path in fs::read_dir(dir.path().join("references/zone-1")).unwrap() {
            let name = path.unwrap().file_name().into_string().unwrap();
            assert!(!name.contains("pa55") && !name.contains("cam"), "{name}");
        }
        folder.forget(ZoneId(1)).await.unwrap();
        folder.forget(ZoneId(1)).await.unwrap();
        assert_eq!(folder.of(ZoneId(1), &sources).await, Ok(vec![]));
    }

    #[tokio::test]
    async fn a_disk_that_does_not_take_them_is_told() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("references"), b"a file in the way").unwrap();
        let error = Folder::new(dir.path())
            .add(ZoneId(1), picture("camera.a", "1"))
            .await
            .unwrap_err();
        assert!(error.contains("could not be saved"), "{error}");
    }
}
