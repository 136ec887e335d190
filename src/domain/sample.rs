//! A view, a zone and a task for tests.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    health::Health,
    mask::Masks,
    score::Score,
    standing::Standing,
    task::{Priority, Task, TaskId, TaskState},
    view::{ReadingView, View, ZoneStatus, ZoneView},
    zone::{Zone, ZoneId, ZoneOptions},
};

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

pub fn view(zones: &[&str]) -> View {
    View {
        started: at("2026-11-22T08:00:00Z"),
        enabled: true,
        health: Health::default(),
        degraded: None,
        config_problems: vec![],
        unused_options: None,
        judge: Standing::of("local"),
        provider: "local".into(),
        calls_today: 7,
        saved_today: 3,
        queue: 0,
        error_rate: 0.0,
        memory_mib: 31.25,
        zones: zones.iter().map(|slug| zone(slug)).collect(),
    }
}

pub fn shared(zones: &[&str]) -> Arc<View> {
    Arc::new(view(zones))
}

pub fn zone(slug: &str) -> ZoneView {
    ZoneView {
        zone: Zone {
            id: ZoneId(1),
            options: ZoneOptions {
                name: slug.to_uppercase(),
                slug: slug.into(),
                cameras: vec![format!("camera.{slug}")],
                ..ZoneOptions::default()
            },
        },
        status: ZoneStatus::Waiting,
        monitoring: true,
        interval_minutes: 60,
        pickiness: 3,
        snooze: None,
        rules: vec![],
        streak_days: Some(4),
        reading: Some(ReadingView {
            at: at("2026-11-22T09:00:00Z"),
            score: Score::try_from(62_i64).unwrap(),
            label: "lived in",
            summary: "A cup on the table.".into(),
            confidence: 0.8,
            provider: "local".into(),
            method: "network without reference".into(),
            old: false,
        }),
        needs_cleaning: Some(false),
        tasks: vec![task(1, "Put the cup away")],
        last_check: Some(at("2026-11-22T09:00:01Z")),
        next_check: None,
        problem: None,
        snapshot: Some("a picture".into()),
        clean_pictures: Some(0),
        masks: Masks::None,
        lessons: 0,
    }
}

pub fn task(id: u64, title: &str) -> Task {
    Task {
        id: TaskId(id),
        zone: ZoneId(1),
        title: title.into(),
        state: TaskState::Open,
        provider: "local".into(),
        confidence: 0.75,
        priority: Priority::Normal,
        region: None,
        first_seen: at("2026-11-22T09:00:00Z"),
        last_seen: at("2026-11-22T09:00:00Z"),
        gone_readings: 0,
        item: None,
    }
}
