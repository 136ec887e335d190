//! Faults on purpose, to see that the self-test finds them: one lives in a
//! process when `AICLEANER_MUTANT` names it. Only in builds with the feature
//! `mutants`; a release has none of this. `tests/mutants.rs` says what each
//! must be found by.

use std::{
    env, process,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use crate::domain::provider::Failure;

/// Names the one that lives.
pub const VARIABLE: &str = "AICLEANER_MUTANT";

/// Checks after which it may be seen that a process has ended.
const LAST_CHECK: u32 = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    LosesItems,
    DoublesItems,
    KeepsItems,
    ForgetsWrites,
    IsDeafAfterReconnect,
    PublishesTwice,
    KeepsQuietAboutTheBroker,
    IgnoresRetryAfter,
    Leaks,
    Worries,
    Dies,
    LingersAtTheEnd,
}

const NAMES: [(&str, Mutant); 12] = [
    ("loses_items", Mutant::LosesItems),
    ("doubles_items", Mutant::DoublesItems),
    ("keeps_items", Mutant::KeepsItems),
    ("forgets_writes", Mutant::ForgetsWrites),
    ("is_deaf_after_reconnect", Mutant::IsDeafAfterReconnect),
    ("publishes_twice", Mutant::PublishesTwice),
    (
        "keeps_quiet_about_the_broker",
        Mutant::KeepsQuietAboutTheBroker,
    ),
    ("ignores_retry_after", Mutant::IgnoresRetryAfter),
    ("leaks", Mutant::Leaks),
    ("worries", Mutant::Worries),
    ("dies", Mutant::Dies),
    ("lingers_at_the_end", Mutant::LingersAtTheEnd),
];

static LIVING: LazyLock<Option<Mutant>> = LazyLock::new(|| {
    let name = env::var(VARIABLE).ok()?;
    let found = NAMES.iter().find(|(known, _)| *known == name);
    // A wrong name would let a test of the tests pass for nothing.
    let (_, mutant) = found.unwrap_or_else(|| panic!("there is no mutant {name}"));
    Some(*mutant)
});

/// Whether it is this one that lives here.
pub fn lives(mutant: Mutant) -> bool {
    *LIVING == Some(mutant)
}

/// A check has begun.
#[allow(clippy::disallowed_methods, reason = "a wrong end is the point")]
pub fn at_a_check() {
    static CHECKS: AtomicU32 = AtomicU32::new(0);
    let checks = CHECKS.fetch_add(1, Ordering::Relaxed);
    if lives(Mutant::Leaks) {
        Box::leak(vec![1_u8; 4 << 20].into_boxed_slice());
    }
    if lives(Mutant::Worries) {
        tracing::warn!("A check has begun.");
    }
    if lives(Mutant::Dies) && checks == LAST_CHECK {
        process::exit(0);
    }
}

/// The process was asked to stop.
#[allow(clippy::disallowed_methods, reason = "a stop that hangs is the point")]
pub fn at_the_end() {
    if lives(Mutant::LingersAtTheEnd) {
        thread::sleep(Duration::from_secs(11));
    }
}

/// A provider's failure as it is taken.
pub fn taken(failure: &Failure) -> Failure {
    let mut failure = failure.clone();
    if lives(Mutant::IgnoresRetryAfter) {
        failure.wait = None;
    }
    failure
}
