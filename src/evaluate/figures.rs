//! The figures: how often the order is right, how far the truth is matched.
//!
//! Every figure is `null` when the folder holds nothing to compute it from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    judged::Judged,
    truth::{Scene, Set, Truth},
};
use crate::{
    domain::{check::Assessment, task::Region},
    ports::Provider,
    telemetry::process,
};

#[derive(Debug, Serialize)]
pub struct Figures {
    pub provider: String,
    /// How many were judged …
    pub pictures: usize,
    /// … and what could not be, in words.
    pub refused: Vec<String>,
    /// How often a messy picture scores worse than a tidy one (ties half) …
    pub auc: Option<f64>,
    /// … with its 95 % interval, by resampling.
    pub auc_ci: Option<[f64; 2]>,
    /// The mean of the shares of tidy and messy pictures on their side of 50.
    pub balanced_accuracy: Option<f64>,
    pub pairs_ordered: usize,
    pub pairs_total: usize,
    /// Of the score with the number of things (Spearman, sign turned), the
    /// mean over rooms, and each room's.
    pub rank_correlation: Option<f64>,
    pub rank_correlations: BTreeMap<String, f64>,
    /// For each severity and number of things: how often such a picture scores
    /// worse than a clean one of the same severity.
    pub auc_by_things: BTreeMap<String, BTreeMap<usize, f64>>,
    /// The share of visible things of which a quarter lies in a task's box.
    pub region_recall: Option<f64>,
    /// The share of tasks' boxes of which a quarter is things.
    pub region_precision: Option<f64>,
    /// The share of clean pictures in which the gate sees a change, by severity and in all.
    pub false_change_rate: Option<f64>,
    pub false_change_rates: BTreeMap<String, f64>,
    /// The share of clean pictures with a task.
    pub false_task_rate: Option<f64>,
    /// The share of pictures with things that the gate lets pass as unchanged.
    pub missed_change_rate: Option<f64>,
    /// Decoding, gates, comparison and judgement.
    pub ms_per_picture: f64,
    /// The most memory that the process held.
    pub memory_mib: Option<f64>,
}

/// A thing smaller than this share of the picture is not looked for: a
/// 640-pixel picture shows it in some 90 pixels.
const SMALLEST: f32 = 0.0004;
/// How much of a box must be covered to count.
const QUARTER: f32 = 0.25;
const RESAMPLES: usize = 1000;

pub fn of(set: &Set, judged: &[Option<Judged>], provider: &dyn Provider) -> Figures {
    let answered: Vec<(usize, &Assessment)> = judged
        .iter()
        .enumerate()
        .filter_map(|(i, judged)| Some((i, judged.as_ref()?.answer.as_ref().ok()?)))
        .collect();
    let mess = |i: usize| -> Option<f64> {
        let answer = judged[i].as_ref()?.answer.as_ref().ok()?;
        Some(100.0 - f64::from(answer.score.value()))
    };
    let labelled = |messy: bool| -> Vec<f64> {
        let of =
            |truth: &Truth| matches!((truth, messy), (Truth::Messy, true) | (Truth::Tidy, false));
        let all = answered.iter().filter(|(i, _)| of(&set.pictures[*i].truth));
        all.filter_map(|(i, _)| mess(*i)).collect()
    };
    let (messy, tidy) = (labelled(true), labelled(false));
    let ordered = set
        .pairs
        .iter()
        .filter_map(|(before, after)| Some((mess(*before)?, mess(*after)?)));
    let ordered: Vec<bool> = ordered.map(|(before, after)| before > after).collect();
    let scenes: Vec<Seen> = answered
        .iter()
        .filter_map(|(i, answer)| match &set.pictures[*i].truth {
            Truth::Scene(scene) => Some(Seen {
                scene,
                answer,
                changed: judged[*i].as_ref()?.changed,
            }),
            _ => None,
        })
        .collect();
    let times: Vec<f64> = judged
        .iter()
        .flatten()
        .map(|judged| judged.took.as_secs_f64() * 1000.0)
        .collect();
    let correlations = rank_correlations(&scenes);
    let clean = |seen: &&Seen| seen.scene.things.is_empty() && seen.scene.aside.is_empty();
    let (recall, precision) = regions(&scenes);
    Figures {
        provider: provider.name().to_owned(),
        pictures: answered.len(),
        refused: judged
            .iter()
            .flatten()
            .filter_map(|judged| judged.answer.as_ref().err().cloned())
            .collect(),
        auc: auc(&messy, &tidy),
        auc_ci: interval(&messy, &tidy),
        balanced_accuracy: mean(&[
            share(&messy, |mess| *mess > 50.0),
            share(&tidy, |mess| *mess <= 50.0),
        ]),
        pairs_ordered: ordered.iter().filter(|right| **right).count(),
        pairs_total: ordered.len(),
        rank_correlation: mean(&correlations.values().map(|r| Some(*r)).collect::<Vec<_>>()),
        rank_correlations: correlations,
        auc_by_things: auc_by_things(&scenes),
        region_recall: recall,
        region_precision: precision,
        false_change_rate: changed_share(scenes.iter().filter(clean)),
        false_change_rates: severities(&scenes)
            .into_iter()
            .filter_map(|severity| {
                let these = scenes
                    .iter()
                    .filter(clean)
                    .filter(|seen| seen.scene.severity == severity);
                Some((severity.clone(), changed_share(these)?))
            })
            .collect(),
        false_task_rate: {
            let clean: Vec<&Seen> = scenes.iter().filter(clean).collect();
            share(&clean, |seen| !seen.answer.new.is_empty())
        },
        missed_change_rate: changed_share(
            scenes.iter().filter(|seen| !seen.scene.things.is_empty()),
        )
        .map(|share| 1.0 - share),
        ms_per_picture: times.iter().sum::<f64>() / times.len().max(1) as f64,
        memory_mib: process::peak_memory_mib().map(f64::from),
    }
}

/// A judged look of a fixed camera.
struct Seen<'a> {
    scene: &'a Scene,
    answer: &'a Assessment,
    changed: Option<bool>,
}

impl Seen<'_> {
    fn mess(&self) -> f64 {
        100.0 - f64::from(self.answer.score.value())
    }
}

fn severities(scenes: &[Seen]) -> std::collections::BTreeSet<String> {
    scenes
        .iter()
        .map(|seen| seen.scene.severity.clone())
        .collect()
}

fn changed_share<'a>(scenes: impl Iterator<Item = &'a Seen<'a>>) -> Option<f64> {
    let changed: Vec<bool> = scenes.filter_map(|seen| seen.changed).collect();
    share(&changed, |changed| *changed)
}

fn share<T>(all: &[T], is: impl Fn(&T) -> bool) -> Option<f64> {
    (!all.is_empty()).then(|| all.iter().filter(|one| is(one)).count() as f64 / all.len() as f64)
}

/// The mean, if all are known and there is one.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().copied().collect::<Option<_>>()?;
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// How often one of the former is above one of the latter; ties are half.
pub fn auc(above: &[f64], below: &[f64]) -> Option<f64> {
    if above.is_empty() || below.is_empty() {
        return None;
    }
    let mut sorted = below.to_vec();
    sorted.sort_by(f64::total_cmp);
    let won: f64 = above
        .iter()
        .map(|value| {
            let less = sorted.partition_point(|other| other < value);
            let not_more = sorted.partition_point(|other| other <= value);
            (less + not_more) as f64 / 2.0
        })
        .sum();
    Some(won / (above.len() * below.len()) as f64)
}

/// Between which figures 95 of 100 resampled sets lie.
fn interval(above: &[f64], below: &[f64]) -> Option<[f64; 2]> {
    auc(above, below)?;
    let mut random = fastrand::Rng::with_seed(1);
    let mut found: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let mut draw = |from: &[f64]| -> Vec<f64> {
                from.iter()
                    .map(|_| from[random.usize(..from.len())])
                    .collect()
            };
            auc(&draw(above), &draw(below))
        })
        .collect();
    found.sort_by(f64::total_cmp);
    Some([found[RESAMPLES / 40], found[RESAMPLES - 1 - RESAMPLES / 40]])
}

fn auc_by_things(scenes: &[Seen]) -> BTreeMap<String, BTreeMap<usize, f64>> {
    let mut out = BTreeMap::new();
    for severity in severities(scenes) {
        let mut by_count: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        let these = scenes.iter().filter(|seen| seen.scene.severity == severity);
        for seen in these.filter(|seen| seen.scene.aside.is_empty()) {
            by_count
                .entry(seen.scene.things.len())
                .or_default()
                .push(seen.mess());
        }
        let clean = by_count.remove(&0).unwrap_or_default();
        let figures: BTreeMap<usize, f64> = by_count
            .into_iter()
            .filter_map(|(count, mess)| Some((count, auc(&mess, &clean)?)))
            .collect();
        if !figures.is_empty() {
            out.insert(severity, figures);
        }
    }
    out
}

fn rank_correlations(scenes: &[Seen]) -> BTreeMap<String, f64> {
    let mut rooms: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for seen in scenes.iter().filter(|seen| seen.scene.aside.is_empty()) {
        let point = (seen.mess(), seen.scene.things.len() as f64);
        rooms.entry(&seen.scene.room).or_default().push(point);
    }
    rooms
        .into_iter()
        .filter_map(|(room, points)| Some((room.to_owned(), spearman(&points)?)))
        .collect()
}

/// Spearman's rank correlation, ties by their mean rank; `None` if one side
/// does not vary.
fn spearman(points: &[(f64, f64)]) -> Option<f64> {
    let ranks = |values: Vec<f64>| -> Vec<f64> {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = |value: &f64| {
            let less = sorted.partition_point(|other| other < value);
            let not_more = sorted.partition_point(|other| other <= value);
            (less + not_more) as f64 / 2.0
        };
        values.iter().map(rank).collect()
    };
    let a = ranks(points.iter().map(|p| p.0).collect());
    let b = ranks(points.iter().map(|p| p.1).collect());
    let middle = points.len() as f64 / 2.0;
    let sum = |a: &[f64], b: &[f64]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - middle) * (b - middle))
            .sum()
    };
    let spread = (sum(&a, &a) * sum(&b, &b)).sqrt();
    (spread > 0.0).then(|| sum(&a, &b) / spread)
}

/// Recall of things and precision of boxes, over all looks with nothing but things in them.
fn regions(scenes: &[Seen]) -> (Option<f64>, Option<f64>) {
    let (mut found, mut right) = (Vec::new(), Vec::new());
    for seen in scenes.iter().filter(|seen| seen.scene.aside.is_empty()) {
        let things: Vec<Region> = seen.scene.things.iter().flatten().copied().collect();
        let boxes: Vec<Region> = seen
            .answer
            .new
            .iter()
            .filter_map(|task| task.region)
            .collect();
        for thing in &things {
            if thing.width * thing.height >= SMALLEST {
                found.push(covered(*thing, &boxes) >= QUARTER);
            }
        }
        if !things.is_empty() {
            right.extend(boxes.iter().map(|one| covered(*one, &things) >= QUARTER));
        }
    }
    (share(&found, |is| *is), share(&right, |is| *is))
}

/// The share of a box that others cover, on a grid of its own.
fn covered(one: Region, others: &[Region]) -> f32 {
    const STEPS: u8 = 24;
    let at =
        |i: u8, from: f32, length: f32| from + length * (f32::from(i) + 0.5) / f32::from(STEPS);
    let inside = (0..STEPS)
        .flat_map(|i| (0..STEPS).map(move |j| (i, j)))
        .filter(|(i, j)| {
            let (x, y) = (at(*i, one.x, one.width), at(*j, one.y, one.height));
            others.iter().any(|other| {
                (other.x..other.x + other.width).contains(&x)
                    && (other.y..other.y + other.height).contains(&y)
            })
        });
    inside.count() as f32 / f32::from(STEPS).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_counted_and_ties_are_half() {
        assert_eq!(auc(&[3.0, 4.0], &[1.0, 2.0]), Some(1.0));
        assert_eq!(auc(&[1.0, 2.0], &[3.0, 4.0]), Some(0.0));
        assert_eq!(auc(&[1.0, 2.0], &[1.0, 2.0]), Some(0.5));
        assert_eq!(auc(&[], &[1.0]), None);
        let [low, high] = interval(&[3.0, 4.0, 1.5], &[1.0, 2.0, 3.5]).unwrap();
        assert!(low < 0.67 && high > 0.67 && low >= 0.0 && high <= 1.0);
    }

    #[test]
    fn ranks_not_values_are_correlated() {
        let points = [(1.0, 1.0), (5.0, 2.0), (90.0, 3.0), (91.0, 20.0)];
        assert!((spearman(&points).unwrap() - 1.0).abs() < 1e-9);
        let turned: Vec<_> = points.iter().map(|(a, b)| (-a, *b)).collect();
        assert!((spearman(&turned).unwrap() + 1.0).abs() < 1e-9);
        assert_eq!(spearman(&[(1.0, 2.0), (1.0, 3.0)]), None);
    }

    #[test]
    fn coverage_counts_overlap_once() {
        let square = |x: f32, width: f32| Region {
            x,
            y: 0.0,
            width,
            height: 1.0,
        };
        let half = [square(0.0, 0.5), square(0.0, 0.5)];
        assert!((covered(square(0.0, 1.0), &half) - 0.5).abs() < 0.05);
        assert!(covered(square(0.6, 0.4), &half) < 0.01);
    }
}
