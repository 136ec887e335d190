//! Cameras that show pictures one after another: the demo's and the test
//! home's rooms.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;

use crate::{
    domain::check::{CheckError, ErrorClass},
    ports::{Boxed, Camera},
};

/// A picture that can be shown.
#[derive(Debug, Clone)]
pub enum Picture {
    Shipped(&'static [u8]),
    File(PathBuf),
}

/// Cameras by the name under which they are asked for.
#[derive(Debug, Default)]
pub struct Album {
    cameras: BTreeMap<String, Sequence>,
}

#[derive(Debug)]
struct Sequence {
    pictures: Vec<Picture>,
    looks: usize,
    taken: AtomicUsize,
}

impl Album {
    /// Adds a camera that shows each picture for `looks` looks (at least 1)
    /// and then starts over.
    pub fn insert(&mut self, camera: String, pictures: Vec<Picture>, looks: usize) {
        self.cameras.insert(
            camera,
            Sequence {
                pictures,
                looks: looks.max(1),
                taken: AtomicUsize::new(0),
            },
        );
    }
}

impl Camera for Album {
    fn capture<'a>(&'a self, source: &'a str) -> Boxed<'a, Result<Bytes, CheckError>> {
        Box::pin(async move {
            let shown = self
                .cameras
                .get(source)
                .and_then(Sequence::next)
                .ok_or_else(|| broken(format!("There is no picture for {source}.")))?;
            match shown {
                Picture::Shipped(bytes) => Ok(Bytes::from_static(bytes)),
                Picture::File(path) => tokio::fs::read(&path)
                    .await
                    .map(Bytes::from)
                    .map_err(|e| broken(format!("{} cannot be read: {e}.", path.display()))),
            }
        })
    }
}

impl Sequence {
    fn next(&self) -> Option<&Picture> {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        let position = (taken / self.looks).checked_rem(self.pictures.len())?;
        self.pictures.get(position)
    }
}

fn broken(sentence: String) -> CheckError {
    CheckError {
        class: ErrorClass::Camera,
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn shows_each_picture_for_its_looks_and_starts_over() {
        let mut album = Album::default();
        let pictures = vec![Picture::Shipped(b"a"), Picture::Shipped(b"b")];
        album.insert("hall".into(), pictures, 2);
        let mut shown = Vec::new();
        for _ in 0..5 {
            shown.extend(album.capture("hall").await.unwrap());
        }
        assert_eq!(shown, b"aabba");
        assert!(album.capture("attic").await.is_err());
    }
}
