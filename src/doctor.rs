//! `aicleaner doctor`: tries each real dependency once and says how it is, one
//! line each. Nothing is published, added or changed; the running service is
//! not disturbed.

mod home;
mod machine;
mod providers;
#[cfg(test)]
mod tests;

use std::{fmt::Write as _, time::Duration};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::{
    domain::{
        degraded::{self, Told},
        health::{Component, Condition},
    },
    settings::{Loaded, Sources, load},
};
use home::Home;

pub use providers::{House, providers};

/// For all of it; what is not tried by then is said to be so.
const WHOLE: Duration = Duration::from_mins(2);

/// How one thing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Such as `mqtt` or `camera camera.kitchen`.
    pub part: String,
    pub verdict: Verdict,
    /// What it is, or what is wrong and what to do.
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ok,
    /// Not set up, and that is fine.
    Off,
    Wrong,
}

impl Verdict {
    /// As it stands in front of a line.
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Off => "off",
            Self::Wrong => "WRONG",
        }
    }
}

impl Line {
    pub fn ok(part: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self::new(part, Verdict::Ok, sentence)
    }

    pub fn off(part: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self::new(part, Verdict::Off, sentence)
    }

    /// The sentence says what is wrong and what to do.
    pub fn wrong(part: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self::new(part, Verdict::Wrong, sentence)
    }

    fn new(part: impl Into<String>, verdict: Verdict, sentence: impl Into<String>) -> Self {
        Self {
            part: part.into(),
            verdict,
            sentence: sentence.into(),
        }
    }

    /// From a try whose success and failure are both sentences.
    pub fn of(part: impl Into<String>, tried: Result<String, String>) -> Self {
        match tried {
            Ok(sentence) => Self::ok(part, sentence),
            Err(sentence) => Self::wrong(part, sentence),
        }
    }
}

/// Everything that was tried, in the order of the printed lines.
#[derive(Debug, Serialize)]
pub struct Report {
    pub lines: Vec<Line>,
}

impl Report {
    pub fn is_well(&self) -> bool {
        self.lines.iter().all(|line| line.verdict != Verdict::Wrong)
    }

    /// One line each, and what it comes to.
    pub fn text(&self) -> String {
        let width = self
            .lines
            .iter()
            .map(|line| line.part.chars().count())
            .max();
        let width = width.unwrap_or_default();
        let mut text = String::new();
        for line in &self.lines {
            let Line {
                part,
                verdict,
                sentence,
            } = line;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{:5}  {part:width$}  {sentence}", verdict.word());
        }
        let wrong = self
            .lines
            .iter()
            .filter(|line| line.verdict == Verdict::Wrong)
            .count();
        if let Some(told) = self.degraded() {
            let _ = writeln!(text, "\n{}", told.sentence);
        }
        let _ = match wrong {
            0 => writeln!(text, "\nEverything works."),
            1 => writeln!(text, "\n1 thing is wrong."),
            many => writeln!(text, "\n{many} things are wrong."),
        };
        text
    }

    /// What the service can do and cannot while these are wrong.
    fn degraded(&self) -> Option<Told> {
        let wrong = |part: &str| {
            let mut lines = self.lines.iter().filter(|line| line.part == part);
            lines.any(|line| line.verdict == Verdict::Wrong)
        };
        // One of the chain is enough.
        let mut judges = (self.lines.iter())
            .filter(|line| line.part.starts_with("provider "))
            .peekable();
        let no_judge = judges.peek().is_some() && judges.all(|l| l.verdict == Verdict::Wrong);
        let ill = Condition::Degraded(String::new());
        let parts = Component::ALL.into_iter().filter(|part| match part {
            Component::HomeAssistant => wrong("home assistant"),
            Component::Mqtt => wrong("mqtt"),
            Component::Store => wrong("store"),
            Component::Settings => wrong("options"),
            Component::Provider => no_judge,
        });
        let found = degraded::degraded(parts.map(|part| (part, &ill, None)), None)?;
        // No times are told, so that any will do.
        Some(found.told("en", Timestamp::UNIX_EPOCH, &TimeZone::UTC))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "well": self.is_well(),
            "lines": self.lines,
            "degraded": self.degraded(),
        })
    }
}

/// Tries everything that these sources lead to.
pub async fn examine(sources: &Sources) -> Report {
    let loaded = load(sources);
    let end = Instant::now() + WHOLE;
    let home = Home::visit(&loaded.settings);
    let (mut lines, (here, there), judges) = tokio::join!(
        async { options(&loaded) },
        async {
            tokio::join!(
                machine::lines(&loaded.settings),
                home.lines(&loaded.settings, end)
            )
        },
        async {
            let house = home.house(&loaded.settings).await;
            providers(&loaded.settings.judging, &house, end).await
        },
    );
    lines.extend(here);
    if let Some(clock) = home.clock_line(&machine::time_zone()).await {
        lines.push(clock);
    }
    lines.extend(there);
    lines.extend(judges);
    home.leave().await;
    Report { lines }
}

/// What is wrong with the options, a line each.
fn options(loaded: &Loaded) -> Vec<Line> {
    let mut lines: Vec<Line> = loaded
        .problems
        .iter()
        .map(|problem| Line::wrong("options", problem.to_string()))
        .collect();
    if lines.is_empty() {
        let line = match loaded.settings.zones.len() {
            0 => Line::off(
                "options",
                "They are fine; no zone is set up yet, name a camera to begin.",
            ),
            1 => Line::ok("options", "They are fine; 1 zone."),
            many => Line::ok("options", format!("They are fine; {many} zones.")),
        };
        lines.push(line);
    }
    lines
}

/// A try that ends by then.
async fn by(end: Instant, part: &str, trying: impl Future<Output = Line>) -> Line {
    timeout_at(end, trying).await.unwrap_or_else(|_| {
        Line::wrong(
            part,
            "There was no time left to try it; the parts before it took too long. Run the doctor again when they work.",
        )
    })
}
