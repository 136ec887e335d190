//! How long to wait before the next try.

use std::time::Duration;

/// Doubling waits with jitter: each is between half and all of the current step.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    first: Duration,
    last: Duration,
    step: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration, last: Duration) -> Self {
        Self {
            first,
            last,
            step: first,
        }
    }

    pub(super) fn wait(&mut self) -> Duration {
        let step = self.step;
        self.step = (step * 2).min(self.last);
        jittered(step)
    }

    pub(super) fn reset(&mut self) {
        self.step = self.first;
    }
}

/// Between half and all of it, so that many do not return at once.
pub(super) fn jittered(step: Duration) -> Duration {
    step.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_last_and_start_over() {
        let (first, last) = (Duration::from_secs(1), Duration::from_secs(30));
        let mut backoff = Backoff::new(first, last);
        for step in [1, 2, 4, 8, 16, 30, 30] {
            let step = Duration::from_secs(step);
            let wait = backoff.wait();
            assert!(step / 2 <= wait && wait <= step, "{wait:?} for {step:?}");
        }
        backoff.reset();
        assert!(backoff.wait() <= first);
    }
}
