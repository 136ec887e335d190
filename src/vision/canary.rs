//! Whether a model saw the canary picture: what it says about it is compared
//! with what was drawn. A model that gets no picture has to guess four digits.

use serde_json::Value;

use super::reply;
use crate::ports::Canary;

/// What a model made of the picture.
#[derive(Debug, PartialEq)]
pub struct Seen {
    pub sees: bool,
    /// `3 red squares, 4711`, or the beginning of what it said instead.
    pub said: String,
}

pub fn read(canary: &Canary, text: &str) -> Seen {
    let Ok(object) = reply::object(text, "number") else {
        return Seen {
            sees: false,
            said: reply::clean(text, 60),
        };
    };
    let number = |name: &str| match object.get(name) {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let colour = object
        .get("colour")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let colour = reply::clean(colour, 20).to_lowercase();
    let (count, digits) = (number("count").unwrap_or(0), number("number").unwrap_or(0));
    // Small models misread a digit; then the squares have to be right.
    let squares = count == u64::from(canary.count) && colour == canary.colour;
    let wrong_digits = format!("{digits:04}")
        .bytes()
        .zip(format!("{:04}", canary.number).bytes())
        .filter(|(said, drawn)| said != drawn)
        .count();
    Seen {
        sees: digits <= 9999 && (wrong_digits == 0 || wrong_digits == 1 && squares),
        said: format!("{count} {colour} squares, {digits}"),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::ports::Frame;

    #[test]
    fn only_who_saw_it_can_say_it() {
        let canary = Canary {
            frame: Frame {
                width: 1,
                height: 1,
                rgb: Bytes::new(),
                jpeg: Bytes::new(),
            },
            count: 3,
            colour: "red",
            number: 4711,
        };
        for (text, sees) in [
            (r#"{"count": 3, "colour": "red", "number": 4711}"#, true),
            (
                r#"```json {"count": "2", "colour": "Blue", "number": "4711"} ```"#,
                true,
            ),
            (r#"{"count": 3, "colour": "Red", "number": 4717}"#, true),
            (r#"{"count": 2, "colour": "red", "number": 4717}"#, false),
            (r#"{"count": 3, "colour": "red", "number": 1234}"#, false),
            (r#"{"count": 3, "colour": "red", "number": 47110}"#, false),
            (r#"{"count": 0, "colour": "none", "number": 0}"#, false),
            ("I cannot see a picture.", false),
            ("", false),
        ] {
            assert_eq!(read(&canary, text).sees, sees, "{text}");
        }
    }
}
