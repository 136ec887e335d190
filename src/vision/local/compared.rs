//! A picture beside the clean ones: what it costs in score, and the places
//! that are tasks.

use super::{
    constants::{CLEAN, JOINT, LOSS, SAME, TALL},
    regions::{Mess, Place},
};
use crate::domain::{change::ChangeMap, score::Score, task::Region};

/// How a picture differs from its references.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    pub map: &'a ChangeMap,
    /// By how much messier the network finds it than the references, as a logit.
    pub delta: f32,
    /// What the household's taste multiplies the loss with.
    pub strictness: f32,
}

impl Compared<'_> {
    /// What it takes from 100 before any taste.
    pub fn loss(&self) -> f32 {
        let share = self.map.share();
        let first = (self.map.peak() - LOSS.quiet) / (LOSS.sure - LOSS.quiet);
        let spread = LOSS.by_share * (share - LOSS.noise).max(0.0);
        let messier = LOSS.by_logit * (self.delta - LOSS.drift).max(0.0);
        let mut loss = LOSS.one_thing * first.clamp(0.0, 1.0)
            + spread.min(LOSS.most_by_share)
            + messier * (share / LOSS.spread).min(1.0);
        if self.is_not_messier() {
            loss *= LOSS.not_messier;
        }
        loss
    }

    pub fn score(&self) -> Score {
        Score::clamped(100.0 - self.strictness * self.loss())
    }

    /// Whether much changed without mess: a chair was moved, curtains were drawn.
    pub fn is_not_messier(&self) -> bool {
        self.delta <= 0.0 && self.map.share() >= LOSS.spread
    }

    /// What changed, most first; what has its middle in the same place is one.
    pub fn messes(&self) -> Vec<Mess> {
        let mut messes: Vec<Mess> = Vec::new();
        for changed in self.map.places() {
            let place = Place::of(changed.region);
            match messes.iter_mut().find(|mess| mess.place == place) {
                Some(mess) => {
                    mess.region = around(mess.region, changed.region);
                    mess.heat = mess.heat.max(changed.peak);
                }
                None => messes.push(Mess {
                    place,
                    heat: changed.peak,
                    region: changed.region,
                }),
            }
        }
        messes
    }

    /// Whether nothing differs from the references there any more.
    pub fn is_clean(&self, region: Region) -> bool {
        self.map.share_in(region) < CLEAN
    }
}

/// Whether a change may be somebody passing rather than a thing. Somebody in
/// clothes of two colours may be two changes, one upon the other.
pub fn may_be_somebody(change: Region, all: &[Mess]) -> bool {
    let parts = all.iter().map(|mess| mess.region);
    let whole = parts
        .filter(|part| is_upon(change, *part))
        .fold(change, around);
    whole.height >= TALL && whole.height > whole.width
}

/// Whether one box is above the other, close to it and of about its width.
fn is_upon(one: Region, other: Region) -> bool {
    let shared = (one.x + one.width).min(other.x + other.width) - one.x.max(other.x);
    let gap = one.y.max(other.y) - (one.y + one.height).min(other.y + other.height);
    shared >= 0.5 * one.width.max(other.width) && gap <= JOINT
}

/// Whether two boxes are of the same thing.
pub fn is_same(one: Region, other: Region) -> bool {
    let along = |a: f32, length_a: f32, b: f32, length_b: f32| {
        ((a + length_a).min(b + length_b) - a.max(b)).max(0.0)
    };
    let shared = along(one.x, one.width, other.x, other.width)
        * along(one.y, one.height, other.y, other.height);
    let smaller = (one.width * one.height).min(other.width * other.height);
    shared >= SAME * smaller && shared > 0.0
}

fn around(one: Region, other: Region) -> Region {
    let (x, y) = (one.x.min(other.x), one.y.min(other.y));
    Region {
        x,
        y,
        width: (one.x + one.width).max(other.x + other.width) - x,
        height: (one.y + one.height).max(other.y + other.height) - y,
    }
}
