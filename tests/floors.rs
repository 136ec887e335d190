//! The house stands: no module looks up, or sideways past a port.
//!
//! Reads the paths in `src/**`. Test code may use what it likes.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The floor of each top-level module. Higher ones may use lower ones.
const FLOORS: &[(&str, u8)] = &[
    ("main", 5),
    ("cli", 5),
    ("demo", 5),
    ("doctor", 5),
    ("evaluate", 5),
    ("selftest", 5),
    ("app", 4),
    ("engine", 3),
    ("home_assistant", 2),
    ("mqtt", 2),
    ("vision", 2),
    ("imaging", 2),
    ("references", 2),
    ("store", 2),
    ("web", 2),
    // Between the adapters and the base: what adapters and engine agree on.
    ("ports", 2),
    ("settings", 1),
    ("clock", 1),
    ("telemetry", 1),
    // Faults on purpose, in no release.
    ("mutants", 1),
    ("domain", 0),
];

/// What the domain must not touch: time and the outside are arguments there.
const NOT_IN_THE_DOMAIN: &[&str] = &[
    "tokio",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
    "Timestamp::now",
    "reqwest",
    "axum",
    "rumqttc",
    "rusqlite",
    "image",
    "rten",
];

const LONGEST_FILE: usize = 400;

fn floor(module: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, floor)| *floor)
}

/// Why `from` may not use `to`, if it may not.
fn forbidden(from: &str, to: &str) -> Option<String> {
    let (Some(here), Some(there)) = (floor(from), floor(to)) else {
        return Some(format!(
            "{from} or {to} has no floor; give it one in tests/floors.rs"
        ));
    };
    if from == to {
        return None;
    }
    if there > here {
        return Some(format!(
            "{from} (floor {here}) looks up to {to} (floor {there})"
        ));
    }
    let sideways = here == 2 && there == 2 && to != "ports";
    sideways.then(|| format!("{from} uses its neighbour {to}; they meet through ports only"))
}

/// The code without comments and texts, and without tests.
fn code_of(source: &str) -> String {
    let source = source
        .split("#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default();
    let signs: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < signs.len() {
        match (signs[at], signs.get(at + 1)) {
            ('/', Some('/')) => {
                while at < signs.len() && signs[at] != '\n' {
                    at += 1;
                }
            }
            ('/', Some('*')) => {
                while at < signs.len() && !(signs[at] == '*' && signs.get(at + 1) == Some(&'/')) {
                    at += 1;
                }
                at += 2;
            }
            ('r', Some('#' | '"')) if raw_text(&signs[at..]).is_some() => {
                at += raw_text(&signs[at..]).unwrap_or(1);
            }
            // A quote as a character is not the start of a text.
            ('\'', Some('"')) => at += 3,
            ('"', _) => {
                at += 1;
                while at < signs.len() && signs[at] != '"' {
                    at += if signs[at] == '\\' { 2 } else { 1 };
                }
                at += 1;
            }
            (sign, _) => {
                code.push(sign);
                at += 1;
            }
        }
    }
    code
}

/// The length of a raw text such as `r#"…"#` that starts here.
fn raw_text(signs: &[char]) -> Option<usize> {
    let hashes = signs[1..].iter().take_while(|sign| **sign == '#').count();
    if signs.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let mut end = vec!['"'];
    end.extend(std::iter::repeat_n('#', hashes));
    let start = 2 + hashes;
    let length = signs[start..]
        .windows(end.len())
        .position(|window| window == end)?;
    Some(start + length + end.len())
}

/// Every path in the code, groups spelled out: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths_of(code: &str) -> Vec<String> {
    let signs: Vec<char> = code
        .chars()
        .map(|sign| if sign.is_whitespace() { ' ' } else { sign })
        .collect();
    let mut paths = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        if is_word(signs[at]) && (at == 0 || !is_word(signs[at - 1])) {
            at = read_path(&signs, at, "", &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Reads one path or group after `prefix`; where it ends.
fn read_path(signs: &[char], mut at: usize, prefix: &str, paths: &mut Vec<String>) -> usize {
    let mut path = prefix.to_owned();
    loop {
        while signs.get(at) == Some(&' ') {
            at += 1;
        }
        if signs.get(at) == Some(&'{') && path.ends_with("::") {
            at += 1;
            while at < signs.len() && signs[at] != '}' {
                if is_word(signs[at]) {
                    at = read_path(signs, at, &path, paths);
                } else {
                    at += 1;
                }
            }
            return at + 1;
        }
        let start = at;
        while at < signs.len() && is_word(signs[at]) {
            at += 1;
        }
        path.extend(&signs[start..at]);
        if signs.get(at) == Some(&':') && signs.get(at + 1) == Some(&':') {
            path.push_str("::");
            at += 2;
        } else {
            paths.push(path);
            return at.max(start + 1);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let source = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), source)
        })
        .collect()
}

/// `mqtt` for `mqtt/link.rs`, `ports` for `ports.rs`.
fn module_of(file: &Path) -> String {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// A file of tests alone: `mqtt/tests.rs`, `engine/tests/living.rs`.
fn is_test(file: &Path) -> bool {
    file.iter()
        .any(|part| part == "tests" || part == "tests.rs")
}

/// How many `super` lead from a file's module to the crate.
fn depth_of(file: &Path) -> usize {
    let parts = file.iter().count();
    if file.ends_with("mod.rs") {
        parts - 1
    } else {
        parts
    }
}

/// What is wrong with one file.
fn complaints(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let mut complaints = Vec::new();
    let paths = if is_test(file) {
        Vec::new()
    } else {
        paths_of(&code_of(source))
    };
    for path in paths {
        let names: Vec<_> = path.split("::").collect();
        let supers = names.iter().take_while(|name| **name == "super").count();
        let target = match names[0] {
            "crate" | "aicleaner" => names.get(1),
            "super" if supers >= depth_of(file) => names.get(supers),
            _ => None,
        };
        if let Some(target) = target.filter(|target| !target.is_empty()) {
            complaints.extend(forbidden(&module, target));
        }
        let outside = |banned: &&&str| path == **banned || path.starts_with(&format!("{banned}::"));
        if module == "domain" && path.contains("::") {
            complaints.extend(
                NOT_IN_THE_DOMAIN
                    .iter()
                    .find(outside)
                    .map(|banned| format!("the domain touches {banned}")),
            );
        }
        let may_speak_mqtt = file == Path::new("mqtt/link.rs")
            || file.starts_with("mqtt/link")
            || module == "selftest"
                && ["broker", "observer"]
                    .iter()
                    .any(|part| file.to_str().unwrap().contains(part));
        if names[0] == "rumqttc" && !may_speak_mqtt {
            complaints.push(
                "only mqtt/link and the self-test's broker and observer name rumqttc".to_owned(),
            );
        }
    }
    let lines = source.lines().count();
    if lines > LONGEST_FILE {
        complaints.push(format!("{lines} lines; split at {LONGEST_FILE}"));
    }
    complaints.dedup();
    complaints
        .into_iter()
        .map(|complaint| format!("src/{}: {complaint}", file.display()))
        .collect()
}

#[test]
fn no_floor_looks_up_or_sideways() {
    let sources = sources();
    assert!(sources.len() > 10, "found only {} files", sources.len());
    let complaints: Vec<_> = sources
        .iter()
        .filter(|(file, _)| file != Path::new("lib.rs"))
        .flat_map(|(file, source)| complaints(file, source))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The test above can fail: each of these lines is found.
#[test]
fn a_forbidden_line_is_found() {
    let long = "// line\n".repeat(LONGEST_FILE + 1);
    for (file, source, part) in [
        (
            "domain/task.rs",
            "use crate::clock::Clock;",
            "looks up to clock",
        ),
        ("domain/task.rs", "use tokio::sync::mpsc;", "touches tokio"),
        ("domain/task.rs", "use std::{fmt, fs};", "touches std::fs"),
        (
            "domain/task.rs",
            "use std::time::{Duration, SystemTime};",
            "SystemTime",
        ),
        (
            "domain/task.rs",
            "fn a() { Timestamp::now(); }",
            "Timestamp::now",
        ),
        (
            "mqtt/outbox.rs",
            "use crate::{\n    domain::task::Task,\n    store::Database,\n};",
            "neighbour store",
        ),
        ("mqtt/mod.rs", "use super::web::router;", "neighbour web"),
        (
            "mqtt/outbox.rs",
            "a\ncrate::engine::run()",
            "looks up to engine",
        ),
        (
            "mqtt/outbox.rs",
            "fn a() -> crate::engine::Engine {}",
            "looks up to engine",
        ),
        (
            "mqtt/outbox.rs",
            "use super::super::vision;",
            "neighbour vision",
        ),
        ("ports.rs", "use crate::mqtt::Link;", "neighbour mqtt"),
        (
            "settings/load.rs",
            "use crate::ports::Store;",
            "looks up to ports",
        ),
        ("web/api.rs", "use rumqttc::Client;", "name rumqttc"),
        (
            "engine/queue.rs",
            "use crate::app::World;",
            "looks up to app",
        ),
        ("kitchen.rs", "use crate::domain::task;", "has no floor"),
        ("engine/queue.rs", long.as_str(), "401 lines"),
    ] {
        let found = complaints(Path::new(file), source);
        assert!(
            found.iter().any(|c| c.contains(part)),
            "{file}: {source}\n{found:?}"
        );
    }
}

#[test]
fn an_allowed_line_is_left_alone() {
    for (file, source) in [
        (
            "mqtt/link.rs",
            "use crate::{domain::task, ports::Inbox, settings::Settings};\nuse rumqttc::Event;",
        ),
        ("mqtt/link/connection.rs", "use rumqttc::AsyncClient;"),
        (
            "engine/check.rs",
            "use crate::{imaging::decode, ports, store};",
        ),
        ("mqtt/outbox.rs", "use super::{link::Link, topics::store};"),
        (
            "domain/task.rs",
            "use super::zone::ZoneId; // not tokio::spawn, \n/* std::fs::read */",
        ),
        (
            "domain/task.rs",
            "const A: &str = \"tokio::spawn \\\" std::fs::read\"; const B: &str = r#\"std::fs::read\"#;",
        ),
        (
            "domain/task.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests { use std::fs::read; }",
        ),
        ("demo/mod.rs", "use crate::{app::World, selftest::broker};"),
        ("mqtt/tests.rs", "use crate::selftest::test_home;"),
    ] {
        assert_eq!(
            complaints(Path::new(file), source),
            Vec::<String>::new(),
            "{source}"
        );
    }
}
