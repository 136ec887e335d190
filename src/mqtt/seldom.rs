//! Says a thing at most once a minute, however often it happens.

use std::time::Duration;

use tokio::time::Instant;

const PAUSE: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub(super) struct Seldom {
    said: Option<Instant>,
    unsaid: u64,
}

impl Seldom {
    /// Whether to say it now; then how often it happened unsaid before.
    pub(super) fn now(&mut self) -> Option<u64> {
        let now = Instant::now();
        if self.said.is_some_and(|said| now < said + PAUSE) {
            self.unsaid += 1;
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_one_line_a_minute_with_its_number() {
        let mut seldom = Seldom::default();
        assert_eq!(seldom.now(), Some(0));
        for _ in 0..9_999 {
            assert_eq!(seldom.now(), None);
        }
        tokio::time::advance(PAUSE).await;
        assert_eq!(seldom.now(), Some(9_999));
    }
}
