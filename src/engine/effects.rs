//! Carries out what the household decided: first save, then act.

use tokio::{sync::mpsc::error::TrySendError, time::timeout};
use tracing::{error, info, warn};

use super::{Engine, MOST_UNSAVED_READINGS, Planned, SAVE_LIMIT};
use crate::domain::{
    effect::{Change, Effect},
    health::{Component, Condition},
    household::Event,
    todo::ListId,
    zone::ZoneId,
};

impl Engine {
    /// The one way in which anything changes.
    pub(super) async fn happened(&mut self, event: Event) {
        let now = self.parts.clock.now();
        let mut changes = Vec::new();
        let mut rest = Vec::new();
        let before = self.open_tasks();
        let by_check = matches!(event, Event::CheckEnded { .. });
        for effect in self.household.apply(event, now) {
            match effect {
                Effect::Save(change) => changes.push(change),
                other => rest.push(other),
            }
        }
        changes.extend(self.note_news(&before, by_check));
        let removed: Vec<ZoneId> = changes
            .iter()
            .filter_map(|change| match change {
                Change::RemoveZone(zone) => Some(*zone),
                _ => None,
            })
            .collect();
        for zone in &removed {
            changes.extend(self.lessons.forget(*zone));
        }
        let saved = changes.is_empty() || self.save(changes).await;
        for zone in removed {
            if let Err(sentence) = self.bench.references.forget(zone).await {
                warn!("{sentence}");
            }
        }
        for effect in rest {
            match effect {
                Effect::Save(_) => {}
                // What is not written down must not happen outside: after a
                // power cut nobody would know of it. The next save brings it.
                Effect::SyncList(list) if saved => self.lists.due(&list),
                Effect::SyncList(list) => self.lists.hold(&list),
                Effect::Announce(announcement) => {
                    if let Err(TrySendError::Full(_)) = self.parts.news.try_send(announcement) {
                        self.parts.metrics.mqtt_events_dropped(1);
                    }
                }
                Effect::WakeAt(zone, at, trigger) => {
                    let sooner = self.plans.get(&zone).is_none_or(|p| at < p.at);
                    if sooner {
                        self.plans.insert(zone, Planned { at, trigger });
                    }
                }
            }
        }
    }

    /// Writes changes down, and those that could not be written before. `false`
    /// if the store could not; they are kept and tried again.
    pub(super) async fn save(&mut self, changes: Vec<Change>) -> bool {
        for change in changes {
            // Only the latest of each thing matters, and of readings the latest
            // few, so a full disk for a week takes little more memory than the
            // household itself.
            self.unsaved.retain(|old| !replaces(&change, old));
            self.unsaved.push(change);
        }
        let is_reading = |change: &Change| matches!(change, Change::Reading(_));
        let readings = self.unsaved.iter().filter(|c| is_reading(c)).count();
        let mut surplus = readings.saturating_sub(MOST_UNSAVED_READINGS);
        self.unsaved.retain(|change| {
            let dropped = surplus > 0 && is_reading(change);
            surplus -= usize::from(dropped);
            !dropped
        });
        if self.unsaved.is_empty() {
            return true;
        }
        let commit = self.parts.store.commit(self.unsaved.clone());
        let result = timeout(SAVE_LIMIT, commit).await.unwrap_or_else(|_| {
            Err(format!(
                "The disk took longer than {} seconds; check the disk's health.",
                SAVE_LIMIT.as_secs()
            ))
        });
        let now = self.parts.clock.now();
        match result {
            Ok(()) => {
                self.unsaved.clear();
                let works = self.store_works.clone();
                if self.health.note(Component::Store, works, now) {
                    info!("Changes are being saved again.");
                }
                self.lists.release();
                true
            }
            Err(sentence) => {
                let condition = Condition::Degraded(sentence.clone());
                if self.health.note(Component::Store, condition, now) {
                    error!("{sentence} Nothing is lost yet; saving is tried again.");
                }
                false
            }
        }
    }
}

/// Whether `new` makes `old` needless.
fn replaces(new: &Change, old: &Change) -> bool {
    #[derive(PartialEq)]
    enum Thing<'a> {
        Zone(ZoneId),
        ZoneState(ZoneId),
        Task(crate::domain::task::TaskId),
        Todo(crate::domain::task::TaskId, &'a ListId),
        ListDrops(&'a ListId),
        House,
        Note(&'a str),
    }
    fn thing(change: &Change) -> Option<Thing<'_>> {
        Some(match change {
            Change::Zone(zone) => Thing::Zone(zone.id),
            Change::ZoneState(id, _) => Thing::ZoneState(*id),
            Change::Task(task) => Thing::Task(task.id),
            Change::ForgetTask(id) => Thing::Task(*id),
            Change::Todo(change) => Thing::Todo(change.task, &change.list),
            Change::TodoApplied(task, list) => Thing::Todo(*task, list),
            Change::ListDrops(list, _) => Thing::ListDrops(list),
            Change::House(_) => Thing::House,
            Change::Note(name, _) => Thing::Note(name),
            // Every reading counts, and a removed zone stays removed.
            Change::Reading(_) | Change::RemoveZone(_) | Change::Spent(_) => return None,
        })
    }
    thing(new).is_some_and(|t| thing(old) == Some(t))
}
