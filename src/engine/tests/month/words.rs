//! The messes of the home, each in several words, in several languages.

use super::MESSES;

/// By language, by mess: the ways in which an AI says it.
const WAYS: [[&[&str]; MESSES]; 4] = [
    [
        &["Wash the dishes", "Do the dirty dishes", "Clean the dishes"],
        &[
            "Put the shoes by the door away",
            "Tidy the shoes near the door",
        ],
        &["Make the bed", "Please make the bed"],
        &["Tidy up: left"],
    ],
    [
        &[
            "Geschirr spülen",
            "Spüle das Geschirr",
            "Das schmutzige Geschirr abwaschen",
        ],
        &["Schuhe wegräumen", "Räume die Schuhe auf"],
        &["Bett machen", "Mach das Bett"],
        &["Aufräumen: oben links"],
    ],
    [
        &[
            "Faire la vaisselle",
            "Laver la vaisselle sale",
            "Faites la vaisselle",
        ],
        &["Ranger les chaussures", "Rangez la chaussure"],
        &["Vider la poubelle", "Sors la poubelle"],
        &["Ranger : en haut"],
    ],
    [
        &["Maak de tafel schoon", "Tafel schoonmaken"],
        &["Schoenen opruimen", "Ruim de schoenen op"],
        &["Leeg de prullenbak", "Maak de vuilnisbak leeg"],
        &["Opruimen: links"],
    ],
];

pub const LANGUAGES: usize = WAYS.len();

pub fn ways(language: usize, mess: usize) -> &'static [&'static str] {
    WAYS[language][mess]
}

/// What a title speaks of, with or without a room's name before it.
pub fn mess_of(language: usize, title: &str) -> Option<usize> {
    let said = |mess: &usize| WAYS[language][*mess].contains(&title);
    let all = 0..MESSES;
    all.clone().find(said).or_else(|| {
        let (_, rest) = title.split_once(": ")?;
        all.clone()
            .find(|mess| WAYS[language][*mess].contains(&rest))
    })
}

/// A rule that names this mess and no other.
pub fn rule(language: usize, mess: usize) -> &'static str {
    WAYS[language][mess][0]
}
