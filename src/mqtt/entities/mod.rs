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
pub mod zone_interval_minutes;
pub mod zone_last_check;
pub mod zone_mark_all_done;
pub mod zone_monitoring;
pub mod zone_needs_cleaning;
pub mod zone_next_check;
pub mod zone_problem;
pub mod zone_snapshot;
pub mod zone_status;
pub mod zone_tasks;
pub mod zone_this_is_clean;

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

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(super::shortened("äöü", 3), "äöü");
        assert_eq!(super::shortened("äöüß", 3), "äö…");
    }
}
