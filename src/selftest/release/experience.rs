//! What people found who installed and used the app with INSTALLATION_TEST.md:
//! `ux.json`. Its form, and what is asked of it.

use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::selftest::criteria::Criterion;

/// In a folder of its own, or beside a run.
pub const FILE: &str = "ux.json";

/// Of five.
const LEAST_RATING: f64 = 4.0;
/// Minutes from adding the repository to the first score.
const INSTALLATION: f64 = 15.0;

/// One person's. Ratings are whole numbers from 1 (worst) to 5 (best).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experience {
    /// A name or a number; not judged.
    pub person: String,
    /// Steps that could not be done or showed something else than they should.
    pub failed_steps: Vec<String>,
    /// From the first step to the app's first score.
    pub installation_minutes: f64,
    /// From the first step to the last.
    pub total_minutes: f64,
    /// 5: nothing was difficult.
    pub ease: u8,
    /// 5: every word was clear.
    pub clarity: u8,
    /// 5: nothing was missing.
    pub completeness: u8,
    /// 5: no help was needed.
    pub support: u8,
    pub overall: u8,
    #[serde(default)]
    pub remarks: String,
}

impl Experience {
    fn ratings(&self) -> [(&'static str, u8); 5] {
        [
            ("ease", self.ease),
            ("clarity", self.clarity),
            ("completeness", self.completeness),
            ("support", self.support),
            ("overall", self.overall),
        ]
    }

    /// Whether the figures can be true.
    pub fn check(&self) -> anyhow::Result<()> {
        for (name, rating) in self.ratings() {
            if !(1..=5).contains(&rating) {
                bail!("\"{name}\" is {rating}; it must be a whole number from 1 to 5");
            }
        }
        for (name, minutes) in [
            ("installation_minutes", self.installation_minutes),
            ("total_minutes", self.total_minutes),
        ] {
            if !(minutes.is_finite() && minutes > 0.0) {
                bail!("\"{name}\" is {minutes}; it must be above 0");
            }
        }
        Ok(())
    }
}

/// What people's experience must show; without any it is missing.
pub fn criteria(people: &[Experience]) -> Vec<Criterion> {
    let (time, rating) = (
        "installation, the slowest",
        "each rating's mean, the lowest",
    );
    if people.is_empty() {
        let why = format!("no {FILE} among these folders");
        return vec![Criterion::missing(
            "installation and experience",
            "at least one person",
            &why,
        )];
    }
    let failed: Vec<String> = people
        .iter()
        .flat_map(|person| {
            let steps = person.failed_steps.iter();
            steps.map(move |step| format!("{}: {step}", person.person))
        })
        .collect();
    let slowest = people.iter().map(|person| person.installation_minutes);
    let slowest = slowest.reduce(f64::max);
    let mut sums = [0.0; 5];
    for person in people {
        for (sum, (_, rating)) in sums.iter_mut().zip(person.ratings()) {
            *sum += f64::from(rating);
        }
    }
    let lowest = sums.map(|sum| sum / people.len() as f64).into_iter();
    vec![
        Criterion::none("steps that failed", &failed),
        Criterion::below(time, INSTALLATION, slowest, "min"),
        Criterion::at_least(rating, LEAST_RATING, lowest.reduce(f64::min), "of 5"),
    ]
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::selftest::criteria::Outcome;

    pub fn content() -> Experience {
        Experience {
            person: "A".into(),
            failed_steps: vec![],
            installation_minutes: 12.0,
            total_minutes: 40.0,
            ease: 4,
            clarity: 5,
            completeness: 4,
            support: 5,
            overall: 4,
            remarks: String::new(),
        }
    }

    fn outcome(change: impl Fn(&mut Experience)) -> Outcome {
        let mut other = content();
        change(&mut other);
        other.check().unwrap();
        Outcome::of(&criteria(&[content(), other]), false)
    }

    #[test]
    fn one_failed_step_a_slow_installation_or_one_low_rating_is_a_failure() {
        assert_eq!(outcome(|_| {}), Outcome::Pass);
        assert_eq!(
            outcome(|it| it.failed_steps.push("7".into())),
            Outcome::Fail
        );
        assert_eq!(outcome(|it| it.installation_minutes = 15.0), Outcome::Fail);
        assert_eq!(outcome(|it| it.support = 2), Outcome::Fail);
        assert_eq!(Outcome::of(&criteria(&[]), false), Outcome::Incomplete);
    }

    #[test]
    fn the_example_of_the_installation_test_can_be_used() {
        let text = include_str!("../../../docs/validation/INSTALLATION_TEST.md");
        let (_, rest) = text.split_once("```json").unwrap();
        let (json, _) = rest.split_once("```").unwrap();
        let example: Experience = serde_json::from_str(json).unwrap();
        example.check().unwrap();
    }

    #[test]
    fn figures_that_cannot_be_true_are_refused() {
        let wrong = |change: &dyn Fn(&mut Experience)| {
            let mut one = content();
            change(&mut one);
            one.check().unwrap_err().to_string()
        };
        assert!(wrong(&|it| it.clarity = 0).contains("\"clarity\" is 0"));
        assert!(wrong(&|it| it.overall = 6).contains("\"overall\" is 6"));
        assert!(wrong(&|it| it.total_minutes = -1.0).contains("\"total_minutes\" is -1"));
    }
}
