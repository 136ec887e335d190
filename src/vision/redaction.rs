//! Takes a key out of texts, in every form in which a server may give it back:
//! as it is, escaped for JSON or an address, in base64 alone or within more.

use std::fmt::Write as _;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};

use crate::settings::secret::{ExposeSecret, Secret};

/// What stands where a key stood.
const GONE: &str = "[REDACTED]";
/// Shorter pieces of base64 would be found in innocent texts.
const SHORTEST_PIECE: usize = 6;

/// Knows one key. `Debug` shows nothing of it.
#[derive(Default)]
pub struct Redaction {
    forms: Vec<Secret>,
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redaction")
    }
}

impl Redaction {
    pub fn of(key: Option<&Secret>) -> Self {
        let Some(key) = key
            .map(ExposeSecret::expose_secret)
            .filter(|key| !key.is_empty())
        else {
            return Self::default();
        };
        let mut forms = vec![key.to_owned()];
        let json = serde_json::Value::from(key).to_string();
        forms.push(json[1..json.len() - 1].to_owned());
        forms.push(json[1..json.len() - 1].replace('/', "\\/"));
        for upper in [true, false] {
            // What has to be escaped, and everything that may be.
            for keep in [&b"-._~"[..], b"-._~!$&'()*+,;=:@/", b""] {
                forms.push(escaped(key, keep, upper));
            }
        }
        // Base64 of something with the key in it: whatever comes before moves
        // the letters by 0, 1 or 2 bytes; the letters at both ends depend on
        // the neighbours and stay out.
        for before in 0..3 {
            let text = [vec![0; before], key.as_bytes().to_vec()].concat();
            for code in [BASE64_STANDARD.encode(&text), BASE64_URL_SAFE.encode(&text)] {
                let whole = text.len() / 3 * 4;
                let begin = [0, 2, 3][before].min(whole);
                let piece = &code[begin..whole];
                if piece.len() >= SHORTEST_PIECE {
                    forms.push(piece.to_owned());
                }
            }
        }
        // The longest first: a form may be part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self {
            forms: forms.into_iter().map(Secret::from).collect(),
        }
    }

    /// The text without the key.
    pub fn apply(&self, text: String) -> String {
        let mut text = text;
        for form in &self.forms {
            let form = form.expose_secret();
            if text.contains(form) {
                text = text.replace(form, GONE);
            }
        }
        text
    }
}

fn escaped(key: &str, keep: &[u8], upper: bool) -> String {
    let mut escaped = String::new();
    for byte in key.bytes() {
        // Writing to a String cannot fail.
        let _ = match byte {
            _ if !keep.is_empty() && byte.is_ascii_alphanumeric() || keep.contains(&byte) => {
                escaped.push(byte.into());
                Ok(())
            }
            _ if upper => write!(escaped, "%{byte:02X}"),
            _ => write!(escaped, "%{byte:02x}"),
        };
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-k3y/+\"ö=~AbCdEfGh";

    #[test]
    fn a_key_is_found_in_every_dress() {
        let redaction = Redaction::of(Some(&Secret::from(KEY)));
        let mut dresses = vec![
            KEY.to_owned(),
            serde_json::json!({"error": KEY}).to_string(),
            escaped(KEY, b"-._~", true),
            escaped(KEY, b"-._~", false),
            escaped(KEY, b"", true),
        ];
        for before in ["", "a", "ab", "Bearer "] {
            for after in ["", "x", "xyz"] {
                let text = format!("{before}{KEY}{after}");
                dresses.push(BASE64_STANDARD.encode(&text));
                dresses.push(BASE64_URL_SAFE.encode(&text));
            }
        }
        for dress in dresses {
            let said = redaction.apply(format!("wrong key {dress}, try again"));
            assert!(said.contains(GONE), "{dress}: {said}");
            assert!(
                !said.contains("AbCdEf") && !said.contains("k3y"),
                "{dress}: {said}"
            );
        }
    }

    #[test]
    fn other_texts_stay_and_nothing_is_shown() {
        let redaction = Redaction::of(Some(&Secret::from(KEY)));
        assert_eq!(redaction.apply("sk-other".into()), "sk-other");
        assert_eq!(format!("{redaction:?}"), "Redaction");
        assert_eq!(Redaction::of(None).apply("text".into()), "text");
        assert_eq!(
            Redaction::of(Some(&Secret::from(""))).apply("text".into()),
            "text"
        );
    }
}
