//! Whether a provider that failed is asked again within the same check, and
//! when. Pure; whom to ask instead is the chain's decision.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    backoff::jittered,
    provider::{Class, Failure},
};

/// Longest wait within a check: it holds a place that other rooms wait for.
const PATIENCE: Duration = Duration::from_mins(1);
/// First wait where nobody states one; doubled each time.
const FIRST: Duration = Duration::from_secs(1);
/// How often a model that loads is asked again, and for how long.
const LOADING_EVERY: Duration = Duration::from_secs(10);
const LOADING_FOR: Duration = Duration::from_mins(10);
/// How often more where the provider itself says that it makes sense.
const INVITED: u8 = 2;

/// The tries of one check with one provider.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    /// How the tries so far failed, in order.
    failed: Vec<Class>,
    /// When a model was first found loading.
    loading_since: Option<Timestamp>,
}

impl Tries {
    /// When to ask again after this failure; `None`: not in this check. Never
    /// before the stated wait is over, never at or after `until`, when the
    /// next scheduled check comes anyway. `random` is in 0–1.
    pub fn again(
        &mut self,
        failure: &Failure,
        now: Timestamp,
        until: Timestamp,
        random: f64,
    ) -> Option<Timestamp> {
        let before = self.failed.iter().filter(|c| **c == failure.class).count();
        self.failed.push(failure.class);
        // It may still be working on it; a second time would be paid twice.
        if failure.in_doubt || failure.retry == Some(false) {
            return None;
        }
        let most = match failure.retry {
            Some(true) => most(failure.class).max(INVITED),
            _ => most(failure.class),
        };
        let mut latest = after(now, PATIENCE);
        let own = if failure.class == Class::Loading {
            let since = *self.loading_since.get_or_insert(now);
            latest = after(since, LOADING_FOR);
            Some(LOADING_EVERY)
        } else {
            let doubled = FIRST.saturating_mul(1 << before.min(6));
            (before < usize::from(most)).then(|| match wait(failure.class) {
                Pause::None => Duration::ZERO,
                Pause::Growing => jittered(doubled * 2, random),
            })
        }?;
        let own = after(now, own);
        let stated = failure.wait.map(|wait| wait.ends(now));
        let at = stated.map_or(own, |stated| stated.max(own));
        (at <= latest && at < until).then_some(at)
    }
}

enum Pause {
    /// Asking at once is another, better request.
    None,
    Growing,
}

fn wait(class: Class) -> Pause {
    match class {
        Class::UnsupportedParameter | Class::TooLarge | Class::Truncated | Class::Malformed => {
            Pause::None
        }
        _ => Pause::Growing,
    }
}

/// How many times more a question is asked after failures of this class.
fn most(class: Class) -> u8 {
    match class {
        Class::Auth
        | Class::Billing
        | Class::QuotaDaily
        | Class::BadRequest
        | Class::ModelMissing
        | Class::NotMultimodal
        | Class::Refused
        | Class::NotLocal => 0,
        Class::Timeout | Class::TooLarge | Class::Truncated | Class::Empty | Class::Malformed => 1,
        Class::RateLimited | Class::Overloaded | Class::Network | Class::Server => 2,
        // Each one noted is another that is left out next time.
        Class::UnsupportedParameter => 4,
        // By time, not by number.
        Class::Loading => u8::MAX,
    }
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
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
    fn each_class_is_tried_as_often_as_it_makes_sense() {
        for class in Class::ALL {
            let mut tries = Tries::default();
            let mut now = at(0);
            let mut asked = 0;
            while let Some(next) = tries.again(&failure(class, None), now, at(100_000), 0.5) {
                assert!(next >= now);
                now = next;
                asked += 1;
            }
            match class {
                Class::Loading => assert!((58..=60).contains(&asked), "{asked}"),
                class => assert_eq!(asked, usize::from(most(class)), "{class:?}"),
            }
        }
    }

    #[test]
    fn the_providers_own_word_about_asking_again_counts() {
        let asked = |class, retry| {
            let failure = Failure {
                retry,
                ..failure(class, None)
            };
            let mut tries = Tries::default();
            let again = || tries.again(&failure, at(0), at(100_000), 0.5);
            std::iter::from_fn(again).count()
        };
        for class in Class::ALL {
            assert_eq!(asked(class, Some(false)), 0, "{class:?}");
        }
        assert_eq!(asked(Class::BadRequest, None), 0);
        assert_eq!(asked(Class::BadRequest, Some(true)), 2);
        assert_eq!(asked(Class::Server, Some(true)), 2);
        assert_eq!(asked(Class::UnsupportedParameter, Some(true)), 4);
        let doubtful = Failure {
            in_doubt: true,
            retry: Some(true),
            ..failure(Class::Timeout, None)
        };
        assert_eq!(Tries::default().again(&doubtful, at(0), at(999), 0.0), None);
    }

    #[test]
    fn what_may_still_run_is_not_asked_again() {
        let failure = Failure {
            in_doubt: true,
            ..failure(Class::Timeout, None)
        };
        assert_eq!(Tries::default().again(&failure, at(0), at(999), 0.0), None);
    }

    #[test]
    fn nobody_waits_longer_for_a_model_that_loads_because_it_is_told_to() {
        for (stated, expected) in [(30, Some(at(30))), (1500, None)] {
            let failure = failure(Class::Loading, Some(stated));
            let again = Tries::default().again(&failure, at(0), at(3600), 0.5);
            assert_eq!(again, expected, "{stated}");
        }
    }

    proptest! {
        /// Never before the stated wait, never at or after the next scheduled check.
        #[test]
        fn no_try_is_too_early_or_too_late(
            class in 0..Class::ALL.len(),
            stated in proptest::option::of(0_i64..10_000),
            until in 0_i64..10_000,
            random in 0.0..1.0_f64,
        ) {
            let failure = failure(Class::ALL[class], stated);
            let mut tries = Tries::default();
            let mut now = at(0);
            while let Some(next) = tries.again(&failure, now, at(until), random) {
                let stated = SignedDuration::from_secs(stated.unwrap_or(0));
                prop_assert!(next.duration_since(now) >= stated);
                prop_assert!(next < at(until));
                now = next;
            }
        }
    }
}
