//! More and more, up to 200 changes a second, and down again.

use std::time::Duration;

use super::{Change, Changes, Load, SECOND};
use crate::selftest::household::{self, Room};

pub const STORM: Load = Load {
    name: "storm",
    full: Duration::from_hours(1),
    unit: Duration::from_mins(1),
    household: household::storm,
    changes,
};

/// Changes a second, and for how many seconds of the full hour.
const PHASES: [(&str, u32, u32); 6] = [
    ("Ramp", 10, 300),
    ("Medium", 25, 600),
    ("High", 50, 900),
    ("Peak", 100, 600),
    ("Extreme", 200, 300),
    ("Cool-down", 25, 900),
];
/// After each phase.
const PAUSE: Duration = Duration::from_secs(5);

fn changes(rooms: &[Room], length: Duration, seed: u64) -> Changes {
    let mut random = fastrand::Rng::with_seed(seed);
    let entities: Vec<_> = rooms.iter().flat_map(|r| r.entities.clone()).collect();
    Box::new(moments(length).map(move |at| {
        let entity = &entities[random.usize(..entities.len())];
        Change {
            at,
            entity: entity.id.clone(),
            state: entity.kind.any(&mut random),
        }
    }))
}

/// When there is a change. Phases and pauses shrink with the length, rates stay.
fn moments(length: Duration) -> impl Iterator<Item = Duration> {
    let planned: u32 = PHASES.iter().map(|(_, _, seconds)| seconds).sum();
    let pauses = PAUSE * u32::try_from(PHASES.len()).unwrap_or(u32::MAX);
    let scale = length.as_secs_f64() / (SECOND * planned + pauses).as_secs_f64();
    // The full hour is the full hour, and its pauses come on top.
    let scale = if length == STORM.full { 1.0 } else { scale };
    let mut begin = Duration::ZERO;
    PHASES.into_iter().flat_map(move |(_, rate, seconds)| {
        let lasts = (SECOND * seconds).mul_f64(scale);
        let phase = begin;
        begin += lasts + PAUSE.mul_f64(scale);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rate and length are small and positive"
        )]
        let number = (lasts.as_secs_f64() * f64::from(rate)).round() as u32;
        (0..number).map(move |n| phase + SECOND * n / rate)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_storm_has_205_500_changes() {
        assert_eq!(moments(STORM.full).count(), 205_500);
        let begins_extreme = moments(STORM.full).nth(3000 + 15_000 + 45_000 + 60_000);
        assert_eq!(begins_extreme, Some(SECOND * (300 + 600 + 900 + 600 + 20)));
    }
}
