//! How long to wait before trying again.

use std::time::Duration;

/// Doubles from `first` to `last`, each wait shortened by up to half at random
/// so that many who failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, last: Duration) -> Self {
        Self {
            first,
            last,
            next: first,
        }
    }

    /// The next wait. `random` is in 0–1.
    pub fn next(&mut self, random: f64) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.last);
        jittered(wait, random)
    }

    /// It worked: the next failure starts over.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

/// The wait shortened by up to half. `random` is in 0–1.
pub fn jittered(wait: Duration, random: f64) -> Duration {
    wait.mul_f64(1.0 - 0.5 * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_its_limit_and_starts_over() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        let waits: Vec<u64> = (0..4).map(|_| backoff.next(0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 5]);
        assert_eq!(backoff.next(1.0), Duration::from_millis(2500));
        backoff.reset();
        assert_eq!(backoff.next(0.0).as_secs(), 1);
    }
}
