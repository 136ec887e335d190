//! What the options say about the household as a whole, as far as decisions
//! need it.

use super::{notification::NotifyOptions, timing::QuietHours};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseOptions {
    /// No scheduled checks and no notifications then; checks by hand still run.
    pub quiet_hours: Option<QuietHours>,
    /// Fixed times come up to so many minutes later, 0–120.
    pub random_offset_minutes: u32,
    /// Look less often where nothing changes and more often where it does.
    pub adaptive_interval: bool,
    /// An unchanged picture is judged all the same after so long, 1–168.
    pub max_age_hours: u32,
    /// While one of these entities is at home no picture is taken.
    pub pause_when_home: Vec<String>,
    pub notify: NotifyOptions,
}

impl Default for HouseOptions {
    fn default() -> Self {
        Self {
            quiet_hours: None,
            random_offset_minutes: 0,
            adaptive_interval: false,
            max_age_hours: 24,
            pause_when_home: Vec::new(),
            notify: NotifyOptions::default(),
        }
    }
}
