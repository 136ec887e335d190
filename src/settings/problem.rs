//! What is wrong with the options, in words, and what is merely worth knowing.

use std::fmt;

use serde::Serialize;

use super::keys;
use crate::domain::zone::shown;

/// Something in the options that cannot be used as it is. It never holds the
/// value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: an option such as `zones[1].interval_minutes`, or the file.
    pub path: String,
    /// What stands there, shortened; `nothing` when the option is missing.
    pub found: String,
    /// What may stand there.
    pub allowed: String,
    /// What to do, as a sentence, and what happens until then.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            found,
            allowed,
            hint,
        } = self;
        write!(f, "{path}: found {found}, allowed is {allowed}. {hint}")
    }
}

/// Something the user may want to know; everything works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub path: String,
    pub text: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// Everything noted while reading.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
}

impl Report {
    pub(super) fn problem(
        &mut self,
        path: impl Into<String>,
        found: impl Into<String>,
        allowed: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problems.push(Problem {
            path: path.into(),
            found: found.into(),
            allowed: allowed.into(),
            hint: hint.into(),
        });
    }

    pub(super) fn notice(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.notices.push(Notice {
            path: path.into(),
            text: text.into(),
        });
    }
}

/// `found` of a missing option.
pub(super) const NOTHING: &str = "nothing";

/// Text as a problem may show it: one line, at most 40 characters, and without
/// the keys that addresses carry.
pub(super) fn quote(text: &str) -> String {
    // Pasted into the wrong field.
    if keys::form(text).is_some() {
        return "what looks like a key".to_owned();
    }
    let text = shown(text);
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_quoted() {
        assert_eq!(quote("http://me:pa55@cam/x"), "\"http://…@cam/x\"");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(quote(&"ü".repeat(50)), format!("\"{}…\"", "ü".repeat(40)));
    }
}
