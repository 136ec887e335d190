//! An ordinary day: two or three changes a minute, more when people are up.

use std::time::Duration;

use super::{Change, Load, SECOND};
use crate::selftest::household;

pub const BASELINE: Load = Load {
    name: "baseline",
    full: Duration::from_hours(24),
    unit: Duration::from_hours(1),
    household: household::baseline,
    changes: |_, length, seed| Box::new(Day::new(length, seed)),
};

const CYCLE: Duration = Duration::from_mins(1);
const HOUR: u64 = 3600;

struct Day {
    length: Duration,
    random: fastrand::Rng,
    cycle: Duration,
    /// What is still to come of this cycle, the last first.
    waiting: Vec<Change>,
    temperature: f64,
    humidity: f64,
    light: bool,
    socket: bool,
}

impl Day {
    fn new(length: Duration, seed: u64) -> Self {
        Self {
            length,
            random: fastrand::Rng::with_seed(seed),
            cycle: Duration::ZERO,
            waiting: Vec::new(),
            temperature: 21.0,
            humidity: 45.0,
            light: false,
            socket: false,
        }
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.random.f64() < probability
    }

    fn drift(&mut self, value: f64, step: f64, low: f64, high: f64) -> f64 {
        (value + step * (2.0 * self.random.f64() - 1.0)).clamp(low, high)
    }

    /// The changes of the minute that begins now; the next begins when the
    /// last of them is over.
    fn live(&mut self) {
        let begin = self.cycle;
        let hour = begin.as_secs() / HOUR % 24;
        let mut changes = Vec::new();
        let mut add = |after: Duration, entity: &str, state: String| {
            changes.push(Change {
                at: begin + after,
                entity: entity.to_owned(),
                state,
            });
        };
        self.temperature = self.drift(self.temperature, 0.1, 18.0, 26.0);
        self.humidity = self.drift(self.humidity, 0.5, 30.0, 70.0);
        let on_off = |on: bool| if on { "on" } else { "off" }.to_owned();
        add(
            Duration::ZERO,
            "sensor.living_room_temperature",
            format!("{:.1}", self.temperature),
        );
        add(
            SECOND,
            "sensor.living_room_humidity",
            format!("{:.1}", self.humidity),
        );
        let mut length = CYCLE;
        if self.happens(if (7..23).contains(&hour) { 0.3 } else { 0.05 }) {
            let lasts = SECOND * self.random.u32(30..=120);
            add(2 * SECOND, "binary_sensor.living_room_motion", on_off(true));
            add(
                2 * SECOND + lasts,
                "binary_sensor.living_room_motion",
                on_off(false),
            );
            length = length.max(lasts + 3 * SECOND);
        }
        if matches!(hour, 6..8 | 18..23) && self.happens(0.2) {
            self.light = !self.light || !self.happens(0.3);
            add(3 * SECOND, "light.kitchen", on_off(self.light));
        }
        if self.happens(0.02) {
            self.socket = !self.socket;
            add(4 * SECOND, "switch.kitchen_socket", on_off(self.socket));
        }
        changes.sort_by_key(|change| std::cmp::Reverse(change.at));
        self.waiting = changes;
        self.cycle += length;
    }
}

impl Iterator for Day {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        if self.waiting.is_empty() {
            if self.cycle >= self.length {
                return None;
            }
            self.live();
        }
        self.waiting.pop().filter(|change| change.at <= self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_two_or_three_changes_a_minute() {
        let rooms = household::baseline();
        let number = (BASELINE.changes)(&rooms, BASELINE.full, 1).count();
        assert!((2 * 1440 - 700..3 * 1440).contains(&number), "{number}");
    }
}
