//! What each scenario is made of, and what it must show.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokio_util::sync::CancellationToken;

use super::{
    audit::{self, AUDIT},
    criteria::Criterion,
    faults::{self, Borne, FAULTS, Fault, pairs::PAIRS},
    load::Load,
    progress::Progress,
    run::{self, Figures, Plan},
    slope,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// An ordinary day: 7 entities, two or three changes a minute; 24 h.
    Baseline,
    /// Up to 200 changes a second of 285 entities; 60 min.
    Storm,
    /// Six moods of 308 entities that follow one another by chance; 120 min.
    Chaotic,
    /// Everything that may go wrong, one after another.
    Failures,
    /// Home Assistant's review list over the app's folder and a running service.
    Audit,
    /// A compressed pass of everything, at most five minutes.
    Quick,
    /// GO or NO-GO for a release, from the reports of earlier runs.
    Report,
}

/// The part of a report that tells of faults.
pub const FAILURES: &str = "failures";

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Storm => "storm",
            Self::Chaotic => "chaotic",
            Self::Failures => FAILURES,
            Self::Audit => AUDIT,
            Self::Quick => "quick",
            Self::Report => "report",
        }
    }
}

/// What is run, in order.
pub struct Parts {
    loads: Vec<(&'static Load, Duration, f64)>,
    faults: Vec<&'static Fault>,
    /// The repository that is audited.
    pub audit: Option<PathBuf>,
    /// Pairs of faults, after those.
    pairs: u32,
}

impl Parts {
    /// How many pairs of faults there are to be, other than a whole run has.
    pub fn draw_pairs(&mut self, number: u32) -> anyhow::Result<()> {
        if self.faults.is_empty() || !self.loads.is_empty() {
            bail!("--pairs belongs to failures");
        }
        self.pairs = number;
        Ok(())
    }

    /// Of the faults only those with this in their name.
    pub fn keep_faults(&mut self, text: &str) -> anyhow::Result<()> {
        self.faults.retain(|fault| fault.name.contains(text));
        self.pairs = 0;
        if self.faults.is_empty() {
            bail!("--only {text}: no failure of this scenario has that in its name");
        }
        Ok(())
    }
}

/// What was found.
pub struct Found {
    pub criteria: Vec<Criterion>,
    pub loads: Vec<Figures>,
    pub faults: Vec<Borne>,
}

/// The faults of `quick`: one of each family, those that are told soon.
const QUICK_FAULTS: [&str; 5] = [
    "the broker is restarted without its retained messages",
    "Home Assistant restarts (502, then back)",
    "the provider fails (500)",
    "the cameras send a web page",
    "killed",
];
/// The loads of `quick`: how long they are, and how long they may take.
const QUICK_LOADS: [(&str, Duration, Duration); 3] = [
    (
        "baseline",
        Duration::from_hours(24),
        Duration::from_secs(25),
    ),
    ("storm", Duration::from_mins(2), Duration::from_secs(30)),
    ("chaotic", Duration::from_mins(20), Duration::from_secs(25)),
];

/// The error is about the options.
pub fn parts(scenario: Scenario, duration: Option<&str>, speed: f64) -> anyhow::Result<Parts> {
    let mut parts = Parts {
        loads: vec![],
        faults: vec![],
        audit: None,
        pairs: 0,
    };
    match scenario {
        Scenario::Baseline | Scenario::Storm | Scenario::Chaotic => {
            let load = Load::named(scenario.name()).context("there is no such load")?;
            let length = duration.map_or(Ok(load.full), |text| length(text, load.unit))?;
            parts.loads.push((load, length, speed));
        }
        _ if duration.is_some() => {
            bail!(
                "--duration belongs to baseline, storm and chaotic; {} has its own",
                scenario.name()
            )
        }
        // Its folder is among the options.
        Scenario::Audit => {}
        Scenario::Report => bail!("a report runs nothing"),
        Scenario::Failures => {
            parts.faults.extend(FAULTS);
            parts.pairs = PAIRS;
        }
        Scenario::Quick => {
            for (name, length, takes) in QUICK_LOADS {
                let load = Load::named(name).context("there is no such load")?;
                parts
                    .loads
                    .push((load, length, length.div_duration_f64(takes)));
            }
            let quick = |fault: &&Fault| QUICK_FAULTS.contains(&fault.name);
            parts.faults.extend(FAULTS.iter().filter(quick));
        }
    }
    Ok(parts)
}

/// `24h`, `90m`, `30s`, or a bare number of `unit`s; at most a year.
fn length(text: &str, unit: Duration) -> anyhow::Result<Duration> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b'h') => (&text[..text.len() - 1], Duration::from_hours(1)),
        Some(b'm') => (&text[..text.len() - 1], Duration::from_mins(1)),
        Some(b's') => (&text[..text.len() - 1], Duration::from_secs(1)),
        _ => (text, unit),
    };
    let number: f64 = number
        .parse()
        .ok()
        .filter(|number| *number > 0.0)
        .with_context(|| {
            format!("--duration {text} is not a length of time such as 24h, 90m or 30s")
        })?;
    Duration::try_from_secs_f64(number * unit.as_secs_f64())
        .ok()
        .filter(|length| *length <= Duration::from_hours(366 * 24))
        .with_context(|| format!("--duration {text} is longer than a year"))
}

pub async fn run(
    parts: &Parts,
    seed: u64,
    progress: &Progress,
    stop: &CancellationToken,
) -> anyhow::Result<Found> {
    let mut found = Found {
        criteria: vec![],
        loads: vec![],
        faults: vec![],
    };
    for (load, length, speed) in &parts.loads {
        if stop.is_cancelled() {
            break;
        }
        progress.begins(&format!("load: {}", load.name));
        let plan = Plan {
            length: *length,
            speed: *speed,
            seed,
        };
        let figures = run::run(load, plan, progress, stop).await?;
        let full = *length >= load.full && (*speed - 1.0).abs() < f64::EPSILON;
        let rows = of_load(&figures, *speed, full).into_iter();
        found.criteria.extend(rows.map(|row| row.of(load.name)));
        found.loads.push(figures);
    }
    if !parts.faults.is_empty() && !stop.is_cancelled() {
        let wanted = parts.faults.len() + parts.pairs as usize;
        let happened = faults::run(&parts.faults, parts.pairs, seed, progress, stop).await?;
        let rows = of_faults(&happened.borne, &happened.wrong, wanted);
        let rows = rows.into_iter().chain(happened.impossible);
        found.criteria.extend(rows.map(|row| row.of(FAILURES)));
        found.faults = happened.borne;
    }
    if let Some(root) = &parts.audit {
        progress.begins("audit");
        found.criteria.extend(audit::run(root, stop).await?);
    }
    Ok(found)
}

/// Bytes of memory that the container may have, in MiB.
const CONTAINER: f64 = 64.0;
/// Percent of what is published: far below what a service says that repeats itself.
const REPEATED: f64 = 1.0;
/// MiB an hour.
const LEAK: f64 = 0.1;
/// The first part of a run, in which caches fill.
const WARM_UP: f64 = 0.2;

/// What a load must show.
fn of_load(figures: &Figures, speed: f64, full: bool) -> Vec<Criterion> {
    let most = figures
        .samples
        .iter()
        .map(|sample| sample.resident_mib)
        .reduce(f64::max);
    let mut ends = Vec::new();
    if figures.died {
        ends.push("it ended by itself".to_owned());
    }
    if figures.exit_code != Some(0) {
        ends.push(format!("its exit code was {:?}", figures.exit_code));
    }
    let errors = figures
        .checks
        .zip(figures.failed_checks)
        .filter(|(checks, _)| *checks > 0.0)
        .map(|(checks, failed)| 100.0 * failed / checks);
    let mut criteria = vec![
        Criterion::below("ready (ours: 1 s)", 30.0, Some(figures.ready_seconds), "s"),
        Criterion::below("stopped (ours: 1 s)", 10.0, figures.stop_seconds, "s"),
        Criterion::none("crashes and wrong ends", &ends),
        Criterion::none("lost, doubled or untrue", &figures.discrepancies),
        Criterion::below(
            "states published again unchanged",
            REPEATED,
            figures.repeated,
            "%",
        ),
        Criterion::none("commands lost", &figures.lost_commands),
        Criterion::below(
            "a command, 99 of 100 (ours: 0.25 s)",
            5.0,
            figures.command_p99,
            "s",
        ),
        Criterion::below("checks that failed", 0.1, errors, "%"),
        Criterion::none("warnings in its log", &figures.warnings),
        Criterion::none(
            "faults in its questions to the provider",
            &figures.complaints,
        ),
        Criterion::below("memory at most", CONTAINER, most, "MiB"),
        leak("memory growth", figures),
    ];
    criteria.push(if (speed - 1.0).abs() < f64::EPSILON {
        let used = figures.samples.first().zip(figures.samples.last());
        let used = used.map(|(first, last)| last.cpu_seconds - first.cpu_seconds);
        let percent = used.map(|used| 100.0 * used / figures.seconds);
        Criterion::below("processor (ours: 1 %)", 10.0, percent, "% of one core")
    } else {
        Criterion::unmeasured("processor", "< 10 % of one core", "time was compressed")
    });
    if !full {
        criteria.push(Criterion::unmeasured(
            "the guide's whole length",
            "in real time",
            "the run was shorter or compressed",
        ));
    }
    criteria
}

/// Fails when surely above the limit, passes when surely below, else it is not measured.
fn leak(name: &str, figures: &Figures) -> Criterion {
    let limit = format!("< {LEAK} MiB/h");
    let last = figures.samples.last().map_or(0.0, |sample| sample.seconds);
    let points: Vec<(f64, f64)> = figures
        .samples
        .iter()
        .filter(|sample| sample.seconds > WARM_UP * last)
        .map(|sample| (sample.seconds / 3600.0, sample.resident_mib))
        .collect();
    let Some(slope) = slope::slope(&points) else {
        return Criterion::unmeasured(name, &limit, "too few samples");
    };
    let figure = format!(
        "{:.2} MiB/h, 95 % between {:.2} and {:.2}",
        slope.value, slope.low, slope.high
    );
    // A minute's settling looks like MiB an hour: it takes an hour to tell.
    if last < 3600.0 || (slope.low < LEAK && slope.high >= LEAK) {
        return Criterion::unmeasured(name, &limit, &format!("too short to tell ({figure})"));
    }
    Criterion {
        limit,
        figure,
        ..Criterion::below(name, LEAK, Some(slope.low.max(slope.value)), "MiB/h")
    }
}

/// What faults must show.
fn of_faults(borne: &[Borne], wrong: &[String], wanted: usize) -> Vec<Criterion> {
    let list =
        |of: &dyn Fn(&Borne) -> Option<String>| borne.iter().filter_map(of).collect::<Vec<_>>();
    let untold = list(&|fault| {
        (fault.must_be_told && fault.told_after.is_none()).then(|| fault.fault.clone())
    });
    let unrecovered = list(&|fault| {
        fault
            .recovered_after
            .is_none()
            .then(|| format!("{}: not within {:.0} s", fault.fault, fault.recovers_within))
    });
    let left: Vec<String> = borne
        .iter()
        .flat_map(|fault| {
            fault
                .discrepancies
                .iter()
                .map(move |left| format!("{}: {left}", fault.fault))
        })
        .collect();
    let mut criteria = vec![
        Criterion::none("faults that were not told", &untold),
        Criterion::none("faults that were not recovered from", &unrecovered),
        Criterion::none("lost, doubled or restarted by faults", &left),
        Criterion::none("crashes and wrong ends under faults", wrong),
    ];
    if borne.len() < wanted {
        criteria.push(Criterion::missing(
            "every fault",
            "all of them",
            &format!("{} of {wanted} happened", borne.len()),
        ));
    }
    criteria
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_the_guide_writes_them() {
        let hour = Duration::from_hours(1);
        for (text, unit, seconds) in [
            ("24", hour, 86_400),
            ("60", Duration::from_mins(1), 3600),
            ("90m", hour, 5400),
            ("24h", Duration::from_mins(1), 86_400),
            ("0.5h", hour, 1800),
            ("30s", hour, 30),
        ] {
            assert_eq!(
                length(text, unit).unwrap(),
                Duration::from_secs(seconds),
                "{text}"
            );
        }
        for text in ["", "h", "-1", "0", "soon", "1d", "NaN", "inf", "9999999h"] {
            assert!(length(text, hour).is_err(), "{text}");
        }
    }

    #[test]
    fn the_quick_faults_are_faults() {
        for name in QUICK_FAULTS {
            assert!(FAULTS.iter().any(|fault| fault.name == name), "{name}");
        }
    }
}
