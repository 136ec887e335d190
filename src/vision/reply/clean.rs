//! Texts of others made fit to be shown: one line, printable, no markup. What a
//! model says has no links either: a picture with an address in it would
//! become one where the text is shown.

/// A text on one line: control characters, invisible characters and markup
/// removed, blanks collapsed, at most `longest` characters.
pub fn clean(text: &str, longest: usize) -> String {
    let mut plain = String::new();
    let mut within_tag = false;
    let mut length = 0;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            // A tag, not a comparison: `<b>`, `</b>`, `<!--`.
            '<' if !within_tag
                && signs.peek().is_some_and(|next| {
                    next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')
                }) =>
            {
                within_tag = true;
                continue;
            }
            '>' if within_tag => {
                within_tag = false;
                continue;
            }
            _ if within_tag => continue,
            // Marks of Markdown and of HTML that are left over.
            '*' | '`' | '<' | '>' | '|' | '\\' => continue,
            _ if sign.is_whitespace() || sign.is_control() => {
                if !plain.is_empty() && !plain.ends_with(' ') {
                    plain.push(' ');
                    length += 1;
                }
            }
            _ if is_invisible(sign) => continue,
            _ => {
                plain.push(sign);
                length += 1;
            }
        }
        if length > longest {
            break;
        }
    }
    shortened(plain.trim(), longest)
}

/// A cleaned text without Markdown's links and pictures, of which the words stay,
/// and without addresses.
pub fn without_links(text: &str) -> String {
    let mut plain = text.to_owned();
    // Each round takes one `](` away and makes none longer.
    while let Some(middle) = plain.find("](") {
        let (before, words) = match plain[..middle].rfind('[') {
            Some(open) => (&plain[..open], &plain[open + 1..middle]),
            None => (&plain[..middle], ""),
        };
        let end = plain[middle..].find(')').map(|at| at + 1);
        let end = end.or_else(|| plain[middle..].find(' '));
        let after = end.map_or("", |end| &plain[middle + end..]);
        plain = format!("{}{words}{after}", before.trim_end_matches('!'));
    }
    let words = plain.split_whitespace().filter(|word| {
        let word = word.to_ascii_lowercase();
        !word.contains("://")
            && !word
                .trim_start_matches(['(', '[', '"', '\''])
                .starts_with("www.")
    });
    words.collect::<Vec<_>>().join(" ").replace("![", "[")
}

/// Characters that show nothing, or that turn around what follows.
fn is_invisible(sign: char) -> bool {
    matches!(sign,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// At most so many characters, cut at a word where there is one.
pub fn shortened(text: &str, longest: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(longest) else {
        return text.to_owned();
    };
    // One place is the ellipsis's.
    let kept = text[..cut].char_indices().next_back();
    let kept = kept.map_or("", |(last, _)| &text[..last]);
    let at_word = kept.rfind(' ').filter(|at| *at > kept.len() / 2);
    let kept = kept[..at_word.unwrap_or(kept.len())].trim_end_matches([' ', ',', ';', ':', '.']);
    format!("{kept}…")
}

/// A title without the mark of a list before it: `- `, `3. `, `[ ] `, `# `.
pub fn unnumbered(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let before = rest;
        rest = rest
            .trim_start_matches(['#', '•', '–', '-', '_', '+'])
            .trim_start();
        for mark in ["[ ]", "[x]", "[]"] {
            rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=3).contains(&digits)
            && let Some(after) = rest[digits..].strip_prefix(['.', ')'])
            && after.starts_with(' ')
        {
            rest = after.trim_start();
        }
        if rest == before {
            return rest.trim_end_matches(['.', '_', ' ']);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_one_printable_line() {
        for (given, expected) in [
            ("  Wash\tthe\r\ndishes \u{0}", "Wash the dishes"),
            ("**Wash** the `dishes`", "Wash the dishes"),
            (
                "<b>Wash</b> <img src=x onerror=alert(1)>dishes",
                "Wash dishes",
            ),
            ("less < more > equal", "less more equal"),
            ("\u{202e}sehsid\u{202c} \u{200b}wash\u{feff}", "sehsid wash"),
            ("Bücher ins Regal – heute!", "Bücher ins Regal – heute!"),
            ("洗碗", "洗碗"),
            ("<unclosed tag", ""),
            ("", ""),
        ] {
            assert_eq!(clean(given, 100), expected, "{given:?}");
        }
    }

    #[test]
    fn what_a_model_says_has_no_links() {
        for (given, expected) in [
            ("![wash](http://evil.example/p.png) dishes", "wash dishes"),
            ("[Click here](http://evil.example)", "Click here"),
            ("[[Wash](http://a) up](http://b)", "Wash up"),
            ("[Wash](http://broken off", "Wash off"),
            ("](x) Wash ![up][1]", "Wash [up][1]"),
            ("See HTTPS://evil.example and (www.evil.example)", "See and"),
            ("Put [red] cups away (all!)", "Put [red] cups away (all!)"),
            ("", ""),
        ] {
            assert_eq!(without_links(given), expected, "{given:?}");
        }
    }

    #[test]
    fn long_texts_end_at_a_word() {
        assert_eq!(shortened("Put the cups away", 17), "Put the cups away");
        assert_eq!(shortened("Put the cups away", 16), "Put the cups…");
        assert_eq!(shortened("Aaaaaaaaaaaaaaaa", 5), "Aaaa…");
        assert_eq!(shortened("äöüäöü", 3), "äö…");
    }

    #[test]
    fn list_marks_are_not_part_of_a_title() {
        for (given, expected) in [
            ("- Wash the dishes.", "Wash the dishes"),
            ("3. Wash the dishes", "Wash the dishes"),
            ("- [ ] 12) Wash 3.5 kg", "Wash 3.5 kg"),
            ("# Wash", "Wash"),
            ("3 cups to wash", "3 cups to wash"),
        ] {
            assert_eq!(unnumbered(given), expected, "{given:?}");
        }
    }
}
