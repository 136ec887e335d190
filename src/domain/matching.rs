//! Whether two titles mean the same thing to do.

use std::collections::BTreeSet;

/// Words that say nothing about what is to be done.
const FILLERS: [&str; 12] = [
    "the", "a", "an", "of", "on", "in", "at", "up", "from", "to", "and", "please",
];

/// A title without case, punctuation and filler words.
pub fn normalise(title: &str) -> String {
    words(title).join(" ")
}

/// Whether two titles name the same task: equal after normalisation, or nearly
/// all words in common. One differing place word (`left`, `right`) is enough
/// to tell short titles apart.
pub fn same_task(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    if a == b {
        return true;
    }
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (a.into_iter().collect(), b.into_iter().collect());
    let common = a.intersection(&b).count();
    let all = a.union(&b).count();
    // Four of five words: a reworded title of five words or more.
    all >= 5 && common * 5 >= all * 4
}

/// Whether one of the household's rules names this task: all words of the
/// rule are in the title, whatever their order and ending.
pub fn is_ignored(title: &str, rules: &[String]) -> bool {
    let title = words(title);
    rules.iter().any(|rule| {
        let rule = words(rule);
        !rule.is_empty()
            && rule
                .iter()
                .all(|word| title.iter().any(|other| same_word(word, other)))
    })
}

/// Equal, or one is the other with a short ending: `shoe` and `shoes`.
fn same_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    a == b || short.chars().count() >= 4 && long.starts_with(short) && long.len() - short.len() <= 2
}

fn words(title: &str) -> Vec<String> {
    title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .filter(|w| !FILLERS.contains(&w.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{is_ignored, same_task};

    #[test]
    fn a_rule_names_a_task_by_all_its_words() {
        let rules = ["the dog bed", "shoe", "..."].map(str::to_owned);
        for (title, ignored) in [
            ("Shake out the bed of the dog", true),
            ("Put the shoes away", true),
            ("Make the bed", false),
            ("Wash the dog", false),
            ("Water the shoemaker's plant", false),
        ] {
            assert_eq!(is_ignored(title, &rules), ignored, "{title}");
        }
        assert!(!is_ignored("Anything", &[]));
    }

    #[test]
    fn wording_does_not_matter_but_places_do() {
        assert!(same_task("Tidy up: lower left", "tidy up lower left."));
        assert!(same_task(
            "Put the blue toy boxes away on the shelf",
            "Put blue toy boxes away shelf",
        ));
        assert!(!same_task("Tidy up: lower left", "Tidy up: lower right"));
        assert!(!same_task("Tidy up: left", "Tidy up: lower left"));
        assert!(!same_task("Wash the dishes", "Dry the dishes"));
    }
}
