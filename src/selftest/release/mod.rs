//! The decision about a release, from what earlier runs and people found: what
//! counts, what is missing, what is to mend. Runs nothing itself.

mod experience;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::{
    audit::AUDIT,
    criteria::{Criterion, Outcome, Verdict},
    faults::{
        FAULTS,
        pairs::{AND, PAIRS},
    },
    load::{LOADS, Load},
    report::{RUN, Report},
    run::Figures,
    scenario::FAILURES,
};
use crate::app::VERSION;
use experience::Experience;

/// The scenario's name in the report of a decision.
pub const RELEASE: &str = "release";
/// The part of a decision that people are asked about.
const PEOPLE: &str = "people";

/// Rows that a full-length run must have measured, by its load. Shorter ones
/// may leave them out.
const MUST_BE_MEASURED: [(&str, &str); 2] = [
    ("baseline", "memory growth"),
    ("baseline", "processor (ours: 1 %)"),
];

/// One run that was given, and whether it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub folder: String,
    pub scenario: String,
    pub begun: String,
    pub outcome: Outcome,
    /// Which parts of it count, and why others do not.
    pub counts: String,
}

/// Reads every folder's run and people, and decides. The error names the file.
pub fn decide(folders: &[PathBuf]) -> anyhow::Result<Report> {
    if folders.is_empty() {
        bail!(
            "self-test report needs the folders of the runs, as `--report DIR` wrote them: \
             aicleaner self-test report soak storm chaotic failures people"
        );
    }
    let mut runs = Vec::new();
    let mut people = Vec::new();
    for folder in folders {
        let name = folder.display().to_string();
        let run: Option<Report> = read(&folder.join(RUN))?;
        let experience: Option<Experience> = read(&folder.join(experience::FILE))?;
        if run.is_none() && experience.is_none() {
            bail!(
                "{name} holds neither {RUN} (written by `self-test … --report {name}`) nor {}",
                experience::FILE
            );
        }
        if let Some(experience) = experience {
            experience
                .check()
                .with_context(|| format!("{} in {name} cannot be used", experience::FILE))?;
            people.push(experience);
        }
        runs.extend(run.map(|run| (name, run)));
    }
    Ok(decision(runs, &people))
}

/// `None`: there is no such file.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value = serde_json::from_str(&text)
        .with_context(|| format!("{} is not what it should be", path.display()))?;
    Ok(Some(value))
}

fn decision(runs: Vec<(String, Report)>, people: &[Experience]) -> Report {
    let mut all = Report::empty(RELEASE);
    let mut begun: Vec<String> = Vec::new();
    for (folder, run) in runs {
        let (counted, counts) = counted(&run);
        all.given.push(Given {
            folder,
            scenario: run.scenario.clone(),
            begun: run.begun.clone(),
            outcome: run.outcome,
            counts,
        });
        let is_in = |part: &str| counted.iter().any(|counted| counted == part);
        let rows = run.criteria.into_iter().filter(|row| is_in(&row.part));
        all.criteria.extend(rows.map(must_be_measured));
        all.loads
            .extend(run.loads.into_iter().filter(|load| is_in(&load.load)));
        if is_in(FAILURES) {
            all.faults.extend(run.faults);
        }
        all.seconds += run.seconds;
        begun.push(run.begun);
    }
    all.begun = begun.into_iter().min().unwrap_or_default();
    for load in &LOADS {
        if !all.loads.iter().any(|run| run.load == load.name) {
            let limit = format!("{} h in real time", load.full.as_secs() / 3600);
            let why = "none among these folders";
            let row = Criterion::missing("a run of full length", &limit, why);
            all.criteria.push(row.of(load.name));
        }
    }
    all.criteria.extend(every_fault(&all));
    if !all.criteria.iter().any(|row| row.part == AUDIT) {
        let why = "none among these folders";
        let row = Criterion::missing("the review list", "all of it", why);
        all.criteria.push(row.of(AUDIT));
    }
    let rows = experience::criteria(people).into_iter();
    all.criteria.extend(rows.map(|row| row.of(PEOPLE)));
    all.outcome = Outcome::of(&all.criteria, false);
    all.to_do = to_do(&all.criteria);
    all
}

/// The parts of a run that count, and that in words.
fn counted(run: &Report) -> (Vec<String>, String) {
    if run.version != VERSION {
        let why = format!("no: it is of version {}, this is {VERSION}", run.version);
        return (vec![], why);
    }
    let mut counted = Vec::new();
    let mut words = Vec::new();
    for figures in &run.loads {
        match Load::named(&figures.load).map(|load| is_full(figures, load)) {
            Some(Ok(())) => {
                counted.push(figures.load.clone());
                words.push(format!("{}: yes", figures.load));
            }
            Some(Err(why)) => words.push(format!("{}: no, {why}", figures.load)),
            None => words.push(format!("{}: no, there is no such load", figures.load)),
        }
    }
    if !run.faults.is_empty() {
        counted.push(FAILURES.to_owned());
        words.push(format!("{} faults: yes", run.faults.len()));
    }
    if run.criteria.iter().any(|row| row.part == AUDIT) {
        counted.push(AUDIT.to_owned());
        words.push("audit: yes".to_owned());
    }
    if words.is_empty() {
        words.push("no: nothing was run".to_owned());
    }
    (counted, words.join("; "))
}

/// Why it is not, in words.
fn is_full(figures: &Figures, load: &Load) -> Result<(), String> {
    if figures.interrupted {
        return Err("it was interrupted".into());
    }
    if (figures.speed - 1.0).abs() > f64::EPSILON {
        return Err(format!("time was compressed ({:.0} times)", figures.speed));
    }
    if figures.seconds < load.full.as_secs_f64() {
        return Err(format!(
            "it took {:.2} h instead of {} h",
            figures.seconds / 3600.0,
            load.full.as_secs() / 3600
        ));
    }
    Ok(())
}

fn must_be_measured(mut row: Criterion) -> Criterion {
    row.required |= MUST_BE_MEASURED.contains(&(&row.part, &row.name));
    row
}

/// What is missing of the table of faults.
fn every_fault(all: &Report) -> Option<Criterion> {
    let happened = |name: &str| all.faults.iter().any(|borne| borne.fault == name);
    let missing: Vec<&str> = FAULTS
        .iter()
        .map(|fault| fault.name)
        .filter(|name| !happened(name))
        .collect();
    let Some(first) = missing.first() else {
        let pairs = all.faults.iter().filter(|borne| borne.fault.contains(AND));
        let pairs = pairs.count();
        let why = format!("{pairs} of {PAIRS}");
        let row = Criterion::missing("pairs of faults", &format!("{PAIRS} of them"), &why);
        return (pairs < PAIRS as usize).then(|| row.of(FAILURES));
    };
    let why = format!(
        "{} of {} did not happen; first: {first}",
        missing.len(),
        FAULTS.len()
    );
    Some(Criterion::missing("every fault", "all of them", &why).of(FAILURES))
}

/// What to mend and what to run, each once.
fn to_do(criteria: &[Criterion]) -> Vec<String> {
    let mut to_do: Vec<String> = criteria
        .iter()
        .filter(|row| row.verdict == Verdict::Fail)
        .map(|row| {
            format!(
                "Mend \"{}\": {} (limit: {})",
                row.title(),
                row.figure,
                row.limit
            )
        })
        .collect();
    for row in criteria {
        let is_open =
            row.verdict == Verdict::Fail || (row.required && row.verdict == Verdict::NotMeasured);
        let run = match row.part.as_str() {
            PEOPLE => format!(
                "Have people follow docs/validation/INSTALLATION_TEST.md and put their {} into a folder.",
                experience::FILE
            ),
            part => format!("Run `aicleaner self-test {part} --report {part}`."),
        };
        if is_open && !to_do.contains(&run) {
            to_do.push(run);
        }
    }
    to_do
}
