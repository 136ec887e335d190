//! Whether two titles mean the same thing to do, and whether a rule of the
//! household names one.
//!
//! A title is folded into what it says: what is done, to which things, where.
//! Order, inflection and filler words do not count; a place, a number or
//! another thing always does. In doubt two titles are two tasks. The words
//! themselves stand in `languages`.

mod folding;
mod languages;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use icu_normalizer::ComposingNormalizerBorrowed;

use self::{
    folding::{Folded, fold},
    languages::{ALL, Language},
};

/// Whether two titles name the same task.
pub fn same_task(a: &str, b: &str) -> bool {
    let texts = (a.trim(), b.trim());
    let (a, b) = (words(a), words(b));
    if a == b {
        // Pictograms alone are no words.
        return !a.is_empty() || texts.0 == texts.1;
    }
    let spoken = languages_of(&[&a, &b]);
    if spoken.is_empty() {
        return nearly_all_in_common(&a, &b);
    }
    spoken
        .into_iter()
        .any(|language| is_same(&fold(&a, language), &fold(&b, language)))
}

/// Whether one of the household's rules names this task: all words of the
/// rule are in the title, whatever their order and ending.
pub fn is_ignored(title: &str, rules: &[String]) -> bool {
    let title = words(title);
    rules.iter().any(|rule| names(&words(rule), &title))
}

/// Whether a rule says anything: one without a word that counts names nothing.
pub fn says_something(rule: &str) -> bool {
    let rule = words(rule);
    let spoken = languages_of(&[&rule]);
    !rule.is_empty() && spoken.iter().all(|l| !fold(&rule, l).is_empty())
}

fn names(rule: &[String], title: &[String]) -> bool {
    let spoken = languages_of(&[rule, title]);
    if spoken.is_empty() {
        return !rule.is_empty() && rule.iter().all(|word| holds(title, word));
    }
    spoken.into_iter().any(|language| {
        let (rule, title) = (fold(rule, language), fold(title, language));
        !rule.is_empty()
            && rule.deeds.is_subset(&title.deeds)
            && rule.marks.is_subset(&title.marks)
            && rule.things.iter().all(|thing| holds(&title.things, thing))
    })
}

fn holds<'a>(words: impl IntoIterator<Item = &'a String>, word: &str) -> bool {
    words.into_iter().any(|other| same_word(word, other))
}

/// Equal, or one is the other with a short ending: `shoe` and `shoes`.
fn same_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    a == b || short.chars().count() >= 4 && long.starts_with(short) && long.len() - short.len() <= 2
}

/// The same deed on the same things in the same places.
fn is_same(a: &Folded, b: &Folded) -> bool {
    if a.is_empty() || b.is_empty() || a.marks != b.marks {
        return false;
    }
    if a.deeds == b.deeds {
        return a.things == b.things || is_detailed(&a.things, &b.things);
    }
    // "Clothes on the floor" says what to do without a verb.
    let wordless = a.deeds.is_empty() || b.deeds.is_empty();
    wordless && a.things == b.things && a.things.len() >= 2
}

/// One names at least three things, and the other these and one more.
fn is_detailed(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.len() >= 3 && long.len() - short.len() <= 1 && short.is_subset(long)
}

/// Four of five words and every number, of titles in a language that we do not know: there a
/// place may be any word, so short titles must be equal.
fn nearly_all_in_common(a: &[String], b: &[String]) -> bool {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
    let is_number = |word: &&String| word.bytes().all(|b| b.is_ascii_digit());
    if a.symmetric_difference(&b).copied().any(|w| is_number(&w)) {
        return false;
    }
    let common = a.intersection(&b).count();
    let all = a.union(&b).count();
    (common == all && all > 0) || (all >= 5 && common * 5 >= all * 4)
}

/// The languages that know most of these words; none if none knows any.
fn languages_of(texts: &[&[String]]) -> Vec<&'static Language> {
    let known: Vec<(usize, &Language)> = ALL
        .iter()
        .map(|language| {
            let words = texts.iter().copied().flatten();
            (
                words.filter(|word| language.knows(word)).count(),
                &**language,
            )
        })
        .collect();
    let most = known.iter().map(|(count, _)| *count).max().unwrap_or(0);
    known
        .into_iter()
        .filter(|(count, _)| most > 0 && *count == most)
        .map(|(_, language)| language)
        .collect()
}

/// Lower case, without punctuation; a letter is one sign however it is written.
fn words(text: &str) -> Vec<String> {
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        // Capitals have no "ß".
        .map(|word| word.to_lowercase().replace('ß', "ss"))
        .collect()
}
