//! When a zone is looked at, and what happens around its check.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::task;
use tracing::{info, warn};

use super::{
    CONCURRENT_CHECKS, Engine, Planned,
    check::{self, Done, Job},
};
use crate::{
    domain::{
        check::{CheckError, ErrorClass, Outcome, Trigger},
        health::{Component, Condition},
        household::{Event, dismissed, in_force, interval},
        schedule,
        zone::ZoneId,
    },
    telemetry::labels::Stage,
};

impl Engine {
    pub(super) fn start_due_checks(&mut self) {
        let now = self.parts.clock.now();
        self.queue_what_is_due(now);
        // What waits goes on when the last of them has left.
        let held = self.watching.hold().is_some();
        while self.checking.len() < CONCURRENT_CHECKS && !held {
            let busy = self.checking.values().map(|(zone, _)| *zone).collect();
            let Some((zone, trigger)) = self.queue.pop(&busy) else {
                break;
            };
            self.start_check(zone, trigger, now);
        }
    }

    pub(super) fn enqueue(&mut self, zone: ZoneId, trigger: Trigger) {
        if self.queue.push(zone, trigger) {
            self.parts.metrics.queue_merged();
        }
    }

    fn start_check(&mut self, zone: ZoneId, trigger: Trigger, now: Timestamp) {
        let Some(record) = self.household.zone(zone) else {
            return;
        };
        let max_age = Duration::from_hours(u64::from(self.watching.options.max_age_hours));
        let must_judge = trigger == Trigger::Manual || record.ledger.awaits_confirmation();
        let baseline = self
            .seen
            .get(&zone)
            .and_then(|seen| seen.prints.clone())
            .filter(|(_, at)| {
                Duration::try_from(now.duration_since(*at)).is_ok_and(|age| age < max_age)
            })
            .map(|(prints, _)| prints)
            // A failure in between means nobody knows what happened meanwhile.
            .filter(|_| !must_judge && record.failure.is_none());
        let mut as_judged = in_force(record);
        let no_tasks = dismissed(record, now).map(str::to_owned);
        as_judged.options.ignore.extend(no_tasks);
        let job = Job {
            zone: as_judged,
            trigger,
            known: record.ledger.known(),
            masks: record.state.masks.clone(),
            baseline,
            until: schedule::latest(now, interval(record)),
            taste: self.lessons.taste(zone),
        };
        let bench = Arc::clone(&self.bench);
        let running = self
            .checks
            .spawn(async move { (trigger, check::run(&bench, &job).await) });
        self.checking.insert(running.id(), (zone, running));
    }

    pub(super) async fn check_joined(
        &mut self,
        joined: Result<(task::Id, (Trigger, Done)), task::JoinError>,
    ) {
        let id = joined
            .as_ref()
            .map_or_else(task::JoinError::id, |(id, _)| *id);
        let Some((zone, _)) = self.checking.remove(&id) else {
            return;
        };
        let (trigger, done) = match joined {
            Ok((_, ended)) => ended,
            Err(error) => {
                let sentence = format!("The check broke off ({error}); it is tried again.");
                let class = ErrorClass::Provider;
                (Trigger::Retry, CheckError { class, sentence }.into())
            }
        };
        self.check_ended(zone, trigger, done).await;
    }

    async fn check_ended(&mut self, zone: ZoneId, trigger: Trigger, mut done: Done) {
        let Some(record) = self.household.zone(zone) else {
            return;
        };
        let name = record.zone.options.name.clone();
        let had_failed = record.failure.is_some();
        let begun = std::time::Instant::now();
        let now = self.parts.clock.now();
        self.parts
            .metrics
            .check_ended(&record.zone.options.slug, trigger, &done.outcome);
        match &done.outcome {
            Outcome::Assessed(a) => info!(
                "{name}: {} of 100, {} ({} check, {})",
                a.score.value(),
                a.score.label(),
                trigger.name(),
                a.provider
            ),
            Outcome::Unchanged => info!("{name}: nothing changed, one call saved"),
            Outcome::Failed(e) if had_failed => info!("{name}: still failing. {}", e.sentence),
            Outcome::Failed(e) => warn!("{name}: {}", e.sentence),
        }
        self.note_provider(&done.outcome, now);
        if let Some((prints, pictures)) = done.seen {
            let seen = self.seen.entry(zone).or_default();
            seen.prints = Some((prints, now));
            seen.pictures = pictures;
            seen.impressions = match &mut done.outcome {
                Outcome::Assessed(assessment) => std::mem::take(&mut assessment.impressions),
                Outcome::Unchanged | Outcome::Failed(_) => Vec::new(),
            };
        }
        self.note_calm(zone, trigger, &done.outcome);
        self.plan_next(zone, now);
        let may_fail_over = matches!(&done.outcome, Outcome::Failed(e)
            if matches!(e.class, ErrorClass::Provider | ErrorClass::Budget));
        let scheduled = self.plans.get(&zone).copied();
        self.happened(Event::CheckEnded {
            zone,
            trigger,
            outcome: done.outcome,
        })
        .await;
        if may_fail_over && let Some(scheduled) = scheduled {
            self.wait_for_providers(zone, scheduled);
        }
        self.parts.metrics.stage_took(Stage::Apply, begun.elapsed());
    }

    /// Moves a retry to when somebody can be asked again, which may be only
    /// when the schedule looks anyway.
    fn wait_for_providers(&mut self, zone: ZoneId, scheduled: Planned) {
        let Some(again_at) = self.parts.judge.standing().again_at else {
            return;
        };
        if let Some(plan) = self.plans.get_mut(&zone)
            && plan.trigger == Trigger::Retry
            && plan.at < again_at
        {
            if again_at < scheduled.at {
                plan.at = again_at;
            } else {
                *plan = scheduled;
            }
        }
    }

    fn note_provider(&mut self, outcome: &Outcome, now: Timestamp) {
        let condition = match outcome {
            Outcome::Assessed(_) => Condition::Ok,
            Outcome::Failed(e) if e.class == ErrorClass::Budget => {
                Condition::Off(e.sentence.clone())
            }
            Outcome::Failed(e) if e.class == ErrorClass::Provider => {
                Condition::Degraded(e.sentence.clone())
            }
            _ => return,
        };
        self.health.note(Component::Provider, condition, now);
    }
}
