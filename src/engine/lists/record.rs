//! How one list is: when it is visited next, and what is wrong with it.

use std::{mem::discriminant, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::{
    domain::{backoff::Backoff, sentence::sentence, todo::ListId},
    ports::TodoError,
};

const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_mins(10);
/// An integration that starts or is loaded anew takes its time; a list that is
/// unavailable for longer is told.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

pub(super) struct Record {
    /// To be visited as soon as nobody is there.
    pub(super) due: bool,
    /// Not before the store has written down why.
    pub(super) held: bool,
    /// Home Assistant pushed a listing while we were there, or on the way.
    pub(super) unread: bool,
    /// Due again at this time.
    pub(super) retry_at: Option<Instant>,
    backoff: Backoff,
    /// Since when it takes changes without showing them.
    lagging: Option<Instant>,
    trouble: Option<Trouble>,
}

struct Trouble {
    error: TodoError,
    since: Timestamp,
    told: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            due: false,
            held: false,
            unread: false,
            retry_at: None,
            backoff: Backoff::new(FIRST_RETRY, LAST_RETRY),
            lagging: None,
            trouble: None,
        }
    }
}

impl Record {
    pub(super) fn due_now(&mut self) {
        self.due = true;
        self.retry_at = None;
    }

    /// It did what it should.
    pub(super) fn works(&mut self, list: &ListId) {
        if self.trouble.take().is_some_and(|trouble| trouble.told) {
            tracing::info!("The to-do list {list} works again.");
        }
        self.backoff.reset();
        self.retry_at = None;
        self.lagging = None;
    }

    /// It took changes and does not show them yet: it is visited again. Gives
    /// back for how long that has been so.
    pub(super) fn lags(&mut self, now: Instant) -> Duration {
        self.retry(now);
        now - *self.lagging.get_or_insert(now)
    }

    pub(super) fn failed(&mut self, error: &TodoError, time: Timestamp, now: Instant) {
        self.retry(now);
        match &mut self.trouble {
            // Home Assistant's absence hides what else is wrong; it does not mend it.
            Some(_) if matches!(error, TodoError::Away(_)) => {}
            Some(known) if discriminant(&known.error) == discriminant(error) => {
                known.error = error.clone();
            }
            trouble => {
                *trouble = Some(Trouble {
                    error: error.clone(),
                    since: time,
                    told: false,
                });
            }
        }
    }

    fn retry(&mut self, now: Instant) {
        self.retry_at = Some(now + self.backoff.next(fastrand::f64()));
    }

    /// Logs what should be said and was not.
    pub(super) fn tell(&mut self, now: Timestamp) {
        if let Some(trouble) = self.trouble.as_mut().filter(|t| !t.told && t.is_told(now)) {
            trouble.told = true;
            tracing::warn!("{}", sentence(&trouble.error.to_string()));
        }
    }

    /// What is wrong, and since when.
    pub(super) fn trouble(&self) -> Option<(String, Timestamp)> {
        let trouble = self.trouble.as_ref().filter(|t| t.told)?;
        Some((sentence(&trouble.error.to_string()), trouble.since))
    }
}

impl Trouble {
    /// Whether the household should know by `now`.
    fn is_told(&self, now: Timestamp) -> bool {
        match self.error {
            // Told once by Home Assistant's link, not by every list.
            TodoError::Away(_) => false,
            TodoError::Paused(_) => now.duration_since(self.since) >= PATIENCE,
            TodoError::NoSuchList(_) | TodoError::Refused(_) => true,
        }
    }
}
