//! Six moods of a home that follow one another by chance: normal, burst,
//! quiet, oscillate, cascade, storm, with the guide's tables of what follows what.

use std::{collections::VecDeque, time::Duration};

use super::{Change, Load};
use crate::selftest::household::{self, Kind, Room};

pub const CHAOTIC: Load = Load {
    name: "chaotic",
    full: Duration::from_hours(2),
    unit: Duration::from_mins(1),
    household: household::chaotic,
    changes: |rooms, length, seed| Box::new(Chaos::new(rooms, length, seed)),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Mode {
    Normal,
    Burst,
    Quiet,
    Oscillate,
    Cascade,
    Storm,
}

impl Mode {
    /// What may follow, in hundredths.
    fn followers(self) -> &'static [(Self, u32)] {
        use Mode::{Burst, Cascade, Normal, Oscillate, Quiet, Storm};
        match self {
            Normal => &[
                (Normal, 70),
                (Burst, 15),
                (Quiet, 10),
                (Oscillate, 3),
                (Cascade, 2),
            ],
            Burst => &[(Normal, 50), (Quiet, 30), (Storm, 10), (Cascade, 10)],
            Quiet => &[(Normal, 60), (Burst, 20), (Oscillate, 15), (Cascade, 5)],
            Oscillate => &[(Normal, 60), (Burst, 20), (Quiet, 15), (Storm, 5)],
            Cascade => &[(Normal, 40), (Burst, 30), (Oscillate, 20), (Quiet, 10)],
            Storm => &[(Quiet, 40), (Normal, 30), (Burst, 20), (Cascade, 10)],
        }
    }

    fn after(self, random: &mut fastrand::Rng) -> Self {
        let mut drawn = random.u32(0..100);
        for (mode, share) in self.followers() {
            if drawn < *share {
                return *mode;
            }
            drawn -= share;
        }
        self
    }
}

/// Seconds in a mode until the chance of another has grown to a half.
const SETTLED: f64 = 60.0;

struct Chaos {
    rooms: Vec<Room>,
    length: Duration,
    random: fastrand::Rng,
    mode: Mode,
    /// When the mode began, and now.
    since: Duration,
    now: Duration,
    waiting: VecDeque<Change>,
}

impl Chaos {
    fn new(rooms: &[Room], length: Duration, seed: u64) -> Self {
        Self {
            rooms: rooms.to_vec(),
            length,
            random: fastrand::Rng::with_seed(seed),
            mode: Mode::Normal,
            since: Duration::ZERO,
            now: Duration::ZERO,
            waiting: VecDeque::new(),
        }
    }

    fn pass(&mut self, low: f64, high: f64) {
        let seconds = low + (high - low) * self.random.f64();
        self.now += Duration::from_secs_f64(seconds);
    }

    fn change(&mut self, room: usize, entity: usize, state: Option<String>) {
        let entity = &self.rooms[room].entities[entity];
        let state = state.unwrap_or_else(|| entity.kind.any(&mut self.random));
        self.waiting.push_back(Change {
            at: self.now,
            entity: entity.id.clone(),
            state,
        });
    }

    fn anywhere(&mut self) -> (usize, usize) {
        let room = self.random.usize(..self.rooms.len());
        (room, self.random.usize(..self.rooms[room].entities.len()))
    }

    fn some(&mut self, number: std::ops::RangeInclusive<u32>, spaced: (f64, f64)) {
        for _ in 0..self.random.u32(number) {
            let (room, entity) = self.anywhere();
            self.change(room, entity, None);
            self.pass(spaced.0, spaced.1);
        }
    }

    /// One cycle in the mode of the moment, and the pause after it.
    fn live(&mut self) {
        match self.mode {
            Mode::Normal => self.some(1..=3, (0.5, 2.0)),
            Mode::Burst => self.some(5..=20, (0.0, 0.0)),
            Mode::Quiet => self.pass(10.0, 60.0),
            Mode::Oscillate => {
                let (room, entity) = self.anywhere();
                let kind = self.rooms[room].entities[entity].kind;
                for flip in 0..self.random.u32(3..=8) {
                    let state = match (kind, flip % 2) {
                        (Kind::Binary, 0) => "on".into(),
                        (Kind::Binary, _) => "off".into(),
                        (Kind::Number(_, high), 0) => format!("{high:.1}"),
                        (Kind::Number(low, _), _) => format!("{low:.1}"),
                    };
                    self.change(room, entity, Some(state));
                    self.pass(0.1, 0.5);
                }
            }
            Mode::Cascade => {
                let (room, first) = self.anywhere();
                let number = self.rooms[room].entities.len();
                for step in 0..4 {
                    self.change(room, (first + step) % number, None);
                    self.pass(0.2, 1.0);
                }
            }
            Mode::Storm => {
                for _ in 0..self.random.u32(10..=50) {
                    let (room, entity) = self.anywhere();
                    let binary = self.rooms[room].entities[entity].kind == Kind::Binary;
                    self.change(room, entity, binary.then(|| "on".into()));
                    self.pass(0.05, 0.2);
                }
            }
        }
        self.pass(1.0, 10.0);
        let settled = self.now.saturating_sub(self.since).as_secs_f64() / SETTLED;
        if self.random.f64() < (0.5 * settled).min(0.5) {
            self.mode = self.mode.after(&mut self.random);
            self.since = self.now;
        }
    }
}

impl Iterator for Chaos {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        while self.waiting.is_empty() {
            if self.now >= self.length {
                return None;
            }
            self.live();
        }
        self.waiting
            .pop_front()
            .filter(|change| change.at <= self.length)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_row_of_the_table_adds_up_to_a_hundred() {
        use Mode::{Burst, Cascade, Normal, Oscillate, Quiet, Storm};
        for mode in [Normal, Burst, Quiet, Oscillate, Cascade, Storm] {
            let sum: u32 = mode.followers().iter().map(|(_, share)| share).sum();
            assert_eq!(sum, 100, "{mode:?}");
        }
    }

    #[test]
    fn followers_come_as_often_as_the_table_says() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut counts: BTreeMap<Mode, u32> = BTreeMap::new();
        for _ in 0..10_000 {
            *counts.entry(Mode::Storm.after(&mut random)).or_default() += 1;
        }
        for (mode, share) in Mode::Storm.followers() {
            let seen = counts[mode] / 100;
            assert!(seen.abs_diff(*share) <= 2, "{mode:?}: {seen} of {share}");
        }
    }
}
