//! What a person or an automation asks for, other than by a to-do list.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Household;
use crate::domain::{
    command::Command,
    effect::{Change, Effect, Override, ZoneState},
    ledger::{Changes, Ledger},
    task::{Task, TaskId},
    zone::{ZoneId, ZoneOptions},
};

/// Minutes a zone can be snoozed for: a week.
pub const LONGEST_SNOOZE: u32 = 7 * 24 * 60;

impl Household {
    pub(super) fn command(&mut self, command: &Command, now: Timestamp, effects: &mut Vec<Effect>) {
        match *command {
            // The engine runs checks, keeps pictures and lessons; being asked for them changes nothing.
            Command::CheckNow(_)
            | Command::CheckAll
            | Command::ThisIsClean(_)
            | Command::ForgetClean(_)
            | Command::Teach(..)
            | Command::Unteach(_)
            | Command::ForgetLessons(_) => {}
            Command::Mask(zone, ref masks) => {
                self.set_zone(zone, effects, |state, _| state.masks = masks.clone());
            }
            Command::SetEnabled(on) => {
                self.state.enabled = on;
                effects.push(Effect::Save(Change::House(self.state.clone())));
            }
            Command::SetMonitoring(zone, on) => {
                self.set_zone(zone, effects, |state, _| state.monitoring = on);
            }
            Command::SetInterval(zone, minutes) => {
                self.set_zone(zone, effects, |state, options| {
                    state.interval = Some(Override {
                        value: minutes.clamp(1, 1440),
                        replaced: options.interval_minutes,
                    });
                });
            }
            Command::SetPickiness(zone, pickiness) => {
                self.set_zone(zone, effects, |state, options| {
                    state.pickiness = Some(Override {
                        value: u32::from(pickiness.clamp(1, 5)),
                        replaced: u32::from(options.pickiness),
                    });
                });
            }
            Command::Snooze(zone, minutes) => {
                self.set_zone(zone, effects, |state, _| {
                    let minutes = minutes.min(LONGEST_SNOOZE);
                    let until = SignedDuration::from_mins(i64::from(minutes));
                    state.snoozed_until =
                        (minutes > 0).then(|| now.checked_add(until).ok()).flatten();
                    state.snoozed_for = state.snoozed_until.map(|_| minutes);
                });
            }
            Command::AddRule(zone, ref text, from) => {
                self.add_rule(zone, text, from, now, effects);
            }
            Command::ForgetRule(zone, ref text) => self.forget_rule(zone, text, effects),
            Command::MarkAllDone(zone) => {
                let open: Vec<TaskId> = self
                    .zone(zone)
                    .map(|z| z.ledger.open().map(|t| t.id).collect())
                    .unwrap_or_default();
                for task in open {
                    self.person_settles(task, effects, |ledger| ledger.tick(task, now));
                }
            }
            Command::TaskDone(task) => {
                self.person_settles(task, effects, |ledger| ledger.tick(task, now));
            }
            Command::DismissTask(task) => {
                self.person_settles(task, effects, |ledger| ledger.dismiss(task, now));
            }
        }
    }

    pub(super) fn set_zone(
        &mut self,
        id: ZoneId,
        effects: &mut Vec<Effect>,
        set: impl FnOnce(&mut ZoneState, &ZoneOptions),
    ) {
        if let Some(record) = self.zones.get_mut(&id).filter(|z| z.active) {
            set(&mut record.state, &record.zone.options);
            effects.push(Effect::Save(Change::ZoneState(id, record.state.clone())));
        }
    }

    /// A person settled a task elsewhere than on the list: the list follows.
    fn person_settles(
        &mut self,
        task: TaskId,
        effects: &mut Vec<Effect>,
        settle: impl FnOnce(&mut Ledger) -> bool,
    ) {
        let found = self
            .zones
            .values_mut()
            .find(|z| z.ledger.get(task).is_some_and(Task::is_open));
        if let Some(record) = found
            && settle(&mut record.ledger)
        {
            let zone = record.zone.id;
            let changes = Changes {
                touched: BTreeSet::from([task]),
                relist: vec![task],
                ..Changes::default()
            };
            self.carry_out(zone, changes, effects);
        }
    }
}
