//! Pictures from files and folders, read off the async threads.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tokio::{sync::Semaphore, time};

use super::rest::MAX_RESPONSE;

const KINDS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// A network share that hangs may hold this many threads, not all of them.
const READERS: usize = 4;
const LIMIT: Duration = Duration::from_secs(20);

/// Reads pictures from disk.
#[derive(Debug)]
pub(super) struct Pictures {
    readers: Arc<Semaphore>,
}

impl Pictures {
    pub(super) fn new() -> Self {
        Self {
            readers: Arc::new(Semaphore::new(READERS)),
        }
    }

    /// The file's bytes; of a folder, those of the picture that is last by
    /// name. The error is a sentence.
    pub(super) async fn read(&self, path: &str) -> Result<Bytes, String> {
        let readers = Arc::clone(&self.readers);
        let asked = PathBuf::from(path);
        let reading = async move {
            // The permit travels with the blocking work: it is given back when
            // the disk answers, not when we stop waiting.
            let Ok(permit) = readers.acquire_owned().await else {
                return Err("the service is stopping".to_owned());
            };
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                picture(&asked)
            })
            .await
            .unwrap_or_else(|panic| Err(format!("reading it failed: {panic}")))
        };
        time::timeout(LIMIT, reading).await.unwrap_or_else(|_| {
            Err(format!(
                "{path} could not be read within {} seconds; check the disk or network share it is on",
                LIMIT.as_secs()
            ))
        })
    }
}

fn picture(asked: &Path) -> Result<Bytes, String> {
    let failed = |path: &Path, why: io::Error| match why.kind() {
        io::ErrorKind::NotFound => format!(
            "there is no file or folder {}; check the path",
            path.display()
        ),
        io::ErrorKind::PermissionDenied => {
            format!("{} may not be read; check its permissions", path.display())
        }
        _ => format!("{} cannot be read: {why}", path.display()),
    };
    let kind = fs::metadata(asked).map_err(|why| failed(asked, why))?;
    let file = if kind.is_dir() {
        newest(asked)
            .map_err(|why| failed(asked, why))?
            .ok_or_else(|| {
                format!(
                    "the folder {} holds no picture; put a JPEG, PNG or WebP file into it",
                    asked.display()
                )
            })?
    } else {
        asked.to_owned()
    };
    // Devices and pipes would block or never end.
    if !fs::metadata(&file)
        .map_err(|why| failed(&file, why))?
        .is_file()
    {
        return Err(format!("{} is neither a file nor a folder", file.display()));
    }
    let mut bytes = Vec::new();
    fs::File::open(&file)
        .and_then(|open| open.take(MAX_RESPONSE as u64 + 1).read_to_end(&mut bytes))
        .map_err(|why| failed(&file, why))?;
    if bytes.len() > MAX_RESPONSE {
        return Err(format!(
            "{} is larger than {} MB; use a smaller picture",
            file.display(),
            MAX_RESPONSE / 1_000_000
        ));
    }
    if bytes.is_empty() {
        return Err(format!("{} is empty", file.display()));
    }
    Ok(bytes.into())
}

/// The picture that is last by name.
fn newest(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut last = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_picture(&path) && Some(&path) > last.as_ref() && path.is_file() {
            last = Some(path);
        }
    }
    Ok(last)
}

fn is_picture(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let kind = path.extension().and_then(|kind| kind.to_str());
    !hidden && kind.is_some_and(|kind| KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(path: &Path) -> Result<Bytes, String> {
        Pictures::new().read(path.to_str().unwrap()).await
    }

    #[tokio::test]
    async fn a_folder_shows_its_last_picture_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for name in ["b.jpg", "a.PNG", ".z.jpg", "z.txt", "c.webp"] {
            fs::write(path.join(name), name).unwrap();
        }
        fs::create_dir(path.join("d.jpg")).unwrap();
        assert_eq!(read(path).await.unwrap(), "c.webp");
        fs::write(path.join("x.jpeg"), "x").unwrap();
        assert_eq!(read(path).await.unwrap(), "x");
        assert_eq!(read(&path.join("b.jpg")).await.unwrap(), "b.jpg");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let said = read(path).await.unwrap_err();
        assert!(said.contains("holds no picture"), "{said}");
        let said = read(&path.join("gone.jpg")).await.unwrap_err();
        assert!(said.contains("no file or folder"), "{said}");
        let said = read(Path::new("/dev/zero")).await.unwrap_err();
        assert!(said.contains("neither a file nor a folder"), "{said}");

        let large = path.join("large.jpg");
        fs::File::create(&large)
            .unwrap()
            .set_len(MAX_RESPONSE as u64 + 1)
            .unwrap();
        let said = read(&large).await.unwrap_err();
        assert!(said.contains("larger than 20 MB"), "{said}");
    }
}
