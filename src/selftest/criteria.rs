//! What a run must show: each with its limit, the figure, and the verdict.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    /// Never counted as passed.
    NotMeasured,
}

/// One row of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// What it is about: a load, the failures, people; empty for the whole run.
    #[serde(default)]
    pub part: String,
    pub name: String,
    pub limit: String,
    /// In words, with its unit; why not, where it was not measured.
    pub figure: String,
    pub verdict: Verdict,
    /// Without it the run is incomplete.
    pub required: bool,
}

/// How a whole run came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    Pass,
    Fail,
    Incomplete,
}

impl Outcome {
    /// A failure outweighs what is missing.
    pub fn of(criteria: &[Criterion], interrupted: bool) -> Self {
        let any = |verdict| criteria.iter().any(|row| row.verdict == verdict);
        let missing = criteria
            .iter()
            .any(|row| row.required && row.verdict == Verdict::NotMeasured);
        if any(Verdict::Fail) {
            Self::Fail
        } else if interrupted || missing || criteria.is_empty() {
            Self::Incomplete
        } else {
            Self::Pass
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Incomplete => "INCOMPLETE",
        }
    }
}

impl Criterion {
    /// A figure that must stay below its limit. One that is no number was not measured.
    pub fn below(name: &str, limit: f64, figure: Option<f64>, unit: &str) -> Self {
        let words = format!("< {limit} {unit}");
        Self::judged(name, words, figure, unit, |figure| figure < limit)
    }

    /// A figure that must reach its limit. One that is no number was not measured.
    pub fn at_least(name: &str, limit: f64, figure: Option<f64>, unit: &str) -> Self {
        let words = format!("≥ {limit} {unit}");
        Self::judged(name, words, figure, unit, |figure| figure >= limit)
    }

    fn judged(
        name: &str,
        limit: String,
        figure: Option<f64>,
        unit: &str,
        is_good: impl Fn(f64) -> bool,
    ) -> Self {
        let figure = figure.filter(|figure| figure.is_finite());
        Self {
            part: String::new(),
            name: name.to_owned(),
            limit,
            figure: figure.map_or("not measured".into(), |figure| {
                format!("{figure:.3} {unit}")
            }),
            verdict: match figure {
                None => Verdict::NotMeasured,
                Some(figure) if is_good(figure) => Verdict::Pass,
                Some(_) => Verdict::Fail,
            },
            required: true,
        }
    }

    /// Things that must not be; the first of them is spelled out.
    pub fn none(name: &str, found: &[String]) -> Self {
        Self {
            part: String::new(),
            name: name.to_owned(),
            limit: "none".into(),
            figure: match found {
                [] => "none".into(),
                [one] => one.clone(),
                [first, ..] => format!("{} of them; first: {first}", found.len()),
            },
            verdict: if found.is_empty() {
                Verdict::Pass
            } else {
                Verdict::Fail
            },
            required: true,
        }
    }

    /// What this kind of run cannot measure.
    pub fn unmeasured(name: &str, limit: &str, why: &str) -> Self {
        Self {
            part: String::new(),
            name: name.to_owned(),
            limit: limit.to_owned(),
            figure: format!("not measured: {why}"),
            verdict: Verdict::NotMeasured,
            required: false,
        }
    }

    /// What should have been measured.
    pub fn missing(name: &str, limit: &str, why: &str) -> Self {
        Self {
            required: true,
            ..Self::unmeasured(name, limit, why)
        }
    }

    /// As a row of this part.
    #[must_use]
    pub fn of(self, part: &str) -> Self {
        Self {
            part: part.to_owned(),
            ..self
        }
    }

    /// Its name among the rows of all parts.
    pub fn title(&self) -> String {
        match self.part.as_str() {
            "" => self.name.clone(),
            part => format!("{part}: {}", self.name),
        }
    }
}

/// The value that this share of the figures does not exceed; `None` without figures.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks among a few thousand figures"
)]
pub fn percentile(figures: &[f64], share: f64) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_outweighs_what_is_missing_and_nothing_is_no_pass() {
        let pass = Criterion::below("a", 1.0, Some(0.5), "s");
        let fail = Criterion::below("b", 1.0, Some(1.0), "s");
        let missing = Criterion::below("c", 1.0, None, "s");
        let beyond = Criterion::unmeasured("d", "< 1", "too short");
        let of = |rows: &[&Criterion], interrupted| {
            let rows: Vec<_> = rows.iter().map(|row| (*row).clone()).collect();
            Outcome::of(&rows, interrupted)
        };
        assert_eq!(of(&[&pass, &beyond], false), Outcome::Pass);
        assert_eq!(of(&[&pass, &beyond], true), Outcome::Incomplete);
        assert_eq!(of(&[&pass, &missing], false), Outcome::Incomplete);
        assert_eq!(of(&[&pass, &missing, &fail], true), Outcome::Fail);
        assert_eq!(of(&[], false), Outcome::Incomplete);
    }

    #[test]
    fn what_is_no_number_was_not_measured() {
        for figure in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let below = Criterion::below("a", 1.0, Some(figure), "s");
            let at_least = Criterion::at_least("a", 1.0, Some(figure), "s");
            for row in [below, at_least] {
                assert_eq!(row.verdict, Verdict::NotMeasured, "{figure}");
                assert_eq!(row.figure, "not measured");
            }
        }
        let reached = Criterion::at_least("a", 4.0, Some(4.0), "of 5");
        assert_eq!(reached.verdict, Verdict::Pass);
    }

    #[test]
    fn percentiles_are_figures_that_were_seen() {
        let figures: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&figures, 0.5), Some(50.0));
        assert_eq!(percentile(&figures, 0.99), Some(99.0));
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
