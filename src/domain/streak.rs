//! How many days in a row a room was in order at the end of the day. Pure in
//! the local date, so neither midnight nor daylight saving can be counted wrong.
//!
//! A day counts when the room was looked at and nothing was left to do at its
//! end; it breaks the row when something was. A day on which nobody looked
//! (away, switched off) does neither: nothing is known of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A room's row of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// The local day that is under way.
    pub day: Date,
    /// Days in a row before it.
    pub days: u32,
    /// A picture of it was judged, or found unchanged, on `day`.
    pub looked: bool,
    /// Nothing is left to do.
    pub clear: bool,
}

impl Streak {
    /// The first day on which a room was looked at.
    pub fn begun(today: Date) -> Self {
        Self {
            day: today,
            days: 0,
            looked: false,
            clear: false,
        }
    }

    /// Midnight may have passed since anything happened.
    pub fn turn(&mut self, today: Date) {
        if today < self.day {
            // A day further ahead than tomorrow was noted by a wrong clock;
            // tomorrow may be a journey to the west.
            if today.tomorrow().is_ok_and(|tomorrow| self.day > tomorrow) {
                self.day = today;
                self.looked = false;
            }
            return;
        }
        if today > self.day {
            if self.looked {
                self.days = if self.clear { self.days + 1 } else { 0 };
            }
            self.day = today;
            self.looked = false;
        }
    }

    /// What is shown: today counts as soon as nothing is left to do.
    pub fn shown(mut self, today: Date) -> u32 {
        self.turn(today);
        self.days + u32::from(self.looked && self.clear)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp, ToSpan, civil::date, tz::TimeZone};

    use super::*;

    fn day(n: i32) -> Date {
        date(2026, 11, 1) + n.days()
    }

    fn looked(streak: &mut Streak, today: Date, clear: bool) {
        streak.turn(today);
        (streak.looked, streak.clear) = (true, clear);
    }

    #[test]
    fn days_that_end_in_order_count_and_one_that_does_not_ends_the_row() {
        let mut streak = Streak::begun(day(0));
        looked(&mut streak, day(0), true);
        assert_eq!(streak.shown(day(0)), 1);
        looked(&mut streak, day(1), false);
        assert_eq!(streak.shown(day(1)), 1, "the day is not over");
        looked(&mut streak, day(1), true);
        assert_eq!(streak.shown(day(1)), 2);
        assert_eq!(streak.shown(day(2)), 2);
        looked(&mut streak, day(2), false);
        assert_eq!(streak.shown(day(2)), 2);
        assert_eq!(streak.shown(day(3)), 0);
    }

    #[test]
    fn a_day_on_which_nobody_looked_neither_counts_nor_breaks() {
        let mut streak = Streak::begun(day(0));
        looked(&mut streak, day(0), true);
        assert_eq!(streak.shown(day(9)), 1);
        looked(&mut streak, day(9), true);
        assert_eq!(streak.shown(day(9)), 2);
    }

    #[test]
    fn a_wrong_clock_and_a_journey_take_nothing_away() {
        let mut streak = Streak::begun(day(0));
        looked(&mut streak, day(0), true);
        looked(&mut streak, day(400), true);
        looked(&mut streak, day(1), true);
        assert_eq!((streak.day, streak.shown(day(1))), (day(1), 2));
        streak.turn(day(0));
        assert_eq!(streak.day, day(1), "yesterday again, by a change of zone");
        assert_eq!(streak.shown(day(2)), 2);
    }

    /// Every hour of a year with both changes of the clock: one day each.
    #[test]
    fn daylight_saving_neither_doubles_nor_skips_a_day() {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] {
            let tz = TimeZone::get(zone).unwrap();
            let start: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
            let local = |at: Timestamp| at.to_zoned(tz.clone()).date();
            let first = local(start);
            let mut streak = Streak::begun(first);
            for half_hour in 0..365 * 48 {
                let now = start + SignedDuration::from_mins(30 * half_hour);
                looked(&mut streak, local(now), true);
                let days = first.until(local(now)).unwrap().get_days() as u32;
                assert_eq!(streak.shown(local(now)), days + 1, "{zone} {now}");
            }
        }
    }
}
