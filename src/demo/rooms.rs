//! The rooms of the simulated home: the pictures that ship with the program
//! (`tools/rooms` renders them), or the user's own.

use std::{fs, path::Path};

use anyhow::Context;

use crate::selftest::test_home::album::Picture;

/// A room and what its camera shows, one picture after another.
#[derive(Debug)]
pub struct Room {
    pub name: String,
    pub pictures: Vec<Picture>,
}

macro_rules! shipped {
    ($name:literal, $folder:literal, [$($file:literal),+]) => {
        Room {
            name: $name.to_owned(),
            pictures: vec![$(Picture::Shipped(include_bytes!(concat!(
                "../../assets/rooms/", $folder, "/", $file, ".jpg"
            )))),+],
        }
    };
}

/// Three rooms in three moods: one gets messier, one is being tidied, one is tidy.
pub fn shipped() -> Vec<Room> {
    vec![
        shipped!("Living room", "living_room", ["day-00", "day-03", "day-20"]),
        shipped!("Kitchen", "kitchen", ["day-20", "day-08", "day-03"]),
        shipped!("Bedroom", "bedroom", ["day-08", "evening-00", "day-00"]),
    ]
}

/// One room for each sub-folder that holds pictures, in name order; the folder
/// itself if it has no such sub-folder. Files without a picture's ending are passed over.
pub fn in_folder(folder: &Path) -> anyhow::Result<Vec<Room>> {
    let mut folders = entries(folder)?;
    folders.retain(|path| path.is_dir());
    folders.push(folder.to_owned());
    let mut rooms = Vec::new();
    for path in &folders {
        let is_root = path == folder;
        if is_root && !rooms.is_empty() {
            break;
        }
        let mut pictures = entries(path)?;
        pictures.retain(|p| p.is_file() && is_picture(p));
        if pictures.is_empty() {
            continue;
        }
        let absolute = path.canonicalize().unwrap_or_else(|_| path.clone());
        let name = absolute.file_name().unwrap_or(path.as_os_str());
        rooms.push(Room {
            name: name.to_string_lossy().into_owned(),
            pictures: pictures.into_iter().map(Picture::File).collect(),
        });
    }
    Ok(rooms)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        paths.push(entry.with_context(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| {
        matches!(
            e.to_ascii_lowercase().as_str(),
            "jpg" | "jpeg" | "png" | "webp"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_folder_is_a_zone_and_files_go_in_name_order() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "hall/2.png",
            "hall/1.jpg",
            "hall/notes.txt",
            "attic/x.webp",
            "loose.jpg",
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        fs::create_dir(folder.path().join("empty")).unwrap();
        let rooms = in_folder(folder.path()).unwrap();
        let names: Vec<_> = rooms.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["attic", "hall"]);
        let files = rooms[1].pictures.iter().map(|p| match p {
            Picture::File(path) => path.file_name().unwrap().to_str().unwrap(),
            Picture::Shipped(_) => "shipped",
        });
        assert_eq!(files.collect::<Vec<_>>(), ["1.jpg", "2.png"]);
        assert!(in_folder(&folder.path().join("nowhere")).is_err());
        assert_eq!(in_folder(&folder.path().join("hall")).unwrap().len(), 1);
    }
}
