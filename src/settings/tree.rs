//! Typed reading of the options' tree: each step knows its path, so that each
//! misfit is reported with the place where it stands.
//!
//! An absent option, a null and an empty text are the same: `None`, no
//! problem. Text stands for a number where that is unambiguous (the
//! environment has nothing but text); a number never stands for text, because
//! YAML has dropped its leading zeros by then.

use config::{Map, Value, ValueKind};

use super::{
    problem::{NOTHING, Report, quote},
    secret::Secret,
};

/// What stands at a path.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) path: String,
    value: Option<&'a Value>,
}

/// The options of a group, such as `mqtt` or one zone.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    path: String,
    table: Option<&'a Map<String, Value>>,
}

impl<'a> Group<'a> {
    /// The whole tree.
    pub(super) fn root(tree: &'a Map<String, Value>) -> Self {
        Self {
            path: String::new(),
            table: Some(tree),
        }
    }

    pub(super) fn at(&self, key: &str) -> Node<'a> {
        Node {
            path: join(&self.path, key),
            value: self.table.and_then(|table| table.get(key)),
        }
    }
}

/// The path of `key` in the group at `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

impl<'a> Node<'a> {
    /// The value, if there is anything in it.
    fn present(&self) -> Option<&'a Value> {
        self.value.filter(|value| match &value.kind {
            ValueKind::Nil => false,
            ValueKind::String(text) => !text.trim().is_empty(),
            _ => true,
        })
    }

    pub(super) fn is_present(&self) -> bool {
        self.present().is_some()
    }

    /// Whether it says yes, in whatever form.
    pub(super) fn is_on(&self) -> bool {
        match self.present().map(|value| &value.kind) {
            Some(ValueKind::Boolean(on)) => *on,
            Some(ValueKind::String(text)) => text.trim() == "true",
            _ => false,
        }
    }

    /// One line of text, trimmed.
    pub(super) fn text(&self, report: &mut Report) -> Option<&'a str> {
        let value = self.present()?;
        let ValueKind::String(text) = &value.kind else {
            let hint = if matches!(value.kind, ValueKind::Table(_) | ValueKind::Array(_)) {
                "Write one text here."
            } else {
                "Put it in quotes."
            };
            self.misfit(report, "text", hint);
            return None;
        };
        let text = text.trim();
        if text.chars().any(char::is_control) {
            self.misfit(report, "one line of text", "Write it in one line.");
            return None;
        }
        Some(text)
    }

    /// Text as it stands, blanks included; a problem does not show it.
    pub(super) fn secret(&self, report: &mut Report) -> Option<Secret> {
        let value = self.value?;
        match &value.kind {
            ValueKind::Nil => None,
            ValueKind::String(text) if text.is_empty() => None,
            ValueKind::String(text) => Some(Secret::from(text.clone())),
            other => {
                report.problem(
                    &self.path,
                    kind_name(other),
                    "text",
                    "Put it in quotes, so that it arrives as you typed it.",
                );
                None
            }
        }
    }

    /// A whole number, also as text such as `"60"`.
    pub(super) fn whole<N: TryFrom<i64>>(
        &self,
        min: i64,
        max: i64,
        hint: &str,
        report: &mut Report,
    ) -> Option<N> {
        let value = self.present()?;
        let number = match &value.kind {
            ValueKind::I64(number) => Some(*number),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let fitting = number
            .filter(|number| (min..=max).contains(number))
            .and_then(|number| N::try_from(number).ok());
        if fitting.is_none() {
            self.misfit(report, &format!("a whole number from {min} to {max}"), hint);
        }
        fitting
    }

    /// A number, whole or not, also as text such as `"0.5"`.
    pub(super) fn number(
        &self,
        min: f64,
        max: f64,
        hint: &str,
        report: &mut Report,
    ) -> Option<f64> {
        let value = self.present()?;
        let number = match &value.kind {
            ValueKind::I64(number) => Some(*number as f64),
            ValueKind::Float(number) => Some(*number),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let fitting = number.filter(|number| (min..=max).contains(number));
        if fitting.is_none() {
            self.misfit(report, &format!("a number from {min} to {max}"), hint);
        }
        fitting
    }

    /// Whether it says yes or no at all.
    pub(super) fn is_flag(&self) -> bool {
        match self.present().map(|value| &value.kind) {
            Some(ValueKind::Boolean(_)) => true,
            Some(ValueKind::String(text)) => matches!(text.trim(), "true" | "false"),
            _ => false,
        }
    }

    /// Yes or no; absent is no.
    pub(super) fn flag(&self, hint: &str, report: &mut Report) -> bool {
        if self.is_present() && !self.is_flag() {
            self.misfit(report, "true or false", hint);
        }
        self.is_on()
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &self,
        words: &[(&str, T)],
        hint: &str,
        report: &mut Report,
    ) -> Option<T> {
        let text = self.text(report)?;
        let chosen = words.iter().find(|(word, _)| *word == text);
        if chosen.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.misfit(report, &format!("one of {}", all.join(", ")), hint);
        }
        chosen.map(|(_, what)| *what)
    }

    /// The options in a group; an absent group is an empty one.
    pub(super) fn group(&self, report: &mut Report) -> Group<'a> {
        let table = match self.present().map(|value| &value.kind) {
            None => None,
            Some(ValueKind::Table(table)) => Some(table),
            Some(_) => {
                self.misfit(
                    report,
                    "a group of options",
                    "Write its options below it, indented.",
                );
                None
            }
        };
        Group {
            path: self.path.clone(),
            table,
        }
    }

    /// The entries of a list; an absent list is an empty one.
    pub(super) fn list(&self, report: &mut Report) -> Vec<Node<'a>> {
        match self.present().map(|value| &value.kind) {
            None => Vec::new(),
            Some(ValueKind::Array(values)) => (0..)
                .zip(values)
                .map(|(index, value): (usize, _)| Node {
                    path: format!("{}[{index}]", self.path),
                    value: Some(value),
                })
                .collect(),
            Some(_) => {
                self.misfit(
                    report,
                    "a list",
                    "Write one entry a line, each after a dash.",
                );
                Vec::new()
            }
        }
    }

    /// A list of texts; one text alone is a list of one, empty entries are
    /// left out.
    pub(super) fn texts(&self, report: &mut Report) -> Vec<(Node<'a>, &'a str)> {
        let entries = match self.present().map(|value| &value.kind) {
            Some(ValueKind::String(_)) => vec![self.clone()],
            _ => self.list(report),
        };
        entries
            .into_iter()
            .filter_map(|entry| entry.text(report).map(|text| (entry, text)))
            .collect()
    }

    /// Reports that what stands here cannot be used.
    pub(super) fn misfit(&self, report: &mut Report, allowed: &str, hint: &str) {
        let mut found = self.value.map_or(NOTHING.to_owned(), describe);
        if let Some(variable) = self.value.and_then(|value| variable(value, &self.path)) {
            found = format!("{found} (in {variable})");
        }
        report.problem(&self.path, found, allowed, hint);
    }

    /// Reports that an option is missing.
    pub(super) fn missing(&self, report: &mut Report, allowed: &str, hint: &str) {
        report.problem(&self.path, NOTHING, allowed, hint);
    }
}

fn describe(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => quote(text),
        ValueKind::Array(_) | ValueKind::Table(_) => kind_name(&value.kind).to_owned(),
        scalar => scalar.to_string(),
    }
}

fn kind_name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Nil => NOTHING,
        ValueKind::Boolean(_) => "true or false",
        ValueKind::String(_) => "text",
        ValueKind::Table(_) => "a group of options",
        ValueKind::Array(_) => "a list",
        _ => "a number",
    }
}

/// The environment variable a value came from, if it did.
pub(super) fn variable(value: &Value, path: &str) -> Option<String> {
    (value.origin() == Some("the environment"))
        .then(|| format!("AICLEANER_{}", path.replace('.', "__").to_uppercase()))
}
