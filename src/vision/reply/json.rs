//! Finding the one JSON object in what a model wrote, in bounded time and memory.

use serde_json::{Deserializer, Map, Value};

use crate::vision::body::bounded;

/// Bytes of a text that is looked through: four times what the most tokens write.
const LONGEST: usize = 128 << 10;
/// Places at which an object may begin that are tried, and bytes read in all
/// those tries: a text of nothing but beginnings is not read for seconds.
const TRIES: usize = 64;
const MOST_READ: usize = 2 << 20;

/// The object in a text: the last that has `key`, for an example or a draft
/// stands before the answer. Thinking before it, fences and prose around it, a
/// list of one around it and trailing commas do not matter. The error says what
/// is wrong.
pub fn object(text: &str, key: &str) -> Result<Map<String, Value>, String> {
    let text = after_thinking(text);
    if text.trim().is_empty() {
        return Err("there is no text".into());
    }
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    bounded(text).map_err(|why| why.to_string())?;
    let mut search = Search {
        key,
        read: 0,
        other: false,
    };
    let found = search.last(text);
    let found = found.or_else(|| search.last(&without_trailing_commas(text)));
    found.ok_or_else(|| {
        if search.read > MOST_READ {
            "there is more broken JSON in it than is read".into()
        } else if search.other {
            format!("the JSON object in it has no {key}")
        } else if text.contains('{') {
            "the JSON in it is broken off or broken".into()
        } else {
            "there is no JSON in it".into()
        }
    })
}

/// A search for objects with a key.
struct Search<'a> {
    key: &'a str,
    /// Bytes that were read so far.
    read: usize,
    /// There was an object without the key.
    other: bool,
}

impl Search<'_> {
    /// The last object with the key, unless behind it begins what may be another
    /// that cannot be read: that would be the answer.
    fn last(&mut self, text: &str) -> Option<Map<String, Value>> {
        let (mut found, mut end, mut from) = (None, 0, 0);
        for _ in 0..TRIES {
            let Some(at) = text[from..].find('{').map(|at| from + at) else {
                break;
            };
            from = at + 1;
            // Without a name in it, it is a brace in prose, which costs nothing.
            if !text[from..].trim_start().starts_with(['"', '}']) {
                continue;
            }
            self.read += text.len() - at;
            if self.read > MOST_READ {
                return None;
            }
            let mut values = Deserializer::from_str(&text[at..]).into_iter::<Value>();
            if let Some(Ok(Value::Object(object))) = values.next() {
                if object.contains_key(self.key) {
                    found = Some(object);
                    end = at + values.byte_offset();
                    from = end;
                } else {
                    self.other = true;
                }
            }
        }
        found.filter(|_| !self.is_begun(&text[end..]))
    }

    fn is_begun(&self, text: &str) -> bool {
        let name = format!("\"{}\"", self.key);
        text.split_once('{')
            .is_some_and(|(_, rest)| rest.contains(&name))
    }
}

/// The text behind `<think>…</think>`, which some servers leave in. Its end is
/// the first: the same words further on are part of the answer.
fn after_thinking(text: &str) -> &str {
    let begun = text.trim_start();
    if ["<think>", "<thinking>"]
        .iter()
        .any(|tag| begun.starts_with(tag))
    {
        let ends = ["</think>", "</thinking>"]
            .iter()
            .filter_map(|tag| begun.find(tag).map(|at| at + tag.len()));
        return ends.min().map_or("", |end| &begun[end..]);
    }
    text
}

/// `{"a": [1, 2,],}` without the two commas that JSON does not have. Commas in
/// texts stay.
fn without_trailing_commas(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut within, mut escaped) = (false, false);
    for (at, sign) in text.char_indices() {
        if within {
            within = escaped || sign != '"';
            escaped = !escaped && sign == '\\';
        } else if sign == '"' {
            within = true;
        } else if sign == ',' && text[at + 1..].trim_start().starts_with(['}', ']']) {
            continue;
        }
        kept.push(sign);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_is_found_wherever_it_stands() {
        for text in [
            r#"{"score": 62}"#,
            "```json\n{\"score\": 62}\n```",
            "Here it is: {\"score\": 62} I hope it helps {really}.",
            "<think>maybe {\"score\": 1}</think>{\"score\": 62}",
            r#"[{"score": 62}]"#,
            r#"{"score": 62,}"#,
            r#"{"score": 62, "tasks": ["a, b,", "c",],}"#,
            r#"For example {"x": 1}, so {"score": 62}"#,
            "{ not this { nor this\n{\"score\": 62}",
            "\u{feff}{\"score\": 62}",
            r#"The form is {"score": 0}. My answer: {"score": 62}"#,
            r#"The form is {"score": 0}. My answer: {"score": 62,}"#,
            r#"{"answer": {"score": 62}} I hope the "score" helps {really}."#,
            "<think>x</think>{\"score\": 62, \"tasks\": [\"Wipe </think> off\"]}",
            "<think>x</think>y {\"score\": 1} </think> {\"score\": 62}",
        ] {
            let found = object(text, "score").unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(found["score"], 62, "{text}");
        }
    }

    #[test]
    fn a_comma_in_a_text_stays() {
        let found = object(r#"{"score": "a,]\",}",}"#, "score").unwrap();
        assert_eq!(found["score"], "a,]\",}");
    }

    #[test]
    fn what_is_missing_is_said() {
        for (text, expected) in [
            ("", "no text"),
            ("<think>and never ends", "no text"),
            ("I cannot help with that.", "no JSON"),
            (r#"{"score": 6"#, "broken"),
            (r#"{"rating": 6}"#, "no score"),
            // An example is not taken for the answer that broke off behind it.
            (r#"The form is {"score": 0}: {"score": 62, "ta"#, "broken"),
        ] {
            let said = object(text, "score").unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
        }
    }

    #[test]
    fn a_text_of_beginnings_is_not_read_again_and_again() {
        let beginnings = format!("{}{}", "{\"a\":[".repeat(60), "1,".repeat(50_000));
        let said = object(&format!("{beginnings}{{\"score\": 62}}"), "score").unwrap_err();
        assert!(said.contains("than is read"), "{said}");
        let braces = "{ ".repeat(60) + &"so ".repeat(40_000);
        assert!(object(&format!("{braces}{{\"score\": 62}}"), "score").is_ok());
    }

    #[test]
    fn a_text_longer_than_any_answer_is_refused() {
        let text = format!("{}{{\"score\": 62}}", " so ".repeat(LONGEST / 4));
        assert!(object(&text, "score").unwrap_err().contains("longer"));
        let text = format!("{{\"score\": 62, \"a\": [{}0]}}", "{},".repeat(40_000));
        assert!(object(&text, "score").unwrap_err().contains("more values"));
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let text = "{\"score\":".repeat(100_000);
        assert!(object(&text, "score").is_err());
    }
}
