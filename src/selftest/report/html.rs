//! The report as one page that needs nothing else: tables, and memory and
//! processor time drawn over the run.

use std::fmt::Write as _;

use super::{
    Report,
    markdown::{about, cells, given, rows, word},
};
use crate::selftest::{criteria::Outcome, run::Figures, sampler::Sample};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{border:1px solid #8886;padding:.3rem .5rem;text-align:left;vertical-align:top}\
.fail{color:#c62828;font-weight:bold}svg{width:100%;height:10rem;border:1px solid #8886}polyline{fill:none;stroke:#1976d2;stroke-width:1.5}";

/// Size of a drawing, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 150.0;

pub fn write(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Self-test: {0}</title><style>{STYLE}</style><h1>Self-test: {0}</h1><p><strong class=\"{1}\">{2}</strong> · {3}</p>",
        escaped(&report.scenario),
        if report.outcome == Outcome::Fail {
            "fail"
        } else {
            ""
        },
        report.word(),
        escaped(&about(report)),
    );
    if !report.to_do.is_empty() {
        page += "<h2>To do</h2><ul>";
        for one in &report.to_do {
            let _ = write!(page, "<li>{}", escaped(one));
        }
        page += "</ul>";
    }
    page += "<table><tr><th>criterion<th>limit<th>figure<th>verdict</tr>";
    for row in &report.criteria {
        page += &line([&row.title(), &row.limit, &row.figure, word(row.verdict)]);
    }
    page += "</table>";
    if !report.given.is_empty() {
        page += "<h2>Runs</h2><table><tr><th>folder<th>scenario<th>begun<th>outcome<th>counts";
        for run in &report.given {
            page += &line(given(run));
        }
        page += "</table>";
    }
    for load in &report.loads {
        let _ = write!(page, "<h2>Load: {}</h2>", escaped(&load.load));
        page += &charts(load);
        page += "<table>";
        for (name, figure) in rows(load) {
            page += &line([name, &figure]);
        }
        page += "</table>";
    }
    if !report.faults.is_empty() {
        page += "<h2>Faults</h2><table><tr><th>fault<th>told after<th>in words<th>recovered after<th>left over</tr>";
        for fault in &report.faults {
            let [told, words, recovered, left] = cells(fault);
            page += &line([&fault.fault, &told, &words, &recovered, &left]);
        }
        page += "</table>";
    }
    page + "</html>\n"
}

fn line<const N: usize>(cells: [&str; N]) -> String {
    let mut line = "<tr>".to_owned();
    for cell in cells {
        let class = if cell == "FAIL" {
            " class=\"fail\""
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = write!(line, "<td{class}>{}", escaped(cell));
    }
    line + "</tr>"
}

fn charts(load: &Figures) -> String {
    let memory = |sample: &Sample| sample.resident_mib;
    chart("Resident memory, MiB", &load.samples, memory)
        + &chart("Processor time so far, s", &load.samples, |sample| {
            sample.cpu_seconds
        })
}

fn chart(title: &str, samples: &[Sample], of: impl Fn(&Sample) -> f64) -> String {
    let last = samples
        .last()
        .map_or(0.0, |sample| sample.seconds)
        .max(f64::EPSILON);
    let most = samples.iter().map(&of).fold(f64::EPSILON, f64::max);
    let mut points = String::new();
    for sample in samples {
        let x = WIDTH * sample.seconds / last;
        let y = HEIGHT * (1.0 - of(sample) / most);
        // Writing to a String cannot fail.
        let _ = write!(points, "{x:.1},{y:.1} ");
    }
    format!(
        "<figure><figcaption>{title}: 0 to {most:.1} in {last:.0} s</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{title}\"><polyline points=\"{points}\"/></svg></figure>"
    )
}

/// Text between tags or in an attribute.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            // Not allowed in XML at all.
            sign if sign.is_control() => escaped.push(' '),
            sign => escaped.push(sign),
        }
    }
    escaped
}
