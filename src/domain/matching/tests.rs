//! What is one task and what is two, language by language.

mod odd;

use proptest::prelude::*;

use super::*;

/// A language's pairs: the same task in other words, and tasks that must stay two.
struct Pairs {
    same: &'static [(&'static str, &'static str)],
    other: &'static [(&'static str, &'static str)],
}

const ENGLISH: Pairs = Pairs {
    same: &[
        ("Wash the dishes", "Please wash the dishes."),
        ("Wash the dishes", "Do the dishes"),
        (
            "Wash the dishes in the sink",
            "Clean the dirty dishes in the sink",
        ),
        ("Wash the dishes in the sink", "Dirty dishes in the sink"),
        ("Put the shoes away", "Put away the shoes"),
        (
            "Put the shoes by the door away",
            "Tidy the shoes near the door",
        ),
        (
            "Pick up the clothes from the floor",
            "Pick the clothing up off the floor",
        ),
        ("Pick up the clothes from the floor", "Clothes on the floor"),
        (
            "Pick up the shoes left by the door",
            "Pick up the shoes by the door",
        ),
        ("Wipe the counter", "Wipe down the countertop"),
        ("Empty the bin", "Take out the trash"),
        ("Fold the blanket on the sofa", "Fold blankets on the couch"),
        ("Turn off the lamp", "Switch the lamp off"),
        (
            "Put two cups into the dishwasher",
            "Put the cups in the dishwasher",
        ),
        (
            "Put the cups from the coffee table away",
            "Collect the cups on the coffee table",
        ),
        (
            "Put the blue toy boxes away on the shelf",
            "Put blue toy boxes away shelf",
        ),
        ("Tidy up: lower left", "tidy up lower left."),
    ],
    other: &[
        ("Tidy up: lower left", "Tidy up: lower right"),
        ("Tidy up: left", "Tidy up: lower left"),
        ("Tidy up: left (camera 1)", "Tidy up: left (camera 2)"),
        ("Wash the dishes", "Dry the dishes"),
        ("Put the cup away", "Put the plate away"),
        ("Put the blue cup away", "Put the red cup away"),
        ("Empty the dishwasher", "Load the dishwasher"),
        ("Turn on the lamp", "Turn off the lamp"),
        ("Open the window", "Close the window"),
        ("Make the bed", "Put the bed away"),
        ("Fold the towels", "Hang the towels"),
        ("Put the shoes in the hall", "Put the shoes in the bedroom"),
        (
            "Pick up the socks under the table",
            "Pick up the socks on the table",
        ),
        ("Put the cloth away", "Put the clothes away"),
        ("Clean the left window", "Clean the right window"),
        ("Water the plant", "Repot the plant"),
        ("Wipe the table", "Wipe the table and the floor"),
        ("Wash the pan", "Wash the pants"),
    ],
};

const GERMAN: Pairs = Pairs {
    same: &[
        ("Geschirr spülen", "Spüle das Geschirr"),
        ("Geschirr spülen", "Bitte das schmutzige Geschirr abwaschen"),
        ("Schuhe wegräumen", "Räume die Schuhe auf"),
        (
            "Räume die Schuhe an der Tür weg",
            "Schuhe neben der Tür aufräumen",
        ),
        (
            "Die Tassen in den Geschirrspüler stellen",
            "Stelle die Tasse in die Spülmaschine",
        ),
        (
            "Kleidung vom Boden aufheben",
            "Hebe die Kleider auf dem Fußboden auf",
        ),
        ("Wische den Tisch ab", "Tisch abwischen"),
        ("Den Tisch sauber machen", "Tisch abwischen"),
        ("Mülleimer leeren", "Leere den Mülleimer aus"),
        ("Bring den Müll raus", "Den Müll rausbringen"),
        ("Bett machen", "Mach das Bett"),
        ("Die Decke falten", "Lege die Decke zusammen"),
        ("Licht ausschalten", "Mach das Licht aus"),
        ("Blumen gießen", "Gieße die Blumen"),
        ("Handtücher aufhängen", "Hänge das Handtuch auf"),
    ],
    other: &[
        ("Aufräumen: oben links", "Aufräumen: oben rechts"),
        ("Aufräumen: links", "Aufräumen: unten links"),
        ("Aufräumen: Mitte (Kamera 1)", "Aufräumen: Mitte (Kamera 2)"),
        ("Geschirrspüler ausräumen", "Geschirrspüler einräumen"),
        ("Geschirr spülen", "Geschirr abtrocknen"),
        ("Licht ausschalten", "Licht einschalten"),
        ("Wäsche aufhängen", "Wäsche falten"),
        ("Die Tasse wegräumen", "Den Teller wegräumen"),
        ("Fenster öffnen", "Fenster schließen"),
        ("Socken unter dem Tisch aufheben", "Socken vom Tisch nehmen"),
        ("Räume ein Buch weg", "Räume das Buch ein"),
        (
            "Die linke Schublade schließen",
            "Die rechte Schublade schließen",
        ),
    ],
};

const FRENCH: Pairs = Pairs {
    same: &[
        ("Ranger les chaussures", "Rangez la chaussure"),
        (
            "Ranger les chaussures près de la porte",
            "Range les chaussures à côté de la porte",
        ),
        ("Faire la vaisselle", "Laver la vaisselle sale"),
        ("Faites la vaisselle", "Fais la vaisselle"),
        (
            "Ramasser les vêtements sur le sol",
            "Ramassez les vêtements du sol",
        ),
        (
            "Ramasser les vêtements sur le sol",
            "Vêtements sales sur le sol",
        ),
        ("Vider la poubelle", "Sors la poubelle"),
        (
            "Mettre les tasses dans l'évier",
            "Mettez la tasse dans l’évier",
        ),
        ("Nettoyer la table", "Essuie la table"),
        ("Éteindre la lampe", "Éteins la lampe"),
        ("Plier la couverture", "Pliez les couvertures"),
    ],
    other: &[
        ("Ranger : en haut à gauche", "Ranger : en haut à droite"),
        ("Ranger : en haut", "Ranger : en haut à gauche"),
        (
            "Ranger : à gauche (caméra 1)",
            "Ranger : à gauche (caméra 2)",
        ),
        ("Faire la vaisselle", "Faire le lit"),
        ("Laver la vaisselle", "Sécher la vaisselle"),
        ("Ranger la tasse", "Ranger l'assiette"),
        ("Ouvrir la porte", "Fermer la porte"),
        ("Allumer la lampe", "Éteindre la lampe"),
        (
            "Ranger les chaussures sous le lit",
            "Ranger les chaussures sur le lit",
        ),
        ("Fermer la porte", "Fermer la fenêtre"),
    ],
};

const SPANISH: Pairs = Pairs {
    same: &[
        (
            "Recoger la ropa del suelo",
            "Recoge la ropa que hay en el piso",
        ),
        ("Recoger la ropa del suelo", "Ropa tirada en el suelo"),
        ("Lavar los platos", "Friega la vajilla"),
        ("Lavar los platos sucios", "Lava los platos"),
        ("Hacer la cama", "Haz la cama, por favor"),
        (
            "Poner las tazas en el fregadero",
            "Pon la taza en el fregadero",
        ),
        ("Vaciar la papelera", "Vacía la papelera"),
        ("Guardar los zapatos", "Recoge los zapatos"),
        ("Colgar la toalla", "Cuelga las toallas"),
        ("Regar las plantas", "Riega la planta"),
    ],
    other: &[
        (
            "Ordenar: arriba a la izquierda",
            "Ordenar: arriba a la derecha",
        ),
        ("Ordenar: arriba", "Ordenar: arriba a la izquierda"),
        ("Ordenar: abajo (cámara 1)", "Ordenar: abajo (cámara 2)"),
        ("Lavar los platos", "Secar los platos"),
        ("Guardar la taza", "Guardar el plato"),
        ("Guardar las botas", "Guardar los botes"),
        ("Abrir la ventana", "Cerrar la ventana"),
        ("Encender la luz", "Apagar la luz"),
        ("Apagar el ordenador", "Apagar la luz"),
        (
            "Recoger los zapatos debajo de la cama",
            "Recoger los zapatos en la cama",
        ),
    ],
};

const DUTCH: Pairs = Pairs {
    same: &[
        ("Schoenen opruimen", "Ruim de schoenen op"),
        (
            "Ruim de schoenen bij de deur op",
            "Schoenen naast de deur wegzetten",
        ),
        ("Was de vaat af", "De vuile afwas wassen"),
        ("Maak de tafel schoon", "Tafel schoonmaken"),
        ("Veeg de tafel af", "Tafel schoonmaken"),
        ("Leeg de prullenbak", "Maak de vuilnisbak leeg"),
        (
            "Raap de kleren van de vloer op",
            "Kleding op de vloer oprapen",
        ),
        ("Maak het bed op", "Bed opmaken"),
        (
            "Zet de borden in de vaatwasser",
            "Bord in de afwasmachine zetten",
        ),
        ("Vouw de deken op", "Dekens opvouwen"),
    ],
    other: &[
        ("Opruimen: links", "Opruimen: rechts"),
        ("Opruimen: links", "Opruimen: linksboven"),
        ("Opruimen: boven (camera 1)", "Opruimen: boven (camera 2)"),
        ("Vaatwasser uitruimen", "Vaatwasser inruimen"),
        ("Borden afwassen", "Borden afdrogen"),
        ("Zet de lamp aan", "Zet de lamp uit"),
        ("Raam openen", "Raam sluiten"),
        ("Vouw de was op", "Hang de was op"),
        ("Zet het bord weg", "Zet de pan weg"),
        ("Leeg de prullenbak", "Leg de prullenbak neer"),
    ],
};

const LANGUAGES: [Pairs; 5] = [ENGLISH, GERMAN, FRENCH, SPANISH, DUTCH];

#[test]
fn reworded_is_the_same_and_another_thing_is_not() {
    let mut wrong = Vec::new();
    for pairs in LANGUAGES {
        for (pairs, expected) in [(pairs.same, true), (pairs.other, false)] {
            for (a, b) in pairs {
                if same_task(a, b) != expected || same_task(b, a) != expected {
                    let spoken = languages_of(&[&words(a), &words(b)]);
                    let read = spoken
                        .iter()
                        .map(|l| (fold(&words(a), l), fold(&words(b), l)));
                    wrong.push(format!(
                        "{expected}: {a} / {b}: {:?}",
                        read.collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever two lines of the tables are not said to be one, is two.
#[test]
fn what_is_two_in_one_table_is_two_across_languages() {
    let firsts = LANGUAGES.iter().map(|pairs| pairs.same[0].0);
    let firsts: Vec<&str> = firsts.collect();
    for (at, a) in firsts.iter().enumerate() {
        for b in &firsts[at + 1..] {
            assert!(!same_task(a, b), "{a} / {b}");
        }
    }
}

#[test]
fn titles_in_other_languages_are_compared_by_their_words() {
    for (a, b, expected) in [
        ("洗碗", "洗碗。", true),
        ("洗碗", "擦碗", false),
        ("Umyj naczynia", "naczynia umyj", true),
        ("Posprzątaj: lewo", "Posprzątaj: lewo góra", false),
    ] {
        assert_eq!(same_task(a, b), expected, "{a} / {b}");
    }
}

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
    for (rule, title, ignored) in [
        ("Schuhe", "Räume den Schuh weg", true),
        ("das Hundebett", "Hundebetten ausschütteln", true),
        (
            "Kissen auf dem Sofa",
            "Lege die Kissen auf der Couch ordentlich hin",
            true,
        ),
        ("Kissen auf dem Sofa", "Sofa absaugen", false),
        ("les jouets", "Ranger le jouet sous la table", true),
        ("juguetes", "Recoge el juguete", true),
        ("speelgoed", "Ruim het speelgoed op", true),
        ("lower left", "Tidy up: lower left", true),
        ("lower left", "Tidy up: left", false),
    ] {
        assert_eq!(
            is_ignored(title, &[rule.to_owned()]),
            ignored,
            "{rule} / {title}"
        );
    }
    for nothing in ["", "...", "the", "und", " - "] {
        assert!(!says_something(nothing), "{nothing:?}");
    }
    assert!(says_something("Schuhe") && says_something("lower left"));
}

/// The words of the tables, and numbers.
fn any_word() -> impl Strategy<Value = String> {
    let all: Vec<String> = LANGUAGES
        .iter()
        .flat_map(|pairs| pairs.same.iter().chain(pairs.other))
        .flat_map(|(a, b)| [a, b])
        .flat_map(|title| words(title))
        .collect();
    proptest::sample::select(all)
}

fn any_title() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(any_word(), 1..8)
}

proptest! {
    #[test]
    fn being_the_same_is_mutual(a in any_title(), b in any_title()) {
        let (a, b) = (a.join(" "), b.join(" "));
        prop_assert!(same_task(&a, &a));
        prop_assert_eq!(same_task(&a, &b), same_task(&b, &a));
    }

    #[test]
    fn signs_and_capitals_do_not_count(a in any_title()) {
        let plain = a.join(" ");
        let dressed = format!("{}!", a.join(", ").to_uppercase());
        prop_assert!(same_task(&plain, &dressed), "{} / {}", plain, dressed);
    }

    #[test]
    fn a_number_always_counts(a in any_title(), number in 0_u8..100) {
        let plain = a.join(" ");
        let numbered = format!("{plain} {number}");
        prop_assert!(a.contains(&number.to_string()) || !same_task(&plain, &numbered));
    }

    #[test]
    fn another_thing_is_another_task(thing in "[bdfgklmnprtz]{2}[aou][bdgkmnrt]{3}", pair in 0..ENGLISH.same.len()) {
        // No word of any language, so a thing of its own.
        let title = ENGLISH.same[pair].0;
        let put = format!("Put the {thing} away");
        prop_assert!(!same_task("Put the cups away", &put));
        prop_assert!(!same_task(&put, title));
    }

    #[test]
    fn anything_is_compared_without_a_crash(a in "(?s).{0,40}", b in "(?s).{0,40}") {
        let same = same_task(&a, &b);
        prop_assert_eq!(same, same_task(&b, &a));
        is_ignored(&a, &[b]);
    }
}
