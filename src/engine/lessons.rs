//! What households taught the embedded judge, kept as notes in the store: one a
//! zone. What a lesson is and does is decided in `domain::learning`.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use tracing::warn;

use super::Engine;
use crate::domain::{
    check::Trigger,
    effect::Change,
    learning::{self, Lesson, MOST_LESSONS, Opinion, Taste},
    task::TaskId,
    zone::ZoneId,
};

/// What the notes' names begin with; the zone's id follows.
const NOTE: &str = "lessons ";

static AS_SHIPPED: LazyLock<Arc<Taste>> = LazyLock::new(Arc::default);

/// The lessons of all zones, and what they come to.
#[derive(Default)]
pub(super) struct Lessons(BTreeMap<ZoneId, (Vec<Lesson>, Arc<Taste>)>);

impl Lessons {
    /// As they were remembered; what makes no sense is left out.
    pub(super) fn remembered(notes: &BTreeMap<String, String>) -> Self {
        let mut all = Self::default();
        for (name, text) in notes {
            let Some(zone) = name.strip_prefix(NOTE).and_then(|id| id.parse().ok()) else {
                continue;
            };
            match serde_json::from_str(text) {
                Ok(lessons) => all.set(ZoneId(zone), lessons),
                Err(e) => warn!(
                    "What was learnt about zone {zone} cannot be read ({e}); it is judged as shipped."
                ),
            }
        }
        all
    }

    pub(super) fn count(&self, zone: ZoneId) -> usize {
        self.of(zone).len()
    }

    pub(super) fn taste(&self, zone: ZoneId) -> Arc<Taste> {
        let (_, taste) = self
            .0
            .get(&zone)
            .map_or((&[][..], &*AS_SHIPPED), |(l, t)| (l, t));
        Arc::clone(taste)
    }

    /// Forgets all of a zone; what there is to save, if there was any.
    pub(super) fn forget(&mut self, zone: ZoneId) -> Option<Change> {
        self.0.remove(&zone)?;
        Some(Change::Note(format!("{NOTE}{zone}"), None))
    }

    fn of(&self, zone: ZoneId) -> &[Lesson] {
        self.0.get(&zone).map_or(&[], |(lessons, _)| lessons)
    }

    fn set(&mut self, zone: ZoneId, mut lessons: Vec<Lesson>) {
        lessons.drain(..lessons.len().saturating_sub(MOST_LESSONS));
        let taste = Arc::new(Taste::of(&lessons));
        self.0.insert(zone, (lessons, taste));
    }

    fn replace(&mut self, zone: ZoneId, lessons: Vec<Lesson>) -> Option<Change> {
        if lessons.is_empty() {
            return self.forget(zone);
        }
        self.set(zone, lessons);
        let text = serde_json::to_string(self.of(zone)).ok();
        Some(Change::Note(format!("{NOTE}{zone}"), text))
    }
}

impl Engine {
    /// Learns what somebody says about the zone's last pictures, and looks again.
    pub(super) async fn teach(&mut self, zone: ZoneId, opinion: Opinion) -> Result<(), String> {
        let name = self.name(zone)?;
        let seen = self
            .seen
            .get(&zone)
            .filter(|seen| !seen.pictures.is_empty());
        let Some(seen) = seen else {
            return Err(format!(
                "There is no picture of {name} yet; check it once, then say how it looks."
            ));
        };
        if seen.impressions.is_empty() {
            return Err(format!(
                "{name} was not judged by the built-in judge, and only that one learns; \
                 say \"This is clean\" of a clean picture, or change the strictness."
            ));
        }
        let now = self.parts.clock.now();
        let new = learning::lessons(&seen.impressions, opinion, now)
            .map_err(|why| format!("Nothing can be learnt from this picture of {name}: {why}."))?;
        self.learn(zone, new).await;
        self.enqueue(zone, Trigger::Manual);
        Ok(())
    }

    /// Takes back the last thing that was said.
    pub(super) async fn unteach(&mut self, zone: ZoneId) -> Result<(), String> {
        let name = self.name(zone)?;
        let mut lessons = self.lessons.of(zone).to_vec();
        let Some(last) = lessons.last().map(|lesson| lesson.at) else {
            return Err(format!("Nothing was learnt about {name} yet."));
        };
        lessons.retain(|lesson| lesson.at != last);
        self.keep(zone, lessons).await;
        self.enqueue(zone, Trigger::Manual);
        Ok(())
    }

    pub(super) async fn forget_lessons(&mut self, zone: ZoneId) -> Result<(), String> {
        self.name(zone)?;
        if self.lessons.count(zone) > 0 {
            self.keep(zone, Vec::new()).await;
            self.enqueue(zone, Trigger::Manual);
        }
        Ok(())
    }

    /// "Not a task" teaches where the task was found by the embedded judge, in
    /// a picture that is still known.
    pub(super) async fn learn_from_dismissal(&mut self, id: TaskId) {
        let Some((zone, task)) = self
            .household
            .zones()
            .find_map(|z| Some((z.zone.id, z.ledger.get(id)?)))
        else {
            return;
        };
        let seen = self.seen.get(&zone).map(|seen| &seen.impressions[..]);
        // Of several cameras nobody knows any more which one showed it.
        if let (Some([seen]), Some(place)) = (seen, task.region)
            && let Some(lesson) = learning::not_a_task(seen, place, self.parts.clock.now())
        {
            self.learn(zone, vec![lesson]).await;
        }
    }

    async fn learn(&mut self, zone: ZoneId, new: Vec<Lesson>) {
        let mut lessons = self.lessons.of(zone).to_vec();
        lessons.extend(new);
        self.keep(zone, lessons).await;
    }

    async fn keep(&mut self, zone: ZoneId, lessons: Vec<Lesson>) {
        let change = self.lessons.replace(zone, lessons);
        self.save(change.into_iter().collect()).await;
    }

    fn name(&self, zone: ZoneId) -> Result<String, String> {
        let record = self.household.zone(zone);
        record
            .map(|record| record.zone.options.name.clone())
            .ok_or_else(|| format!("There is no zone with the id {zone}."))
    }
}
