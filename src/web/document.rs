//! What the page is told: the view, without what only we need (camera
//! addresses may hold passwords) and without what changes all the time.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::domain::{
    degraded::Told,
    health::Condition,
    snooze,
    task::{Priority, Region, Task, TaskId},
    view::{ReadingView, View, ZoneStatus, ZoneView},
};

/// The whole household: the answer to `GET api/v1/zones`.
#[derive(Serialize)]
pub struct House<'a> {
    version: &'a str,
    enabled: bool,
    /// Whether the rooms can be changed here; those of the demo cannot.
    editable: bool,
    provider: &'a str,
    calls_today: u32,
    saved_today: u32,
    queue: usize,
    config_problems: &'a [String],
    unused_options: Option<&'a str>,
    /// Component → `{state, sentence?, since}`.
    health: BTreeMap<&'static str, Value>,
    /// What works and what does not, in one sentence; null: everything works.
    degraded: Option<&'a Told>,
    /// How long a room can be left alone, from `off` on.
    snooze_choices: [&'static str; snooze::CHOICES.len()],
    zones: Vec<Room<'a>>,
}

#[derive(Serialize)]
struct Room<'a> {
    slug: &'a str,
    name: &'a str,
    icon: Option<&'a str>,
    todo_list: Option<&'a str>,
    status: ZoneStatus,
    monitoring: bool,
    interval_minutes: u32,
    snoozed_until: Option<Timestamp>,
    /// What was chosen, one of `snooze_choices`.
    snooze: &'static str,
    streak_days: Option<u32>,
    reading: Option<&'a ReadingView>,
    needs_cleaning: Option<bool>,
    tasks: Vec<Job<'a>>,
    last_check: Option<Timestamp>,
    next_check: Option<Timestamp>,
    problem: Option<Problem<'a>>,
    /// Where the picture is, relative to the page; another address when it is another picture.
    snapshot: Option<String>,
    /// How many clean pictures it is compared with; null before the first check.
    clean_pictures: Option<usize>,
    /// How many areas of its pictures are hidden.
    masked_areas: usize,
    /// How many lessons the embedded judge was taught about it.
    lessons: usize,
}

#[derive(Serialize)]
struct Job<'a> {
    id: TaskId,
    title: &'a str,
    confidence: f32,
    priority: Priority,
    region: Option<Region>,
    first_seen: Timestamp,
    last_seen: Timestamp,
    on_list: bool,
}

#[derive(Serialize)]
struct Problem<'a> {
    sentence: &'a str,
    since: Timestamp,
}

impl<'a> House<'a> {
    pub fn of(view: &'a View, version: &'a str, editable: bool) -> Self {
        Self {
            version,
            enabled: view.enabled,
            editable,
            provider: &view.provider,
            calls_today: view.calls_today,
            saved_today: view.saved_today,
            queue: view.queue,
            config_problems: &view.config_problems,
            unused_options: view.unused_options.as_deref(),
            health: view
                .health
                .iter()
                .map(|(part, state, since)| (part.name(), condition(state, since)))
                .collect(),
            degraded: view.degraded.as_ref(),
            snooze_choices: snooze::choices(),
            zones: view.zones.iter().map(room).collect(),
        }
    }
}

fn room(zone: &ZoneView) -> Room<'_> {
    let options = &zone.zone.options;
    Room {
        slug: &options.slug,
        name: &options.name,
        icon: options.icon.as_deref(),
        todo_list: options.todo_list.as_ref().map(|list| list.0.as_str()),
        status: zone.status,
        monitoring: zone.monitoring,
        interval_minutes: zone.interval_minutes,
        snoozed_until: zone.snooze.map(|(until, _)| until),
        snooze: snooze::shown(zone.snooze.map(|(_, minutes)| minutes)),
        streak_days: zone.streak_days,
        reading: zone.reading.as_ref(),
        needs_cleaning: zone.needs_cleaning,
        tasks: zone.tasks.iter().map(job).collect(),
        last_check: zone.last_check,
        next_check: zone.next_check,
        problem: zone.problem.as_ref().map(|(sentence, since)| Problem {
            sentence,
            since: *since,
        }),
        clean_pictures: zone.clean_pictures,
        masked_areas: zone.masks.areas(),
        lessons: zone.lessons,
        snapshot: zone.snapshot.as_ref().map(|jpeg| {
            format!(
                "api/v1/zones/{}/snapshot?v={:016x}",
                options.slug,
                digest(jpeg)
            )
        }),
    }
}

fn job(task: &Task) -> Job<'_> {
    Job {
        id: task.id,
        title: &task.title,
        confidence: task.confidence,
        priority: task.priority,
        region: task.region,
        first_seen: task.first_seen,
        last_seen: task.last_seen,
        on_list: task.item.is_some(),
    }
}

/// `{state, sentence?, since}`.
pub fn condition(condition: &Condition, since: Timestamp) -> Value {
    #[derive(Serialize)]
    struct Since<'a> {
        #[serde(flatten)]
        condition: &'a Condition,
        since: Timestamp,
    }
    serde_json::to_value(Since { condition, since }).unwrap_or(Value::Null)
}

/// Tells contents apart; the same contents give the same digest in one build.
pub fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
