//! The built-in proof: drives this very program, as a child process, through
//! its real inputs in a test home, looks at what comes out of it from outside,
//! and says how it was.

mod audit;
mod criteria;
mod faults;
mod home;
mod household;
mod load;
mod observer;
mod people;
mod progress;
mod release;
mod report;
mod run;
mod sampler;
mod scenario;
mod service;
mod slope;
pub mod test_home;
mod truth;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;

use crate::{cli, clock::Clock};
use criteria::Outcome;
use progress::Progress;
use report::Report;
use scenario::Scenario;

#[derive(Debug, Args)]
pub struct Options {
    /// What to run.
    scenario: Scenario,
    /// With `report`: the folders of the runs, and of what people said (`ux.json`).
    /// With `audit`: the repository's folder; else the working directory.
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// How long the load is, not compressed: `24h`, `90m`, `30s`, or a bare
    /// number of hours (baseline) or minutes (storm, chaotic).
    #[arg(long)]
    duration: Option<String>,
    /// Times as fast as the clock, with the same number of changes.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// The same seed gives the same changes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Of the failures only those with this in their name.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Of the failures: how many random pairs follow, instead of 60.
    #[arg(long, value_name = "N")]
    pairs: Option<u32>,
    /// Where the report goes, as Markdown, JSON, JUnit and one HTML page.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

/// Runs it and prints the report; exit code 0 only for PASS or GO.
pub fn self_test(options: Options) -> anyhow::Result<ExitCode> {
    if options.scenario == Scenario::Report {
        return told(&release::decide(&options.folders)?, &options);
    }
    if !(options.speed.is_finite() && (0.01..=100_000.0).contains(&options.speed)) {
        anyhow::bail!("--speed {} is not between 0.01 and 100000", options.speed);
    }
    let mut parts = scenario::parts(options.scenario, options.duration.as_deref(), options.speed)?;
    if options.scenario == Scenario::Audit && options.folders.len() < 2 {
        parts.audit = Some(options.folders.first().cloned().unwrap_or(".".into()));
    } else if let Some(folder) = options.folders.first() {
        anyhow::bail!(
            "{} stands alone; folders belong to `report` and one to `audit`, and where a report goes is said with --report",
            folder.display()
        );
    }
    if let Some(text) = &options.only {
        parts.keep_faults(text)?;
    }
    if let Some(number) = options.pairs {
        parts.draw_pairs(number)?;
    }
    cli::with_runtime(async move {
        let stop = cli::stop_on_signal()?;
        let clock = Clock::wall();
        let begun = clock.now();
        let progress = Progress::new();
        let found = scenario::run(&parts, options.seed, &progress, &stop).await?;
        let seconds = begun.duration_until(clock.now());
        let report = Report {
            begun: begun.to_string(),
            seconds: Duration::try_from(seconds)
                .unwrap_or_default()
                .as_secs_f64(),
            seed: Some(options.seed),
            outcome: Outcome::of(&found.criteria, stop.is_cancelled()),
            criteria: found.criteria,
            loads: found.loads,
            faults: found.faults,
            ..Report::empty(options.scenario.name())
        };
        told(&report, &options)
    })
}

fn told(report: &Report, options: &Options) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &options.report {
        report.write(folder)?;
    }
    cli::print(&report.text())?;
    Ok(ExitCode::from(u8::from(report.outcome != Outcome::Pass)))
}
