//! What is wrong with the options, in words, and what is merely worth knowing.

use std::fmt;

/// Something in the options that cannot be used as it is. It never holds the
/// value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Text as a problem may show it: one line, at most 40 characters, without
/// what stands before an `@` or after a `?`, where addresses carry credentials.
pub(super) fn quote(text: &str) -> String {
    let shown = public(text);
    let mut short: String = shown.chars().take(40).collect();
    if short.len() < shown.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// An address without user, password and query.
pub(super) fn public(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let hidden_user = rest.rsplit_once('@').map(|(_, host)| format!("…@{host}"));
    let rest = hidden_user.as_deref().unwrap_or(rest);
    match rest.split_once('?') {
        Some((address, _)) if !scheme.is_empty() => format!("{scheme}{address}?…"),
        _ => format!("{scheme}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_credentials() {
        for (given, shown) in [
            ("http://me:p@ss/w@cam/snap.jpg", "http://…@cam/snap.jpg"),
            ("http://cam/snap.jpg?token=abc", "http://cam/snap.jpg?…"),
            ("me:hunter2@broker", "…@broker"),
            ("camera.kitchen", "camera.kitchen"),
            ("What is this?", "What is this?"),
        ] {
            assert_eq!(public(given), shown);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(quote(&"ü".repeat(50)), format!("\"{}…\"", "ü".repeat(40)));
    }
}
