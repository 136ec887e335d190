//! The words of the languages we know. A file each holds a language's own; here
//! is how they are looked up.

mod de;
mod en;
mod es;
mod fr;
mod nl;

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use rust_stemmers::{Algorithm, Stemmer};

use super::folding::Deed;

/// A language as its file writes it down: words with blanks between them.
pub struct Lexicon {
    pub algorithm: Algorithm,
    /// Say nothing about what is to be done.
    pub fillers: &'static str,
    /// The same, with their endings: adjectives.
    pub empty_adjectives: &'static str,
    /// Tell one task from another. The first of a line stands for the others.
    pub places: &'static [&'static str],
    pub deeds: &'static [(Deed, &'static str)],
    /// Nouns for the same thing, a line each.
    pub things: &'static [&'static str],
    /// Two nouns may differ by their gender alone: "bolso", "bolsa".
    pub gendered: bool,
    /// The stemmer takes one ending at a time: "dekens", "deken", "dek".
    pub stem_again: bool,
    /// Small words that belong to a verb and change what it says, alone or (in
    /// some languages) before it in one word.
    pub particles: &'static str,
    /// Alone they count at the end only: elsewhere they are prepositions or articles.
    pub particles_end_titles: bool,
    /// Small words before a verb in one word that change nothing.
    pub idle_particles: &'static str,
    /// A verb and another word that together are another deed; the first that fits.
    pub phrases: &'static [(&'static str, &'static str, Deed)],
    /// The word for "left" that is also "left behind", and what follows it then.
    pub left_behind: Option<(&'static str, &'static str)>,
}

/// What a word is in a language.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    Filler,
    Place(String),
    Deed(Deed),
    Thing(String),
}

pub struct Language {
    lexicon: &'static Lexicon,
    stemmer: Stemmer,
    by_word: HashMap<&'static str, Role>,
    by_stem: HashMap<String, Role>,
    particles: HashSet<&'static str>,
    /// The longest first.
    prefixes: Vec<&'static str>,
}

pub static ALL: [LazyLock<Language>; 5] = [
    LazyLock::new(|| Language::new(&en::LEXICON)),
    LazyLock::new(|| Language::new(&de::LEXICON)),
    LazyLock::new(|| Language::new(&fr::LEXICON)),
    LazyLock::new(|| Language::new(&es::LEXICON)),
    LazyLock::new(|| Language::new(&nl::LEXICON)),
];

impl Language {
    fn new(lexicon: &'static Lexicon) -> Self {
        let stemmer = Stemmer::create(lexicon.algorithm);
        let mut by_word = HashMap::new();
        let mut by_stem = HashMap::new();
        let mut put = |words: &'static str, inflected: bool, role: &Role| {
            for word in words.split_whitespace() {
                by_word.entry(word).or_insert_with(|| role.clone());
                if inflected {
                    let stem = stem(&stemmer, lexicon, word);
                    by_stem.entry(stem).or_insert_with(|| role.clone());
                }
            }
        };
        let first = |line: &'static str| line.split_whitespace().next().unwrap_or_default();
        for line in lexicon.places {
            put(line, true, &Role::Place(first(line).to_owned()));
        }
        for (deed, words) in lexicon.deeds {
            put(words, true, &Role::Deed(*deed));
        }
        for line in lexicon.things {
            put(line, true, &Role::Thing(first(line).to_owned()));
        }
        put(lexicon.fillers, false, &Role::Filler);
        put(lexicon.empty_adjectives, true, &Role::Filler);
        let particles: HashSet<_> = lexicon.particles.split_whitespace().collect();
        let mut prefixes: Vec<_> = lexicon.idle_particles.split_whitespace().collect();
        if !prefixes.is_empty() {
            prefixes.extend(&particles);
        }
        prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        Self {
            lexicon,
            stemmer,
            by_word,
            by_stem,
            particles,
            prefixes,
        }
    }

    pub fn stem(&self, word: &str) -> String {
        stem(&self.stemmer, self.lexicon, word)
    }

    /// What a word that names a thing is counted as.
    pub fn thing(&self, word: &str) -> String {
        if let Some(Role::Thing(thing)) = self.role(word) {
            return thing;
        }
        let mut stem = self.stem(word);
        let end = word.trim_end_matches('s').chars().last();
        if let Some(end) = end.filter(|end| self.lexicon.gendered && "ao".contains(*end)) {
            stem.push(end);
        }
        stem
    }

    pub fn knows(&self, word: &str) -> bool {
        self.role(word).is_some() || self.taken_apart(word).is_some()
    }

    pub fn role(&self, word: &str) -> Option<Role> {
        let by_word = self.by_word.get(word);
        by_word
            .or_else(|| self.by_stem.get(&self.stem(word)))
            .cloned()
    }

    /// The particle that stands alone at a place of a title.
    pub fn particle(&self, words: &[String], at: usize) -> Option<&'static str> {
        let before_last_verb =
            || at + 2 == words.len() && matches!(self.role(&words[at + 1]), Some(Role::Deed(_)));
        let counts =
            !self.lexicon.particles_end_titles || at + 1 == words.len() || before_last_verb();
        self.particles
            .get(words[at].as_str())
            .copied()
            .filter(|_| counts)
    }

    /// The particle, the verb's stem and the deed of a verb with a particle
    /// before it, such as `aufräumen`.
    pub fn taken_apart(&self, word: &str) -> Option<(&'static str, String, Deed)> {
        self.prefixes.iter().find_map(|prefix| {
            let verb = word.strip_prefix(prefix).filter(|v| v.len() >= 3)?;
            match self.role(verb)? {
                Role::Deed(deed) => Some((*prefix, self.stem(verb), deed)),
                _ => None,
            }
        })
    }

    pub fn phrases(&self) -> impl Iterator<Item = (&'static str, &'static str, Deed)> {
        self.lexicon.phrases.iter().copied()
    }

    /// Whether the word here means "left behind" rather than "on the left".
    pub fn is_left_behind(&self, words: &[String], at: usize) -> bool {
        let Some((left, followers)) = self.lexicon.left_behind else {
            return false;
        };
        let follows = |word: &String| followers.split_whitespace().any(|f| f == word);
        // After another place or an article it is a place itself.
        let place = at > 0 && {
            let before = &words[at - 1];
            before == "the" || matches!(self.role(before), Some(Role::Place(_)))
        };
        words[at] == left && !place && words.get(at + 1).is_some_and(follows)
    }
}

fn stem(stemmer: &Stemmer, lexicon: &Lexicon, word: &str) -> String {
    let mut stem = stemmer.stem(word).into_owned();
    if lexicon.stem_again {
        stem = stemmer.stem(&stem).into_owned();
    }
    stem
}
