//! English.

use rust_stemmers::Algorithm;

use super::{super::folding::Deed as D, Lexicon};

pub static LEXICON: Lexicon = Lexicon {
    algorithm: Algorithm::English,
    fillers: "the a an of on in at up from to and please into onto off out away down back your my our their \
        his her its it this that these those them there some all any few several various is are be been \
        being was were by near next beside with for over around along together where they belong belongs \
        which who then so if still also again neatly properly front one two three four five six seven \
        eight nine ten s",
    empty_adjectives: "dirty messy used scattered stray loose lying remaining leftover",
    places: &[
        "left",
        "right",
        "top",
        "bottom",
        "upper",
        "lower",
        "middle center centre",
        "under underneath beneath",
        "behind",
        "above",
        "below",
    ],
    deeds: &[
        (
            D::Tidy,
            "tidy put clear pick collect gather store stow remove move return place bring carry take organize \
             organise arrange straighten declutter sort",
        ),
        (D::Wash, "wash clean rinse scrub wipe mop do"),
        (D::Dry, "dry"),
        (D::Vacuum, "vacuum hoover"),
        (D::Sweep, "sweep"),
        (D::Dust, "dust"),
        (D::Empty, "empty unload"),
        (D::Fill, "load fill refill"),
        (D::Discard, "throw discard dispose toss"),
        (D::Make, "make"),
        (D::Switch, "turn switch"),
        (D::Fold, "fold"),
        (D::Hang, "hang"),
        (D::Iron, "iron"),
        (D::Water, "water"),
        (D::Open, "open"),
        (D::Close, "close shut"),
        (D::Replace, "replace change"),
    ],
    things: &[
        // The stemmer makes "cloth" of clothes.
        "cloth",
        "clothes clothing",
        "bin trash rubbish garbage waste",
        "couch sofa",
        "counter countertop worktop",
    ],
    gendered: false,
    stem_again: false,
    particles: "out off on",
    particles_end_titles: false,
    idle_particles: "",
    phrases: &[
        ("turn", "off", D::SwitchOff),
        ("switch", "off", D::SwitchOff),
        ("turn", "on", D::SwitchOn),
        ("switch", "on", D::SwitchOn),
        ("take", "out", D::Empty),
        ("bring", "out", D::Empty),
        ("carry", "out", D::Empty),
    ],
    left_behind: Some((
        "left",
        "by in on out at near behind under over lying around from standing",
    )),
};
