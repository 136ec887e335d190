//! Two things that go wrong at once, drawn by chance: nobody can be told of
//! everything then, but nothing may be lost, and all must come back.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::time::sleep;

use super::{Borne, FAULTS, Fault, Stage};
use crate::selftest::truth;

/// How many a whole run has.
pub const PAIRS: u32 = 60;
/// How long both last.
const LASTS: Duration = Duration::from_secs(10);
/// Between the names of the two.
pub const AND: &str = " + ";

pub type Pair = [&'static Fault; 2];

/// Pairs of different families that can be made; the same seed gives the same.
pub fn drawn(number: u32, seed: u64, can: impl Fn(&Fault) -> bool) -> Vec<Pair> {
    let mut random = fastrand::Rng::with_seed(seed);
    let faults: Vec<&Fault> = FAULTS.iter().filter(|fault| can(fault)).collect();
    (0..number)
        .filter_map(|_| {
            let first = *faults.get(random.usize(..faults.len().max(1)))?;
            let others = faults.iter().filter(|other| other.family != first.family);
            let others: Vec<&&Fault> = others.collect();
            let second = **others.get(random.usize(..others.len().max(1)))?;
            // A new process starts before the other thing goes wrong.
            Some(if second.replaces {
                [second, first]
            } else {
                [first, second]
            })
        })
        .collect()
}

pub fn name(pair: &Pair) -> String {
    pair.map(|fault| fault.name).join(AND)
}

/// What is said of a pair that could not be made or mended.
pub fn failed(pair: &Pair, why: &anyhow::Error) -> Borne {
    Borne {
        fault: name(pair),
        told_after: None,
        sentence: None,
        must_be_told: false,
        recovered_after: None,
        recovers_within: 0.0,
        discrepancies: vec![format!("{why:#}")],
    }
}

impl Stage {
    pub(super) async fn bear_both(&mut self, pair: &Pair) -> anyhow::Result<Borne> {
        let [first, second] = pair;
        let after = first.before.other();
        let within = first.recovers_within + second.recovers_within;
        let mut discrepancies = self.before(first.before).await;
        let pid = self.service()?.pid();
        for fault in pair {
            (fault.breaks)(self).await.context("breaking it")?;
        }
        self.change_behind(after).await;
        sleep(LASTS).await;
        for fault in pair {
            (fault.mends)(self).await.context("mending it")?;
        }
        // What one fault saw may be the other's doing.
        self.noted.clear();
        truth::look_everywhere(&self.home).await;
        let mended = Instant::now();
        let (recovered_after, wrong) = self.recovers(after, mended, within).await?;
        discrepancies.extend(wrong);
        let replaced = pair.iter().any(|fault| fault.replaces);
        discrepancies.extend(self.is_the_same(pid, replaced)?);
        Ok(Borne {
            fault: name(pair),
            told_after: None,
            sentence: None,
            must_be_told: false,
            recovered_after,
            recovers_within: within.as_secs_f64(),
            discrepancies,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_of_two_families_and_the_same_seed_gives_the_same() {
        let names = |seed| {
            let pairs = drawn(PAIRS, seed, |_| true);
            pairs.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        let pairs = drawn(500, 3, |_| true);
        assert_eq!(pairs.len(), 500);
        for [first, second] in &pairs {
            assert_ne!(first.family, second.family);
            assert!(!second.replaces, "{}", second.name);
        }
        for fault in FAULTS {
            let drawn = |pair: &Pair| pair.iter().any(|one| one.name == fault.name);
            assert!(pairs.iter().any(drawn), "{}", fault.name);
        }
        assert!(drawn(5, 1, |_| false).is_empty());
    }
}
