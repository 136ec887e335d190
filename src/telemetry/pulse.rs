//! Whether a part still turns: it touches its pulse, liveness reads it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// Cheap to clone; clones agree. It follows tokio's clock, so a jump of the
/// wall clock or a sleeping machine does not stop a heart.
#[derive(Debug, Clone)]
pub struct Pulse {
    begun: Instant,
    /// Milliseconds from `begun` to the last beat.
    last: Arc<AtomicU64>,
}

impl Pulse {
    /// Begins with a beat.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            last: Arc::default(),
        }
    }

    /// The owner calls this on every turn, and at least every 20 seconds while idle.
    pub fn beat(&self) {
        self.last.fetch_max(self.elapsed(), Ordering::Relaxed);
    }

    /// Time since the last beat.
    pub fn silence(&self) -> Duration {
        let last = self.last.load(Ordering::Relaxed);
        Duration::from_millis(self.elapsed().saturating_sub(last))
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_the_time_since_the_last_beat() {
        let pulse = Pulse::new();
        tokio::time::advance(Duration::from_secs(70)).await;
        assert_eq!(pulse.silence(), Duration::from_secs(70));
        pulse.clone().beat();
        assert_eq!(pulse.silence(), Duration::ZERO);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(pulse.silence(), Duration::from_secs(3));
    }
}
