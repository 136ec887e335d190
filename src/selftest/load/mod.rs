//! What happens in the test home while it is measured: state changes of the
//! household's entities, which are triggers of the app. The same seed gives
//! the same changes. One file a shape, one row in `LOADS`.

mod baseline;
mod chaotic;
mod storm;

use std::time::Duration;

use super::household::Room;

/// One state change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Since the beginning, not compressed.
    pub at: Duration,
    pub entity: String,
    pub state: String,
}

pub type Changes = Box<dyn Iterator<Item = Change> + Send>;

/// A shape of load.
pub struct Load {
    pub name: &'static str,
    /// What the guide wants it to be.
    pub full: Duration,
    /// What a bare number of `--duration` counts.
    pub unit: Duration,
    pub household: fn() -> Vec<Room>,
    /// The changes of a run of this length, in order of time.
    pub changes: fn(&[Room], Duration, u64) -> Changes,
}

pub const LOADS: [Load; 3] = [baseline::BASELINE, storm::STORM, chaotic::CHAOTIC];

impl Load {
    pub fn named(name: &str) -> Option<&'static Self> {
        LOADS.iter().find(|load| load.name == name)
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_changes_and_another_does_not() {
        for load in &LOADS {
            let rooms = (load.household)();
            let run =
                |seed| (load.changes)(&rooms, Duration::from_mins(20), seed).collect::<Vec<_>>();
            assert_eq!(run(1), run(1), "{}", load.name);
            assert_ne!(run(1), run(2), "{}", load.name);
        }
    }

    #[test]
    fn changes_are_in_order_within_the_length_and_about_the_household() {
        for load in &LOADS {
            let rooms = (load.household)();
            let length = Duration::from_mins(30);
            let mut last = Duration::ZERO;
            for change in (load.changes)(&rooms, length, 7) {
                assert!(last <= change.at && change.at <= length, "{change:?}");
                let mut all = rooms.iter().flat_map(|room| &room.entities);
                assert!(all.any(|entity| entity.id == change.entity), "{change:?}");
                last = change.at;
            }
            assert!(last > length / 2, "{}: it goes on to the end", load.name);
        }
    }
}
