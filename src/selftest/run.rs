//! One load in one home, measured from the first start of the service to its
//! end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    criteria::percentile,
    home::{TestHome, Truth},
    load::Load,
    people::{self, Commands},
    progress::Progress,
    sampler::{Sample, Sampler},
    service::{Ended, Service},
    truth,
};

/// Between two commands of people.
const PACE: Duration = Duration::from_millis(700);
/// For all zones to have had their first look.
const FIRST_LOOKS: Duration = Duration::from_mins(1);
/// For what waits at the end.
const DRAINED: Duration = Duration::from_mins(1);

/// How a run is to be.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Not compressed.
    pub length: Duration,
    /// Times as fast as the clock.
    pub speed: f64,
    pub seed: u64,
}

/// What was seen in one load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figures {
    pub load: String,
    /// Times as fast as the clock.
    pub speed: f64,
    /// Simulated, and by the clock.
    pub simulated_seconds: f64,
    pub seconds: f64,
    pub entities: usize,
    pub rooms: usize,
    /// State changes that Home Assistant told.
    pub changes: u64,
    /// The longest that one of them was behind its moment.
    pub behind_seconds: f64,
    pub ready_seconds: f64,
    pub stop_seconds: Option<f64>,
    pub exit_code: Option<i32>,
    pub died: bool,
    /// These four as the service counts them; `None` if it did not answer.
    pub checks: Option<f64>,
    pub failed_checks: Option<f64>,
    pub merged: Option<f64>,
    pub publishes: Option<f64>,
    pub commands: usize,
    pub command_p50: Option<f64>,
    pub command_p99: Option<f64>,
    pub check_p50: Option<f64>,
    pub check_p99: Option<f64>,
    pub lost_commands: Vec<String>,
    pub discrepancies: Vec<String>,
    /// Percent of what was published that was a state said again unchanged. A
    /// few are right: a value that changes and comes back while the broker is
    /// still busy is sent once more.
    #[serde(default)]
    pub repeated: Option<f64>,
    /// Of the service's own log.
    pub warnings: Vec<String>,
    /// What the fake provider disliked about the questions.
    pub complaints: Vec<String>,
    pub interrupted: bool,
    pub samples: Vec<Sample>,
}

/// Runs it. `stop` ends it early, with what was seen so far.
pub async fn run(
    load: &Load,
    plan: Plan,
    progress: &Progress,
    stop: &CancellationToken,
) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir().context("cannot make a folder for the service's data")?;
    let home = Arc::new(TestHome::start((load.household)(), stop.clone()).await?);
    let mut service = Service::start(&home, folder.path()).await?;
    let pid = service.pid().context("the service has ended")?;
    let sampler = Sampler::start(pid);
    let first = |seen: &super::observer::Seen| {
        let looked = |room| {
            seen.text(&TestHome::topic(room, "last_check"))
                .is_some_and(|t| t != "None")
        };
        home.rooms.iter().all(looked)
    };
    if !home.observer.until(FIRST_LOOKS, first).await {
        bail!(
            "not every room had its first look within {FIRST_LOOKS:?}; the service's log:\n{}",
            service.log()
        );
    }

    let begun = Instant::now();
    let over = CancellationToken::new();
    let told = Told::default();
    let changes = async {
        tell(load, plan, &home, &told, progress, stop).await;
        over.cancel();
    };
    let episodes = async {
        let mut wrong = Vec::new();
        while !over.is_cancelled() && !stop.is_cancelled() {
            for truth in [Truth::Messy, Truth::Tidy] {
                wrong.extend(truth::comes_out(&home, truth).await);
            }
            over.run_until_cancelled(sleep(Duration::from_secs(5)))
                .await;
        }
        wrong
    };
    let ((), commands, wrong): ((), Commands, Vec<String>) = tokio::join!(
        changes,
        people::live(&home, PACE, plan.seed, over.clone()),
        episodes
    );
    let seconds = begun.elapsed().as_secs_f64();
    let mut discrepancies = wrong;
    if !drained(&service).await {
        discrepancies.push("checks still waited a minute after the load had ended".to_owned());
    }
    discrepancies.extend(truth::comes_out(&home, Truth::Messy).await);

    let died = !service.is_alive();
    let checks = service.metric("aicleaner_checks_total").await;
    let failed_checks = service
        .metric_with("aicleaner_checks_total", "outcome=\"failed\"")
        .await;
    let mut figures = Figures {
        load: load.name.to_owned(),
        speed: plan.speed,
        simulated_seconds: seconds * plan.speed,
        seconds,
        entities: home.rooms.iter().map(|room| room.entities.len()).sum(),
        rooms: home.rooms.len(),
        changes: told.changes.load(Ordering::Relaxed),
        behind_seconds: Duration::from_micros(told.behind.load(Ordering::Relaxed)).as_secs_f64(),
        ready_seconds: service.ready_after.as_secs_f64(),
        stop_seconds: None,
        exit_code: None,
        died,
        checks,
        // There is no such line before the first failure.
        failed_checks: failed_checks.or(checks.map(|_| 0.0)),
        merged: service.metric("aicleaner_queue_merged_total").await,
        publishes: service.metric("aicleaner_mqtt_publishes_total").await,
        commands: commands.numbers.len() + commands.checks.len() + commands.lost.len(),
        command_p50: percentile(&commands.numbers, 0.5),
        command_p99: percentile(&commands.numbers, 0.99),
        check_p50: percentile(&commands.checks, 0.5),
        check_p99: percentile(&commands.checks, 0.99),
        lost_commands: commands.lost,
        discrepancies,
        repeated: repeated(&home),
        warnings: warnings(&service.log()),
        complaints: home.provider.complaints(),
        interrupted: stop.is_cancelled(),
        samples: sampler.samples(),
    };
    let Ended { took, code } = service.stop().await?;
    figures.stop_seconds = Some(took.as_secs_f64());
    figures.exit_code = code;
    Ok(figures)
}

/// How much of the load was told.
#[derive(Default)]
struct Told {
    changes: AtomicU64,
    /// Microseconds.
    behind: AtomicU64,
}

/// Tells Home Assistant's changes at their moments.
async fn tell(
    load: &Load,
    plan: Plan,
    home: &TestHome,
    told: &Told,
    progress: &Progress,
    stop: &CancellationToken,
) {
    let begun = tokio::time::Instant::now();
    let mut at = Duration::ZERO;
    for change in (load.changes)(&home.rooms, plan.length, plan.seed) {
        at = change.at;
        let due = begun + change.at.div_f64(plan.speed);
        if due > tokio::time::Instant::now()
            && stop.run_until_cancelled(sleep_until(due)).await.is_none()
        {
            return;
        }
        if stop.is_cancelled() {
            return;
        }
        let behind = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
        told.behind.fetch_max(behind, Ordering::Relaxed);
        home.home.put_state(&change.entity, &change.state);
        let changes = told.changes.fetch_add(1, Ordering::Relaxed) + 1;
        progress.show(load.name, at, plan.length, changes);
    }
    if at < plan.length {
        let end = begun + plan.length.div_f64(plan.speed);
        stop.run_until_cancelled(sleep_until(end)).await;
    }
}

/// Waits until no check waits or runs.
async fn drained(service: &Service) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < DRAINED {
        if service.metric("aicleaner_queue_depth").await == Some(0.0) {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

fn repeated(home: &TestHome) -> Option<f64> {
    let seen = home.observer.seen();
    let again: u64 = seen.repeated.values().sum();
    (seen.messages > 0).then(|| 100.0 * again as f64 / seen.messages as f64)
}

/// Lines of a log that a household would worry about.
pub fn warnings(log: &str) -> Vec<String> {
    log.lines()
        .filter(|line| {
            line.contains(" WARN ") || line.contains("ERROR ") || line.contains("panicked")
        })
        .map(str::to_owned)
        .collect()
}
