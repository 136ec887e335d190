//! The entities, one file each: its row in `entity::ENTITIES` and nothing else.

pub mod hub_ai_calls_saved_today;
pub mod hub_ai_calls_today;
pub mod hub_ai_cost_today;
pub mod hub_check_all;
pub mod hub_config_status;
pub mod hub_enabled;
pub mod hub_error_rate;
pub mod hub_last_check;
pub mod hub_memory;
pub mod hub_problem;
pub mod hub_provider;
pub mod hub_queue;
pub mod hub_started;
pub mod hub_status;
pub mod hub_version;
pub mod zone_check_now;
pub mod zone_cleanliness;
pub mod zone_event;
pub mod zone_ignore;
pub mod zone_interval_minutes;
pub mod zone_last_check;
pub mod zone_looks_messy;
pub mod zone_looks_tidy;
pub mod zone_mark_all_done;
pub mod zone_monitoring;
pub mod zone_needs_cleaning;
pub mod zone_next_check;
pub mod zone_pickiness;
pub mod zone_problem;
pub mod zone_snapshot;
pub mod zone_snooze;
pub mod zone_status;
pub mod zone_streak_days;
pub mod zone_tasks;
pub mod zone_this_is_clean;

use std::ops::RangeInclusive;

/// At most `most` characters, with an ellipsis where something was cut.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// A share rounded to two places: more would make equal readings look different.
fn hundredths(share: f32) -> f64 {
    (f64::from(share) * 100.0).round() / 100.0
}

/// A whole number within bounds: Home Assistant sends `30`, automations may send `30.0`.
fn whole(payload: &str, bounds: RangeInclusive<u32>) -> Option<u32> {
    let value: f64 = payload.trim().parse().ok()?;
    let within = (f64::from(*bounds.start())..=f64::from(*bounds.end())).contains(&value);
    (value.fract() == 0.0 && within).then_some(value as u32)
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_whole_numbers_within_bounds_are_taken() {
        let minutes = |payload| super::whole(payload, 1..=1440);
        assert_eq!(minutes("30"), Some(30));
        assert_eq!(minutes("1440.0"), Some(1440));
        for wrong in ["0", "1441", "1.5", "-3", "NaN", "inf", "", "soon"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(super::shortened("äöü", 3), "äöü");
        assert_eq!(super::shortened("äöüß", 3), "äö…");
    }
}
