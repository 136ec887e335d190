//! What the end of a check does to a zone, its tasks and the day's counters.

use jiff::{SignedDuration, Timestamp};

use super::{Household, interval, rules_of};
use crate::domain::{
    check::{ErrorClass, Outcome, Reading, Trigger},
    effect::{Change, Effect, HouseState, LastReading},
    ledger::Changes,
    schedule,
    streak::Streak,
    task::TaskId,
    zone::ZoneId,
};

/// After how long an item that went astray is added anew, if its mess is still seen.
const ASTRAY_FOR: SignedDuration = SignedDuration::from_hours(1);

impl Household {
    pub(super) fn check_ended(
        &mut self,
        id: ZoneId,
        trigger: Trigger,
        outcome: Outcome,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.count(&outcome, now, effects);
        let today = now.to_zoned(self.tz.clone()).date();
        let last_task = &mut self.last_task;
        let Some(record) = self.zones.get_mut(&id).filter(|z| z.active) else {
            return;
        };
        record.state.last_check = Some(now);
        let mut changes = Changes::default();
        match outcome {
            Outcome::Assessed(answer) => {
                record.failure = None;
                record.failures = 0;
                let rules = rules_of(record);
                changes = record.ledger.read(id, &answer, &rules, now, || {
                    *last_task += 1;
                    TaskId(*last_task)
                });
                let state = &mut record.state;
                let streak = state.streak.get_or_insert_with(|| Streak::begun(today));
                streak.looked = true;
                state.needs_cleaning = Some(answer.score.needs_cleaning(state.needs_cleaning));
                let reading = Reading {
                    zone: id,
                    at: now,
                    score: answer.score,
                    confidence: answer.confidence,
                    provider: answer.provider,
                    open_tasks: record.ledger.open().count() as u32,
                };
                effects.push(Effect::Save(Change::Reading(reading.clone())));
                state.last = Some(LastReading {
                    reading,
                    summary: answer.summary,
                    method: answer.method,
                });
                // One follow-up; if that leaves something open, the schedule goes on.
                if trigger != Trigger::Confirm && record.ledger.awaits_confirmation() {
                    let at = schedule::confirmation(id, now);
                    effects.push(Effect::WakeAt(id, at, Trigger::Confirm));
                }
            }
            Outcome::Unchanged => {
                record.failure = None;
                record.failures = 0;
                if let Some(streak) = &mut record.state.streak {
                    streak.looked = true;
                }
            }
            Outcome::Failed(error) => {
                record.failures = record.failures.saturating_add(1);
                let since = record.failure.as_ref().map_or(now, |(_, _, since)| *since);
                record.failure = Some((error.class, error.sentence, since));
                let at = schedule::retry(id, now, record.failures, interval(record));
                effects.push(Effect::WakeAt(id, at, Trigger::Retry));
            }
        }
        effects.push(Effect::Save(Change::ZoneState(id, record.state.clone())));
        let astray = self.found_astray(now, &changes);
        changes.relist.extend(astray);
        self.carry_out(id, changes, effects);
    }

    /// Tasks whose item went astray long ago and whose mess this reading saw:
    /// they get a new item.
    fn found_astray(&mut self, now: Timestamp, changes: &Changes) -> Vec<TaskId> {
        // A clock that was set back must not keep them away until it catches up.
        for since in self.astray.values_mut() {
            *since = (*since).min(now);
        }
        let found: Vec<TaskId> = changes
            .touched
            .iter()
            .copied()
            .filter(|id| {
                self.astray
                    .get(id)
                    .is_some_and(|since| now.duration_since(*since) > ASTRAY_FOR)
            })
            .collect();
        // Its uid stays known: should it stand there after all, it is found.
        for id in &found {
            self.astray.remove(id);
        }
        found
    }

    fn count(&mut self, outcome: &Outcome, now: Timestamp, effects: &mut Vec<Effect>) {
        let today = now.to_zoned(self.tz.clone()).date();
        if self.state.day != Some(today) {
            self.state = HouseState {
                enabled: self.state.enabled,
                day: Some(today),
                ..HouseState::default()
            };
        }
        match outcome {
            Outcome::Assessed(_) => self.state.calls += 1,
            Outcome::Unchanged => self.state.saved += 1,
            // Home Assistant's restart is no fault of a check.
            Outcome::Failed(e) if e.class == ErrorClass::Paused => return,
            // A spent budget neither; no check took place.
            Outcome::Failed(e) if e.class == ErrorClass::Budget => return,
            Outcome::Failed(_) => self.state.failures += 1,
        }
        self.state.checks += 1;
        effects.push(Effect::Save(Change::House(self.state.clone())));
    }
}
