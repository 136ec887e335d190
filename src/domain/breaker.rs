//! The circuit of one provider and model: when it is not asked, why, and until
//! when. Pure in `now`; the one probe after a wait is a lease, so that a check
//! that is dropped midway blocks nobody for long.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    backoff::jittered,
    provider::{Class, Failure},
};

/// Faults in a row that open the circuit.
const FAULTS: u32 = 3;
/// First and longest time it then stays open; doubled each time the probe fails.
const FIRST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_mins(30);
/// Without a stated wait: how long a limit of requests per minute holds, doubled each time.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// Without a stated reset: when money or quota is looked for again.
const MONEY: Duration = Duration::from_hours(6);
/// When a missing or blind model is looked for again; somebody may have pulled it.
const MODEL: Duration = Duration::from_hours(1);
/// Nobody states a longer wait than this and means it.
const MOST: SignedDuration = SignedDuration::from_hours(32 * 24);
/// How long a call may go on after nobody waits for it.
const IN_DOUBT: SignedDuration = SignedDuration::from_mins(5);
/// A probe that has not come back by then was dropped.
const LEASE: SignedDuration = SignedDuration::from_mins(20);
/// A clock is set right by less all the time; a step back by more makes every
/// wait that was counted from before it meaningless.
const SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// Why a provider is not asked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub class: Class,
    pub sentence: String,
    /// When it is tried again; `None`: not before the options change or
    /// somebody tests it.
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, Default)]
enum Circuit {
    /// Asked.
    #[default]
    Closed,
    /// Not asked since a moment.
    Open(Closed, Timestamp),
    /// One check finds out; its lease is counted from that moment.
    Probing(Closed, Timestamp),
}

/// The circuit and what led to it.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    circuit: Circuit,
    /// Faults in a row.
    faults: u32,
    /// Times in a row that it opened.
    openings: u32,
}

impl Breaker {
    /// Lets a call through or says why not. After an open circuit's wait
    /// exactly one call is let through; its outcome decides.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Closed> {
        match &self.circuit {
            Circuit::Closed => return Ok(()),
            Circuit::Open(why, since) => {
                if !is_over(why.until, *since, now) {
                    return Err(why.clone());
                }
                self.circuit = Circuit::Probing(why.clone(), now);
            }
            Circuit::Probing(why, since) => {
                let until = Some(later(*since, LEASE));
                if !is_over(until, *since, now) {
                    return Err(Closed {
                        until,
                        ..why.clone()
                    });
                }
                self.circuit = Circuit::Probing(why.clone(), now);
            }
        }
        Ok(())
    }

    /// Why it is not asked at `now`, without taking the probe.
    pub fn obstacle(&self, now: Timestamp) -> Option<&Closed> {
        match &self.circuit {
            Circuit::Open(why, since) if !is_over(why.until, *since, now) => Some(why),
            _ => None,
        }
    }

    /// The state in one word, for metrics and people.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match &self.circuit {
            Circuit::Closed => "closed",
            Circuit::Probing(..) => "half_open",
            Circuit::Open(..) if self.obstacle(now).is_none() => "half_open",
            Circuit::Open(..) => "open",
        }
    }

    /// It answered.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A call that was let through came to nothing before it was sent.
    pub fn withdrawn(&mut self) {
        if let Circuit::Probing(why, since) = &self.circuit {
            self.circuit = Circuit::Open(why.clone(), *since);
        }
    }

    /// It may still be working on what it was asked: it is left alone for a while.
    pub fn rest(&mut self, failure: &Failure, now: Timestamp) {
        if self.obstacle(now).is_none() {
            let why = Closed {
                class: failure.class,
                sentence: failure.sentence.clone(),
                until: Some(later(now, IN_DOUBT)),
            };
            self.circuit = Circuit::Open(why, now);
        }
    }

    /// It failed. `random` is in 0–1 and spreads those who failed together.
    pub fn failed(&mut self, failure: &Failure, now: Timestamp, random: f64) {
        let probing = matches!(self.circuit, Circuit::Probing(..));
        let stated = failure.wait.map(|wait| wait.ends(now));
        let wait = match effect(failure.class) {
            Effect::None => {
                // It answered, if only to say no: it is there.
                self.circuit = Circuit::Closed;
                self.faults = 0;
                return;
            }
            Effect::ForGood => None,
            Effect::For(wait) => Some(wait),
            Effect::CoolDown => Some(doubled(COOL_DOWN, self.openings)),
            Effect::Counts => {
                self.faults = self.faults.saturating_add(1);
                let stated_wait = stated.is_some_and(|until| until > now);
                if !probing && self.faults < FAULTS && !stated_wait {
                    return;
                }
                Some(doubled(FIRST, self.openings))
            }
        };
        let until = stated
            .filter(|until| *until > now)
            .or_else(|| wait.map(|wait| after(now, jittered_up(wait, random))))
            .map(|until| until.min(later(now, MOST)));
        // A fault of old does not count towards the next opening.
        self.faults = 0;
        self.openings = self.openings.saturating_add(1);
        let why = Closed {
            class: failure.class,
            sentence: failure.sentence.clone(),
            until,
        };
        self.circuit = Circuit::Open(why, now);
    }
}

/// What a failure does to the circuit.
enum Effect {
    None,
    /// Opens it until the options change.
    ForGood,
    /// Opens it for the stated wait, else this long.
    For(Duration),
    /// Opens it for the stated wait, else a while that doubles.
    CoolDown,
    /// Opens it when there were several in a row.
    Counts,
}

fn effect(class: Class) -> Effect {
    match class {
        Class::Auth | Class::NotLocal => Effect::ForGood,
        Class::Billing | Class::QuotaDaily => Effect::For(MONEY),
        Class::RateLimited => Effect::CoolDown,
        Class::ModelMissing | Class::NotMultimodal => Effect::For(MODEL),
        Class::Overloaded
        | Class::Timeout
        | Class::Network
        | Class::Server
        | Class::BadRequest
        | Class::Empty
        | Class::Malformed => Effect::Counts,
        Class::UnsupportedParameter
        | Class::TooLarge
        | Class::Refused
        | Class::Truncated
        | Class::Loading => Effect::None,
    }
}

fn doubled(first: Duration, times: u32) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(times.min(10)))
        .min(LONGEST)
}

/// Up to an eighth longer: never sooner than meant.
fn jittered_up(wait: Duration, random: f64) -> Duration {
    wait + jittered(wait / 4, 1.0 - random).saturating_sub(wait / 8)
}

/// Whether a wait that began at `since` is over at `now`; also when the clock was
/// set back, so that a wait is not as long as the step. Without an end it is
/// over when the options change.
fn is_over(until: Option<Timestamp>, since: Timestamp, now: Timestamp) -> bool {
    until.is_some_and(|until| until <= now || later(now, SET_BACK) < since)
}

fn later(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_add(span).unwrap_or(Timestamp::MAX)
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::provider::Wait;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn failure(class: Class, wait: Option<i64>) -> Failure {
        Failure {
            wait: wait.map(|s| Wait::For(SignedDuration::from_secs(s))),
            ..Failure::new(class, "no")
        }
    }

    #[test]
    fn three_faults_open_it_one_probe_decides_and_the_wait_doubles() {
        let mut breaker = Breaker::default();
        for _ in 0..2 {
            breaker.failed(&failure(Class::Server, None), at(0), 0.0);
            breaker.admit(at(0)).unwrap();
        }
        breaker.failed(&failure(Class::Server, None), at(0), 0.0);
        assert_eq!(breaker.admit(at(59)).unwrap_err().until, Some(at(60)));
        assert_eq!(breaker.state(at(59)), "open");
        assert_eq!(breaker.state(at(60)), "half_open");
        breaker.admit(at(60)).unwrap();
        assert!(breaker.admit(at(60)).is_err(), "one probe at a time");
        breaker.failed(&failure(Class::Server, None), at(60), 0.0);
        assert_eq!(breaker.admit(at(61)).unwrap_err().until, Some(at(180)));
        breaker.admit(at(180)).unwrap();
        breaker.succeeded();
        assert_eq!(breaker.state(at(180)), "closed");
    }

    #[test]
    fn a_dropped_probe_blocks_nobody_for_ever() {
        let mut breaker = Breaker::default();
        breaker.failed(&failure(Class::Billing, Some(10)), at(0), 0.0);
        breaker.admit(at(10)).unwrap();
        let closed = breaker.admit(at(11)).unwrap_err();
        breaker.admit(closed.until.unwrap()).unwrap();
        breaker.withdrawn();
        assert!(breaker.admit(closed.until.unwrap()).is_ok());
    }

    #[test]
    fn a_clock_set_back_by_a_year_keeps_nobody_waiting_for_a_year() {
        let year = 365 * 24 * 3600;
        let opened = |class| {
            let mut breaker = Breaker::default();
            breaker.failed(&failure(class, None), at(year), 0.0);
            breaker
        };
        let mut breaker = opened(Class::Billing);
        assert!(breaker.admit(at(year - 5)).is_err(), "a second is no step");
        assert_eq!(breaker.state(at(7200)), "half_open");
        breaker.admit(at(7200)).unwrap();
        assert!(breaker.admit(at(7201)).is_err(), "one probe at a time");

        let mut probed = opened(Class::RateLimited);
        probed.admit(at(year + 60)).unwrap();
        probed.admit(at(7200)).unwrap();

        let mut resting = Breaker::default();
        resting.rest(&failure(Class::Timeout, None), at(year));
        resting.admit(at(7200)).unwrap();

        assert!(
            opened(Class::Auth).admit(at(7200)).is_err(),
            "the key is still wrong"
        );
    }

    #[test]
    fn each_class_has_its_effect() {
        for class in Class::ALL {
            let mut breaker = Breaker::default();
            breaker.failed(&failure(class, None), at(0), 0.0);
            let until = breaker.admit(at(0)).err().map(|closed| closed.until);
            let expected = match class {
                Class::Auth | Class::NotLocal => Some(None),
                Class::Billing | Class::QuotaDaily => Some(Some(at(6 * 3600))),
                Class::ModelMissing | Class::NotMultimodal => Some(Some(at(3600))),
                Class::RateLimited => Some(Some(at(30))),
                _ => None,
            };
            assert_eq!(until, expected, "{class:?}");
        }
        // The wait that a provider states comes first.
        for class in [
            Class::Billing,
            Class::QuotaDaily,
            Class::RateLimited,
            Class::Overloaded,
        ] {
            let mut breaker = Breaker::default();
            breaker.failed(&failure(class, Some(1234)), at(0), 1.0);
            assert_eq!(
                breaker.admit(at(0)).unwrap_err().until,
                Some(at(1234)),
                "{class:?}"
            );
        }
    }

    #[test]
    fn a_refusal_shows_that_it_is_there() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            breaker.failed(&failure(Class::Server, None), at(0), 0.0);
            breaker.failed(&failure(Class::Refused, None), at(0), 0.0);
        }
        breaker.admit(at(0)).unwrap();
    }

    proptest! {
        #[test]
        fn no_wait_is_shorter_than_stated_or_longer_than_a_month(
            seconds in 1_i64..4_000_000_000, random in 0.0..1.0_f64, class in 0..Class::ALL.len(),
        ) {
            let mut breaker = Breaker::default();
            let class = Class::ALL[class];
            breaker.failed(&failure(class, Some(seconds)), at(0), random);
            if let Err(Closed { until: Some(until), .. }) = breaker.admit(at(0)) {
                prop_assert_eq!(until, at(seconds.min(32 * 24 * 3600)));
            }
        }
    }
}
