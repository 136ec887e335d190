//! Whether a picture shows enough to be judged. It errs towards judging: a dim
//! evening room and a soft lens pass.
//!
//! The limits were set on 212 photographs of rooms and on versions of them made
//! dark, bright and blurred: all originals pass with a wide margin (in brackets).

use image::RgbImage;

use super::{
    mask::Hidden,
    shrink::{by_area, fitted},
};
use crate::domain::gate::Unusable;

/// Brightness (0–255) that at least a twentieth of a picture reaches, else it is
/// black. Rooms at 15 % of daylight reach 20, at 8 % about 18, a covered lens
/// with noise 3 (photographs: 130).
const BLACK: f32 = 16.0;
/// Share of burnt-out pixels above which a picture is overexposed (photographs:
/// 0.25 at most; with the light turned up two and a half times 0.66).
const OVEREXPOSED: f32 = 0.7;
/// Brightness from which a pixel counts as burnt out.
const BURNT_OUT: u8 = 250;
/// Between the darkest and the brightest hundredth of a picture there is more
/// than this, or nothing can be seen in it (photographs: 155).
const FLAT: f32 = 10.0;
/// The steepest edges in a picture of 256 pixels rise by more than this share
/// of its contrast from one pixel to the next (photographs: 0.18). A blur of
/// sigma 5 always stays below, of sigma 2 hardly ever.
const BLURRED: f32 = 0.08;
/// Edges are looked for in so many parts each way …
const PARTS: usize = 4;
/// … and this many parts may be sharper than the one that counts: a clock
/// printed into the picture stays sharp whatever the lens does.
const PRINTED: usize = 4;

/// Long edge of what is looked at here, in pixels.
const LONG_EDGE: u32 = 256;

/// Refuses what is black, overexposed or blurred. What is hidden does not count.
pub fn check(picture: &RgbImage, hidden: Option<&Hidden>) -> Result<(), Unusable> {
    let full = (picture.width(), picture.height());
    let luma = luma(picture.as_raw());
    let (width, height) = fitted(full.0, full.1, LONG_EDGE);
    let small = by_area::<1>(&luma, full, (width, height));
    let is_hidden = hidden.map(|hidden| hidden.cells((width, height)));
    let is_hidden = is_hidden.unwrap_or_else(|| vec![false; small.len()]);
    let seen: Vec<u8> = (small.iter().zip(&is_hidden))
        .filter_map(|(v, hidden)| (!hidden).then_some(*v))
        .collect();
    if seen.is_empty() {
        return Err(Unusable::NotMasked("its mask hides everything".into()));
    }
    let (mut burnt, mut whole) = (0_usize, luma.len());
    for (i, v) in luma.iter().enumerate() {
        if hidden.is_some_and(|hidden| hidden.pixels()[i] != 0) {
            whole -= 1;
        } else if *v >= BURNT_OUT {
            burnt += 1;
        }
    }

    let share_above = share_quantiles(&seen);
    let contrast = share_above(0.01) - share_above(0.99);
    if share_above(0.05) < BLACK {
        return Err(Unusable::Black);
    }
    if burnt as f32 > OVEREXPOSED * whole as f32 {
        return Err(Unusable::Overexposed);
    }
    if contrast < FLAT {
        let bright = share_above(0.5) >= 200.0;
        return Err(if bright {
            Unusable::Overexposed
        } else {
            Unusable::Blurred
        });
    }
    if steepness(&small, &is_hidden, width as usize, height as usize) < BLURRED * contrast {
        return Err(Unusable::Blurred);
    }
    Ok(())
}

/// Brightness (ITU-R BT.601), one byte a pixel.
pub fn luma(rgb: &[u8]) -> Vec<u8> {
    rgb.chunks_exact(3)
        .map(|p| {
            let weighted = 77 * u32::from(p[0]) + 150 * u32::from(p[1]) + 29 * u32::from(p[2]);
            (weighted >> 8) as u8
        })
        .collect()
}

/// A function that tells which value a given share of the pixels reaches.
fn share_quantiles(pixels: &[u8]) -> impl Fn(f32) -> f32 {
    let mut counts = [0_u32; 256];
    for v in pixels {
        counts[usize::from(*v)] += 1;
    }
    let total = pixels.len() as f32;
    move |share| {
        let mut above = 0;
        let mut value = 255;
        for (v, count) in counts.iter().enumerate().rev() {
            above += count;
            value = v;
            if above as f32 >= share * total {
                break;
            }
        }
        value as f32
    }
}

/// The step from pixel to pixel at the steepest edges (99th percentile) of the
/// part that ranks after the `PRINTED` sharpest; of fewer parts where the
/// others are hidden. The edges of what is hidden are none.
fn steepness(pixels: &[u8], hidden: &[bool], width: usize, height: usize) -> f32 {
    let mut parts: Vec<f32> = (0..PARTS * PARTS)
        .filter_map(|part| {
            let rows = part_of(height.saturating_sub(1), part / PARTS);
            let columns = part_of(width.saturating_sub(1), part % PARTS);
            let mut steps = [0_u8; 256].map(usize::from);
            let mut total = 0;
            for y in rows.clone() {
                for x in columns.clone() {
                    let at = y * width + x;
                    if hidden[at] || hidden[at + 1] || hidden[at + width] {
                        continue;
                    }
                    let here = pixels[at];
                    let right = here.abs_diff(pixels[at + 1]);
                    let below = here.abs_diff(pixels[at + width]);
                    steps[usize::from(right.max(below))] += 1;
                    total += 1;
                }
            }
            // What hardly shows has no say.
            let size = rows.len() * columns.len();
            if size > 0 && total * 8 < size {
                return None;
            }
            let mut above = 0;
            let steep = steps.iter().enumerate().rev().find(|(_, count)| {
                above += **count;
                above * 100 > total
            });
            Some(steep.map_or(0.0, |(step, _)| step as f32))
        })
        .collect();
    parts.sort_by(|a, b| b.total_cmp(a));
    let rank = PRINTED * parts.len() / (PARTS * PARTS);
    parts.get(rank).copied().unwrap_or(f32::MAX)
}

fn part_of(length: usize, part: usize) -> std::ops::Range<usize> {
    length * part / PARTS..length * (part + 1) / PARTS
}
