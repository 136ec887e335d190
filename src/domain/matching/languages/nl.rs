//! Dutch.

use rust_stemmers::Algorithm;

use super::{super::folding::Deed as D, Lexicon};

pub static LEXICON: Lexicon = Lexicon {
    algorithm: Algorithm::Dutch,
    fillers: "de het een en op in aan van naar uit bij met voor om alle alles wat graag alsjeblieft die dat deze \
        dit er zijn is terug weer hun je uw zich te nog weg naast over tegen zo twee drie vier vijf zes \
        zeven acht negen tien hoort horen af",
    empty_adjectives: "vuile vieze rondslingerende gebruikte losse verspreide liggende overige vuil vies",
    places: &[
        "links linker linkse",
        "rechts rechter rechtse",
        "boven bovenste",
        "onder onderste",
        "midden middelste",
        "linksboven",
        "rechtsboven",
        "linksonder",
        "rechtsonder",
        "achter",
    ],
    deeds: &[
        (
            D::Tidy,
            "ruimen ruim bergen berg leggen leg zetten zet brengen breng rapen raap verzamelen verzamel sorteren \
             sorteer stoppen stop doen doe pakken pak halen haal verplaatsen verplaats ordenen orden",
        ),
        (
            D::Wash,
            "wassen was poetsen poets dweilen dweil boenen boen nemen neem reinigen reinig spoelen spoel",
        ),
        (D::Dry, "drogen droog"),
        (D::Vacuum, "stofzuigen stofzuig zuigen zuig"),
        (D::Sweep, "vegen veeg"),
        (D::Dust, "stoffen stof"),
        (D::Empty, "legen leeg"),
        (D::Fill, "vullen vul"),
        (D::Discard, "gooien gooi"),
        (D::Make, "maken maak"),
        (D::Fold, "vouwen vouw"),
        (D::Hang, "hangen hang"),
        (D::Iron, "strijken strijk"),
        (D::Open, "openen open"),
        (D::Close, "sluiten sluit"),
        (D::Replace, "vervangen vervang verschonen verschoon"),
    ],
    things: &[
        "prullenbak vuilnisbak afvalbak",
        "afval vuilnis",
        "bank sofa",
        "kleding kleren",
        "vaat afwas",
        "vaatwasser afwasmachine",
    ],
    gendered: false,
    stem_again: true,
    particles: "uit in af aan op schoon leeg buiten",
    particles_end_titles: true,
    idle_particles: "weg terug neer",
    phrases: &[
        ("ruimen", "uit", D::Empty),
        ("ruim", "uit", D::Empty),
        ("ruimen", "in", D::Fill),
        ("ruim", "in", D::Fill),
        ("maken", "schoon", D::Wash),
        ("maak", "schoon", D::Wash),
        ("maken", "leeg", D::Empty),
        ("maak", "leeg", D::Empty),
        ("doen", "uit", D::SwitchOff),
        ("zetten", "uit", D::SwitchOff),
        ("zetten", "aan", D::SwitchOn),
        ("vegen", "af", D::Wash),
        ("veeg", "af", D::Wash),
        ("brengen", "buiten", D::Empty),
        ("breng", "buiten", D::Empty),
    ],
    left_behind: None,
};
