//! Who is who when the options change: renamed, moved, added, removed.

use std::collections::BTreeSet;

use super::{Household, ZoneRecord, wish};
use crate::domain::{
    effect::{Change, Effect, ZoneState},
    ledger::Ledger,
    mask::Masks,
    task::TaskId,
    todo::{TodoChange, Want},
    zone::{Zone, ZoneId, ZoneOptions},
};

impl Household {
    /// Takes the zones of the options in. A zone keeps its identity by its
    /// slug; exactly one vanished and one new zone with the same cameras is a
    /// rename. A missing zone is removed only if the options are `complete`.
    pub(super) fn configure(
        &mut self,
        wanted: Vec<ZoneOptions>,
        complete: bool,
        effects: &mut Vec<Effect>,
    ) {
        let known = |slug: &str| {
            self.zones
                .values()
                .find(|z| z.zone.options.slug == slug)
                .map(|z| z.zone.id)
        };
        let mut pairs: Vec<(Option<ZoneId>, ZoneOptions)> = wanted
            .into_iter()
            .map(|options| (known(&options.slug), options))
            .collect();
        let kept: BTreeSet<ZoneId> = pairs.iter().filter_map(|(id, _)| *id).collect();
        let mut missing: Vec<ZoneId> = self
            .zones
            .keys()
            .copied()
            .filter(|id| !kept.contains(id))
            .collect();

        let mut new = pairs.iter_mut().filter(|(id, _)| id.is_none());
        // A zone that was left out for a mistake has not vanished.
        if let (true, Some((id, options)), None, [gone]) =
            (complete, new.next(), new.next(), missing.as_slice())
            && self.zones[gone].zone.options.cameras == options.cameras
        {
            *id = Some(*gone);
            missing.clear();
        }

        let left: Vec<Masks> = (missing.iter().filter(|_| complete))
            .map(|id| self.zones[id].state.masks.clone())
            .collect();
        for id in missing {
            if complete {
                self.remove_zone(id, effects);
            } else if let Some(record) = self.zones.get_mut(&id) {
                record.active = false;
            }
        }
        let mut active = Vec::new();
        for (id, options) in pairs {
            active.push(match id {
                Some(id) => self.update_zone(id, options, effects),
                None => self.add_zone(options, &left, effects),
            });
        }
        // Only now is it known which lists are shared.
        for id in active {
            self.follow_list(id, effects);
            self.follow_words(id, effects);
            self.obey_rules(id, effects);
        }
        let lists = self.lists();
        self.shown.retain(|list, _| lists.contains(list));
    }

    /// `left`: the masks of zones that vanish. What they hide stays hidden where
    /// their cameras are seen next.
    fn add_zone(
        &mut self,
        options: ZoneOptions,
        left: &[Masks],
        effects: &mut Vec<Effect>,
    ) -> ZoneId {
        self.last_zone += 1;
        let masks = if self.masks_lost {
            Masks::Unreadable
        } else {
            Masks::left_by(left, &options.cameras)
        };
        let zone = Zone {
            id: ZoneId(self.last_zone),
            options,
        };
        let id = zone.id;
        let state = ZoneState {
            masks,
            ..ZoneState::default()
        };
        effects.push(Effect::Save(Change::Zone(zone.clone())));
        if state.masks != Masks::None {
            effects.push(Effect::Save(Change::ZoneState(id, state.clone())));
        }
        self.zones.insert(
            id,
            ZoneRecord {
                zone,
                state,
                ledger: Ledger::default(),
                active: true,
                failure: None,
                failures: 0,
            },
        );
        id
    }

    fn update_zone(
        &mut self,
        id: ZoneId,
        options: ZoneOptions,
        effects: &mut Vec<Effect>,
    ) -> ZoneId {
        let Some(record) = self.zones.get_mut(&id) else {
            return id;
        };
        record.active = true;
        if record.zone.options != options {
            record.zone.options = options;
            effects.push(Effect::Save(Change::Zone(record.zone.clone())));
        }
        if Self::end_overrides(record) {
            effects.push(Effect::Save(Change::ZoneState(id, record.state.clone())));
        }
        id
    }

    /// What entities set ends when the option it replaced changes. Whether
    /// anything did.
    fn end_overrides(record: &mut ZoneRecord) -> bool {
        let (state, options) = (&mut record.state, &record.zone.options);
        let interval = options.interval_minutes;
        let pickiness = u32::from(options.pickiness);
        let before = (state.interval, state.pickiness);
        state.interval = state.interval.filter(|o| o.replaced == interval);
        state.pickiness = state.pickiness.filter(|o| o.replaced == pickiness);
        let ended = before != (state.interval, state.pickiness);
        Self::end_replaced_rules(record) || ended
    }

    /// Open tasks move with their zone to another list.
    fn follow_list(&mut self, id: ZoneId, effects: &mut Vec<Effect>) {
        let list = self.zones[&id].zone.options.todo_list.clone();
        let shared = list.as_ref().is_some_and(|l| self.is_shared(l));
        let Some(record) = self.zones.get_mut(&id) else {
            return;
        };
        let zone = record.zone.clone();
        let mut changes: Vec<TodoChange> = Vec::new();
        for task in record.ledger.tasks_mut().filter(|t| t.is_open()) {
            let waiting = self.outbox.of_task(task.id);
            let current = task.item.as_ref().map(|i| &i.list).or_else(|| {
                let mut wished = waiting.iter().filter(|c| c.want == Want::Open);
                wished.next().map(|c| &c.list)
            });
            if current == list.as_ref() {
                continue;
            }
            changes.extend(leave(&zone, task.id, task.item.take(), waiting));
            changes.extend(wish(&zone, task, shared));
            effects.push(Effect::Save(Change::Task(task.clone())));
        }
        self.queue_all(changes, effects);
    }

    fn remove_zone(&mut self, id: ZoneId, effects: &mut Vec<Effect>) {
        let Some(mut record) = self.zones.remove(&id) else {
            return;
        };
        let mut changes = Vec::new();
        for task in record.ledger.tasks_mut().filter(|t| t.is_open()) {
            let waiting = self.outbox.of_task(task.id);
            changes.extend(leave(&record.zone, task.id, task.item.take(), waiting));
        }
        effects.push(Effect::Save(Change::RemoveZone(id)));
        self.queue_all(changes, effects);
    }

    pub(super) fn queue_all(&mut self, changes: Vec<TodoChange>, effects: &mut Vec<Effect>) {
        let lists: BTreeSet<_> = changes.iter().map(|c| c.list.clone()).collect();
        for change in changes {
            let change = self.outbox.queue(change);
            effects.push(Effect::Save(Change::Todo(change)));
        }
        effects.extend(lists.into_iter().map(Effect::SyncList));
    }
}

/// What takes a task's item off the list it is, or is about to be, on.
pub(super) fn leave(
    zone: &Zone,
    task: TaskId,
    item: Option<crate::domain::task::TaskItem>,
    waiting: Vec<TodoChange>,
) -> Vec<TodoChange> {
    let bound = item.map(|item| TodoChange {
        task,
        zone: zone.id,
        list: item.list,
        want: Want::Removed,
        summary: String::new(),
        uid: Some(item.uid),
        attempted: None,
    });
    let waiting = waiting.into_iter().map(|change| TodoChange {
        want: Want::Removed,
        ..change
    });
    waiting.chain(bound).collect()
}
