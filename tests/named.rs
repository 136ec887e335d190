//! The tables of `tests/README.md`: the tests they name exist, and each is
//! named after its row. And what runs the tests cannot pass over a failure.

use std::{fs, path::Path};

fn text(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of a part of the page: their cells.
fn rows<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let (_, part) = page.split_once(heading).expect("the heading");
    part.lines()
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// The tests in a cell, each with its file.
fn tests(cell: &str) -> Vec<(&str, &str)> {
    let mut file = "";
    let mut found = Vec::new();
    for code in cell.split('`').skip(1).step_by(2) {
        if code.contains('/') {
            file = code;
        } else {
            found.push((file, code));
        }
    }
    found
}

fn exists(file: &str, test: &str) -> bool {
    let keyword = if Path::new(file).extension().is_some_and(|ext| ext == "py") {
        "def"
    } else {
        "fn"
    };
    let beginning = format!("{keyword} {test}(");
    text(file).lines().any(|line| line.contains(&beginning))
}

#[test]
fn each_lesson_has_a_test_named_after_its_number() {
    let page = text("tests/README.md");
    let rows = rows(&page, "## Lessons of the generations before");
    assert_eq!(rows.len(), 25);
    for (number, row) in (1..).zip(&rows) {
        assert_eq!(row[0], number.to_string());
        let named = [format!("original_{number}_"), format!("defect_{number}_")];
        let tests = tests(row[2]);
        assert!(!tests.is_empty(), "row {number}");
        for (file, test) in tests {
            assert!(exists(file, test), "{file} has no {test}");
            assert!(named.iter().any(|name| test.contains(name)), "{test}");
        }
    }
}

#[test]
fn each_promise_names_tests_that_exist() {
    let page = text("tests/README.md");
    let rows = rows(&page, "## What the links, lists and store bear");
    assert!(rows.len() > 30, "{}", rows.len());
    for row in &rows {
        let tests = tests(row[1]);
        assert!(!tests.is_empty(), "{}", row[0]);
        for (file, test) in tests {
            assert!(exists(file, test), "{}: {file} has no {test}", row[0]);
        }
    }
}

#[test]
fn original_25_a_stage_that_fails_fails_the_run() {
    for script in [".ci/run", ".ci/full", "tests/end_to_end/run.sh"] {
        let script_text = text(script);
        let strict = script_text.lines().any(|l| l == "set -euo pipefail");
        assert!(strict, "{script}");
        let forgiving = script_text
            .lines()
            .find(|line| line.contains("|| true") && !line.contains("kill "));
        assert_eq!(forgiving, None, "{script}");
    }
    for workflow in ["test.yml", "release.yml"] {
        let path = format!(".github/workflows/{workflow}");
        assert!(!text(&path).contains("continue-on-error"), "{path}");
    }
}
