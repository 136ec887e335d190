//! The words of notifications: a file for each language, beside this one, that
//! a translator can edit. Seven personalities; what is wrong is said plainly
//! in all of them.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{Kind, Notice, Personality};
use crate::domain::degraded::{self, Cause};

/// The languages there are, English first: it stands in for all others.
pub const LANGUAGES: [(&str, &str); 5] = [
    ("en", include_str!("texts/en.json")),
    ("de", include_str!("texts/de.json")),
    ("fr", include_str!("texts/fr.json")),
    ("es", include_str!("texts/es.json")),
    ("nl", include_str!("texts/nl.json")),
];

/// The title of what is about no single zone.
const OUR_NAME: &str = "AICleaner";
/// Tasks that a message names; more are counted.
const MOST_NAMED: usize = 5;

#[derive(Debug, Deserialize)]
struct Words {
    more: Plural,
    failing: Plural,
    spent: String,
    line: Plural,
    line_done: String,
    buttons: Buttons,
    #[serde(flatten)]
    tones: BTreeMap<String, Tone>,
}

#[derive(Debug, Deserialize)]
struct Tone {
    new: Plural,
    done: String,
    digest: String,
}

#[derive(Debug, Deserialize)]
struct Plural {
    one: String,
    other: String,
}

/// What stands on the buttons of a notification.
#[derive(Debug, Clone, Deserialize)]
pub struct Buttons {
    pub done: String,
    pub not_a_task: String,
    pub snooze: String,
}

/// A notification in words.
#[derive(Debug, Clone)]
pub struct Message {
    pub title: String,
    pub text: String,
    pub buttons: Buttons,
}

static WORDS: LazyLock<Vec<(&str, Words)>> = LazyLock::new(|| {
    LANGUAGES
        .iter()
        .map(|(code, text)| {
            let words = serde_json::from_str(text);
            (*code, words.expect("the tests read every language"))
        })
        .collect()
});

/// The language of the file that serves `code`, such as `de` for `de-AT`.
pub fn language(code: &str) -> &'static str {
    let first = code.split(['-', '_']).next().unwrap_or_default();
    let found = LANGUAGES
        .iter()
        .find(|(code, _)| code.eq_ignore_ascii_case(first));
    found.map_or("en", |(code, _)| code)
}

/// A notice as the household reads it.
pub fn message(notice: &Notice, personality: Personality, code: &str) -> Message {
    let code = language(code);
    let (_, words) = WORDS
        .iter()
        .find(|(language, _)| *language == code)
        .unwrap_or(&WORDS[0]);
    let tone = &words.tones[personality.name()];
    let count = |plural: &Plural, count: usize| plural.of(count, code);
    let (title, text) = match &notice.kind {
        Kind::NewTasks { zone, tasks, .. } => {
            let mut text = fill(&count(&tone.new, tasks.len()), zone);
            for (_, title) in tasks.iter().take(MOST_NAMED) {
                text.push_str("\n- ");
                text.push_str(title);
            }
            if tasks.len() > MOST_NAMED {
                text.push('\n');
                text.push_str(&count(&words.more, tasks.len() - MOST_NAMED));
            }
            (zone.clone(), text)
        }
        Kind::AllDone { zone } => (zone.clone(), fill(&tone.done, zone)),
        Kind::Failing { zone, hours, class } => {
            let text = fill(&count(&words.failing, *hours), zone);
            let reason = degraded::reason(Cause::of_check(*class), code);
            (zone.clone(), text.replace("{sentence}", &reason))
        }
        Kind::BudgetSpent { at } => {
            let time = at.strftime("%H:%M").to_string();
            (OUR_NAME.to_owned(), words.spent.replace("{time}", &time))
        }
        Kind::Digest { zones } => {
            let mut text = tone.digest.clone();
            for (zone, open) in zones {
                text.push_str("\n- ");
                text.push_str(&match open {
                    0 => fill(&words.line_done, zone),
                    open => fill(&count(&words.line, *open), zone),
                });
            }
            (OUR_NAME.to_owned(), text)
        }
    };
    Message {
        title,
        text,
        buttons: words.buttons.clone(),
    }
}

impl Plural {
    /// All these languages have two forms; French says "one" of nothing, too.
    fn of(&self, count: usize, code: &str) -> String {
        let one = count == 1 || count == 0 && code == "fr";
        let form = if one { &self.one } else { &self.other };
        form.replace("{count}", &count.to_string())
    }
}

fn fill(text: &str, zone: &str) -> String {
    text.replace("{zone}", zone)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fmt::Write as _};

    use serde_json::Value;

    use super::*;
    use crate::domain::check::ErrorClass;

    fn leaves(value: &Value, path: &str, into: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(group) => {
                for (key, value) in group {
                    leaves(value, &format!("{path}.{key}"), into);
                }
            }
            Value::String(text) => {
                into.insert(path.to_owned(), text.clone());
            }
            other => panic!("{path}: {other}"),
        }
    }

    fn table(text: &str) -> BTreeMap<String, String> {
        let mut table = BTreeMap::new();
        leaves(&serde_json::from_str(text).unwrap(), "", &mut table);
        table
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.match_indices('{')
            .map(|(start, _)| &text[start..=start + text[start..].find('}').unwrap()])
            .collect()
    }

    #[test]
    fn every_language_says_everything_in_its_own_words() {
        let english = table(LANGUAGES[0].1);
        for (code, text) in &LANGUAGES[1..] {
            let other = table(text);
            assert!(english.keys().eq(other.keys()), "{code}: other keys");
            for (key, text) in &other {
                let original = &english[key];
                assert_eq!(placeholders(text), placeholders(original), "{code}{key}");
                assert_ne!(text, original, "{code}{key} is left in English");
            }
        }
    }

    #[test]
    fn no_two_personalities_say_the_same() {
        for (code, text) in LANGUAGES {
            let table = table(text);
            let said: BTreeSet<_> = table.values().collect();
            assert_eq!(said.len(), table.len(), "{code}");
            for personality in Personality::ALL {
                assert!(table.contains_key(&format!(".{}.done", personality.name())));
            }
        }
    }

    #[test]
    fn one_is_one_and_names_are_counted() {
        let notice = |tasks: usize| Notice {
            id: String::new(),
            kind: Kind::NewTasks {
                zone: "Küche".into(),
                zone_id: crate::domain::zone::ZoneId(1),
                tasks: (1..=tasks)
                    .map(|n| (crate::domain::task::TaskId(n as u64), format!("Sache {n}")))
                    .collect(),
            },
        };
        let text = |tasks| message(&notice(tasks), Personality::Default, "de-AT").text;
        assert_eq!(text(1), "In Küche gibt es etwas zu tun.\n- Sache 1");
        assert!(text(7).starts_with("In Küche gibt es 7 Sachen zu tun.\n- Sache 1\n"));
        assert!(text(7).ends_with("- Sache 5\n… und noch 2 Sachen"));
        let other = message(&notice(2), Personality::Default, "pl").text;
        assert!(other.starts_with("There are 2 things"));
        assert_eq!(language("EN_us"), "en");
    }

    #[test]
    fn every_language_has_its_own_plural() {
        for (code, words) in WORDS.iter() {
            let tones = words.tones.values().map(|tone| &tone.new);
            let counted = tones.chain([&words.more, &words.failing, &words.line]);
            for plural in counted {
                let [none, one, two, many] = [0, 1, 2, 21].map(|n| plural.of(n, code));
                assert_eq!(one, plural.one, "{code}: one is a word, not a figure");
                assert!(!one.contains(|c: char| c.is_ascii_digit()), "{code}: {one}");
                for (n, text) in [("2", two), ("21", many)] {
                    assert!(
                        text.contains(n) && !text.contains("{count}"),
                        "{code}: {text}"
                    );
                    assert_eq!(text.replace(n, "{count}"), plural.other, "{code}");
                }
                // In French there is nothing in the singular.
                let expected = if *code == "fr" {
                    plural.one.clone()
                } else {
                    plural.other.replace("{count}", "0")
                };
                assert_eq!(none, expected, "{code}");
            }
        }
    }

    /// How each personality speaks, in each language.
    fn samples() -> String {
        let mut text = String::from(HEAD);
        for (code, words) in WORDS.iter() {
            let _ = write!(text, "\n## {code}\n\n### what is wrong, in every tone\n\n");
            let zone = "Studio".to_owned();
            let plain = |kind| {
                let id = String::new();
                message(&Notice { id, kind }, Personality::Default, code).text
            };
            for class in ErrorClass::ALL {
                if class != ErrorClass::Budget {
                    let zone = zone.clone();
                    let hours = if class == ErrorClass::Paused { 1 } else { 3 };
                    let _ = writeln!(text, "- {}", plain(Kind::Failing { zone, hours, class }));
                }
            }
            let at = jiff::civil::time(7, 0, 0, 0);
            let _ = writeln!(text, "- {}", plain(Kind::BudgetSpent { at }));
            let lines = [
                words.line.of(1, code),
                words.line.of(3, code),
                words.line_done.clone(),
            ];
            let more = [words.more.of(1, code), words.more.of(3, code)];
            let _ = write!(text, "\n### lines of a digest, and of a long list\n\n");
            for line in lines.into_iter().chain(more) {
                let _ = writeln!(text, "- {}", fill(&line, &zone));
            }
            for personality in Personality::ALL {
                let tone = &words.tones[personality.name()];
                let _ = write!(text, "\n### {}\n\n", personality.name());
                let (one, three) = (tone.new.of(1, code), tone.new.of(3, code));
                for line in [one, three, tone.done.clone(), tone.digest.clone()] {
                    let _ = writeln!(text, "- {}", fill(&line, "Studio"));
                }
            }
        }
        text
    }

    const HEAD: &str = "# How it speaks

What is wrong is said plainly, the same in every tone. One task, three tasks, all
done, and the digest after quiet hours, as each personality says it in each language, of a room called Studio. Made from the
tables in `src/domain/notification/texts`; a test holds this page to them.
";

    #[test]
    fn the_samples_in_the_documentation_are_these() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/personalities.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == samples(),
            "docs/personalities.md is out of date; it must be:\n{}",
            samples()
        );
    }
}
