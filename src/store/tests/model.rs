//! What the store should do, in memory and without tricks; and that it does.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::{any::any_change, *};
use crate::domain::budget::{DAYS_REMEMBERED, Spending};

/// A store in plain maps.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    house: HouseState,
    zones: BTreeMap<ZoneId, (Zone, ZoneState)>,
    tasks: BTreeMap<TaskId, Task>,
    outbox: Vec<TodoChange>,
    dropping: BTreeSet<ListId>,
    readings: BTreeMap<(ZoneId, Timestamp), Reading>,
    spending: BTreeMap<(jiff::civil::Date, String, String), Spending>,
    notes: BTreeMap<String, String>,
    last_zone: u32,
    last_task: u64,
}

impl Model {
    /// As a new store is.
    pub(super) fn of(remembered: &Remembered) -> Self {
        Self {
            last_task: remembered.last_task,
            ..Self::default()
        }
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Zone(zone) => {
                self.last_zone = self.last_zone.max(zone.id.0);
                let state = self.zones.remove(&zone.id).map(|old| old.1);
                self.zones
                    .insert(zone.id, (zone, state.unwrap_or_default()));
            }
            Change::ZoneState(id, state) => {
                if let Some(zone) = self.zones.get_mut(&id) {
                    zone.1 = state;
                }
            }
            Change::RemoveZone(id) => {
                self.zones.remove(&id);
                self.tasks.retain(|_, task| task.zone != id);
                self.readings.retain(|(zone, _), _| *zone != id);
            }
            Change::Task(task) => {
                self.last_task = self.last_task.max(task.id.0);
                if self.zones.contains_key(&task.zone) {
                    self.tasks.insert(task.id, task);
                }
            }
            Change::ForgetTask(id) => {
                self.tasks.remove(&id);
            }
            Change::Todo(todo) => {
                self.last_task = self.last_task.max(todo.task.0);
                let same = |row: &&mut TodoChange| row.task == todo.task && row.list == todo.list;
                match self.outbox.iter_mut().find(same) {
                    Some(row) => *row = todo,
                    None => self.outbox.push(todo),
                }
            }
            Change::TodoApplied(task, list) => {
                self.outbox
                    .retain(|row| row.task != task || row.list != list);
            }
            Change::Reading(reading) => {
                if self.zones.contains_key(&reading.zone) {
                    self.readings.insert((reading.zone, reading.at), reading);
                }
            }
            Change::ListDrops(list, true) => drop(self.dropping.insert(list)),
            Change::ListDrops(list, false) => drop(self.dropping.remove(&list)),
            Change::House(house) => self.house = house,
            Change::Spent(row) => {
                let key = (row.day, row.provider.clone(), row.model.clone());
                self.spending.insert(key, row);
            }
            Change::Note(name, Some(value)) => {
                self.notes.insert(name, value);
            }
            Change::Note(name, None) => {
                self.notes.remove(&name);
            }
        }
    }

    pub(super) fn remembered(&self) -> Remembered {
        Remembered {
            house: self.house.clone(),
            zones: self.zones.values().cloned().collect(),
            tasks: self.tasks.values().cloned().collect(),
            outbox: self.outbox.clone(),
            dropping: self.dropping.clone(),
            last_zone: self.last_zone,
            last_task: self.last_task,
            spending: self.recent_spending(),
            notes: self.notes.clone(),
            masks_lost: false,
        }
    }

    fn recent_spending(&self) -> Vec<Spending> {
        let days: BTreeSet<_> = self.spending.keys().map(|(day, ..)| *day).collect();
        let from = days
            .iter()
            .rev()
            .nth(DAYS_REMEMBERED as usize - 1)
            .or(days.first())
            .copied();
        self.spending
            .values()
            .filter(|row| Some(row.day) >= from)
            .cloned()
            .collect()
    }

    pub(super) fn history(&self, zone: ZoneId, since: Timestamp, limit: usize) -> Vec<Reading> {
        let all: Vec<_> = self
            .readings
            .range((zone, since)..=(zone, Timestamp::MAX))
            .map(|(_, reading)| reading.clone())
            .collect();
        all[all.len().saturating_sub(limit)..].to_vec()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_changes_are_remembered_as_the_model_does(
        commits in vec((vec(any_change(), 0..12), any::<bool>()), 1..8),
        since in 0_i64..300,
        limit in 0_u32..5,
    ) {
        let dir = TempDir::new().unwrap();
        let (mut database, remembered) = open(&dir);
        let mut model = Model::of(&remembered);
        for (changes, restart) in commits {
            database.commit(&changes).unwrap();
            for change in &changes {
                model.apply(change);
            }
            if restart {
                database.close();
                let remembered;
                (database, remembered) = open(&dir);
                prop_assert_eq!(remembered, model.remembered());
            }
        }
        // Beside the one that is still open.
        let (database, remembered) = open(&dir);
        prop_assert_eq!(remembered, model.remembered());
        let since = Timestamp::from_second(1_780_000_000 + since * 24 * 3600).unwrap();
        for zone in (1..4).map(ZoneId) {
            prop_assert_eq!(
                database.history(zone, since, limit).unwrap(),
                model.history(zone, since, limit as usize)
            );
        }
    }
}
