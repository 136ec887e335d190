//! A check: one run of the pipeline for one zone, from trigger to assessment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    learning::Impression,
    score::Score,
    task::{Priority, Region, TaskId},
};

/// Why a check runs. Later variants matter more when two reasons meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The interval is over.
    Schedule,
    /// The first look after a start.
    Startup,
    /// The last check failed.
    Retry,
    /// A reading waits for a second one that agrees.
    Confirm,
    /// Something happened in the home.
    Event,
    /// A person asked.
    Manual,
}

impl Trigger {
    pub const ALL: [Self; 6] = [
        Self::Schedule,
        Self::Startup,
        Self::Retry,
        Self::Confirm,
        Self::Event,
        Self::Manual,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Startup => "startup",
            Self::Retry => "retry",
            Self::Confirm => "confirm",
            Self::Event => "event",
            Self::Manual => "manual",
        }
    }
}

/// An open task as a provider is told about it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownTask {
    pub id: TaskId,
    pub title: String,
    /// The provider that found it: a judge that only knows places can speak
    /// about its own tasks only.
    pub provider: String,
    pub region: Option<Region>,
}

/// A validated answer: only a provider that really looked can make one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    pub score: Score,
    /// 0–1, how sure the provider is of the score.
    pub confidence: f32,
    /// One sentence for the household.
    pub summary: String,
    /// Known tasks that are still to be done.
    pub remain: Vec<TaskId>,
    /// Known tasks that are done now, each with a confidence of 0–1.
    pub done: Vec<(TaskId, f32)>,
    /// Things to do that are not among the known tasks.
    pub new: Vec<Finding>,
    /// The provider that answered, such as `local`.
    pub provider: String,
    /// How it came to the score, such as `network without reference`.
    pub method: String,
    /// Whether a new task of this judge must be seen twice before it counts.
    pub needs_second_look: bool,
    /// What the embedded judge saw, a camera each; empty of other judges.
    #[serde(skip)]
    pub impressions: Vec<Impression>,
}

/// Something to do that a provider saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// 3–120 printable characters.
    pub title: String,
    pub confidence: f32,
    #[serde(default)]
    pub priority: Priority,
    pub region: Option<Region>,
}

/// Why a check gave no assessment: the class decides what happens next, the
/// sentence is for the household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckError {
    pub class: ErrorClass,
    /// What is wrong, where, and what to do.
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// Home Assistant is away: wait, nothing is wrong.
    Paused,
    /// The camera gave no picture.
    Camera,
    /// The picture cannot be used (dark, blurred, not a picture …).
    Picture,
    /// The provider could not judge.
    Provider,
    /// The day's budget is spent: a gate, not a fault.
    Budget,
}

impl ErrorClass {
    pub const ALL: [Self; 5] = [
        Self::Paused,
        Self::Camera,
        Self::Picture,
        Self::Provider,
        Self::Budget,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Camera => "camera",
            Self::Picture => "picture",
            Self::Provider => "provider",
            Self::Budget => "budget",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Assessed(Assessment),
    /// Nothing changed since the last assessed picture; one call saved.
    Unchanged,
    Failed(CheckError),
}

impl Outcome {
    pub const NAMES: [&'static str; 3] = ["assessed", "unchanged", "failed"];

    pub fn name(&self) -> &'static str {
        match self {
            Self::Assessed(_) => "assessed",
            Self::Unchanged => "unchanged",
            Self::Failed(_) => "failed",
        }
    }
}

/// One line of a zone's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub zone: super::zone::ZoneId,
    pub at: Timestamp,
    pub score: Score,
    pub confidence: f32,
    pub provider: String,
    pub open_tasks: u32,
}
