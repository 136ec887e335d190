//! What a run found, once, for every form it is written in.

mod html;
mod junit;
mod markdown;

use std::{fs, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::{
    criteria::{Criterion, Outcome},
    faults::Borne,
    run::Figures,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub scenario: String,
    pub version: String,
    pub architecture: String,
    /// ISO 8601, UTC.
    pub begun: String,
    pub seconds: f64,
    pub seed: u64,
    pub outcome: Outcome,
    pub criteria: Vec<Criterion>,
    pub loads: Vec<Figures>,
    pub faults: Vec<Borne>,
}

impl Report {
    /// Writes it in every form into this folder, which is made if need be.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)?;
        for (name, text) in [
            ("report.json", json),
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
            scenario: "quick".into(),
            version: "3.0.0".into(),
            architecture: "x86_64".into(),
            begun: "2026-11-25T07:00:00Z".into(),
            seconds: 12.0,
            seed: 1,
            outcome: Outcome::of(&criteria, false),
            criteria,
            loads: vec![],
            faults: vec![Borne {
                fault: "the broker is cut".into(),
                told_after: None,
                sentence: None,
                must_be_told: true,
                recovered_after: Some(1.0),
                recovers_within: 30.0,
                discrepancies: vec![],
            }],
        }
    }

    #[test]
    fn every_form_tells_the_same_and_escapes_what_it_quotes() {
        let folder = tempfile::tempdir().unwrap();
        let report = report();
        report.write(folder.path()).unwrap();
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        let back: Report = serde_json::from_str(&read("report.json")).unwrap();
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
}
