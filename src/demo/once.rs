//! `demo --once`: the real pipeline, once for each zone, and a table.

use std::{fmt::Write as _, process::ExitCode, sync::Arc};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};

use super::{rooms::Room, zones};
use crate::{
    cli,
    domain::{
        check::{Finding, Outcome, Trigger},
        mask::Masks,
        zone::{Zone, ZoneId},
    },
    engine::{
        check::{self, Bench, Job},
        references::References,
    },
    selftest::test_home::album::Album,
    telemetry::Metrics,
    vision,
};

#[derive(Serialize)]
struct Report {
    zones: Vec<Judged>,
}

/// One zone; with an `error` there is no score and there are no tasks.
#[derive(Serialize)]
struct Judged {
    zone: String,
    score: Option<u8>,
    label: Option<&'static str>,
    summary: Option<String>,
    confidence: Option<f32>,
    provider: String,
    tasks: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Judges the last picture of each room; exit code 1 if one could not be judged.
pub async fn once(rooms: Vec<Room>, json: bool) -> anyhow::Result<ExitCode> {
    let mut album = Album::default();
    let zones: Vec<Zone> = zones(&rooms)
        .into_iter()
        .zip(1..)
        .map(|(options, id)| Zone {
            id: ZoneId(id),
            options,
        })
        .collect();
    for mut room in rooms {
        let last = room
            .pictures
            .split_off(room.pictures.len().saturating_sub(1));
        album.insert(room.name, last, 1);
    }
    let judge = vision::built_in();
    let bench = Bench {
        camera: Arc::new(album),
        metrics: Metrics::new(&["local"]),
        judge,
        decoding: Arc::new(Semaphore::new(1)),
        hold: watch::channel(None).1,
        references: Arc::new(References::none()),
    };
    let mut report = Report { zones: Vec::new() };
    for zone in zones {
        let job = Job {
            zone,
            trigger: Trigger::Manual,
            known: Vec::new(),
            masks: Masks::None,
            baseline: None,
            until: Timestamp::MAX,
            taste: Arc::default(),
        };
        let done = check::run(&bench, &job).await;
        let name = job.zone.options.name;
        report
            .zones
            .push(judged(name, &bench.judge.standing().provider, done.outcome));
    }
    let failed = report.zones.iter().any(|z| z.error.is_some());
    if json {
        cli::print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    } else {
        cli::print(&table(&report))?;
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn judged(zone: String, provider: &str, outcome: Outcome) -> Judged {
    let mut judged = Judged {
        zone,
        score: None,
        label: None,
        summary: None,
        confidence: None,
        provider: provider.to_owned(),
        tasks: Vec::new(),
        error: None,
    };
    match outcome {
        Outcome::Assessed(answer) => {
            judged.score = Some(answer.score.value());
            judged.label = Some(answer.score.label());
            judged.summary = Some(answer.summary);
            judged.confidence = Some(answer.confidence);
            judged.tasks = answer.new;
        }
        Outcome::Failed(error) => judged.error = Some(error.sentence),
        // Nothing was seen before, so nothing can be unchanged.
        Outcome::Unchanged => {}
    }
    judged
}

fn table(report: &Report) -> String {
    let width = report
        .zones
        .iter()
        .map(|z| z.zone.chars().count())
        .max()
        .unwrap_or(0)
        .max(4);
    let mut text = format!("{:width$}  Score  Label     To do\n", "Zone");
    for zone in &report.zones {
        let score = zone.score.map_or("–".to_owned(), |s| s.to_string());
        let tasks: Vec<&str> = zone.tasks.iter().map(|t| t.title.as_str()).collect();
        let last = match &zone.error {
            Some(error) => error.clone(),
            None if tasks.is_empty() => "nothing".to_owned(),
            None => tasks.join(", "),
        };
        let label = zone.label.unwrap_or("–");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:width$}  {score:>5}  {label:8}  {last}", zone.zone);
    }
    text
}
