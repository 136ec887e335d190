//! Finding the one JSON object in what a model wrote.

use serde_json::{Map, Value};

/// Places at which an object may begin that are tried.
const TRIES: usize = 64;

/// The object in a text: the first that has `key`. Thinking before it, fences
/// and prose around it, a list of one around it and trailing commas do not
/// matter. The error says what is wrong.
pub fn object(text: &str, key: &str) -> Result<Map<String, Value>, String> {
    let text = after_thinking(text);
    if text.trim().is_empty() {
        return Err("there is no text".into());
    }
    let mut other = false;
    for tidied in [false, true] {
        let without;
        let text = if tidied {
            without = without_trailing_commas(text);
            &without
        } else {
            text
        };
        for (at, _) in text.match_indices('{').take(TRIES) {
            let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
            if let Some(Ok(Value::Object(object))) = values.next() {
                if object.contains_key(key) {
                    return Ok(object);
                }
                other = true;
            }
        }
    }
    Err(if other {
        format!("the JSON object in it has no {key}")
    } else if text.contains('{') {
        "the JSON in it is broken off or broken".into()
    } else {
        "there is no JSON in it".into()
    })
}

/// The text behind `<think>…</think>`, which some servers leave in.
fn after_thinking(text: &str) -> &str {
    let begun = text.trim_start();
    if ["<think>", "<thinking>"]
        .iter()
        .any(|tag| begun.starts_with(tag))
    {
        let end = ["</think>", "</thinking>"]
            .iter()
            .find_map(|tag| begun.rfind(tag).map(|at| at + tag.len()));
        return end.map_or("", |end| &begun[end..]);
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
        ] {
            let said = object(text, "score").unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let text = "{\"score\":".repeat(100_000);
        assert!(object(&text, "score").is_err());
    }
}
