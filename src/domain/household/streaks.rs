//! Rows of days that ended in order: turned at midnight, noted after every
//! decision, so that nothing which settles a task can forget to say so.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Household;
use crate::domain::{
    effect::{Change, Effect},
    streak::Streak,
    zone::ZoneId,
};

/// Each zone's row, as it is saved.
pub(super) type Streaks = BTreeMap<ZoneId, Option<Streak>>;

impl Household {
    /// Midnight may have passed: what was left to do then decides about the day
    /// before. Gives back the rows as they are saved.
    pub(super) fn turn_streaks(&mut self, now: Timestamp) -> Streaks {
        let today = now.to_zoned(self.tz.clone()).date();
        let mut before = Streaks::new();
        for record in self.zones.values_mut() {
            before.insert(record.zone.id, record.state.streak);
            if let Some(streak) = &mut record.state.streak {
                streak.turn(today);
            }
        }
        before
    }

    /// Notes what is left to do now, and saves the rows that changed.
    pub(super) fn note_streaks(&mut self, before: &Streaks, effects: &mut Vec<Effect>) {
        for record in self.zones.values_mut() {
            let clear = record.ledger.open().next().is_none();
            if let Some(streak) = &mut record.state.streak {
                streak.clear = clear;
            }
            let id = record.zone.id;
            if before
                .get(&id)
                .is_some_and(|old| *old != record.state.streak)
            {
                effects.push(Effect::Save(Change::ZoneState(id, record.state.clone())));
            }
        }
    }
}
