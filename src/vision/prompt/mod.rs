//! The words that a model gets. They stand in the text files beside this one,
//! for people who write prompts; here they are filled in. Whoever changes a
//! file raises `VERSION` and looks at the golden files in `golden/`.
//!
//! In a template a `{name}` stands for a value; a line or block whose value is
//! empty is left out, together with the heading line above a block.

use bytes::Bytes;
use serde_json::Value;

use super::reply::clean;
use crate::ports::{Canary, Question};

/// Which wording answered: part of every reading's method.
pub const VERSION: &str = "2";

const SYSTEM: &str = include_str!("system.txt");
const REFERENCE: &str = include_str!("reference.txt");
const NOW: &str = include_str!("now.txt");
const HIDDEN: &str = include_str!("hidden.txt");
const ROOM: &str = include_str!("room.txt");
const PICKINESS: &str = include_str!("pickiness.txt");
const FORM: &str = include_str!("form.txt");
const REPAIR: &str = include_str!("repair.txt");
const CANARY: &str = include_str!("canary.txt");

/// Characters of a text of the household's that a model gets to read.
const LONGEST_TEXT: usize = 500;
/// Ignore rules and open tasks that a model gets to read.
const MOST_LINES: usize = 60;

/// What a model is told and shown, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    pub system: String,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    /// A JPEG.
    Picture(Bytes),
}

impl Prompt {
    /// The question about a zone; `again` after an answer that could not be read.
    pub fn room(question: &Question, again: bool) -> Self {
        let mut parts = pictures(question);
        parts.push(Part::Text(room(question)));
        if again {
            parts.push(Part::Text(REPAIR.trim_end().into()));
        }
        Self {
            system: SYSTEM.trim_end().into(),
            parts,
        }
    }

    /// The question about a canary picture.
    pub fn canary(canary: &Canary) -> Self {
        Self {
            system: "You say what is in a picture.".into(),
            parts: vec![
                Part::Picture(canary.frame.jpeg.clone()),
                Part::Text(CANARY.trim_end().into()),
            ],
        }
    }

    /// Says in words what form the answer must have, for servers that cannot
    /// be held to a schema.
    #[must_use]
    pub fn with_form(mut self, schema: &Value) -> Self {
        let form = FORM.trim_end().replace("{schema}", &schema.to_string());
        self.parts.push(Part::Text(form));
        self
    }

    /// All texts in order, for servers that take pictures beside one text.
    pub fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Picture(_) => None,
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }

    pub fn pictures(&self) -> impl Iterator<Item = &Bytes> {
        self.parts.iter().filter_map(|part| match part {
            Part::Picture(jpeg) => Some(jpeg),
            Part::Text(_) => None,
        })
    }
}

/// The pictures, each under a label that says what it is and whether it is judged.
fn pictures(question: &Question) -> Vec<Part> {
    let mut parts = Vec::new();
    let several = question.frames.len() > 1;
    let mut number = 0;
    for (index, frame) in question.frames.iter().enumerate() {
        let camera = if several {
            format!(", camera {}", index + 1)
        } else {
            String::new()
        };
        let reference = question.references.iter().find(|r| r.of == index);
        if let Some(reference) = reference {
            number += 1;
            parts.push(label(REFERENCE, number, &camera));
            parts.push(Part::Picture(reference.frame.jpeg.clone()));
        }
        number += 1;
        if several || !question.references.is_empty() {
            parts.push(label(NOW, number, &camera));
        }
        parts.push(Part::Picture(frame.jpeg.clone()));
    }
    parts
}

fn label(words: &str, number: usize, camera: &str) -> Part {
    let words = words.trim_end().replace("{number}", &number.to_string());
    Part::Text(words.replace("{camera}", camera))
}

fn room(question: &Question) -> String {
    let strictness = usize::from(question.pickiness.clamp(1, 5)) - 1;
    let rules = question.ignore.iter().take(MOST_LINES);
    let rules: Vec<_> = rules.map(|rule| format!("- {}", quoted(rule))).collect();
    let known = question.known.iter().take(MOST_LINES);
    let known: Vec<_> = known
        .map(|task| format!("- id \"{}\": {}", task.id, quoted(&task.title)))
        .collect();
    fill(
        ROOM,
        &[
            ("{zone}", quoted(&question.zone_name)),
            (
                "{purpose}",
                question.purpose.as_deref().map_or_else(String::new, quoted),
            ),
            (
                "{pickiness}",
                PICKINESS.lines().nth(strictness).unwrap_or_default().into(),
            ),
            ("{language}", quoted(&question.language)),
            ("{ignore}", rules.join("\n")),
            (
                "{hidden}",
                if question.is_masked {
                    HIDDEN.trim_end().into()
                } else {
                    String::new()
                },
            ),
            ("{known}", known.join("\n")),
        ],
    )
}

/// A text of the household's on one line and in quotation marks that it cannot close.
fn quoted(text: &str) -> String {
    let text = clean(text, LONGEST_TEXT).replace('"', "'");
    if text.is_empty() {
        text
    } else {
        format!("\"{text}\"")
    }
}

/// Each line with its value in place. A value is never searched for names.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in template.lines() {
        let Some((name, value)) = values.iter().find(|(name, _)| line.contains(name)) else {
            lines.push(line.into());
            continue;
        };
        if !value.is_empty() {
            lines.push(line.replacen(name, value, 1));
        } else if line == *name {
            // A block without entries needs no heading.
            lines.pop();
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
