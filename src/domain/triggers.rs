//! What in the home makes a look worthwhile: a door closes, nobody moves for
//! ten minutes, the vacuum docks.
//!
//! A trigger goes off once when its state begins and has held for the zone's
//! delay. A state that was already there when we first saw it is no event; one
//! that began while Home Assistant was away is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{timing::Timing, zone::ZoneId};

/// Follows the states of entities for all zones. Bounded by the options: as
/// many entities and waits as there are triggers.
#[derive(Debug, Clone, Default)]
pub struct Triggers {
    rules: Vec<Rule>,
    /// The last state of each entity that is part of a rule.
    states: BTreeMap<String, String>,
    /// Rules whose state has begun, by their place, and since when.
    begun: BTreeMap<usize, Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    zone: ZoneId,
    entity: String,
    state: String,
    delay: SignedDuration,
}

impl Triggers {
    /// Takes the zones of the options over. What waited and is still wanted goes on.
    pub fn configure<'a>(&mut self, zones: impl Iterator<Item = (ZoneId, &'a Timing)>) {
        let rules: Vec<Rule> = zones
            .flat_map(|(zone, timing)| {
                let minutes = i64::from(timing.trigger_delay_minutes);
                timing.triggers.iter().map(move |wanted| Rule {
                    zone,
                    entity: wanted.entity.clone(),
                    state: wanted.state.clone(),
                    delay: SignedDuration::from_mins(minutes),
                })
            })
            .collect();
        let old = std::mem::replace(&mut self.rules, rules);
        self.begun = std::mem::take(&mut self.begun)
            .into_iter()
            .filter_map(|(place, since)| {
                let same = |rule: &Rule| *rule == old[place];
                Some((self.rules.iter().position(same)?, since))
            })
            .collect();
        let wanted = self.entities();
        self.states.retain(|entity, _| wanted.contains(entity));
    }

    /// The entities to be told about.
    pub fn entities(&self) -> BTreeSet<String> {
        self.rules.iter().map(|rule| rule.entity.clone()).collect()
    }

    /// An entity is in a state now. One that is unavailable says nothing.
    pub fn seen(&mut self, entity: &str, state: &str, now: Timestamp) {
        if matches!(state, "unavailable" | "unknown") || !self.is_wanted(entity) {
            return;
        }
        let before = self.states.insert(entity.to_owned(), state.to_owned());
        if before.as_deref() == Some(state) {
            return;
        }
        for (place, rule) in self.rules.iter().enumerate() {
            if rule.entity != entity {
                continue;
            }
            if rule.state == state && before.is_some() {
                self.begun.insert(place, now);
            } else {
                self.begun.remove(&place);
            }
        }
    }

    fn is_wanted(&self, entity: &str) -> bool {
        self.rules.iter().any(|rule| rule.entity == entity)
    }

    /// The next moment at which a trigger goes off.
    pub fn next(&self) -> Option<Timestamp> {
        self.begun
            .iter()
            .map(|(place, since)| later(*since, self.rules[*place].delay))
            .min()
    }

    /// Takes the zones whose triggers go off now.
    pub fn take_due(&mut self, now: Timestamp) -> BTreeSet<ZoneId> {
        let mut zones = BTreeSet::new();
        let rules = &self.rules;
        self.begun.retain(|place, since| {
            let rule = &rules[*place];
            // A clock set back does not make anyone wait longer than the delay.
            *since = (*since).min(now);
            let due = later(*since, rule.delay) <= now;
            if due {
                zones.insert(rule.zone);
            }
            !due
        });
        zones
    }
}

fn later(since: Timestamp, delay: SignedDuration) -> Timestamp {
    since.checked_add(delay).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timing::EntityState;

    const DOOR: &str = "binary_sensor.door";

    fn timing(delay: u32) -> Timing {
        Timing {
            triggers: vec![EntityState {
                entity: DOOR.into(),
                state: "off".into(),
            }],
            trigger_delay_minutes: delay,
            ..Timing::default()
        }
    }

    fn triggers(delay: u32) -> Triggers {
        let mut triggers = Triggers::default();
        triggers.configure([(ZoneId(1), &timing(delay))].into_iter());
        triggers
    }

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn kitchen() -> BTreeSet<ZoneId> {
        BTreeSet::from([ZoneId(1)])
    }

    #[test]
    fn a_state_that_begins_goes_off_once_after_its_delay() {
        let mut triggers = triggers(10);
        triggers.seen(DOOR, "off", minute(0));
        assert_eq!(triggers.next(), None, "it was like that before");
        triggers.seen(DOOR, "on", minute(1));
        triggers.seen(DOOR, "off", minute(2));
        // Told again (an attribute changed, a reconnect): the same state.
        triggers.seen(DOOR, "off", minute(5));
        assert!(triggers.take_due(minute(11)).is_empty());
        assert_eq!(triggers.next(), Some(minute(12)));
        assert_eq!(triggers.take_due(minute(12)), kitchen());
        assert!(triggers.take_due(minute(60)).is_empty());
    }

    #[test]
    fn a_state_that_does_not_hold_does_not_count() {
        let mut triggers = triggers(10);
        triggers.seen(DOOR, "on", minute(0));
        triggers.seen(DOOR, "off", minute(1));
        triggers.seen(DOOR, "on", minute(9));
        assert_eq!(triggers.next(), None);
        assert!(triggers.take_due(minute(60)).is_empty());
    }

    #[test]
    fn unavailable_is_no_state_and_what_happened_meanwhile_is_seen() {
        let mut triggers = triggers(0);
        triggers.seen(DOOR, "unavailable", minute(0));
        triggers.seen(DOOR, "on", minute(1));
        triggers.seen(DOOR, "unavailable", minute(2));
        triggers.seen(DOOR, "off", minute(9));
        assert_eq!(triggers.take_due(minute(9)), kitchen());
        triggers.seen(DOOR, "unknown", minute(10));
        triggers.seen(DOOR, "off", minute(11));
        assert!(triggers.take_due(minute(11)).is_empty());
    }

    #[test]
    fn new_options_keep_what_waits_and_is_still_wanted() {
        let mut triggers = triggers(10);
        triggers.seen(DOOR, "on", minute(0));
        triggers.seen(DOOR, "off", minute(1));
        let (other, same) = (timing(5), timing(10));
        triggers.configure([(ZoneId(7), &other), (ZoneId(1), &same)].into_iter());
        assert_eq!(triggers.take_due(minute(11)), kitchen());
        triggers.configure(std::iter::empty());
        assert_eq!(triggers.entities(), BTreeSet::new());
        triggers.seen("sensor.other", "1", minute(12));
        assert_eq!(triggers.next(), None);
    }

    #[test]
    fn a_clock_set_back_does_not_hold_a_trigger_up() {
        let mut triggers = triggers(10);
        triggers.seen(DOOR, "on", minute(1000));
        triggers.seen(DOOR, "off", minute(1001));
        assert!(triggers.take_due(minute(0)).is_empty());
        assert_eq!(triggers.take_due(minute(10)), kitchen());
    }
}
