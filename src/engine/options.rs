//! Options that change while the service runs: what goes on, what begins anew,
//! what ends.

use std::{collections::BTreeMap, sync::Arc};

use super::{Bench, Engine, Planned};
use crate::{
    domain::{
        check::Trigger,
        health::{Component, Condition},
        household::{Event, interval},
        schedule,
        zone::{ZoneId, ZoneOptions},
    },
    ports::{Judge, NewOptions},
};

impl Engine {
    pub(super) async fn options_changed(&mut self, new: NewOptions) {
        let now = self.parts.clock.now();
        let before: BTreeMap<ZoneId, (ZoneOptions, u32)> = self
            .household
            .zones()
            .map(|z| (z.zone.id, (z.zone.options.clone(), interval(z))))
            .collect();
        let settings = condition(&new.problems, new.zones.is_empty());
        self.health.note(Component::Settings, settings, now);
        self.problems = new.problems;
        if let Some(judge) = new.judge {
            self.judge_with(judge);
        }
        self.happened(Event::Configured {
            zones: new.zones,
            complete: new.complete,
        })
        .await;

        let gone = |zone: ZoneId| self.household.zone(zone).is_none();
        self.plans.retain(|zone, _| !gone(*zone));
        self.seen.retain(|zone, _| !gone(*zone));
        let dropped = self.queue.retain(|zone| !gone(zone));
        self.parts.metrics.queue_dropped(dropped);
        let now_there: Vec<_> = self
            .household
            .zones()
            .map(|z| (z.zone.id, z.zone.options.clone(), interval(z)))
            .collect();
        let mut first_looks = 0;
        for (zone, options, interval) in now_there {
            match before.get(&zone) {
                Some((old, _)) if old.cameras != options.cameras => {
                    // What the old cameras showed says nothing about the new ones.
                    self.seen.remove(&zone);
                    self.look_soon(zone, &mut first_looks);
                }
                Some((old, minutes)) if *minutes != interval || old.timing != options.timing => {
                    self.plan_next(zone, now);
                }
                Some(_) => {}
                None => self.look_soon(zone, &mut first_looks),
            }
        }
        self.watch_for(new.house, now);
        self.lists.watch(&self.household);
    }

    fn look_soon(&mut self, zone: ZoneId, position: &mut usize) {
        let at = schedule::first(*position, self.parts.clock.now());
        let trigger = Trigger::Startup;
        self.plans.insert(zone, Planned { at, trigger });
        *position += 1;
    }

    /// Checks that run end with the judge they began with.
    fn judge_with(&mut self, judge: Arc<dyn Judge>) {
        let now = self.parts.clock.now();
        self.health.note(Component::Provider, Condition::Ok, now);
        self.bench = Arc::new(Bench {
            camera: Arc::clone(&self.bench.camera),
            judge: Arc::clone(&judge),
            metrics: self.bench.metrics.clone(),
            decoding: Arc::clone(&self.bench.decoding),
            hold: self.bench.hold.clone(),
            references: Arc::clone(&self.bench.references),
        });
        self.parts.judge = judge;
    }
}

pub(super) fn condition(problems: &[String], no_zones: bool) -> Condition {
    match problems {
        [] if no_zones => {
            Condition::Off("No zone is set up yet; name a camera in the options to begin.".into())
        }
        [] => Condition::Ok,
        [one] => Condition::Degraded(one.clone()),
        [first, rest @ ..] => Condition::Degraded(format!("{first} (and {} more)", rest.len())),
    }
}
