//! What of a zone's pictures nobody may see: how a new mask takes effect, and
//! the picture that somebody draws it on.

use std::{mem, sync::Arc};

use tracing::info;

use super::{Engine, check};
use crate::{
    domain::{check::Trigger, command::Command, household::Event, mask::Masks, zone::ZoneId},
    ports::Preview,
};

/// Previews at a time: each holds a picture.
const PREVIEWS: usize = 2;

impl Engine {
    /// From the return on nothing leaves that the masks hide: what is under way
    /// is broken off and begun again, what was seen without them is forgotten.
    pub(super) async fn mask(&mut self, zone: ZoneId, masks: Masks) -> Result<(), String> {
        let Some(record) = self.household.zone(zone) else {
            return Err(format!("There is no zone with the id {zone}."));
        };
        if record.state.masks == masks {
            return Ok(());
        }
        let name = record.zone.options.name.clone();
        // Before anything else changes: what is to be hidden must not stay on the disk.
        self.bench.references.forget(zone).await?;
        let (stopped, others) = mem::take(&mut self.checking)
            .into_iter()
            .partition(|(_, (of, _))| *of == zone);
        self.checking = others;
        let stopped: std::collections::BTreeMap<_, (ZoneId, tokio::task::AbortHandle)> = stopped;
        for (_, running) in stopped.values() {
            running.abort();
        }
        if !stopped.is_empty() {
            self.enqueue(zone, Trigger::Event);
        }
        self.seen.remove(&zone);
        info!(
            "{name}: {} areas of its pictures are hidden.",
            masks.areas()
        );
        self.happened(Event::Command(Command::Mask(zone, masks)))
            .await;
        if self.unsaved.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "The masks of {name} are in use, but could not be saved yet; until that is done they would be lost at a restart. Check the disk."
            ))
        }
    }

    /// Takes a picture beside everything else and shows it to whoever asked.
    pub(super) fn preview(&mut self, asked: Preview) {
        while self.previews.try_join_next().is_some() {}
        let (zone, camera) = (asked.zone, asked.camera);
        let found = self.household.zone(zone).and_then(|record| {
            let source = record.zone.options.cameras.get(camera)?.clone();
            Some((source, record.state.masks.clone()))
        });
        let refused = match (self.watching.hold(), &found) {
            (Some(sentence), _) => Some(sentence),
            (None, None) => Some("This room has no such camera any more.".to_owned()),
            (None, Some(_)) if self.previews.len() >= PREVIEWS => {
                Some("Pictures are being taken already; try again in a moment.".to_owned())
            }
            _ => None,
        };
        if let Some(sentence) = refused {
            // Whoever asked may have gone; that changes nothing.
            let _ = asked.reply.send(Err(sentence));
            return;
        }
        let Some((source, masks)) = found else { return };
        let bench = Arc::clone(&self.bench);
        self.previews.spawn(async move {
            let frame = check::preview(&bench, &source, &masks, asked.mask).await;
            let _ = asked.reply.send(frame.map(|frame| frame.jpeg));
        });
    }
}
