//! What a run found, once, for every form it is written in.

mod html;
mod junit;
mod markdown;

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use super::{
    criteria::{Criterion, Outcome},
    faults::Borne,
    release::{Given, RELEASE},
    run::Figures,
};
use crate::app::VERSION;

/// What a later decision reads of a run.
pub const RUN: &str = "run.json";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub scenario: String,
    pub version: String,
    pub architecture: String,
    /// ISO 8601, UTC.
    pub begun: String,
    pub seconds: f64,
    pub seed: Option<u64>,
    pub outcome: Outcome,
    pub criteria: Vec<Criterion>,
    pub loads: Vec<Figures>,
    pub faults: Vec<Borne>,
    /// Of a decision: the runs that it stands on.
    #[serde(default)]
    pub given: Vec<Given>,
    /// Of a decision: what to mend and what to run.
    #[serde(default)]
    pub to_do: Vec<String>,
}

impl Report {
    /// Of this program, with nothing found yet.
    pub fn empty(scenario: &str) -> Self {
        Self {
            scenario: scenario.to_owned(),
            version: VERSION.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            begun: String::new(),
            seconds: 0.0,
            seed: None,
            outcome: Outcome::Incomplete,
            criteria: vec![],
            loads: vec![],
            faults: vec![],
            given: vec![],
            to_do: vec![],
        }
    }

    /// How it came out: PASS, FAIL or INCOMPLETE; of a decision GO, NO-GO or INCOMPLETE.
    pub fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Pass if self.scenario == RELEASE => "GO",
            Outcome::Fail if self.scenario == RELEASE => "NO-GO",
            outcome => outcome.word(),
        }
    }

    /// Writes it in every form into this folder, which is made if need be.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)?;
        // JSON has no word for a figure that is no number.
        ensure!(
            serde_json::from_str::<Self>(&json).is_ok(),
            "a figure of this run is no number; nothing was written"
        );
        let name = if self.scenario == RELEASE {
            "release.json"
        } else {
            RUN
        };
        for (name, text) in [
            (name, json),
            ("report.md", markdown::write(self)),
            ("report.xml", junit::write(self)),
            ("report.html", html::write(self)),
        ] {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// For the terminal.
    pub fn text(&self) -> String {
        markdown::write(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let criteria = vec![
            Criterion::below("ready", 30.0, Some(0.2), "s"),
            Criterion::none(
                "lost or doubled",
                &["Hall: <b>x</b> & \"y\" | z".to_owned()],
            ),
            Criterion::unmeasured("leak", "< 0.1 MiB/h", "the run is too short"),
        ];
        Report {
            begun: "2026-11-25T07:00:00Z".into(),
            seconds: 12.0,
            seed: Some(1),
            outcome: Outcome::of(&criteria, false),
            criteria,
            faults: vec![Borne {
                fault: "the broker is cut".into(),
                told_after: None,
                sentence: None,
                must_be_told: true,
                recovered_after: Some(1.0),
                recovers_within: 30.0,
                discrepancies: vec![],
            }],
            ..Report::empty("quick")
        }
    }

    #[test]
    fn every_form_tells_the_same_and_escapes_what_it_quotes() {
        let folder = tempfile::tempdir().unwrap();
        let report = report();
        report.write(folder.path()).unwrap();
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        let back: Report = serde_json::from_str(&read("run.json")).unwrap();
        assert_eq!(back.outcome, Outcome::Fail);
        let (html, xml, md) = (read("report.html"), read("report.xml"), read("report.md"));
        assert!(html.contains("FAIL") && html.contains("&lt;b&gt;x&lt;/b&gt; &amp;"));
        assert!(!html.contains("<b>x"));
        assert!(
            xml.contains("failures=\"2\"") && xml.contains("skipped=\"1\""),
            "{xml}"
        );
        assert!(xml.contains("&lt;b&gt;x") && !xml.contains("<b>x"));
        assert!(md.contains("**FAIL**") && md.contains("\\| z"), "{md}");
        assert!(md.contains("never told"), "{md}");
    }

    #[test]
    fn a_figure_that_is_no_number_is_not_written_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let report = Report {
            seconds: f64::NAN,
            ..report()
        };
        let error = report.write(folder.path()).unwrap_err().to_string();
        assert!(error.contains("no number"), "{error}");
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
    }

    #[test]
    fn a_decision_is_told_in_its_own_words_in_every_form() {
        let folder = tempfile::tempdir().unwrap();
        let report = Report {
            scenario: RELEASE.into(),
            to_do: vec!["Mend <this>".into()],
            given: vec![Given {
                folder: "soak".into(),
                scenario: "baseline".into(),
                begun: "2026-11-25T07:00:00Z".into(),
                outcome: Outcome::Pass,
                counts: "baseline: yes".into(),
            }],
            ..report()
        };
        report.write(folder.path()).unwrap();
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        let (html, md) = (read("report.html"), read("report.md"));
        assert!(
            html.contains("NO-GO") && html.contains("Mend &lt;this&gt;"),
            "{html}"
        );
        assert!(
            md.contains("**NO-GO**") && md.contains("- Mend <this>"),
            "{md}"
        );
        for text in [html, md, read("release.json")] {
            assert!(text.contains("baseline: yes"), "{text}");
        }
    }
}
