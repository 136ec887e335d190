//! Time: the real one, or a faster one for the test home.
//!
//! The domain gets time as an argument; everything else asks this clock. Time
//! limits of IO stay real and use tokio's clock directly.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that runs at `speed` times the pace of real time. Cheap to copy;
/// copies agree. It follows tokio's clock, so paused time in tests works.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    source: Source,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    /// The system's wall clock: daylight saving, corrections and all.
    Wall,
    Scaled {
        origin: Timestamp,
        begun: Instant,
        speed: f64,
    },
}

impl Clock {
    pub fn wall() -> Self {
        Self {
            source: Source::Wall,
        }
    }

    /// Starts at `origin` now and runs at `speed` (greater than 0). Needs a tokio runtime.
    pub fn scaled(origin: Timestamp, speed: f64) -> Self {
        Self {
            source: Source::Scaled {
                origin,
                begun: Instant::now(),
                speed,
            },
        }
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    pub fn now(&self) -> Timestamp {
        match self.source {
            Source::Wall => Timestamp::now(),
            Source::Scaled {
                origin,
                begun,
                speed,
            } => {
                let gone = begun.elapsed().as_secs_f64() * speed;
                origin
                    .checked_add(SignedDuration::from_secs_f64(gone))
                    .unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Real time until this clock shows `at`; zero if it already has.
    pub fn until(&self, at: Timestamp) -> Duration {
        let left = at.duration_since(self.now());
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
        match self.source {
            Source::Wall => left,
            Source::Scaled { speed, .. } => left.div_f64(speed),
        }
    }

    /// Sleeps until this clock shows `at`, but looks again at least once a
    /// minute, so that a corrected wall clock is noticed.
    pub async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = self.until(at);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(Duration::from_mins(1))).await;
        }
    }
}
