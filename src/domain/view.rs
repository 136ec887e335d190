//! What the world may see of us at one moment: entities, page and metrics all
//! read this and nothing else, so they cannot disagree.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    degraded::Told, health::Health, ignore::LearntRule, mask::Masks, score::Score,
    standing::Standing, task::Task, zone::Zone,
};

/// The whole household at one moment.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    pub started: Timestamp,
    /// The main switch.
    pub enabled: bool,
    pub health: Health,
    /// What works and what does not; `None`: everything works.
    pub degraded: Option<Told>,
    /// What is wrong with the options, one sentence each; empty when all is well.
    pub config_problems: Vec<String>,
    /// Options that are saved and not in use, in a sentence.
    pub unused_options: Option<String>,
    /// The provider that judges now, such as `local`.
    pub provider: String,
    /// How those who judge stand.
    pub judge: Standing,
    /// Calls of providers outside this program today, and judgements saved today because nothing had changed.
    pub calls_today: u32,
    pub saved_today: u32,
    /// Checks that wait or run.
    pub queue: usize,
    /// Share of today's checks that failed, in percent.
    pub error_rate: f32,
    /// Resident memory in MiB, sampled now and then.
    pub memory_mib: f32,
    pub zones: Vec<ZoneView>,
}

/// One zone at one moment.
#[derive(Debug, Clone, Serialize)]
pub struct ZoneView {
    pub zone: Zone,
    pub status: ZoneStatus,
    pub monitoring: bool,
    /// Minutes between scheduled checks in force (option or override).
    pub interval_minutes: u32,
    /// How strict the judge is, 1–5 (option or override).
    pub pickiness: u8,
    /// Until when nobody wants it looked at unasked, and the minutes that was asked for.
    pub snooze: Option<(Timestamp, u32)>,
    /// What is no task here, besides what the options say.
    pub rules: Vec<LearntRule>,
    /// Days in a row that ended in order; `None` before the first good reading.
    pub streak_days: Option<u32>,
    /// The last good reading; `None` before the first.
    pub reading: Option<ReadingView>,
    pub needs_cleaning: Option<bool>,
    /// Open tasks, oldest first.
    pub tasks: Vec<Task>,
    /// When a check last ended, whatever its outcome.
    pub last_check: Option<Timestamp>,
    pub next_check: Option<Timestamp>,
    /// What is wrong with this zone, in a sentence, and since when.
    pub problem: Option<(String, Timestamp)>,
    /// Exactly the JPEG that was judged last.
    #[serde(skip)]
    pub snapshot: Option<Bytes>,
    /// How many clean pictures it is compared with; `None` before its first check.
    pub clean_pictures: Option<usize>,
    /// What of its pictures nobody may see.
    #[serde(skip)]
    pub masks: Masks,
    /// How many lessons the embedded judge had about it, see `Opinion`.
    pub lessons: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadingView {
    pub at: Timestamp,
    pub score: Score,
    pub label: &'static str,
    pub summary: String,
    pub confidence: f32,
    pub provider: String,
    pub method: String,
    /// A newer check failed, so this is not the latest state of the room.
    pub old: bool,
}

/// What a zone is doing: the states of its status sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneStatus {
    Waiting,
    Queued,
    Checking,
    /// Waits for Home Assistant.
    Paused,
    /// Its switch, or the main switch, is off.
    Off,
    Failed,
}

impl ZoneStatus {
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Queued,
        Self::Checking,
        Self::Paused,
        Self::Off,
        Self::Failed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Checking => "checking",
            Self::Paused => "paused",
            Self::Off => "off",
            Self::Failed => "failed",
        }
    }
}
