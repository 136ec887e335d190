//! When looks are worth their while: fixed times, quiet hours, what happens
//! in the home, who is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, civil::Time};
use tokio::sync::watch;
use tracing::info;

use super::{Engine, Planned};
use crate::{
    domain::{
        check::{Outcome, Trigger},
        health::{Component, Condition},
        house::HouseOptions,
        household::{LONGEST_SNOOZE, ZoneRecord, interval},
        presence::Presence,
        schedule,
        timing::{self, Calm},
        triggers::Triggers,
        zone::ZoneId,
    },
    ports::States,
};

/// What decides when to look, besides the plans.
pub(super) struct Watching {
    port: Arc<dyn States>,
    pub(super) options: HouseOptions,
    triggers: Triggers,
    presence: Presence,
    /// Why no picture may be taken, for the checks under way.
    hold: watch::Sender<Option<String>>,
    /// The times of each zone, and the last of them that had its look.
    served: BTreeMap<ZoneId, (Vec<Time>, Timestamp)>,
    calm: BTreeMap<ZoneId, Calm>,
}

/// The end of a zone's snooze, at least `now`. One that lies further ahead
/// than anybody can ask for was dated by a wrong clock.
fn rests_until(record: &ZoneRecord, now: Timestamp) -> Timestamp {
    let longest = SignedDuration::from_mins(i64::from(LONGEST_SNOOZE));
    let until = record.state.snoozed_until;
    until
        .filter(|until| until.duration_since(now) <= longest)
        .map_or(now, |until| until.max(now))
}

impl Watching {
    pub(super) fn new(port: Arc<dyn States>, hold: watch::Sender<Option<String>>) -> Self {
        Self {
            port,
            options: HouseOptions::default(),
            triggers: Triggers::default(),
            presence: Presence::default(),
            hold,
            served: BTreeMap::new(),
            calm: BTreeMap::new(),
        }
    }

    /// Why no picture may be taken now.
    pub(super) fn hold(&self) -> Option<String> {
        self.hold.borrow().clone()
    }
}

impl Engine {
    /// Takes the options over: of the household, and of the zones it has now.
    pub(super) fn watch_for(&mut self, options: HouseOptions, now: Timestamp) {
        let watching = &mut self.watching;
        let zones = || {
            self.household
                .zones()
                .map(|z| (z.zone.id, &z.zone.options.timing))
        };
        watching.triggers.configure(zones());
        watching.presence.configure(&options.pause_when_home);
        watching.options = options;
        let mut served = std::mem::take(&mut watching.served);
        watching.served = zones()
            .map(|(zone, timing)| {
                // Other times begin now: what they would have been today is past.
                let kept = served
                    .remove(&zone)
                    .filter(|(times, _)| *times == timing.times);
                (zone, kept.unwrap_or_else(|| (timing.times.clone(), now)))
            })
            .collect();
        watching
            .calm
            .retain(|zone, _| watching.served.contains_key(zone));
        let mut entities: BTreeSet<String> = watching.triggers.entities();
        entities.extend(watching.presence.entities().cloned());
        watching.port.watch(entities);
        self.presence_changed();
    }

    pub(super) fn state_seen(&mut self, entity: &str, state: &str) {
        let now = self.parts.clock.now();
        self.watching.triggers.seen(entity, state, now);
        self.watching.presence.seen(entity, state);
        self.presence_changed();
    }

    /// Somebody came or went, or Home Assistant did.
    pub(super) fn presence_changed(&mut self) {
        let link = self.health.get(Component::HomeAssistant);
        let in_touch = link.is_some_and(|(condition, _)| *condition == Condition::Ok);
        let hold = self.watching.presence.hold(in_touch);
        self.watching.hold.send_if_modified(|old| {
            if old.is_some() != hold.is_some() {
                let back = "Nobody is at home whom a picture could show; checks go on.";
                info!("{}", hold.as_deref().unwrap_or(back));
            }
            let changed = *old != hold;
            *old = hold;
            changed
        });
    }

    /// The earliest moment at or after `at` at which the zone may be looked at
    /// without being asked for.
    pub(super) fn not_before(&self, at: Timestamp) -> Timestamp {
        let quiet = self.watching.options.quiet_hours;
        quiet.map_or(at, |quiet| quiet.end(at, &self.parts.tz))
    }

    /// The zone's next look at a fixed time; past if it is due.
    fn fixed_time(&self, record: &ZoneRecord, now: Timestamp) -> Option<Timestamp> {
        let id = record.zone.id;
        let (times, served) = self.watching.served.get(&id)?;
        let at = timing::next_time(times, *served, now, &self.parts.tz)?;
        let minutes = self.watching.options.random_offset_minutes;
        Some(timing::with_offset(at, id, minutes))
    }

    /// When the zone is looked at next, unasked.
    pub(super) fn next_look(&self, record: &ZoneRecord, now: Timestamp) -> Option<Timestamp> {
        let planned = self.plans.get(&record.zone.id).map(|plan| plan.at);
        let next = planned
            .into_iter()
            .chain(self.fixed_time(record, now))
            .min();
        next.map(|at| self.not_before(at.max(rests_until(record, now))))
    }

    /// Puts the zones that are to be looked at now into the queue.
    pub(super) fn queue_what_is_due(&mut self, now: Timestamp) {
        for zone in self.watching.triggers.take_due(now) {
            if self.is_watched(zone) {
                // In quiet hours it waits for their end.
                let trigger = Trigger::Event;
                self.plans.insert(zone, Planned { at: now, trigger });
            }
        }
        if self.not_before(now) > now {
            return;
        }
        // The zone, why, and whether its plan is among the reasons.
        let mut due: Vec<(ZoneId, Trigger, bool)> = Vec::new();
        for record in self.household.zones() {
            let zone = record.zone.id;
            if !self.is_watched(zone) || rests_until(record, now) > now {
                continue;
            }
            let longest = interval(record).saturating_mul(3);
            let plan = self
                .plans
                .get(&zone)
                .filter(|plan| schedule::is_due(plan.at, now, longest));
            let timed = self.fixed_time(record, now).filter(|at| *at <= now);
            let trigger = plan
                .map(|plan| plan.trigger)
                .max(timed.map(|_| Trigger::Schedule));
            due.extend(trigger.map(|trigger| (zone, trigger, plan.is_some())));
        }
        for (zone, trigger, planned) in due {
            if planned {
                self.plans.remove(&zone);
            }
            // A look for one reason is a look for every other that is due.
            if let Some((times, served)) = self.watching.served.get_mut(&zone) {
                *served = timing::last_due(times, *served, now, &self.parts.tz);
            }
            self.enqueue(zone, trigger);
        }
    }

    /// Notes whether a look that nobody asked for was worth it.
    pub(super) fn note_calm(&mut self, zone: ZoneId, trigger: Trigger, outcome: &Outcome) {
        let unchanged = match outcome {
            Outcome::Unchanged => true,
            Outcome::Assessed(_) => false,
            Outcome::Failed(_) => return,
        };
        if matches!(trigger, Trigger::Schedule | Trigger::Event) {
            let calm = self.watching.calm.entry(zone).or_default();
            *calm = timing::calmer(*calm, unchanged);
        }
    }

    /// Minutes until the next scheduled look; `None`: at fixed times only.
    fn scheduled_minutes(&self, record: &ZoneRecord) -> Option<u32> {
        let timing = &record.zone.options.timing;
        if timing.at_times_only && record.state.interval.is_none() {
            return None;
        }
        let minutes = interval(record);
        let calm = self.watching.calm.get(&record.zone.id).copied();
        let adaptive = self.watching.options.adaptive_interval;
        Some(
            calm.filter(|_| adaptive)
                .map_or(minutes, |calm| timing::adapted(minutes, calm)),
        )
    }

    pub(super) fn plan_next(&mut self, zone: ZoneId, now: Timestamp) {
        let Some(record) = self.household.zone(zone) else {
            return;
        };
        match self.scheduled_minutes(record) {
            Some(minutes) => {
                let at = schedule::next(zone, now, minutes);
                let trigger = Trigger::Schedule;
                self.plans.insert(zone, Planned { at, trigger });
            }
            None => {
                self.plans.remove(&zone);
            }
        }
    }

    pub(super) fn next_wake(&self) -> Timestamp {
        let now = self.parts.clock.now();
        let looks = self
            .household
            .zones()
            .filter(|record| self.is_watched(record.zone.id))
            .filter_map(|record| self.next_look(record, now));
        looks
            .chain(self.watching.triggers.next())
            .min()
            .unwrap_or(Timestamp::MAX)
    }
}
