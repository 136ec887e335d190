//! What can be wrong with the link, and how long to wait before the next try.

use std::time::Duration;

use crate::domain::backoff::Backoff;

/// Why there is no link, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub kind: Kind,
    /// What is wrong, where, and what to do.
    pub sentence: String,
}

/// Kinds that call for different words or another pace. A restarting broker is
/// lost, refuses and times out in turn: that is one trouble, told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nobody knows a broker.
    NoBroker,
    /// It cannot be reached, or was and is no longer.
    Away,
    /// It does not accept us; only a person can change that.
    Refused,
}

/// How fast to try again.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub first: Duration,
    pub longest: Duration,
    /// After a refusal: brokers may lock out who knocks too often.
    pub refused: Duration,
    /// A broker that takes messages but acknowledges none for so long is broken.
    pub acknowledged: Duration,
    /// A connection that held this long was good: start over with `first`.
    pub proven: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            refused: Duration::from_mins(1),
            acknowledged: Duration::from_secs(30),
            proven: Duration::from_secs(10),
        }
    }
}

/// When to try again, by what went wrong.
#[derive(Debug)]
pub struct Retry {
    pace: Pace,
    backoff: Backoff,
}

impl Retry {
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            backoff: Backoff::new(pace.first, pace.longest),
        }
    }

    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// How long to wait now; `up` is how long the connection had held.
    pub fn wait(&mut self, kind: Kind, up: Duration) -> Duration {
        if up >= self.pace.proven {
            self.backoff.reset();
        }
        let random = fastrand::f64();
        let growing = self.backoff.next(random);
        match kind {
            // Never sooner than agreed.
            Kind::Refused => self.pace.refused.mul_f64(1.0 + random / 2.0),
            Kind::NoBroker | Kind::Away => growing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: Duration = Duration::ZERO;

    #[test]
    fn waits_grow_to_a_minute_and_start_over_after_a_good_connection() {
        let mut retry = Retry::new(Pace::default());
        let first = retry.wait(Kind::Away, ZERO);
        assert!((0.5..=1.0).contains(&first.as_secs_f64()), "{first:?}");
        let waits: Vec<_> = (0..50).map(|_| retry.wait(Kind::Away, ZERO)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_mins(1)));
        assert!(
            waits[40..]
                .iter()
                .all(|wait| *wait >= Duration::from_secs(30))
        );
        let again = retry.wait(Kind::Away, Duration::from_hours(1));
        assert!(again <= Duration::from_secs(1));
    }

    #[test]
    fn a_refusal_is_not_tried_again_within_a_minute() {
        let mut retry = Retry::new(Pace::default());
        for _ in 0..20 {
            assert!(retry.wait(Kind::Refused, ZERO) >= Duration::from_mins(1));
        }
    }
}
