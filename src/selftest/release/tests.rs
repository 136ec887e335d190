//! Which runs and people give GO, NO-GO or INCOMPLETE.

use super::*;
use crate::selftest::faults::Borne;

fn figures(load: &Load) -> Figures {
    Figures {
        load: load.name.into(),
        speed: 1.0,
        simulated_seconds: load.full.as_secs_f64(),
        seconds: load.full.as_secs_f64(),
        entities: 7,
        rooms: 3,
        changes: 3000,
        behind_seconds: 0.1,
        ready_seconds: 0.1,
        stop_seconds: Some(0.1),
        exit_code: Some(0),
        died: false,
        checks: Some(100.0),
        failed_checks: Some(0.0),
        merged: Some(1.0),
        publishes: Some(900.0),
        commands: 10,
        command_p50: Some(0.01),
        command_p99: Some(0.05),
        check_p50: Some(0.1),
        check_p99: Some(0.2),
        lost_commands: vec![],
        discrepancies: vec![],
        repeated: Some(0.0),
        warnings: vec![],
        complaints: vec![],
        interrupted: false,
        samples: vec![],
    }
}

fn borne(fault: &str) -> Borne {
    Borne {
        fault: fault.into(),
        told_after: Some(1.0),
        sentence: None,
        must_be_told: true,
        recovered_after: Some(1.0),
        recovers_within: 30.0,
        discrepancies: vec![],
    }
}

/// What a release needs, all of it fine.
struct Evidence {
    runs: Vec<Report>,
    people: Vec<Experience>,
}

impl Evidence {
    fn whole() -> Self {
        let mut runs: Vec<Report> = LOADS
            .iter()
            .map(|load| Report {
                criteria: vec![
                    Criterion::below("ready", 30.0, Some(0.1), "s").of(load.name),
                    Criterion::below("memory growth", 0.1, Some(0.0), "MiB/h").of(load.name),
                ],
                loads: vec![figures(load)],
                outcome: Outcome::Pass,
                ..Report::empty(load.name)
            })
            .collect();
        runs.push(Report {
            criteria: vec![Criterion::none("faults that were not told", &[]).of(FAILURES)],
            faults: FAULTS
                .iter()
                .map(|fault| borne(fault.name))
                .chain((0..PAIRS).map(|number| borne(&format!("{number}{AND}x"))))
                .collect(),
            outcome: Outcome::Pass,
            ..Report::empty(FAILURES)
        });
        runs.push(Report {
            criteria: vec![Criterion::none("no rights beyond need", &[]).of(AUDIT)],
            outcome: Outcome::Pass,
            ..Report::empty(AUDIT)
        });
        Self {
            runs,
            people: vec![experience::tests::content()],
        }
    }

    fn decision(self) -> Report {
        let runs = self.runs.into_iter();
        let named = runs.map(|run| (format!("runs/{}", run.scenario), run));
        decision(named.collect(), &self.people)
    }

    fn baseline(&mut self) -> &mut Report {
        &mut self.runs[0]
    }
}

type Change = fn(&mut Evidence);

/// What is changed, the word, and what is to do then.
const TABLE: [(&str, Change, &str, &str); 19] = [
    ("nothing", |_| {}, "GO", ""),
    (
        "no run at all",
        |it| it.runs.clear(),
        "INCOMPLETE",
        "Run `aicleaner self-test baseline",
    ),
    (
        "no storm",
        |it| drop(it.runs.remove(1)),
        "INCOMPLETE",
        "Run `aicleaner self-test storm",
    ),
    (
        "no faults",
        |it| drop(it.runs.remove(3)),
        "INCOMPLETE",
        "Run `aicleaner self-test failures",
    ),
    (
        "one fault missing",
        |it| drop(it.runs[3].faults.remove(0)),
        "INCOMPLETE",
        "Run `aicleaner self-test failures",
    ),
    (
        "one pair missing",
        |it| drop(it.runs[3].faults.pop()),
        "INCOMPLETE",
        "Run `aicleaner self-test failures",
    ),
    (
        "no audit",
        |it| drop(it.runs.pop()),
        "INCOMPLETE",
        "Run `aicleaner self-test audit",
    ),
    (
        "no people",
        |it| it.people.clear(),
        "INCOMPLETE",
        "Have people follow",
    ),
    (
        "a missed limit",
        |it| {
            it.baseline().criteria[0] =
                Criterion::below("ready", 30.0, Some(30.0), "s").of("baseline");
        },
        "NO-GO",
        "Mend \"baseline: ready\": 30.000 s (limit: < 30 s)",
    ),
    (
        "a missed limit of a fault",
        |it| {
            it.runs[3].criteria[0] =
                Criterion::none("faults that were not told", &["killed".into()]).of(FAILURES);
        },
        "NO-GO",
        "Mend \"failures: faults that were not told\": killed",
    ),
    (
        "unhappy people",
        |it| it.people[0].clarity = 3,
        "NO-GO",
        "Mend \"people: each rating's mean, the lowest\": 3.000 of 5",
    ),
    (
        "a failure and something missing",
        |it| {
            it.people.clear();
            it.baseline().criteria[0].verdict = Verdict::Fail;
        },
        "NO-GO",
        "Have people follow",
    ),
    (
        "a compressed run",
        |it| it.baseline().loads[0].speed = 60.0,
        "INCOMPLETE",
        "Run `aicleaner self-test baseline",
    ),
    (
        "a shorter run",
        |it| it.baseline().loads[0].seconds -= 1.0,
        "INCOMPLETE",
        "Run `aicleaner self-test baseline",
    ),
    (
        "an interrupted run",
        |it| it.baseline().loads[0].interrupted = true,
        "INCOMPLETE",
        "Run `aicleaner self-test baseline",
    ),
    (
        "a run of another version",
        |it| it.baseline().version = "2.9.0".into(),
        "INCOMPLETE",
        "Run `aicleaner self-test baseline",
    ),
    (
        "a leak that was not measured in a day",
        |it| {
            it.baseline().criteria[1] =
                Criterion::unmeasured("memory growth", "< 0.1 MiB/h", "too wide").of("baseline");
        },
        "INCOMPLETE",
        "Run `aicleaner self-test baseline",
    ),
    (
        "a leak that was not measured in an hour",
        |it| {
            it.runs[1].criteria[1] =
                Criterion::unmeasured("memory growth", "< 0.1 MiB/h", "too wide").of("storm");
        },
        "GO",
        "",
    ),
    (
        "a required figure that was not measured",
        |it| {
            it.runs[1].criteria[0] =
                Criterion::below("ready", 30.0, Some(f64::NAN), "s").of("storm");
        },
        "INCOMPLETE",
        "Run `aicleaner self-test storm",
    ),
];

#[test]
fn the_decision_follows_the_evidence() {
    for (what, change, word, to_do) in TABLE {
        let mut evidence = Evidence::whole();
        change(&mut evidence);
        let decision = evidence.decision();
        assert_eq!(decision.word(), word, "{what}: {:?}", decision.to_do);
        assert_eq!(decision.to_do.is_empty(), word == "GO", "{what}");
        let told = decision.to_do.iter().any(|line| line.starts_with(to_do));
        assert!(to_do.is_empty() || told, "{what}: {:?}", decision.to_do);
    }
}

#[test]
fn a_better_run_does_not_hide_a_worse_one_and_a_short_one_helps_nobody() {
    let mut evidence = Evidence::whole();
    let mut worse = evidence.baseline().clone();
    worse.criteria[0].verdict = Verdict::Fail;
    evidence.runs.insert(0, worse);
    assert_eq!(evidence.decision().word(), "NO-GO");

    let mut evidence = Evidence::whole();
    evidence.baseline().loads[0].speed = 60.0;
    let decision = evidence.decision();
    let given = &decision.given[0];
    assert_eq!(given.counts, "baseline: no, time was compressed (60 times)");
    assert!(
        decision
            .criteria
            .iter()
            .all(|row| row.title() != "baseline: ready")
    );
}

#[test]
fn folders_are_read_and_what_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for run in Evidence::whole().runs {
        let into = folder.path().join(&run.scenario);
        run.write(&into).unwrap();
        folders.push(into);
    }
    let people = folder.path().join("people");
    fs::create_dir(&people).unwrap();
    folders.push(people.clone());
    let error = |folders: &[PathBuf]| format!("{:#}", decide(folders).unwrap_err());
    assert!(error(&folders).contains("people holds neither run.json"));
    assert!(error(&[]).contains("needs the folders"));

    let said = |said: &Experience| {
        let text = serde_json::to_string(said).unwrap();
        fs::write(people.join(experience::FILE), text).unwrap();
    };
    said(&experience::tests::content());
    assert_eq!(decide(&folders).unwrap().word(), "GO");
    said(&Experience {
        ease: 9,
        ..experience::tests::content()
    });
    let words = error(&folders);
    assert!(
        words.contains("ux.json in") && words.contains("\"ease\" is 9"),
        "{words}"
    );
    fs::write(people.join(experience::FILE), "{\"person\": 1}").unwrap();
    assert!(error(&folders).contains("ux.json is not what it should be"));
}
