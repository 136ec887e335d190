//! The household's day: fixed times, quiet hours, how long to wait.
//!
//! A time of the day means one moment of each local day, also on the days on
//! which the clocks change: what does not exist comes when the clock has
//! jumped over it, what exists twice comes the first time. Pure in `now`.

use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use super::{schedule::share, zone::ZoneId};

/// When a zone wants to be looked at, besides its interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// Local times of the day, at most 24.
    pub times: Vec<Time>,
    /// The zone has times and no interval of its own: the general one does not apply.
    pub at_times_only: bool,
    /// What in the home makes a look worthwhile.
    pub triggers: Vec<EntityState>,
    /// How long a trigger's state must hold first.
    pub trigger_delay_minutes: u32,
}

/// An entity of Home Assistant in a state, written `binary_sensor.door=off`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityState {
    pub entity: String,
    pub state: String,
}

/// From one local time of the day to another, over midnight if the second is
/// the earlier one. Never empty: equal times are refused where they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    pub from: Time,
    pub to: Time,
}

impl QuietHours {
    /// `22:00-07:00`, blanks allowed around the parts.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(['-', '–'])?;
        let (from, to) = (time_of_day(from)?, time_of_day(to)?);
        (from != to).then_some(Self { from, to })
    }

    pub fn contains(&self, now: Timestamp, tz: &TimeZone) -> bool {
        let time = now.to_zoned(tz.clone()).time();
        if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }

    /// When the quiet that holds at `now` is over; `now` if none holds.
    pub fn end(&self, now: Timestamp, tz: &TimeZone) -> Timestamp {
        if !self.contains(now, tz) {
            return now;
        }
        let today = now.to_zoned(tz.clone()).date();
        // A clock may jump over all that is not quiet: then the next day's counts.
        let by_clock = today
            .series(Span::new().days(1))
            .take(4)
            .filter_map(|day| {
                let moment = tz.to_ambiguous_zoned(day.to_datetime(self.to));
                // An hour that comes twice: the first `to` may have passed.
                let first = moment.clone().compatible().ok()?.timestamp();
                let second = moment.later().ok()?.timestamp();
                [first, second].into_iter().find(|at| *at > now)
            })
            .find(|at| !self.contains(*at, tz));
        // A clock that jumps over `to` ends the quiet as it jumps.
        let jump = tz
            .following(now)
            .take(2)
            .map(|change| change.timestamp())
            .find(|at| !self.contains(*at, tz));
        match (by_clock, jump) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => a.or(b).unwrap_or(Timestamp::MAX),
        }
    }
}

/// `7:30` or `07:30`.
pub fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str, most: usize| -> Option<i8> {
        let fits = (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse().ok())?
    };
    if minute.len() != 2 {
        return None;
    }
    Time::new(digits(hour, 2)?, digits(minute, 2)?, 0, 0).ok()
}

/// When the local day after this one begins.
pub fn tomorrow(now: Timestamp, tz: &TimeZone) -> Option<Timestamp> {
    let day = now.to_zoned(tz.clone()).tomorrow().ok()?;
    Some(day.start_of_day().ok()?.timestamp())
}

/// The moment that `time` means on `day`.
fn moment(day: Date, time: Time, tz: &TimeZone) -> Option<Timestamp> {
    let moment = day.to_datetime(time).to_zoned(tz.clone()).ok()?;
    Some(moment.timestamp())
}

/// The next look at a fixed time, counted from the last moment `served`:
/// in the past if one was missed (the service stood still, the clock jumped).
/// `None`: there are no times.
///
/// Give the answer, and when it is past `last_due`, back as `served`.
pub fn next_time(
    times: &[Time],
    served: Timestamp,
    now: Timestamp,
    tz: &TimeZone,
) -> Option<Timestamp> {
    let served = believable(served, now);
    occurrences(times, served, tz).find(|at| *at > served)
}

/// The last fixed time at or before `now`, at least `served`: what has been
/// served once a look begins now. Several missed ones are one look.
pub fn last_due(times: &[Time], served: Timestamp, now: Timestamp, tz: &TimeZone) -> Timestamp {
    let served = believable(served, now);
    occurrences(times, now, tz)
        .take_while(|at| *at <= now)
        .last()
        .map_or(served, |at| at.max(served))
}

/// A moment more than a day ahead was noted by a clock that was wrong.
fn believable(served: Timestamp, now: Timestamp) -> Timestamp {
    if served.duration_since(now) > SignedDuration::from_hours(25) {
        now
    } else {
        served
    }
}

/// Fixed times in order, from the day before `around` (two, as the date line has
/// taken a day away before) to three days after it.
fn occurrences(
    times: &[Time],
    around: Timestamp,
    tz: &TimeZone,
) -> impl Iterator<Item = Timestamp> {
    let day = around.to_zoned(tz.clone()).date();
    let mut all: Vec<Timestamp> = (-2..=3)
        .filter_map(|days| day.checked_add(Span::new().days(days)).ok())
        .flat_map(|day| times.iter().filter_map(move |time| moment(day, *time, tz)))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}

/// A fixed time, later by up to `offset_minutes`: not every day on the dot,
/// and the same however often it is asked.
pub fn with_offset(at: Timestamp, zone: ZoneId, offset_minutes: u32) -> Timestamp {
    let most = f64::from(offset_minutes) * 60.0;
    let later = SignedDuration::from_secs_f64((most * share(zone, at)).floor());
    at.checked_add(later).unwrap_or(at)
}

/// How calm a room has been: looks in a row that found nothing changed, or
/// (negative) that found something to be judged.
pub type Calm = i8;

/// `calm` after another look.
pub fn calmer(calm: Calm, unchanged: bool) -> Calm {
    match (unchanged, calm > 0) {
        (true, true) => (calm + 1).min(6),
        (true, false) => 1,
        (false, true) => 0,
        (false, false) => (calm - 1).max(-4),
    }
}

/// The interval that suits how calm the room is: up to three times as long
/// after six looks without a change, half as long after four with one. Between
/// a minute and a day, whatever the option says.
pub fn adapted(interval_minutes: u32, calm: Calm) -> u32 {
    let factor = match calm {
        0.. => 1.0 + f64::from(calm.min(6)) / 3.0,
        _ => 1.0 + f64::from(calm.max(-4)) / 8.0,
    };
    ((f64::from(interval_minutes) * factor).round() as u32).clamp(1, 1440)
}

#[cfg(test)]
mod tests;
