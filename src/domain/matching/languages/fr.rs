//! French.

use rust_stemmers::Algorithm;

use super::{super::folding::Deed as D, Lexicon};

pub static LEXICON: Lexicon = Lexicon {
    algorithm: Algorithm::French,
    fillers: "le la les l un une des du de d et à a au aux en dans sur par pour avec s il te vous plaît plait qui \
        que sont est ce cette ces c son sa ses leur leurs votre vos ton ta tes tous toutes tout toute quelques \
        plusieurs où y n se près côté place deux trois quatre cinq six sept huit neuf dix encore bien",
    empty_adjectives: "sale sales éparpillés éparpillées éparpillé éparpillée traînent traîne trainent traine \
        laissés laissées utilisés utilisées",
    places: &[
        "gauche",
        "droite droit",
        "haut",
        "bas",
        "milieu centre",
        "sous dessous",
        "derrière",
    ],
    deeds: &[
        (
            D::Tidy,
            "ranger mettre mets mettez remettre remets remettez ramasser déplacer déplace placer rassembler \
             ordonner trier débarrasser enlever enlève poser déposer apporter sortir sors sortez passer réorganiser organiser",
        ),
        (
            D::Wash,
            "laver nettoyer nettoie nettoyez essuyer essuie essuyez rincer frotter récurer",
        ),
        (D::Dry, "sécher sèche séchez"),
        (D::Vacuum, "aspirer"),
        (D::Sweep, "balayer balaie balayez"),
        (D::Dust, "dépoussiérer dépoussière épousseter époussette"),
        (D::Empty, "vider vide videz"),
        (D::Fill, "remplir remplis charger"),
        (D::Discard, "jeter jette jetez"),
        (D::Make, "faire fais faites fait"),
        (D::Fold, "plier plie pliez replier"),
        (
            D::Hang,
            "accrocher suspendre suspends suspendez étendre étends étendez",
        ),
        (D::Iron, "repasser"),
        (D::Water, "arroser"),
        (D::Open, "ouvrir ouvre ouvrez"),
        (D::Close, "fermer ferme fermez"),
        (D::SwitchOff, "éteindre éteins éteignez"),
        (D::SwitchOn, "allumer allume allumez"),
        (D::Replace, "remplacer changer"),
    ],
    things: &[
        "poubelle corbeille",
        "déchets ordures",
        "canapé sofa",
        "sol plancher",
        "vêtements habits",
    ],
    gendered: false,
    stem_again: false,
    particles: "",
    particles_end_titles: false,
    idle_particles: "",
    phrases: &[
        ("faire", "vaisselle", D::Wash),
        ("fais", "vaisselle", D::Wash),
        ("faites", "vaisselle", D::Wash),
        ("sortir", "poubelle", D::Empty),
        ("sors", "poubelle", D::Empty),
        ("sortez", "poubelle", D::Empty),
        ("passer", "aspirateur", D::Vacuum),
    ],
    left_behind: None,
};
