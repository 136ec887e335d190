//! The tables of `DOCS.md` that the code writes: `UPDATE_GOLDEN=1 cargo test --test app_folder` writes them anew.
//! The table of entities is held by `tests/discovery.rs`.

use std::{env, fs};

use aicleaner::{telemetry, web};
use serde_json::Value;

use super::{manifest, object, root, text};

const DOCS: &str = "aicleaner_v3/DOCS.md";

#[test]
fn metrics_and_endpoints_are_listed_as_they_are() {
    let before = text(DOCS);
    let mut docs = before.clone();
    for (name, table) in [
        ("metrics", telemetry::metrics::markdown()),
        ("endpoints", web::endpoints()),
    ] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (above, rest) = docs.split_once(&begin).expect(name);
        let (_, below) = rest.split_once(&end).expect(name);
        docs = format!("{above}{begin}\n{table}\n{end}{below}");
    }
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(root().join(DOCS), &docs).unwrap();
        return;
    }
    assert!(
        docs == before,
        "a table in {DOCS} is old; see the head of this file"
    );
}

/// The table of options says which default each has, and what has none.
#[test]
fn the_documented_defaults_are_the_forms() {
    let manifest = manifest();
    let docs = text(DOCS);
    let (_, table) = docs.split_once("| Option | Default | Meaning |\n").unwrap();
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    let mut documented = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (option, default) = (cells[1].trim_matches('`'), cells[2].trim_matches('`'));
        let expected = match &manifest["options"][option] {
            Value::Null => vec!["–".to_owned(), "Home Assistant's".to_owned()],
            Value::Array(_) => vec!["none".to_owned()],
            Value::Object(_) => vec!["empty".to_owned()],
            Value::String(text) => vec![text.clone()],
            other => vec![other.to_string()],
        };
        assert!(
            expected.iter().any(|words| words == default),
            "{row}: {expected:?}"
        );
        documented.push(option);
    }
    documented.sort_unstable();
    let mut offered: Vec<&String> = object(&manifest["schema"]).keys().collect();
    offered.sort_unstable();
    assert_eq!(documented, offered);
}
