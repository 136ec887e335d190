//! Whether the service is ready: every part that is not yet holds it back.

use std::sync::{Arc, Mutex, PoisonError};

/// What `/ready` reads. All holds are named at the start and can only be
/// released, so readiness never goes back. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    /// Locked for a moment only, never across an await.
    awaited: Arc<Mutex<Vec<&'static str>>>,
}

/// Holds readiness back until it is released. One that is lost without a
/// release (its part died) holds for ever, on purpose.
#[derive(Debug)]
#[must_use = "nothing is ready before every hold is released"]
pub struct Hold {
    name: &'static str,
    awaited: Arc<Mutex<Vec<&'static str>>>,
}

impl Readiness {
    /// Ready once each of these parts has released its hold.
    pub fn awaiting<const N: usize>(parts: [&'static str; N]) -> (Self, [Hold; N]) {
        let awaited = Arc::new(Mutex::new(parts.to_vec()));
        let holds = parts.map(|name| Hold {
            name,
            awaited: Arc::clone(&awaited),
        });
        (Self { awaited }, holds)
    }

    /// The parts that still hold back, in the order they were named; empty when ready.
    pub fn awaited(&self) -> Vec<&'static str> {
        self.awaited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Hold {
    pub fn release(self) {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = awaited.iter().position(|name| *name == self.name) {
            awaited.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_are_released_one_by_one_and_never_come_back() {
        let (readiness, [store, engine]) = Readiness::awaiting(["store", "engine"]);
        assert_eq!(readiness.awaited(), ["store", "engine"]);
        store.release();
        assert_eq!(readiness.clone().awaited(), ["engine"]);
        engine.release();
        assert!(readiness.awaited().is_empty());
    }

    #[test]
    fn a_part_that_died_holds_for_ever() {
        let (readiness, [store]) = Readiness::awaiting(["store"]);
        drop(store);
        assert_eq!(readiness.awaited(), ["store"]);
    }
}
