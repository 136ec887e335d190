//! What the household has said is no task, besides its options: rules learnt
//! from an entity or from the page. Whether a rule names a task is `matching`'s.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    matching::says_something,
    task::{TaskId, TaskState},
};

/// Characters of a rule, and rules of a zone besides those of the options:
/// each question tells them all.
pub const LONGEST_RULE: usize = 120;
pub const MOST_RULES: usize = 30;

/// One thing that is no task in a zone, in the household's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearntRule {
    pub text: String,
    pub from: RuleSource,
    pub since: Timestamp,
}

/// Where a rule was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleSource {
    /// By an entity: it ends when the zone's option `ignore` changes.
    Entity,
    /// On the page: it holds until it is taken back there.
    Page,
}

/// A task that a rule names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    pub id: TaskId,
    pub title: String,
    pub state: TaskState,
}

/// The rule that a person's text says, on one line. The error is a sentence.
pub fn rule(text: &str) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().any(char::is_control) || text.chars().count() > LONGEST_RULE {
        return Err(format!(
            "A rule is one line of at most {LONGEST_RULE} characters, such as \"the dog bed\"."
        ));
    }
    if !says_something(&text) {
        return Err(
            "A rule needs a word that names a thing or a place, such as \"the dog bed\".".into(),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_line_that_says_something() {
        assert_eq!(rule("  the dog\n bed "), Ok("the dog bed".to_owned()));
        for wrong in ["", " ", "the", "...", "a\u{0}b", &"shoe ".repeat(40)] {
            assert!(rule(wrong).is_err(), "{wrong:?}");
        }
    }
}
