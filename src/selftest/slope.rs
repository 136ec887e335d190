//! How fast something grows: the Theil–Sen slope, the median of the slopes
//! between all pairs of points, with the interval of Sen (1968). A few wild
//! points do not move it.

/// Points that are looked at; more are thinned out, or the pairs become too many.
const MOST: usize = 400;
/// Fewer say nothing.
const LEAST: usize = 10;
/// Of the normal distribution, for 95 %.
const Z: f64 = 1.96;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Units of y for each unit of x.
    pub value: f64,
    /// 95 % of what would be seen lies between these.
    pub low: f64,
    pub high: f64,
}

/// `None`: too few points.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few hundred points, and ranks among their pairs"
)]
pub fn slope(points: &[(f64, f64)]) -> Option<Slope> {
    if points.len() < LEAST {
        return None;
    }
    let step = points.len().div_ceil(MOST);
    let points: Vec<_> = points.iter().step_by(step).collect();
    let n = points.len() as f64;
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (place, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[place + 1..] {
            if later_x > x {
                slopes.push((later_y - y) / (later_x - x));
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let last = slopes.len() - 1;
    let spread = Z * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let pairs = slopes.len() as f64;
    let at = |rank: f64| slopes[(rank.max(0.0) as usize).min(last)];
    Some(Slope {
        value: slopes[slopes.len() / 2],
        low: at((pairs - spread) / 2.0),
        high: at(pairs.midpoint(spread) + 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noisy(slope: f64, number: u32) -> Vec<(f64, f64)> {
        let mut random = fastrand::Rng::with_seed(3);
        (0..number)
            .map(|n| {
                let x = f64::from(n) / 100.0;
                (x, 20.0 + slope * x + random.f64() - 0.5)
            })
            .collect()
    }

    #[test]
    fn growth_is_found_and_rest_is_not_taken_for_it() {
        let growing = slope(&noisy(2.0, 1000)).unwrap();
        assert!(growing.low > 1.9 && growing.high < 2.1, "{growing:?}");
        let resting = slope(&noisy(0.0, 1000)).unwrap();
        assert!(
            resting.low < 0.0 && resting.high > 0.0 && resting.high < 0.1,
            "{resting:?}"
        );
    }

    #[test]
    fn a_few_wild_points_do_not_move_it() {
        let mut points = noisy(0.0, 500);
        for point in points.iter_mut().skip(480) {
            point.1 += 100.0;
        }
        let found = slope(&points).unwrap();
        assert!(found.value.abs() < 0.2, "{found:?}");
    }

    #[test]
    fn a_short_run_has_a_wide_interval_and_a_shorter_one_none() {
        let short = slope(&noisy(0.0, 20)).unwrap();
        assert!(short.high - short.low > 1.0, "{short:?}");
        assert_eq!(slope(&noisy(0.0, 5)), None);
    }
}
