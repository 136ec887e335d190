//! Checks that wait: at most one per zone, the most urgent first.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{check::Trigger, zone::ZoneId};

/// Bounded by the number of zones, whatever the event rate.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: BTreeMap<ZoneId, Waiting>,
    arrivals: u64,
}

#[derive(Debug)]
struct Waiting {
    trigger: Trigger,
    arrived: u64,
}

impl Queue {
    /// Adds a check. If the zone has one waiting they become one, with the
    /// higher priority and the older place; `true` then.
    pub fn push(&mut self, zone: ZoneId, trigger: Trigger) -> bool {
        self.arrivals += 1;
        let arrived = self.arrivals;
        let mut merged = true;
        self.waiting
            .entry(zone)
            .and_modify(|w| w.trigger = w.trigger.max(trigger))
            .or_insert_with(|| {
                merged = false;
                Waiting { trigger, arrived }
            });
        merged
    }

    /// Takes the most urgent check of a zone that is not `busy`; among equals
    /// the one that waits longest.
    pub fn pop(&mut self, busy: &BTreeSet<ZoneId>) -> Option<(ZoneId, Trigger)> {
        let zone = self
            .waiting
            .iter()
            .filter(|(zone, _)| !busy.contains(zone))
            .max_by_key(|(_, w)| (w.trigger, std::cmp::Reverse(w.arrived)))
            .map(|(zone, _)| *zone)?;
        self.waiting.remove(&zone).map(|w| (zone, w.trigger))
    }

    pub fn contains(&self, zone: ZoneId) -> bool {
        self.waiting.contains_key(&zone)
    }

    /// Drops checks of zones that are gone, and gives back how many.
    pub fn retain(&mut self, keep: impl Fn(ZoneId) -> bool) -> usize {
        let before = self.waiting.len();
        self.waiting.retain(|zone, _| keep(*zone));
        before - self.waiting.len()
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: BTreeSet<ZoneId> = BTreeSet::new();

    #[test]
    fn a_manual_check_overtakes_and_keeps_its_rank_when_merged() {
        let mut queue = Queue::default();
        assert!(!queue.push(ZoneId(1), Trigger::Schedule));
        assert!(!queue.push(ZoneId(2), Trigger::Event));
        assert!(queue.push(ZoneId(1), Trigger::Manual));
        assert!(queue.push(ZoneId(1), Trigger::Schedule));
        assert_eq!(queue.len(), 2);
        assert_eq!(queue.pop(&NONE), Some((ZoneId(1), Trigger::Manual)));
        assert_eq!(queue.pop(&NONE), Some((ZoneId(2), Trigger::Event)));
        assert_eq!(queue.pop(&NONE), None);
    }

    #[test]
    fn equals_go_in_order_of_arrival_and_busy_zones_wait() {
        let mut queue = Queue::default();
        for zone in [3, 1, 2] {
            queue.push(ZoneId(zone), Trigger::Schedule);
        }
        let busy = BTreeSet::from([ZoneId(3)]);
        assert_eq!(queue.pop(&busy), Some((ZoneId(1), Trigger::Schedule)));
        assert_eq!(queue.pop(&NONE), Some((ZoneId(3), Trigger::Schedule)));
        assert_eq!(queue.pop(&busy), Some((ZoneId(2), Trigger::Schedule)));
    }

    #[test]
    fn a_storm_of_events_takes_no_memory() {
        let mut queue = Queue::default();
        for n in 0..100_000 {
            queue.push(ZoneId(n % 7), Trigger::Event);
        }
        assert_eq!(queue.len(), 7);
        assert_eq!(queue.retain(|zone| zone.0 < 2), 5);
    }
}
