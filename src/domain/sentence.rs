//! Words as the household reads them.

/// A text with a capital at the beginning and one full stop at the end.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let dot = if text.ends_with('.') { "" } else { "." };
    format!(
        "{}{}{dot}",
        first.map(String::from_iter).unwrap_or_default(),
        letters.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_sentence_has_one_full_stop() {
        for text in ["waiting for it", "Waiting for it."] {
            assert_eq!(sentence(text), "Waiting for it.");
        }
        assert_eq!(sentence(""), ".");
    }
}
