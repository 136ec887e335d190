//! What a title says, without how it says it.

use std::collections::BTreeSet;

use super::languages::{Language, Role};

/// What is to be done. Words of one deed are used for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    Tidy,
    Wash,
    Dry,
    Vacuum,
    Sweep,
    Dust,
    Empty,
    Fill,
    Discard,
    Make,
    /// On or off, if nothing says which.
    Switch,
    Fold,
    Hang,
    Iron,
    Water,
    Open,
    Close,
    SwitchOn,
    SwitchOff,
    Replace,
}

#[derive(Debug, Default, PartialEq)]
pub struct Folded {
    pub deeds: BTreeSet<Deed>,
    /// Places and numbers: one that differs makes another task.
    pub marks: BTreeSet<String>,
    /// Stems of all other words that count.
    pub things: BTreeSet<String>,
}

impl Folded {
    pub fn is_empty(&self) -> bool {
        self.deeds.is_empty() && self.marks.is_empty() && self.things.is_empty()
    }
}

/// A title's words as `language` understands them.
pub fn fold(words: &[String], language: &Language) -> Folded {
    let mut folded = Folded::default();
    // Verbs and the small words that may change what they say.
    let mut verbs: Vec<String> = Vec::new();
    let mut particles: Vec<&str> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if word.bytes().all(|b| b.is_ascii_digit()) {
            folded.marks.insert(word.clone());
            continue;
        }
        let role = language.role(word);
        if let Some(particle) = language.particle(words, at) {
            particles.push(particle);
            if !matches!(role, Some(Role::Deed(_))) {
                continue;
            }
        }
        // "Shoes left by the door" are not on the left.
        if language.is_left_behind(words, at) {
            continue;
        }
        match role {
            Some(Role::Filler) => {}
            Some(Role::Place(place)) => drop(folded.marks.insert(place)),
            Some(Role::Deed(deed)) => {
                folded.deeds.insert(deed);
                verbs.push(language.stem(word));
            }
            Some(Role::Thing(thing)) => drop(folded.things.insert(thing)),
            None => {
                // A verb with its particle before it, in one word.
                if let Some((particle, verb, deed)) = language.taken_apart(word) {
                    particles.push(particle);
                    folded.deeds.insert(deed);
                    verbs.push(verb);
                } else {
                    folded.things.insert(language.thing(word));
                }
            }
        }
    }
    let phrase = language.phrases().find(|(verb, word, _)| {
        verbs.contains(&language.stem(verb))
            && (particles.contains(word) || folded.things.contains(&language.thing(word)))
    });
    if let Some((_, _, deed)) = phrase {
        folded.deeds = BTreeSet::from([deed]);
    }
    folded
}
