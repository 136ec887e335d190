//! The clean pictures that a zone's pictures are compared with: read once,
//! kept as likenesses, and their JPEGs for the judges.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tracing::warn;

use crate::{
    domain::{
        change::{ChangeMap, Fingerprint},
        mask::{Mask, Masks},
        zone::{Zone, ZoneId},
    },
    imaging,
    ports::{CleanPicture, CleanPictures, Frame, Reference},
};

/// One clean picture and its likeness.
#[derive(Clone)]
struct Known {
    source: String,
    frame: Frame,
    fingerprint: Fingerprint,
}

/// A zone's, of the cameras that it had when they were read.
struct Shelf {
    cameras: Vec<String>,
    masks: Masks,
    known: Arc<[Known]>,
}

/// The references of all zones.
pub struct References {
    /// `None`: there are none, and none can be added.
    kept: Option<Arc<dyn CleanPictures>>,
    /// Of the zones asked for so far. About 130 kB a picture, most of it the JPEG.
    known: Mutex<BTreeMap<ZoneId, Shelf>>,
}

impl References {
    pub fn new(kept: Arc<dyn CleanPictures>) -> Self {
        Self {
            kept: Some(kept),
            known: Mutex::default(),
        }
    }

    /// No clean pictures at all, for a look in passing.
    pub fn none() -> Self {
        Self {
            kept: None,
            known: Mutex::default(),
        }
    }

    /// How each picture differs from the references of its camera, and those
    /// references, the most similar first. Pictures are in the order of the
    /// zone's cameras. What cannot be read is as if it were not there: the
    /// judgement is then made without, and says so.
    pub async fn beside(
        &self,
        zone: &Zone,
        masks: &Masks,
        prints: &[Fingerprint],
    ) -> (Vec<Reference>, Vec<Option<ChangeMap>>) {
        let known = self.of(zone, masks).await;
        let (mut references, mut changes) = (Vec::new(), Vec::new());
        for (i, (source, print)) in zone.options.cameras.iter().zip(prints).enumerate() {
            let mut here: Vec<(f32, &Known)> = known
                .iter()
                .filter(|known| known.source == *source)
                .map(|known| {
                    let map = ChangeMap::of(print, [&known.fingerprint]);
                    let far = if map.camera_moved {
                        f32::MAX
                    } else {
                        map.cells.iter().sum()
                    };
                    (far, known)
                })
                .collect();
            here.sort_by(|a, b| a.0.total_cmp(&b.0));
            let prints = here.iter().map(|(_, known)| &known.fingerprint);
            changes.push((!here.is_empty()).then(|| ChangeMap::of(print, prints)));
            references.extend(here.iter().map(|(_, known)| Reference {
                of: i,
                frame: known.frame.clone(),
            }));
        }
        (references, changes)
    }

    /// How many clean pictures a zone has, as far as is known.
    pub fn count(&self, zone: ZoneId) -> Option<usize> {
        Some(self.lock().get(&zone)?.known.len())
    }

    /// These pictures show the zone clean; in the order of its cameras.
    pub async fn add(&self, zone: &Zone, masks: &Masks, jpegs: &[Bytes]) -> Result<(), String> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        for (source, jpeg) in zone.options.cameras.iter().zip(jpegs) {
            let picture = CleanPicture {
                source: source.clone(),
                jpeg: jpeg.clone(),
            };
            kept.add(zone.id, picture).await?;
        }
        self.lock().remove(&zone.id);
        self.of(zone, masks).await;
        Ok(())
    }

    pub async fn forget(&self, zone: ZoneId) -> Result<(), String> {
        if let Some(kept) = &self.kept {
            kept.forget(zone).await?;
        }
        self.lock().remove(&zone);
        Ok(())
    }

    async fn of(&self, zone: &Zone, masks: &Masks) -> Arc<[Known]> {
        let cameras = &zone.options.cameras;
        if let Some(shelf) = self.lock().get(&zone.id)
            && shelf.cameras == *cameras
            && shelf.masks == *masks
        {
            return Arc::clone(&shelf.known);
        }
        let Some(kept) = &self.kept else {
            return Arc::new([]);
        };
        let pictures = match kept.of(zone.id, cameras).await {
            Ok(pictures) => pictures,
            Err(sentence) => {
                warn!("{}: {sentence}", zone.options.name);
                return Arc::new([]);
            }
        };
        // They were prepared once, and are small: a few milliseconds each.
        let hiding = masks.clone();
        let work = tokio::task::spawn_blocking(move || -> Vec<Known> {
            let known = pictures.into_iter().filter_map(|picture| {
                // What nobody may see now nobody sees in an old picture either.
                let mask = hiding.of(&picture.source).ok()?.cloned();
                known(picture, mask.as_ref())
            });
            known.collect()
        });
        let known: Arc<[Known]> = work.await.unwrap_or_default().into();
        let read = Shelf {
            cameras: cameras.clone(),
            masks: masks.clone(),
            known: Arc::clone(&known),
        };
        self.lock().insert(zone.id, read);
        known
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ZoneId, Shelf>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` if the file is no picture any more, or cannot be masked.
fn known(picture: CleanPicture, mask: Option<&Mask>) -> Option<Known> {
    let prepared = imaging::prepare(&picture.jpeg, mask).ok()?;
    let jpeg = match mask {
        Some(_) => prepared.frame.jpeg.clone(),
        None => picture.jpeg,
    };
    Some(Known {
        source: picture.source,
        // Their pixels are wanted seldom and are twenty times as large.
        frame: Frame {
            rgb: Bytes::new(),
            jpeg,
            ..prepared.frame
        },
        fingerprint: prepared.fingerprint,
    })
}
