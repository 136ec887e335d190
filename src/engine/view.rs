//! What the world sees of the engine.

use std::sync::Arc;

use jiff::Timestamp;

use super::Engine;
use crate::domain::{
    check::ErrorClass,
    degraded::{self, Told},
    health::{Component, Condition, Health},
    household::{ZoneRecord, interval, pickiness},
    standing::Standing,
    task::Task,
    timing::tomorrow,
    view::{ReadingView, View, ZoneStatus, ZoneView},
};

impl Engine {
    /// Shows the world how things are now.
    pub(super) fn show(&self) {
        let state = &self.household.state;
        let judge = self.parts.judge.standing();
        let view = View {
            started: self.started,
            enabled: state.enabled,
            health: self.health.clone(),
            degraded: self.degraded(&judge),
            config_problems: self.problems.clone(),
            unused_options: self.unused_options.clone(),
            provider: judge.provider.clone(),
            calls_today: judge.calls_today,
            judge,
            saved_today: state.saved,
            queue: self.queue.len() + self.checking.len(),
            error_rate: match state.checks {
                0 => 0.0,
                checks => state.failures as f32 / checks as f32 * 100.0,
            },
            memory_mib: self.memory_mib,
            zones: self.household.zones().map(|z| self.zone(z)).collect(),
        };
        self.view.send_replace(Arc::new(view));
    }

    /// The log and the page speak English, and so does this.
    fn degraded(&self, judge: &Standing) -> Option<Told> {
        let now = self.parts.clock.now();
        let again_at = self.budget_begins(now).or(judge.again_at);
        let parts = self.health.iter();
        let parts = parts.map(|(part, condition, since)| (part, condition, Some(since)));
        let found = degraded::degraded(parts, again_at)?;
        Some(found.told("en", now, &self.parts.tz))
    }

    /// When checks go on after a spent budget, if it is spent and that is to come.
    fn budget_begins(&self, now: Timestamp) -> Option<Timestamp> {
        let provider = self.health.get(Component::Provider);
        let (_, since) = provider.filter(|(is, _)| matches!(is, Condition::Off(_)))?;
        let begins = self.not_before(tomorrow(*since, &self.parts.tz)?);
        Some(begins).filter(|at| *at > now)
    }

    fn zone(&self, record: &ZoneRecord) -> ZoneView {
        let id = record.zone.id;
        let now = self.parts.clock.now();
        let today = now.to_zoned(self.parts.tz.clone()).date();
        let list = record.zone.options.todo_list.as_ref();
        let failure = record
            .failure
            .as_ref()
            .filter(|(class, ..)| *class != ErrorClass::Paused)
            .map(|(_, sentence, since)| (sentence.clone(), *since));
        let trouble = list.and_then(|list| self.lists.trouble(list));
        let mut tasks: Vec<Task> = record.ledger.open().cloned().collect();
        tasks.sort_by_key(|t| (t.first_seen, t.id));
        ZoneView {
            zone: record.zone.clone(),
            status: self.status(record),
            monitoring: record.state.monitoring,
            interval_minutes: interval(record),
            pickiness: pickiness(record),
            snooze: record
                .state
                .snoozed_until
                .filter(|until| *until > now)
                .map(|until| {
                    let minutes = until.duration_since(now).as_mins();
                    let for_minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
                    (until, record.state.snoozed_for.unwrap_or(for_minutes))
                }),
            rules: record.state.rules.clone(),
            streak_days: record.state.streak.map(|streak| streak.shown(today)),
            reading: record.state.last.as_ref().map(|last| ReadingView {
                at: last.reading.at,
                score: last.reading.score,
                label: last.reading.score.label(),
                summary: last.summary.clone(),
                confidence: last.reading.confidence,
                provider: last.reading.provider.clone(),
                method: last.method.clone(),
                old: record.failure.is_some(),
            }),
            needs_cleaning: record.state.needs_cleaning,
            tasks,
            last_check: record.state.last_check,
            next_check: Some(record)
                .filter(|_| self.is_watched(id) && self.watching.hold().is_none())
                .and_then(|record| self.next_look(record, now)),
            problem: failure.or(trouble),
            snapshot: self
                .seen
                .get(&id)
                .and_then(|seen| seen.pictures.first().cloned()),
            clean_pictures: self.bench.references.count(id),
            masks: record.state.masks.clone(),
            lessons: self.lessons.count(id),
        }
    }

    fn status(&self, record: &ZoneRecord) -> ZoneStatus {
        let id = record.zone.id;
        if self.checking.values().any(|(zone, _)| *zone == id) {
            return ZoneStatus::Checking;
        }
        if self.watching.hold().is_some() && self.is_watched(id) {
            return ZoneStatus::Paused;
        }
        if self.queue.contains(id) {
            return ZoneStatus::Queued;
        }
        if !self.is_watched(id) {
            return ZoneStatus::Off;
        }
        match &record.failure {
            Some((ErrorClass::Paused | ErrorClass::Budget, ..)) => ZoneStatus::Paused,
            Some(_) => ZoneStatus::Failed,
            None => ZoneStatus::Waiting,
        }
    }
}

/// The view before the engine has shown one.
pub fn nothing_yet(started: Timestamp, judge: Standing) -> View {
    View {
        started,
        enabled: true,
        health: Health::default(),
        degraded: None,
        config_problems: Vec::new(),
        unused_options: None,
        provider: judge.provider.clone(),
        calls_today: judge.calls_today,
        judge,
        saved_today: 0,
        queue: 0,
        error_rate: 0.0,
        memory_mib: 0.0,
        zones: Vec::new(),
    }
}
