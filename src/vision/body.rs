//! A reply's body as JSON, as long as that takes little memory. What the values
//! mean is the dialect's.

use serde_json::{Deserializer, Value};

/// Bytes that the values of one text may take: an answer takes some thousands,
/// a list of four hundred models about four million, and the service has 64.
const MOST: usize = 16 << 20;
/// Bytes that an object takes, even with a single field.
const OBJECT: usize = 700;
/// Bytes that any other value takes at most, with its place in a list or an
/// object; its text comes on top, which is no longer than the body.
const VALUE: usize = 200;

/// The values of a text would take too much memory.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds more values than any answer has")]
pub struct TooMany;

/// A body as JSON; JSON Lines become a list. `None`: it is not JSON.
pub fn json(text: &str) -> Result<Option<Value>, TooMany> {
    // Some gateways send a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with(['{', '[']) {
        return Ok(serde_json::from_str(text).ok());
    }
    bounded(text)?;
    let values = Deserializer::from_str(text).into_iter::<Value>();
    let Ok(mut values) = values.collect::<Result<Vec<_>, _>>() else {
        return Ok(None);
    };
    Ok(if values.len() == 1 {
        values.pop()
    } else {
        Some(Value::Array(values))
    })
}

/// Refuses a text whose values would take too much memory, before any of them
/// is made: each object and list has a bracket, each value but the first in
/// it a comma. Those in texts count, too; no text has so many.
pub fn bounded(text: &str) -> Result<(), TooMany> {
    let cost = text.bytes().fold(0, |cost, byte| match byte {
        b'{' => cost + OBJECT,
        b'[' | b',' => cost + VALUE,
        _ => cost,
    });
    if cost > MOST { Err(TooMany) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LONGEST: usize = 1 << 20;

    #[test]
    fn a_reply_that_would_fill_the_memory_is_refused_before_it_is_read() {
        for piece in [r#"{"a":1},"#, r#"{"a":{}},"#, "1,", r#""","#, "[0],", "{},"] {
            let text = format!("[{}1]", piece.repeat(LONGEST / piece.len() - 1));
            assert_eq!(json(&text), Err(TooMany), "{piece}");
            let lines = format!("{}\n", piece.trim_end_matches(',')).repeat(100_000);
            if lines.starts_with(['{', '[']) {
                assert_eq!(json(&lines), Err(TooMany), "{piece}");
            }
        }
    }

    #[test]
    fn a_byte_order_mark_before_a_reply_is_no_part_of_it() {
        for (text, expected) in [
            ("\u{feff}{\"a\":1}", json!({"a": 1})),
            ("\u{feff}\r\n[1]", json!([1])),
            ("\u{feff}\"a\"", json!("a")),
        ] {
            assert_eq!(json(text), Ok(Some(expected)), "{text:?}");
        }
        let too_many = format!("\u{feff}[{}1]", "{},".repeat(LONGEST / 3 - 2));
        assert_eq!(json(&too_many), Err(TooMany));
    }

    #[test]
    fn long_replies_that_providers_do_send_are_read() {
        // A gateway's list of models.
        let model = json!({"id": "some/model", "description": "Well, it sees. ".repeat(60),
            "architecture": {"input_modalities": ["text", "image"], "tokenizer": "Other"},
            "pricing": {"prompt": "0.0000002", "completion": "0.0000008", "image": "0", "request": "0"},
            "top_provider": {"context_length": 131_072, "is_moderated": false},
            "supported_parameters": vec!["max_tokens"; 20]});
        let models = json!({"data": vec![model; 400]});
        // A stream of some thousand words.
        let line = json!({"model": "qwen3-vl:8b", "created_at": "2026-11-01T10:00:00Z",
            "message": {"role": "assistant", "content": " tidy"}, "done": false});
        let lines = format!("{line}\n").repeat(4000);
        // A model that thought for long.
        let thought = json!({"thinking": "So, the {cup}, ".repeat(10_000), "content": "{}"});
        for text in [models.to_string(), lines, thought.to_string()] {
            assert!(text.len() <= LONGEST);
            assert!(matches!(json(&text), Ok(Some(_))), "{}", &text[..40]);
        }
    }

    #[test]
    fn lines_become_a_list_and_the_rest_is_what_it_is() {
        for (text, expected) in [
            (r#"{"a":1}"#, Some(json!({"a": 1}))),
            (" [1]\n", Some(json!([1]))),
            (
                "{\"a\":1}\n\n{\"a\":2}\r\n",
                Some(json!([{"a": 1}, {"a": 2}])),
            ),
            ("null", Some(json!(null))),
            ("{\"a\":1}\n{\"a\":", None),
            ("{\"a\":1} and so on", None),
            ("<html>", None),
            ("1\n2", None),
            ("", None),
        ] {
            assert_eq!(json(text), Ok(expected), "{text}");
        }
    }
}
