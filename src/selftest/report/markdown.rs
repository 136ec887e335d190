//! The report to be read in a terminal or a repository.

use std::fmt::Write as _;

use super::Report;
use crate::selftest::{criteria::Verdict, faults::Borne, release::Given, run::Figures};

pub fn write(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "# Self-test: {}\n\n**{}** · {}\n",
        report.scenario,
        report.word(),
        about(report),
    );
    if !report.to_do.is_empty() {
        text += "## To do\n\n";
        for one in &report.to_do {
            let _ = writeln!(text, "- {}", one.replace('\n', " "));
        }
        text += "\n";
    }
    text += "| criterion | limit | figure | verdict |\n| --- | --- | --- | --- |\n";
    for row in &report.criteria {
        let verdict = word(row.verdict);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {verdict} |",
            cell(&row.title()),
            cell(&row.limit),
            cell(&row.figure)
        );
    }
    if !report.given.is_empty() {
        text += "\n## Runs\n\n| folder | scenario | begun | outcome | counts |\n| --- | --- | --- | --- | --- |\n";
        for run in &report.given {
            let [folder, scenario, begun, outcome, counts] = given(run).map(cell);
            let _ = writeln!(
                text,
                "| {folder} | {scenario} | {begun} | {outcome} | {counts} |"
            );
        }
    }
    for load in &report.loads {
        text += &figures(load);
    }
    if !report.faults.is_empty() {
        text += "\n## Faults\n\n| fault | told after | in words | recovered after | left over |\n| --- | --- | --- | --- | --- |\n";
        for fault in &report.faults {
            text += &borne(fault);
        }
    }
    text
}

/// Of what, when and for how long.
pub fn about(report: &Report) -> String {
    let mut about = format!(
        "AICleaner {} on {} · begun {} · {:.0} s",
        report.version, report.architecture, report.begun, report.seconds
    );
    if let Some(seed) = report.seed {
        let _ = write!(about, " · seed {seed}");
    }
    about
}

/// A run that a decision stands on.
pub fn given(run: &Given) -> [&str; 5] {
    let outcome = run.outcome.word();
    [&run.folder, &run.scenario, &run.begun, outcome, &run.counts]
}

pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::NotMeasured => "not measured",
    }
}

/// What was measured, by name.
pub fn rows(load: &Figures) -> Vec<(&'static str, String)> {
    let seconds = |figure: Option<f64>| {
        figure.map_or("not measured".to_owned(), |s| {
            format!("{:.0} ms", s * 1000.0)
        })
    };
    let number = |figure: Option<f64>| figure.map_or("not measured".to_owned(), |n| n.to_string());
    let mib: Vec<f64> = load
        .samples
        .iter()
        .map(|sample| sample.resident_mib)
        .collect();
    let span = |of: &dyn Fn(&crate::selftest::sampler::Sample) -> f64| {
        let first = load.samples.first().map(of);
        load.samples
            .last()
            .map(of)
            .zip(first)
            .map_or(0.0, |(last, first)| last - first)
    };
    let cpu = span(&|sample| sample.cpu_seconds);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand samples")]
    let average = mib.iter().sum::<f64>() / mib.len().max(1) as f64;
    let least = mib.iter().copied().fold(f64::INFINITY, f64::min);
    let most = mib.iter().copied().fold(0.0, f64::max);
    #[allow(clippy::cast_precision_loss, reason = "bytes of one run")]
    let written = span(&|sample| sample.written.unwrap_or(0) as f64) / 1024.0;
    vec![
        (
            "rooms, entities",
            format!("{}, {}", load.rooms, load.entities),
        ),
        (
            "state changes told",
            format!(
                "{} in {:.0} s ({:.0} s simulated), at most {:.0} ms late",
                load.changes,
                load.seconds,
                load.simulated_seconds,
                load.behind_seconds * 1000.0
            ),
        ),
        (
            "checks",
            format!(
                "{} run, {} failed, {} triggers joined a waiting one",
                number(load.checks),
                number(load.failed_checks),
                number(load.merged)
            ),
        ),
        ("messages published", number(load.publishes)),
        (
            "commands",
            format!(
                "{} given; a number set: p50 {}, p99 {}; check to picture: p50 {}, p99 {}",
                load.commands,
                seconds(load.command_p50),
                seconds(load.command_p99),
                seconds(load.check_p50),
                seconds(load.check_p99)
            ),
        ),
        (
            "memory",
            format!("{least:.1} to {most:.1} MiB, {average:.1} on average"),
        ),
        (
            "processor",
            format!(
                "{cpu:.2} s, {:.1} % of one core, a check {}",
                100.0 * cpu / load.seconds.max(f64::EPSILON),
                seconds(load.checks.map(|checks| cpu / checks.max(1.0)))
            ),
        ),
        ("written to disk", format!("{written:.0} KiB")),
        (
            "threads, descriptors at the end",
            load.samples.last().map_or("not measured".into(), |last| {
                format!("{}, {}", last.threads, last.descriptors)
            }),
        ),
        (
            "ready, stopped",
            format!(
                "{:.0} ms, {}, exit code {}",
                load.ready_seconds * 1000.0,
                seconds(load.stop_seconds),
                load.exit_code
                    .map_or("none".into(), |code| code.to_string())
            ),
        ),
    ]
}

fn figures(load: &Figures) -> String {
    let mut text = format!("\n## Load: {}\n\n| | |\n| --- | --- |\n", load.load);
    for (name, figure) in rows(load) {
        let _ = writeln!(text, "| {name} | {} |", cell(&figure));
    }
    text
}

fn borne(fault: &Borne) -> String {
    let [told, words, recovered, left] = cells(fault);
    format!(
        "| {} | {told} | {words} | {recovered} | {left} |\n",
        cell(&fault.fault)
    )
}

/// A fault's figures in words: told after, sentence, recovered after, left over.
pub fn cells(fault: &Borne) -> [String; 4] {
    let seconds = |figure: Option<f64>, never: &str| {
        figure.map_or(never.to_owned(), |seconds| format!("{seconds:.1} s"))
    };
    let never_told = if fault.must_be_told {
        "never told"
    } else {
        "–"
    };
    [
        seconds(fault.told_after, never_told),
        cell(fault.sentence.as_deref().unwrap_or("–")),
        seconds(fault.recovered_after, "never"),
        fault
            .discrepancies
            .first()
            .map_or("nothing".into(), |first| cell(first)),
    ]
}

/// Text in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
