//! German.

use rust_stemmers::Algorithm;

use super::{super::folding::Deed as D, Lexicon};

pub static LEXICON: Lexicon = Lexicon {
    algorithm: Algorithm::German,
    fillers: "der die das den dem des ein eine einen einem einer eines und bitte auf in im ins an am vom von zum \
        zur zu aus bei beim mit über neben vor nach für alle alles allen einige paar noch sich wieder zurück \
        dort hier um ab weg raus hinaus sind ist war welche welches ihr ihre ihren ihrem dein deine deinen \
        deinem an den zusammen etwas mal auch ganz eins zwei drei vier fünf sechs sieben acht neun zehn \
        kommt gehört gehören",
    empty_adjectives: "schmutzige dreckige benutzte gebrauchte verstreute herumliegende liegende umherliegende \
        übrige restliche lose schmutzig dreckig verstreut",
    places: &[
        "links linke linken linkes",
        "rechts rechte rechten rechtes",
        "oben obere oberen",
        "unten untere unteren",
        "mitte mittlere mittleren mittig",
        "unter darunter",
        "hinter dahinter",
    ],
    deeds: &[
        (
            D::Tidy,
            "räumen räum ordnen ordne sortieren sammeln sammle sammeln heben legen stellen bringen verstauen \
             packen tun nehmen nimm entfernen beseitigen",
        ),
        (
            D::Wash,
            "waschen spülen putzen reinigen wischen säubern schrubben",
        ),
        (D::Dry, "trocknen trockne"),
        (D::Vacuum, "saugen staubsaugen"),
        (D::Sweep, "fegen kehren"),
        (D::Dust, "stauben"),
        (D::Empty, "leeren entleeren"),
        (D::Fill, "füllen beladen"),
        (D::Discard, "werfen wirf entsorgen"),
        (D::Make, "machen mach"),
        (D::Switch, "schalten"),
        (D::Fold, "falten"),
        (D::Hang, "hängen"),
        (D::Iron, "bügeln bügle"),
        (D::Water, "gießen"),
        (D::Open, "öffnen öffne"),
        (D::Close, "schließen"),
        (D::Replace, "wechseln wechsle beziehen"),
    ],
    things: &[
        "mülleimer abfalleimer",
        "müll abfall",
        "couch sofa",
        // The stemmer makes "to wash" of it.
        "wäsche",
        "boden fußboden",
        "kleidung kleider klamotten kleidungsstücke",
        "spülmaschine geschirrspüler",
    ],
    gendered: false,
    stem_again: false,
    particles: "aus ein ab an auf raus hinaus sauber zusammen zu",
    particles_end_titles: true,
    idle_particles: "weg zurück hin her herunter runter um",
    phrases: &[
        ("räumen", "aus", D::Empty),
        ("räumen", "ein", D::Fill),
        ("bringen", "raus", D::Empty),
        ("bringen", "hinaus", D::Empty),
        ("machen", "sauber", D::Wash),
        ("legen", "zusammen", D::Fold),
        ("machen", "aus", D::SwitchOff),
        ("schalten", "aus", D::SwitchOff),
        ("machen", "an", D::SwitchOn),
        ("schalten", "ein", D::SwitchOn),
        ("schalten", "an", D::SwitchOn),
        ("machen", "zu", D::Close),
        ("machen", "auf", D::Open),
    ],
    left_behind: None,
};
