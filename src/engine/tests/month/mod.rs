//! A month in a household, many times over: the real engine with its store,
//! its chain of providers and its lists, in paused time. Messes come and go,
//! people tick, delete, rename, clear and add, set and say things; Home
//! Assistant, camera, provider and disk fail; the service is stopped and
//! killed; options change. What must hold always is in `laws`.
//!
//! A month is made from its seed alone. `AICLEANER_MONTHS` says how many are
//! lived, `AICLEANER_MONTH` the seed of the first. A month that breaks a law is
//! told with its seed and the fewest steps that still break it.

mod home;
mod laws;
mod life;
mod service;
mod settled;
mod steps;
mod words;

use super::household_world::list;
use life::live;
use steps::{Step, steps};

const ROOMS: usize = 3;
/// For each room.
const MESSES: usize = 4;
/// Months of an ordinary run, some seconds each.
const MONTHS: u64 = 2;
/// Attempts at making a list of steps shorter.
const MOST_ATTEMPTS: usize = 150;

fn number(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(default, |text| text.parse().expect("a number"))
}

/// Lives every second month from `first` on.
fn months(first: u64) {
    let seed = number("AICLEANER_MONTH", 1);
    let count = number("AICLEANER_MONTHS", MONTHS);
    for seed in (seed..seed + count).skip(first as usize).step_by(2) {
        let steps = steps(seed);
        if let Err(broken) = live(seed, &steps) {
            let (fewest, broken) = shortest(seed, steps, broken);
            let list: Vec<String> = fewest.iter().map(|step| format!("  {step:?}")).collect();
            panic!(
                "month {seed}: {broken}\nAICLEANER_MONTH={seed} AICLEANER_MONTHS=1 lives it again. The fewest steps that break it:\n{}",
                list.join("\n")
            );
        }
    }
}

#[test]
fn a_month_doubles_loses_and_resurrects_nothing_and_is_no_nuisance() {
    months(0);
}

#[test]
fn another_month_as_well() {
    months(1);
}

/// Leaves out what can be left out: large pieces first, single steps last.
fn shortest(seed: u64, mut steps: Vec<Step>, mut broken: String) -> (Vec<Step>, String) {
    let mut attempts = 0;
    let mut piece = steps.len().div_ceil(2);
    while piece > 0 && attempts < MOST_ATTEMPTS {
        let mut at = 0;
        while at < steps.len() && attempts < MOST_ATTEMPTS {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + piece).min(fewer.len()));
            attempts += 1;
            match live(seed, &fewer) {
                Err(sentence) => (steps, broken) = (fewer, sentence),
                Ok(()) => at += piece,
            }
        }
        piece /= 2;
    }
    (steps, broken)
}
