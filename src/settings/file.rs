//! One options file, YAML or JSON: read with bounds, or refused in a sentence
//! that says where it is broken and never quotes what may be a secret.

use std::{
    fs,
    io::{ErrorKind, Read as _},
    path::Path,
};

use config::{ConfigError, File, FileFormat, Map, Source as _, Value};

use super::{
    options::Document,
    problem::{NOTHING, Problem},
};

/// Options files are a few KiB; more is some other file.
const LARGEST: u64 = 256 * 1024;
/// YAML may nest by `- - - -` in one line; its parser recurses.
const DEEPEST: usize = 32;

/// The options in a file, or why there are none.
pub(super) fn read(path: &Path) -> Result<Map<String, Value>, Problem> {
    let unreadable = |found: String, hint: &str| Problem {
        path: path.display().to_string(),
        found,
        allowed: "a file with options, YAML or JSON".to_owned(),
        hint: format!("{hint} Until then no room is watched."),
    };
    let mut bytes = Vec::new();
    let reading =
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    reading.map_err(|error| match error.kind() {
        ErrorKind::NotFound => unreadable(NOTHING.to_owned(), "Create it, or name another file."),
        _ => unreadable(
            format!("a file that cannot be read ({error})"),
            "Check its permissions.",
        ),
    })?;
    if bytes.len() as u64 > LARGEST {
        let found = format!("more than {} KiB", LARGEST / 1024);
        return Err(unreadable(found, "Check that it is the right file."));
    }
    parse(&bytes, is_json(path)).map_err(|found| unreadable(found, "Correct it there."))
}

/// Whether a file of this name holds JSON; else it is YAML.
pub(super) fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("json"))
}

/// The layer that a document is; the error says what was found instead.
pub(super) fn layer(document: &Document) -> Result<Map<String, Value>, String> {
    let text = serde_json::Value::Object(document.0.clone()).to_string();
    if text.len() as u64 > LARGEST {
        return Err(format!("more than {} KiB", LARGEST / 1024));
    }
    parse(text.as_bytes(), true)
}

/// The reverse of `layer`. What no document can hold (a number that is none) is left out.
pub(super) fn document(layer: &Map<String, Value>) -> Document {
    let plain = |value: &Value| value.clone().try_deserialize::<serde_json::Value>().ok();
    Document(
        layer
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), plain(value)?)))
            .collect(),
    )
}

/// Options from a file's bytes; the error says what was found instead, with
/// line and column.
fn parse(bytes: &[u8], json: bool) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        // The valid part is text; its lines tell where it ends.
        let line = String::from_utf8_lossy(&bytes[..error.valid_up_to()])
            .matches('\n')
            .count()
            + 1;
        format!("bytes that are not UTF-8 text at line {line}")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (format, name) = if json {
        (FileFormat::Json, "JSON")
    } else {
        (FileFormat::Yaml, "YAML")
    };
    if !json {
        check_yaml_lines(text)?;
        if text
            .lines()
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
        {
            return Ok(Map::new());
        }
    }
    File::from_str(text, format)
        .collect()
        .map_err(|error| match error {
            ConfigError::FileParse { cause, .. } => {
                format!("broken {name}{}", place(&cause.to_string()))
            }
            _ => format!("{name} that is not a group of options"),
        })
}

/// What the YAML parser does not refuse but we must: nesting without bound,
/// and `!secret`, which only Home Assistant's own files resolve.
fn check_yaml_lines(text: &str) -> Result<(), String> {
    for (number, line) in (1..).zip(text.lines()) {
        let starts = line
            .split_ascii_whitespace()
            .take_while(|word| matches!(*word, "-" | "?"));
        if starts.count() > DEEPEST {
            return Err(format!("lists nested too deep at line {number}"));
        }
        let value = line
            .split_once(": ")
            .map_or(line, |(_, value)| value)
            .trim_start();
        if value.trim_start_matches("- ").starts_with("!secret ") {
            return Err(format!(
                "!secret at line {number}, which only Home Assistant's own files know"
            ));
        }
    }
    Ok(())
}

/// Where a parser stopped and, if it says so without quoting the file, why.
fn place(message: &str) -> String {
    let Some((why, position)) = message.split_once(" line ") else {
        return String::new();
    };
    let why = why.split(" at byte").next().unwrap_or(why);
    let why = why.strip_suffix(" at").unwrap_or(why).trim();
    let why = if why.contains('"') {
        String::new()
    } else {
        format!(" ({why})")
    };
    let position: Vec<_> = position
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .take(2)
        .collect();
    match position[..] {
        [line, column] => format!(" at line {line}, column {column}{why}"),
        _ => why,
    }
}
