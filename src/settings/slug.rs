//! Slugs: a name as Home Assistant would write it in an entity id.

use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;

/// The slug of the zone at `position` (from 1): its name's, or `zone_N` when
/// the name has nothing that can be written in one.
pub fn zone_slug(name: &str, position: usize) -> String {
    let slug = slugify(name);
    if slug.is_empty() {
        format!("zone_{position}")
    } else {
        slug
    }
}

/// Home Assistant's slugify (python-slugify with text-unidecode, separator
/// `_`): only `a-z`, `0-9` and single `_` between them; may be empty.
///
/// Every sign of the basic plane and every pictogram agrees with it, alone
/// between letters (`tests/end_to_end/test_slugs.py`). HTML entities in names
/// are not resolved.
pub fn slugify(text: &str) -> String {
    let ascii = transliterate(text);
    let mut slug = String::with_capacity(ascii.len());
    let mut last = ' ';
    let mut signs = ascii.chars().peekable();
    while let Some(sign) = signs.next() {
        let between_digits =
            last.is_ascii_digit() && signs.peek().is_some_and(char::is_ascii_digit);
        last = sign;
        if sign.is_ascii_alphanumeric() {
            slug.push(sign.to_ascii_lowercase());
        } else if !(sign == ',' && between_digits || slug.is_empty() || slug.ends_with('_')) {
            slug.push('_');
        }
    }
    slug.truncate(slug.trim_end_matches('_').len());
    slug
}

/// ASCII for every letter: taken apart (NFKD), accents dropped, the rest
/// spelled out. A typed `'` separates, a typographic one vanishes.
fn transliterate(text: &str) -> String {
    // Taken apart it would be a typed one, but it vanishes like the typographic ones.
    let text = text.replace('\u{ff07}', "");
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
    let mut ascii = String::with_capacity(apart.len());
    for sign in apart.chars() {
        if sign.is_ascii() {
            ascii.push(sign);
        } else if let Some(spelled) = as_before(sign) {
            ascii.push_str(spelled);
        } else if is_written(sign) {
            let spelled = deunicode::deunicode_char(sign).unwrap_or_default();
            ascii.extend(spelled.chars().filter(|c| *c != '\''));
        }
    }
    ascii
}

/// Where Home Assistant's tables, which are older than ours, spell a sign
/// otherwise: `FROM-TO=spelling` in Unicode numbers, `_` for a gap. Made with
/// `tests/end_to_end/slugs.py --differences BINARY`.
static OLDER: LazyLock<Vec<(u32, u32, &str)>> = LazyLock::new(|| {
    let entry = |entry: &'static str| {
        let (signs, spelled) = entry.split_once('=')?;
        let (from, to) = signs.split_once('-').unwrap_or((signs, signs));
        let number = |text| u32::from_str_radix(text, 16).ok();
        Some((number(from)?, number(to)?, spelled))
    };
    include_str!("slug/older.txt")
        .split_whitespace()
        .filter_map(entry)
        .collect()
});

fn as_before(sign: char) -> Option<&'static str> {
    let sign = u32::from(sign);
    let after = OLDER.partition_point(|(from, ..)| *from <= sign);
    let (_, to, spelled) = OLDER.get(after.checked_sub(1)?)?;
    (sign <= *to).then_some(*spelled)
}

/// Accents, arrows, symbols and emoji leave no trace in Home Assistant's slugs.
fn is_written(sign: char) -> bool {
    !matches!(sign, '\u{2b0}'..='\u{36f}' | '\u{2190}'..='\u{2bff}' | '\u{fe00}'..='\u{fe2f}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Home Assistant's own function answered; `test_slugs.py` asks it again.
    #[test]
    fn agrees_with_home_assistant() {
        let table: std::collections::BTreeMap<String, String> =
            serde_json::from_str(include_str!("../../tests/fixtures/slugs.json")).unwrap();
        assert!(table.len() > 100);
        for (name, slug) in table {
            assert_eq!(slugify(&name), slug, "{name}");
        }
    }

    #[test]
    fn the_table_of_differences_is_whole_and_in_order() {
        let entries = include_str!("slug/older.txt").split_whitespace().count();
        assert_eq!(OLDER.len(), entries);
        for pair in OLDER.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn a_zone_always_has_a_slug() {
        assert_eq!(zone_slug("🍴", 3), "zone_3");
        assert_eq!(zone_slug("Bad", 3), "bad");
    }

    proptest! {
        #[test]
        fn slugs_are_plain_and_stay_as_they_are(name in ".*", position in 1usize..100) {
            let slug = zone_slug(&name, position);
            prop_assert!(!slug.is_empty());
            prop_assert!(slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')));
            prop_assert!(!slug.starts_with('_') && !slug.ends_with('_') && !slug.contains("__"));
            prop_assert_eq!(zone_slug(&slug, position), slug);
        }
    }
}
