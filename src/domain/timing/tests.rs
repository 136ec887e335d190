//! The days on which clocks change, in many zones, over many years.

use jiff::{Timestamp, ToSpan, civil::time, tz::TimeZone};
use proptest::{collection::vec, prelude::*};

use super::*;

/// Zones with ordinary, odd, southern, whole-day and no changes.
const ZONES: [&str; 14] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/Havana",
    "UTC",
];

fn zone(index: usize) -> TimeZone {
    TimeZone::get(ZONES[index % ZONES.len()]).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// A moment near a change of the clocks, if the zone has one after `second`.
fn near_a_change(tz: &TimeZone, second: i64, off_by: i64) -> Timestamp {
    let start = Timestamp::from_second(second).unwrap();
    let change = tz.following(start).next().map_or(start, |c| c.timestamp());
    // Zones without further changes, and those of the far future, stay where they are.
    let near = change.checked_add(SignedDuration::from_secs(off_by));
    near.ok()
        .filter(|t| t.as_second() < 2_600_000_000)
        .unwrap_or(start)
}

fn any_time() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60).prop_map(|(h, m)| time(h, m, 0, 0))
}

/// A second between 2001 and 2050.
fn any_second() -> impl Strategy<Value = i64> {
    1_000_000_000_i64..2_520_000_000
}

/// Runs the clock through `wakes` and says at which moments a look began.
fn looks(times: &[Time], from: Timestamp, wakes: &[Timestamp], tz: &TimeZone) -> Vec<Timestamp> {
    let mut served = from;
    let mut begun = Vec::new();
    for now in wakes {
        if next_time(times, served, *now, tz).is_some_and(|next| next <= *now) {
            served = last_due(times, served, *now, tz);
            begun.push(*now);
        }
    }
    begun
}

proptest! {
    #[test]
    fn every_local_day_has_each_of_its_times_once(
        index in 0_usize..ZONES.len(), second in any_second(), off_by in -200_000_i64..200_000,
        times in vec(any_time(), 1..5),
    ) {
        let tz = zone(index);
        let from = near_a_change(&tz, second, off_by);
        let to = from.checked_add(SignedDuration::from_hours(24 * 5)).unwrap();
        let mut expected: Vec<Timestamp> = Vec::new();
        let mut day = from.to_zoned(tz.clone()).date().yesterday().unwrap();
        for _ in 0..9 {
            expected.extend(times.iter().filter_map(|t| moment(day, *t, &tz)));
            day = day.tomorrow().unwrap();
        }
        expected.sort_unstable();
        expected.dedup();
        expected.retain(|t| *t > from && *t <= to);
        // Wherever we wake exactly when asked to, that is when looks begin.
        let mut served = from;
        let mut found = Vec::new();
        while let Some(next) = next_time(&times, served, served, &tz).filter(|t| *t <= to) {
            served = last_due(&times, served, next, &tz);
            prop_assert_eq!(served, next);
            found.push(next);
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_clock_that_jumps_neither_doubles_nor_loses_a_time(
        index in 0_usize..ZONES.len(), second in any_second(), off_by in -100_000_i64..100_000,
        times in vec(any_time(), 1..4),
        steps in vec((1_i64..7_200, prop_oneof![4 => Just(0_i64), 1 => -9_000_i64..9_000]), 1..120),
    ) {
        let tz = zone(index);
        let from = near_a_change(&tz, second, off_by);
        let mut now = from;
        let mut wakes = Vec::new();
        for (pass, jump) in steps {
            now = now.checked_add(SignedDuration::from_secs(pass + jump)).unwrap();
            wakes.push(now);
        }
        let begun = looks(&times, from, &wakes, &tz);
        // What a clock without jumps back would have shown by now.
        let latest = wakes.iter().copied().max().unwrap();
        let due = occurrences_between(&times, from, latest, &tz);
        prop_assert!(begun.len() <= due.len(), "{} looks for {} times", begun.len(), due.len());
        // Each time is followed by a look, before any later time is served.
        for time in &due {
            let first_after = wakes.iter().find(|w| *w >= time).unwrap();
            prop_assert!(begun.contains(first_after), "{time} was skipped");
        }
    }

    #[test]
    fn quiet_ends_when_it_ends(
        index in 0_usize..ZONES.len(), second in any_second(), off_by in -100_000_i64..100_000,
        from in any_time(), to in any_time(),
    ) {
        prop_assume!(from != to);
        let tz = zone(index);
        let quiet = QuietHours { from, to };
        let now = near_a_change(&tz, second, off_by);
        let end = quiet.end(now, &tz);
        prop_assert!(!quiet.contains(end, &tz));
        prop_assert_eq!(end > now, quiet.contains(now, &tz));
        // No moment before it was already loud: looked at every minute.
        let mut moment = now;
        while moment < end {
            prop_assert!(quiet.contains(moment, &tz), "{moment} is not quiet, {end} is said");
            moment = moment.checked_add(60.seconds()).unwrap();
        }
    }

    #[test]
    fn adapting_is_bounded(interval in 1_u32..=1440, looks in vec(any::<bool>(), 0..40)) {
        let calm = looks.iter().fold(0, |calm, unchanged| calmer(calm, *unchanged));
        let adapted = adapted(interval, calm);
        prop_assert!((1..=1440).contains(&adapted));
        prop_assert!(adapted <= interval * 3 && adapted * 2 + 1 >= interval);
    }
}

fn occurrences_between(
    times: &[Time],
    from: Timestamp,
    to: Timestamp,
    tz: &TimeZone,
) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let mut after = from;
    while let Some(next) = next_time(times, after, after, tz).filter(|t| *t <= to) {
        found.push(next);
        after = next;
    }
    found
}

#[test]
fn the_nights_when_clocks_change_in_berlin() {
    let times = [time(2, 30, 0, 0)];
    // Spring: 02:30 does not exist; the look comes at 03:30.
    let next = next_time(
        &times,
        at("2027-03-27T12:00:00Z"),
        at("2027-03-27T12:00:00Z"),
        &berlin(),
    );
    assert_eq!(next, Some(at("2027-03-28T01:30:00Z")));
    // Autumn: 02:30 comes twice; the look comes the first time only.
    let first = at("2027-10-31T00:30:00Z");
    let before = at("2027-10-30T12:00:00Z");
    assert_eq!(next_time(&times, before, before, &berlin()), Some(first));
    assert_eq!(
        next_time(&times, first, first, &berlin()),
        Some(at("2027-11-01T01:30:00Z"))
    );
}

#[test]
fn a_wrong_clock_from_the_future_does_not_stop_the_looks() {
    let times = [time(8, 0, 0, 0)];
    let now = at("2027-06-01T12:00:00Z");
    let served = at("2031-01-01T00:00:00Z");
    assert_eq!(
        next_time(&times, served, now, &berlin()),
        Some(at("2027-06-02T06:00:00Z"))
    );
}

#[test]
fn offsets_stay_within_bounds_and_differ() {
    let moment = at("2027-06-01T06:00:00Z");
    let found: std::collections::BTreeSet<_> = (0..30)
        .map(|z| with_offset(moment, ZoneId(z), 20))
        .collect();
    assert!(found.len() > 20);
    for late in found {
        assert!((0..1200).contains(&late.duration_since(moment).as_secs()));
    }
    assert_eq!(with_offset(moment, ZoneId(3), 0), moment);
}

#[test]
fn texts_are_read_or_refused() {
    assert_eq!(time_of_day(" 7:05"), Some(time(7, 5, 0, 0)));
    for wrong in [
        "", "7", "24:00", "12:60", "7:5", "-1:00", "07:00:00", "+7:00",
    ] {
        assert_eq!(time_of_day(wrong), None, "{wrong}");
    }
    let night = QuietHours {
        from: time(22, 0, 0, 0),
        to: time(7, 0, 0, 0),
    };
    assert_eq!(QuietHours::parse("22:00 - 07:00"), Some(night));
    for wrong in ["22:00", "22:00-22:00", "22-7", "22:00-25:00"] {
        assert_eq!(QuietHours::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_loud_window_that_the_clock_jumps_over_comes_the_next_day() {
    let tz = zone(3);
    let (from, to) = (time(0, 11, 0, 0), time(0, 0, 0, 0));
    // In São Paulo midnight became one o'clock on 3 November 2002.
    let end = QuietHours { from, to }.end(at("2002-11-02T23:59:59-03:00"), &tz);
    assert_eq!(end, at("2002-11-04T00:00:00-02:00"));
}

#[test]
fn a_day_that_the_date_line_takes_away_doubles_no_look() {
    let tz = zone(10);
    // In Apia 29 December 2011 was followed by the 31st.
    let late = [time(23, 50, 0, 0)];
    let wakes = ["2011-12-30T10:00:00Z", "2011-12-30T10:00:01Z"].map(at);
    let begun = looks(&late, at("2011-12-30T09:49:59Z"), &wakes, &tz);
    assert_eq!(begun, wakes[..1]);
}

#[test]
fn quiet_hours_that_end_in_the_second_passing_of_an_hour() {
    // In Berlin 02:00 to 03:00 came twice on 31 October 2027: from 00:00 and
    // from 01:00 UTC.
    let quiet = QuietHours::parse("02:40-02:20").unwrap();
    let end = |now: &str| quiet.end(at(now), &berlin());
    let loud = ["2027-10-31T00:20:00Z", "2027-10-31T01:20:00Z"];
    // Before it, the first passing ends the quiet …
    assert_eq!(end("2027-10-30T20:00:00Z"), at(loud[0]));
    assert_eq!(end("2027-10-31T00:30:00Z"), at("2027-10-31T00:30:00Z"));
    // … it begins again at 02:40, and the second passing ends that.
    assert_eq!(end("2027-10-31T00:40:00Z"), at(loud[1]));
    assert_eq!(end("2027-10-31T01:10:00Z"), at(loud[1]));
    assert_eq!(end("2027-10-31T01:40:00Z"), at("2027-11-01T01:20:00Z"));
}

#[test]
fn a_look_for_another_reason_while_the_clock_is_set_back_doubles_no_time() {
    let times = [time(8, 0, 0, 0)];
    let served = at("2027-01-15T08:00:00Z");
    // Half an hour before it again, something else is due.
    let now = at("2027-01-15T07:30:00Z");
    let served = last_due(&times, served, now, &TimeZone::UTC);
    assert_eq!(served, at("2027-01-15T08:00:00Z"));
    let again = at("2027-01-15T08:00:01Z");
    let next = next_time(&times, served, again, &TimeZone::UTC);
    assert_eq!(next, Some(at("2027-01-16T08:00:00Z")));
}
