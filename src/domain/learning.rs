//! What a household means by tidy: the embedded judge's opinion, moved toward
//! what people said about its pictures.
//!
//! Each thing said becomes a few lessons. The threshold moves first; once there
//! are lessons of both kinds, the head may turn a little as well. Lessons the
//! judge agrees with move nothing, they only hold it where it is. Whatever is
//! learnt is used only as far as it is no worse on the lessons themselves than
//! the judge as it is shipped.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::task::Region;

/// Lessons of a zone that are kept: the newest.
pub const MOST_LESSONS: usize = 32;
/// What one step of a feature is worth: the network's are 0 to 6.
pub const FEATURE_STEP: f32 = 6.0 / 255.0;
/// A place hotter than this may be a task, see `HOT` of the embedded judge.
const PLACE: f32 = 1.0;
/// The loss beside clean pictures from which on a room needs cleaning.
const LIMIT: f32 = 50.0;
/// A loss this small is no difference.
const NOTHING: f32 = 1.0;
/// By this the logarithm of a loss becomes as large as a logit.
const STEEPNESS: f32 = 2.0;
/// A lesson is at rest when the judge agrees with it by this much, as a logit.
const MARGIN: f32 = 1.0;
/// How far the threshold moves easily (as a variance of logits), and at most.
const EASE: f32 = 4.0;
const FURTHEST: f32 = 3.0;
/// How far the head turns easily (as the recipe of the shipped one would let
/// it), for pictures as far from the middle as photographs of rooms are from
/// theirs, which is this squared distance.
const HEAD_EASE: f32 = 2.5;
const APART: f32 = 130.0;
/// Before so many lessons of each kind only the threshold moves.
const BEFORE_HEAD: usize = 2;

/// What somebody said about what the judge saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    Tidy,
    Messy,
}

/// What the embedded judge saw in one picture, before anything learnt: enough
/// to learn from it later. About 60 kB.
#[derive(Debug, Clone, PartialEq)]
pub struct Impression {
    pub columns: usize,
    pub rows: usize,
    /// How messy each cell looks, row by row, as a logit.
    pub heat: Vec<f32>,
    /// Channel after channel, the cells of each in the order of `heat`; in
    /// steps of `FEATURE_STEP`.
    pub features: Vec<u8>,
    /// What the comparison with clean pictures takes from 100, if there was one.
    pub loss: Option<f32>,
}

impl Impression {
    fn cells(&self, region: Option<Region>) -> Vec<usize> {
        let inside = |at: usize, count: usize, from: f32, length: f32| {
            let middle = (at as f32 + 0.5) / count as f32;
            (from..from + length).contains(&middle)
        };
        let within = |cell: &usize| {
            region.is_none_or(|r| {
                inside(cell % self.columns, self.columns, r.x, r.width)
                    && inside(cell / self.columns, self.rows, r.y, r.height)
            })
        };
        (0..self.heat.len()).filter(within).collect()
    }

    /// The mean heat and features of some cells; `None` without any.
    fn mean(&self, cells: &[usize]) -> Option<(f32, Vec<u8>)> {
        if cells.is_empty() {
            return None;
        }
        let count = cells.len();
        let heat = cells.iter().map(|cell| self.heat[*cell]).sum::<f32>() / count as f32;
        let channels = self.features.chunks_exact(self.heat.len());
        let mean = |channel: &[u8]| {
            let sum: usize = cells.iter().map(|cell| usize::from(channel[*cell])).sum();
            ((sum + count / 2) / count) as u8
        };
        Some((heat, channels.map(mean).collect()))
    }
}

/// One picture, or a part of one, and what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// When it was said; all lessons of one saying have the same.
    pub at: Timestamp,
    pub opinion: Opinion,
    /// How messy the shipped judge finds it, as a logit; above 0 it is a mess.
    pub prior: f32,
    /// The means of the network's features; empty: judged beside clean pictures.
    #[serde(with = "text")]
    pub features: Vec<u8>,
}

/// What "tidy" or "messy", said of a zone's last pictures, teaches. The error
/// says why nothing can be learnt.
pub fn lessons(
    seen: &[Impression],
    opinion: Opinion,
    at: Timestamp,
) -> Result<Vec<Lesson>, &'static str> {
    let all = seen.iter().filter_map(|impression| {
        let (heat, features) = impression.mean(&impression.cells(None))?;
        Some(match impression.loss {
            Some(loss) => Lesson {
                at,
                opinion,
                prior: STEEPNESS * (loss.max(NOTHING) / LIMIT).ln(),
                features: Vec::new(),
            },
            None => Lesson {
                at,
                opinion,
                prior: heat,
                features,
            },
        })
    });
    if opinion == Opinion::Tidy {
        return Ok(all.collect());
    }
    // Somewhere it is messy: most likely where it looks so.
    let worst = all.max_by(|a, b| a.prior.total_cmp(&b.prior));
    let lowest = STEEPNESS * (NOTHING / LIMIT).ln();
    match worst {
        Some(worst) if worst.features.is_empty() && worst.prior <= lowest => {
            Err("nothing differs from its clean pictures; if those show a mess, forget them")
        }
        worst => Ok(worst.into_iter().collect()),
    }
}

/// What "not a task", said of a place in a picture, teaches: nothing beside
/// clean pictures, where what changed is no matter of taste.
pub fn not_a_task(seen: &Impression, place: Region, at: Timestamp) -> Option<Lesson> {
    if seen.loss.is_some() {
        return None;
    }
    let (heat, features) = seen.mean(&seen.cells(Some(place)))?;
    Some(Lesson {
        at,
        opinion: Opinion::Tidy,
        prior: heat - PLACE,
        features,
    })
}

/// How a zone's judge differs from the one that is shipped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taste {
    /// Added to every logit of the network, whole picture or cell.
    pub threshold: f32,
    /// For each feature, in its steps: added to a logit. Empty: as shipped.
    pub head: Vec<f32>,
    /// The same as the threshold, beside clean pictures.
    pub strictness: f32,
}

impl Taste {
    /// What the lessons come to.
    pub fn of(lessons: &[Lesson]) -> Self {
        let (compared, alone): (Vec<&Lesson>, Vec<&Lesson>) = lessons
            .iter()
            .partition(|lesson| lesson.features.is_empty());
        let mut taste = Self {
            strictness: threshold(&compared),
            threshold: threshold(&alone),
            head: Vec::new(),
        };
        taste.turn_head(&alone);
        taste
    }

    /// How messy something is by this taste that has been found so messy by
    /// the shipped judge, as a logit.
    pub fn logit(&self, prior: f32, features: &[u8]) -> f32 {
        if features.is_empty() {
            return prior + self.strictness;
        }
        let turned: f32 = self
            .head
            .iter()
            .zip(features)
            .map(|(weight, feature)| weight * f32::from(*feature))
            .sum();
        prior + self.threshold + turned
    }

    /// Changes the heat of a picture's cells to this taste.
    pub fn retouch(&self, seen: &Impression, heat: &mut [f32]) {
        for cell in heat.iter_mut() {
            *cell += self.threshold;
        }
        for (weight, channel) in self.head.iter().zip(seen.features.chunks_exact(heat.len())) {
            for (cell, feature) in heat.iter_mut().zip(channel) {
                *cell += weight * f32::from(*feature);
            }
        }
    }

    /// What a loss beside clean pictures is multiplied with.
    pub fn times(&self) -> f32 {
        (self.strictness / STEEPNESS).exp()
    }

    /// Turns the head toward the lessons, by ridge regression toward the
    /// shipped one: the weights are a sum of the lessons' features.
    fn turn_head(&mut self, lessons: &[&Lesson]) {
        let messy = lessons
            .iter()
            .filter(|l| l.opinion == Opinion::Messy)
            .count();
        let channels = lessons.iter().map(|l| l.features.len()).min().unwrap_or(0);
        if messy.min(lessons.len() - messy) < BEFORE_HEAD || channels == 0 {
            return;
        }
        let centred = centred(lessons, channels);
        let product = |a: &[f32], b: &[f32]| -> f32 {
            a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>() * HEAD_EASE / APART
        };
        // The threshold is one feature more, which all lessons share.
        let alike: Vec<Vec<f32>> = centred
            .iter()
            .map(|a| centred.iter().map(|b| EASE + product(a, b)).collect())
            .collect();
        let shares = shares(lessons, &alike);
        let scale = HEAD_EASE / APART * FEATURE_STEP;
        let head: Vec<f32> = (0..channels)
            .map(|i| {
                shares
                    .iter()
                    .zip(&centred)
                    .map(|(s, f)| s * f[i])
                    .sum::<f32>()
                    * scale
            })
            .collect();
        let middle: f32 = (0..channels)
            .map(|i| head[i] * mean_feature(lessons, i))
            .sum();
        let threshold = EASE * shares.iter().sum::<f32>() - middle;
        let before = self.clone();
        let mut step = 1.0;
        while step > 0.05 {
            self.threshold = before.threshold + step * (threshold - before.threshold);
            self.head = head.iter().map(|weight| weight * step).collect();
            if is_no_worse(
                lessons,
                |l| before.logit(l.prior, &l.features),
                |l| self.logit(l.prior, &l.features),
            ) {
                return;
            }
            step /= 2.0;
        }
        *self = before;
    }
}

/// Where the threshold goes: as little as puts the lessons at rest, more for
/// many than for one, and never so that they fit worse.
fn threshold(lessons: &[&Lesson]) -> f32 {
    let pull = |shift: f32| {
        let pulls = lessons.iter().map(|l| side(l) * unrest(l, l.prior + shift));
        pulls.sum::<f32>() - shift / EASE
    };
    let mut shift = zero_of(pull, FURTHEST);
    let as_shipped = |l: &Lesson| l.prior;
    for _ in 0..5 {
        if is_no_worse(lessons, as_shipped, |l| l.prior + shift) {
            return shift;
        }
        shift /= 2.0;
    }
    0.0
}

/// How much of each lesson's features the head takes.
fn shares(lessons: &[&Lesson], alike: &[Vec<f32>]) -> Vec<f32> {
    let mut shares = vec![0.0; lessons.len()];
    // One after another, each as if it were the last: it settles quickly.
    for _ in 0..20 {
        for (i, lesson) in lessons.iter().enumerate() {
            let others: f32 = (0..lessons.len())
                .filter(|j| *j != i)
                .map(|j| shares[j] * alike[i][j])
                .sum();
            let pull = |share: f32| {
                side(lesson) * unrest(lesson, lesson.prior + others + share * alike[i][i]) - share
            };
            shares[i] = zero_of(pull, FURTHEST);
        }
    }
    shares
}

/// Where a falling function crosses zero, within `most` of it.
fn zero_of(falling: impl Fn(f32) -> f32, most: f32) -> f32 {
    let (mut low, mut high) = (-most, most);
    for _ in 0..30 {
        let middle = f32::midpoint(low, high);
        if falling(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f32::midpoint(low, high)
}

fn side(lesson: &Lesson) -> f32 {
    match lesson.opinion {
        Opinion::Messy => 1.0,
        Opinion::Tidy => -1.0,
    }
}

/// How much a logit lacks to be surely on the lesson's side; 0: at rest.
fn unrest(lesson: &Lesson, logit: f32) -> f32 {
    (MARGIN - side(lesson) * logit).max(0.0)
}

/// Whether judging `by` a taste misjudges no more lessons than `before`, and
/// leaves them no less at rest.
fn is_no_worse(
    lessons: &[&Lesson],
    before: impl Fn(&Lesson) -> f32,
    by: impl Fn(&Lesson) -> f32,
) -> bool {
    let unrests = |logit: &dyn Fn(&Lesson) -> f32| -> (usize, f32) {
        let wrong = lessons.iter().filter(|l| side(l) * logit(l) <= 0.0);
        let unrest = lessons.iter().map(|l| unrest(l, logit(l)).powi(2));
        (wrong.count(), unrest.sum())
    };
    let (before, by) = (unrests(&before), unrests(&by));
    by.0 <= before.0 && by.1 <= before.1
}

fn mean_feature(lessons: &[&Lesson], channel: usize) -> f32 {
    let sum: f32 = lessons.iter().map(|l| f32::from(l.features[channel])).sum();
    sum / lessons.len() as f32
}

/// The lessons' features as the network gives them, less their mean.
fn centred(lessons: &[&Lesson], channels: usize) -> Vec<Vec<f32>> {
    let means: Vec<f32> = (0..channels).map(|i| mean_feature(lessons, i)).collect();
    let less_mean = |lesson: &&Lesson| {
        let features = lesson.features.iter().zip(&means);
        features
            .map(|(feature, mean)| (f32::from(*feature) - mean) * FEATURE_STEP)
            .collect()
    };
    lessons.iter().map(less_mean).collect()
}

/// Features as text: two hexadecimal digits each, since JSON has no bytes.
mod text {
    use std::fmt::Write as _;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(features: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = String::with_capacity(2 * features.len());
        for feature in features {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{feature:02x}");
        }
        serializer.serialize_str(&digits)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let features: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        features
            .filter(|_| rest.is_empty())
            .ok_or_else(|| D::Error::custom("features are hexadecimal digits, two each"))
    }
}

#[cfg(test)]
mod tests;
