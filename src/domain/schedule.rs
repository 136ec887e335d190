//! When to look next. Pure in `now`; jitter comes from the zone and the time,
//! so that zones spread out and a decision can be repeated.

use jiff::{SignedDuration, Timestamp};

use super::zone::ZoneId;

/// The next scheduled check after one that ended at `now`: the interval ± 5 %.
pub fn next(zone: ZoneId, now: Timestamp, interval_minutes: u32) -> Timestamp {
    let interval = f64::from(interval_minutes) * 60.0;
    after(now, interval * (0.95 + 0.1 * share(zone, now)))
}

/// When the next scheduled check comes at the latest, for one that begins at `now`.
pub fn latest(now: Timestamp, interval_minutes: u32) -> Timestamp {
    after(now, f64::from(interval_minutes) * 60.0)
}

/// The first check after a start: zones one after another, two seconds apart.
pub fn first(position: usize, now: Timestamp) -> Timestamp {
    after(now, 2.0 * position as f64)
}

/// A reading that waits for its confirmation gets one in 2–5 minutes.
pub fn confirmation(zone: ZoneId, now: Timestamp) -> Timestamp {
    after(now, 120.0 + 180.0 * share(zone, now))
}

/// After `failures` failed checks in a row: 1, 2, 4 … 15 minutes, jittered, and
/// never later than the schedule would look anyway.
pub fn retry(zone: ZoneId, now: Timestamp, failures: u32, interval_minutes: u32) -> Timestamp {
    let minutes = f64::from(2_u32.saturating_pow(failures.saturating_sub(1).min(8))).min(15.0);
    let minutes = minutes.min(f64::from(interval_minutes));
    after(now, minutes * 60.0 * (0.8 + 0.2 * share(zone, now)))
}

/// Whether a planned time has come. A plan further away than it can ever have
/// been made (the wall clock was set back) counts as due.
pub fn is_due(planned: Timestamp, now: Timestamp, interval_minutes: u32) -> bool {
    let longest = SignedDuration::from_mins(i64::from(interval_minutes) + 10) * 2;
    planned <= now || planned.duration_since(now) > longest
}

fn after(now: Timestamp, seconds: f64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs_f64(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// A number in 0–1 that differs by zone and by second.
pub(super) fn share(zone: ZoneId, now: Timestamp) -> f64 {
    // SplitMix64's finaliser: neighbours in, strangers out.
    let mut x = u64::from(zone.0) << 40 ^ now.as_second() as u64;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn gap(to: Timestamp) -> f64 {
        to.duration_since(at(0)).as_secs_f64()
    }

    #[test]
    fn every_wait_is_within_its_bounds() {
        for zone in (0..50).map(ZoneId) {
            assert!((57.0 * 60.0..=63.0 * 60.0).contains(&gap(next(zone, at(0), 60))));
            assert!((120.0..=300.0).contains(&gap(confirmation(zone, at(0)))));
            assert!((48.0..=60.0).contains(&gap(retry(zone, at(0), 1, 60))));
            assert!(gap(retry(zone, at(0), u32::MAX, 60)) <= 15.0 * 60.0);
            assert!(gap(retry(zone, at(0), 9, 5)) <= 5.0 * 60.0);
        }
    }

    #[test]
    fn zones_with_one_interval_do_not_march_in_step() {
        let times: std::collections::BTreeSet<_> =
            (0..20).map(|z| next(ZoneId(z), at(0), 60)).collect();
        assert_eq!(times.len(), 20);
    }

    #[test]
    fn a_clock_set_back_does_not_stop_the_checks() {
        let planned = next(ZoneId(1), at(0), 60);
        assert!(!is_due(planned, at(60), 60));
        assert!(is_due(planned, at(3 * 3600), 60));
        assert!(is_due(planned, at(-24 * 3600), 60));
    }
}
