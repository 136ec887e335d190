//! From a model's text to an assessment, or to why it is none. Fences, prose
//! around the JSON, thinking before it, trailing commas, a single object for a
//! list: read. A score that is not one, or a missing list: not an answer.
//!
//! What was made up by the model stays out of the household: titles are
//! bounded, printable and without markup, ids that were not asked about are
//! ignored. Whether a new title is an old task is the ledger's business.

mod clean;
mod json;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use serde_json::{Map, Value};

use super::prompt;
use crate::domain::{
    check::{Assessment, Finding, KnownTask},
    matching::same_task,
    score::Score,
    task::{Priority, TaskId},
};

pub use clean::clean;
pub use json::object;

/// New tasks taken from one answer.
const MOST_TASKS: usize = 12;
/// Entries of a list that are looked at; an answer with more is not read to its end.
const MOST_ENTRIES: usize = 1000;
/// Characters of a title: fewer say nothing, more are shortened.
const TITLE: std::ops::RangeInclusive<usize> = 3..=120;
/// From here on it is no title but a text that went astray.
const ASTRAY: usize = 400;
const LONGEST_SUMMARY: usize = 300;

/// What stands for an empty list.
const NOTHING: [&str; 24] = [
    "none",
    "null",
    "n/a",
    "nothing",
    "nothing to do",
    "no task",
    "no tasks",
    "keine",
    "keine aufgaben",
    "nichts",
    "nichts zu tun",
    "aucun",
    "aucune",
    "aucune tâche",
    "rien",
    "rien à faire",
    "ninguno",
    "ninguna",
    "nada",
    "nada que hacer",
    "geen",
    "geen taken",
    "niets",
    "niets te doen",
];

/// Who answered, as readings and tasks name it.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// The provider, such as `gemini`.
    pub provider: &'a str,
    /// The model, such as `gemini-3.5-flash-lite`; empty if it is not known.
    pub model: &'a str,
}

/// The assessment in a model's text. The error says what is wrong with the
/// text; it holds nothing of it that is longer than a few characters.
pub fn assessment(
    text: &str,
    known: &[KnownTask],
    author: Author<'_>,
) -> Result<Assessment, String> {
    let object = json::object(text, "score")?;
    from_object(&object, known, author)
}

/// The assessment in an object, for providers that deliver one.
pub fn from_object(
    object: &Map<String, Value>,
    known: &[KnownTask],
    author: Author<'_>,
) -> Result<Assessment, String> {
    let score = score(object.get("score"))?;
    let (remain, done) = known_tasks(object.get("known"), known);
    let method = [author.model, "prompt", prompt::VERSION];
    Ok(Assessment {
        score,
        confidence: confidence(object.get("confidence")),
        summary: clean::without_links(&clean(text_of(object.get("summary")), LONGEST_SUMMARY)),
        remain,
        done,
        new: findings(object.get("tasks"))?,
        provider: author.provider.to_owned(),
        method: method.join(" ").trim_start().to_owned(),
        needs_second_look: false,
        impressions: Vec::new(),
    })
}

/// A whole number from 0 to 100, also written `62/100`, `62 %` or `62.0`. A
/// fraction of one is not read: it may mean 1 of 100 or all of it.
fn score(value: Option<&Value>) -> Result<Score, String> {
    let wrong = |what: &str| format!("the score is {what}, not a whole number from 0 to 100");
    let number = match value {
        None | Some(Value::Null) => return Err("there is no score".into()),
        Some(Value::Number(number)) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Some(Value::String(text)) => {
            let text = text.trim();
            let text = ["/100", "/ 100", "%"]
                .iter()
                .find_map(|end| text.strip_suffix(end))
                .unwrap_or(text);
            let text = text.trim();
            let float = || text.parse().ok().and_then(whole);
            text.parse().ok().or_else(float)
        }
        Some(_) => return Err(wrong("of another kind")),
    };
    let number = number.ok_or_else(|| wrong(&said(value)))?;
    Score::try_from(number).map_err(|_| wrong(&number.to_string()))
}

/// Nought is nought on every scale; one may mean all of it.
fn whole(float: f64) -> Option<i64> {
    let is_whole = float.fract() == 0.0 && (2.0..=100.0).contains(&float);
    (float == 0.0 || is_whole).then_some(float as i64)
}

/// The beginning of a value, for a sentence.
fn said(value: Option<&Value>) -> String {
    let text = value.map(Value::to_string).unwrap_or_default();
    clean(&text, 20)
}

/// 0–1 from a word, or from a number between 0 and 1.
fn confidence(value: Option<&Value>) -> f32 {
    match value {
        Some(Value::String(_)) => match word(value).as_str() {
            "low" => 0.4,
            "high" => 0.95,
            _ => 0.7,
        },
        Some(Value::Number(number)) => number
            .as_f64()
            .filter(|n| (0.0..=1.0).contains(n))
            .map_or(0.7, |n| n as f32),
        _ => 0.7,
    }
}

/// What is said about the tasks that were asked about. A task about which two
/// things are said remains.
fn known_tasks(said: Option<&Value>, known: &[KnownTask]) -> (Vec<TaskId>, Vec<(TaskId, f32)>) {
    let (mut remain, mut done) = (Vec::new(), Vec::new());
    for entry in entries(said) {
        let Some(entry) = entry.as_object() else {
            continue;
        };
        let id = match entry.get("id") {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(id) = id
            .map(TaskId)
            .filter(|id| known.iter().any(|k| k.id == *id))
        else {
            continue;
        };
        match word(entry.get("now")).as_str() {
            "remains" if !remain.contains(&id) => remain.push(id),
            "done" if done.iter().all(|(other, _)| *other != id) => {
                done.push((id, confidence(entry.get("confidence"))));
            }
            _ => {}
        }
    }
    done.retain(|(id, _)| !remain.contains(id));
    (remain, done)
}

/// At most twelve new things to do, the most urgent first.
fn findings(tasks: Option<&Value>) -> Result<Vec<Finding>, String> {
    if !matches!(tasks, Some(Value::Array(_) | Value::Object(_))) {
        return Err("there is no list of tasks".into());
    }
    let given = entries(tasks);
    let mut ranked: Vec<Finding> = Vec::new();
    let mut unusable = false;
    for task in given {
        let (title, priority) = match task {
            Value::String(title) => (title.as_str(), String::new()),
            other => (text_of(other.get("title")), word(other.get("priority"))),
        };
        let Some(title) = title_of(title) else {
            unusable = true;
            continue;
        };
        if says_nothing(&title) {
            continue;
        }
        if ranked.iter().any(|f| same_task(&f.title, &title)) {
            continue;
        }
        ranked.push(Finding {
            title,
            confidence: 0.7,
            priority: match priority.as_str() {
                "high" => Priority::High,
                "low" => Priority::Low,
                _ => Priority::Normal,
            },
            region: None,
        });
        // Sorting is stable: of equals the ones named first stay.
        if ranked.len() > MOST_TASKS {
            ranked.sort_by_key(|finding| Reverse(finding.priority));
            ranked.truncate(MOST_TASKS);
        }
    }
    if ranked.is_empty() && unusable {
        return Err("no task in the list has a usable title".into());
    }
    ranked.sort_by_key(|finding| Reverse(finding.priority));
    Ok(ranked)
}

fn title_of(text: &str) -> Option<String> {
    if text.len() > ASTRAY * 4 {
        return None;
    }
    let whole = clean(text, ASTRAY + 1);
    if whole.chars().count() > ASTRAY {
        return None;
    }
    let whole = clean::without_links(&whole);
    let title = clean::unnumbered(&whole);
    let title = clean::shortened(title, *TITLE.end());
    // Something to do has a word in it.
    let is_one = TITLE.contains(&title.chars().count()) && title.chars().any(char::is_alphabetic);
    is_one.then_some(title)
}

/// Whether a title stands for an empty list, in the languages that are asked for.
fn says_nothing(title: &str) -> bool {
    let plain = title.to_lowercase();
    let plain = plain.trim_matches(|c: char| !c.is_alphanumeric());
    NOTHING.contains(&plain)
}

/// A list's entries; a single value instead of a list is a list of one.
fn entries(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(entries)) => &entries[..entries.len().min(MOST_ENTRIES)],
        Some(single @ Value::Object(_)) => std::slice::from_ref(single),
        _ => &[],
    }
}

fn text_of(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// One of a few words, however it is written.
fn word(value: Option<&Value>) -> String {
    text_of(value).trim().to_ascii_lowercase()
}
