//! Who serves under a device id. Two instances with one id would overwrite
//! each other's entities for ever; so the first claims it, and a second one
//! stays out until the first is really gone.
//!
//! The claim is retained, but only a live answer counts as a sign of life: who
//! finds a stranger's claim asks, and whoever serves says its claim again.
//! Decisions only: no IO, and time is an argument.

mod deed;

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use self::deed::Deed;
pub use self::deed::is_of;
use super::{identity, topics::Topics};

/// How long the broker may take to tell what is retained.
const LOOK: Duration = Duration::from_secs(5);

/// From something senseless in our claim's place to our saying it again.
const AFTER_NONSENSE: Duration = Duration::from_secs(1);

/// How long a stranger may be silent before its place is taken.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// One that never answered us: what is left of an old installation,
    /// most likely.
    pub unknown: Duration,
    /// One that did: it may be restarting or updating.
    pub known: Duration,
    /// Between two questions.
    pub ask: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            unknown: Duration::from_mins(1),
            known: Duration::from_mins(5),
            ask: Duration::from_secs(20),
        }
    }
}

/// Where the claim stands.
#[derive(Debug)]
enum Standing {
    /// Connected; what is retained is not known yet.
    Looking { until: Instant, seen: Option<Deed> },
    /// We serve.
    Serving,
    /// Somebody else does, or did: until when its silence is borne.
    Waiting { until: Instant, ask_at: Instant },
}

/// Whom we leave the place to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    pub instance: String,
    pub since: Timestamp,
    /// It answered.
    pub alive: bool,
}

/// What the link is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Nothing,
    /// The place is ours.
    Serve,
    /// It is not, for now.
    Wait(Rival),
    /// Connect again, in the other role or under the new name.
    Reconnect,
}

pub struct Claim {
    topics: Topics,
    patience: Patience,
    instance: String,
    session: String,
    since: Timestamp,
    standing: Standing,
    rival: Option<Rival>,
    /// Its place is ours, whatever is still retained.
    succeeds: Option<String>,
    /// This life has served before.
    served: bool,
    /// Somebody wrote over our claim: when it is said again.
    spoilt: Option<Instant>,
    /// The claim, or a question, is to be said.
    say: bool,
    ask: bool,
}

impl Claim {
    /// `now`: when this life begins.
    pub fn new(topics: Topics, instance: String, patience: Patience, now: Timestamp) -> Self {
        Self {
            topics,
            patience,
            instance,
            session: identity::new_name(),
            since: now,
            standing: Standing::Serving,
            rival: None,
            succeeds: None,
            served: false,
            spoilt: None,
            say: false,
            ask: false,
        }
    }

    pub fn instance(&self) -> &str {
        &self.instance
    }

    pub fn serves(&self) -> bool {
        matches!(self.standing, Standing::Serving) && self.served
    }

    /// The next connection only watches: it says no `offline` for another.
    pub fn watches(&self) -> bool {
        self.rival.as_ref().is_some_and(|rival| rival.alive)
    }

    pub fn filters(&self) -> [String; 2] {
        [self.topics.claim(), self.topics.ask()]
    }

    /// A new connection, which listens already.
    pub fn connected(&mut self, now: Instant) {
        self.standing = Standing::Looking {
            until: now + LOOK,
            seen: None,
        };
        (self.say, self.ask, self.spoilt) = (false, true, None);
    }

    /// A message under one of `filters`.
    pub fn heard(&mut self, topic: &str, payload: &[u8], retained: bool, now: Instant) -> Verdict {
        if topic == self.topics.ask() {
            return self.asked(payload, now);
        }
        if payload.is_empty() {
            return self.released(now);
        }
        let Some(deed) = Deed::read(payload) else {
            // Ours does not stand there any more; said once for many.
            if !retained && matches!(self.standing, Standing::Serving) {
                self.spoilt.get_or_insert(now + AFTER_NONSENSE);
            }
            return Verdict::Nothing;
        };
        if deed.session == self.session {
            return Verdict::Nothing;
        }
        if retained {
            if let Standing::Looking { seen, .. } = &mut self.standing {
                *seen = Some(deed);
            }
            return Verdict::Nothing;
        }
        match self.standing {
            // Another life of ours can only be a copy of our folder.
            Standing::Serving if deed.instance == self.instance => self.rename(),
            Standing::Serving if self.outranks(&deed) => {
                self.say = true;
                Verdict::Nothing
            }
            _ => self.give_way(deed, now),
        }
    }

    /// A question; our own one comes back after all that is retained.
    fn asked(&mut self, payload: &[u8], now: Instant) -> Verdict {
        let own = payload == self.session.as_bytes();
        match self.standing {
            Standing::Looking { .. } if own => self.decide(now),
            Standing::Serving if !own => {
                self.say = true;
                Verdict::Nothing
            }
            _ => Verdict::Nothing,
        }
    }

    /// Nobody can be heard at this broker.
    pub fn unheard(&mut self) -> Verdict {
        self.ask = false;
        self.serve()
    }

    /// The claim was taken back.
    fn released(&mut self, now: Instant) -> Verdict {
        match self.standing {
            Standing::Serving => {
                self.say = true;
                Verdict::Nothing
            }
            Standing::Waiting { .. } => self.succeed(now),
            Standing::Looking { .. } => Verdict::Nothing,
        }
    }

    /// What is retained is known now.
    fn decide(&mut self, now: Instant) -> Verdict {
        let Standing::Looking { seen, .. } = &mut self.standing else {
            return Verdict::Nothing;
        };
        match seen.take() {
            Some(deed) if deed.instance == self.instance => {
                if self.served {
                    return self.rename();
                }
                self.serve()
            }
            Some(deed) if self.succeeds.as_ref() == Some(&deed.instance) => self.serve(),
            Some(deed) => {
                let known = self.rival.take_if(|rival| rival.instance == deed.instance);
                let alive = known.is_some_and(|rival| rival.alive);
                self.wait(deed.instance, deed.since, alive, now)
            }
            // A broker that has forgotten does not make a living one go away.
            None => match self.rival.take() {
                Some(rival) if rival.alive => self.wait(rival.instance, rival.since, true, now),
                _ => self.serve(),
            },
        }
    }

    fn serve(&mut self) -> Verdict {
        self.standing = Standing::Serving;
        (self.rival, self.succeeds) = (None, None);
        (self.served, self.say) = (true, true);
        Verdict::Serve
    }

    fn wait(&mut self, instance: String, since: Timestamp, alive: bool, now: Instant) -> Verdict {
        let bears = if alive {
            self.patience.known
        } else {
            self.patience.unknown
        };
        self.standing = Standing::Waiting {
            until: now + bears,
            ask_at: self.ask_again(now),
        };
        let rival = Rival {
            instance,
            since,
            alive,
        };
        self.rival = Some(rival.clone());
        // One that lives says so at once; of one that does not there is
        // nothing to tell yet.
        if alive {
            Verdict::Wait(rival)
        } else {
            Verdict::Nothing
        }
    }

    /// Somebody else is there and alive.
    fn give_way(&mut self, deed: Deed, now: Instant) -> Verdict {
        let watched = self.watches();
        let verdict = self.wait(deed.instance, deed.since, true, now);
        (self.succeeds, self.say, self.served) = (None, false, false);
        if watched { verdict } else { Verdict::Reconnect }
    }

    /// The other is gone.
    fn succeed(&mut self, now: Instant) -> Verdict {
        let _ = now;
        let Some(rival) = self.rival.take() else {
            return self.serve();
        };
        if rival.alive {
            // This connection only watches.
            self.succeeds = Some(rival.instance);
            return Verdict::Reconnect;
        }
        self.serve()
    }

    /// There are two of our name: this one takes another.
    fn rename(&mut self) -> Verdict {
        self.instance = identity::new_name();
        self.served = false;
        Verdict::Reconnect
    }

    /// When `tick` wants to be called.
    pub fn due(&self) -> Option<Instant> {
        match self.standing {
            Standing::Looking { until, .. } => Some(until),
            Standing::Waiting { until, ask_at } => Some(until.min(ask_at)),
            Standing::Serving => self.spoilt,
        }
    }

    pub fn tick(&mut self, now: Instant) -> Verdict {
        match &self.standing {
            Standing::Serving if self.spoilt.is_some_and(|at| at <= now) => {
                (self.spoilt, self.say) = (None, true);
                Verdict::Nothing
            }
            Standing::Looking { until, .. } if *until <= now => self.decide(now),
            Standing::Waiting { until, .. } if *until <= now => self.succeed(now),
            Standing::Waiting { until, ask_at } if *ask_at <= now => {
                let until = *until;
                self.ask = true;
                self.standing = Standing::Waiting {
                    until,
                    ask_at: self.ask_again(now),
                };
                self.rival.clone().map_or(Verdict::Nothing, Verdict::Wait)
            }
            _ => Verdict::Nothing,
        }
    }

    fn ask_again(&self, now: Instant) -> Instant {
        now + crate::domain::backoff::jittered(self.patience.ask, fastrand::f64())
    }

    /// What is to be published next: topic, payload, whether it is retained.
    pub fn say(&mut self) -> Option<(String, Vec<u8>, bool)> {
        if std::mem::take(&mut self.ask) {
            return Some((self.topics.ask(), self.session.clone().into_bytes(), false));
        }
        if !std::mem::take(&mut self.say) {
            return None;
        }
        let deed = serde_json::to_vec(&self.deed()).unwrap_or_default();
        Some((self.topics.claim(), deed, true))
    }

    fn deed(&self) -> Deed {
        Deed {
            instance: self.instance.clone(),
            session: self.session.clone(),
            since: self.since,
        }
    }

    /// Of two who serve at once the one that began first stays.
    fn outranks(&self, other: &Deed) -> bool {
        self.deed().rank() < other.rank()
    }

    /// What to tell of somebody else at our place.
    pub fn sentence(&self, rival: &Rival) -> String {
        let id = self.topics.device_id();
        let minutes = self.patience.known.as_secs().div_ceil(60);
        if rival.alive {
            format!(
                "Another AICleaner (instance {}) already serves under the device id {id} at this MQTT broker; this one stays out of Home Assistant and checks nothing by itself until the other has been gone for {minutes} minutes. To run both, give one of them another device_id in its options.",
                rival.instance
            )
        } else {
            format!(
                "Another AICleaner (instance {}) has served under the device id {id} at this MQTT broker and does not answer; if it stays silent, this one takes its place within a minute.",
                rival.instance
            )
        }
    }
}

#[cfg(test)]
mod tests;
