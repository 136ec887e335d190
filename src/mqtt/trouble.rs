//! What can be wrong with the link, and how long to wait before the next try.

use std::time::Duration;

use super::claim::Patience;
use crate::domain::backoff::{Backoff, jittered};

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
    /// It does not accept us, or cannot be trusted; only a person can change that.
    Refused,
    /// It lets us in and then something is wrong: over when a connection has
    /// proven itself, not when one comes about.
    Broken,
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
    /// A connection that held this long, or through which everything was
    /// delivered, was good: start over with `first`.
    pub proven: Duration,
    /// A broker that says nothing for twice as long is gone. A second at least.
    pub keep_alive: Duration,
    /// How long another instance may be silent.
    pub patience: Patience,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            refused: Duration::from_mins(1),
            acknowledged: Duration::from_secs(30),
            proven: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            patience: Patience::default(),
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

    /// Before coming again by our own choice.
    pub fn soon(&self) -> Duration {
        jittered(self.pace.first / 4, fastrand::f64())
    }

    /// How long to wait now; `good`: there was a connection that worked.
    pub fn wait(&mut self, kind: Kind, good: bool) -> Duration {
        if good {
            self.backoff.reset();
        }
        let random = fastrand::f64();
        let growing = self.backoff.next(random);
        match kind {
            // Never sooner than agreed.
            Kind::Refused => self.pace.refused.mul_f64(1.0 + random / 2.0),
            Kind::NoBroker | Kind::Away | Kind::Broken => growing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_start_over_after_a_good_connection() {
        let mut retry = Retry::new(Pace::default());
        let first = retry.wait(Kind::Away, false);
        assert!((0.5..=1.0).contains(&first.as_secs_f64()), "{first:?}");
        let waits: Vec<_> = (0..50).map(|_| retry.wait(Kind::Away, false)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_mins(1)));
        assert!(
            waits[40..]
                .iter()
                .all(|wait| *wait >= Duration::from_secs(30))
        );
        let again = retry.wait(Kind::Away, true);
        assert!(again <= Duration::from_secs(1));
    }

    #[test]
    fn a_refusal_is_not_tried_again_within_a_minute() {
        let mut retry = Retry::new(Pace::default());
        for _ in 0..20 {
            assert!(retry.wait(Kind::Refused, false) >= Duration::from_mins(1));
        }
    }
}
