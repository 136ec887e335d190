//! A picture's likeness for telling whether the scene changed: brightness and
//! colour on a coarse grid, with the light taken out.
//!
//! In logarithms a lamp or a cloud adds a constant, a tinted one to each colour
//! another, and a camera's gamma is a factor. Subtracting the mean of the
//! surroundings takes the former out, dividing by their spread most of the
//! latter. `domain::change` compares; the constants were tuned on photographs of
//! rooms with and without a pasted cup, in changed light, shifted and re-encoded.

use image::RgbImage;

use super::{
    mask::Hidden,
    quality::luma,
    shrink::{by_area, fitted},
};
use crate::domain::change::Fingerprint;

/// Cells along the long edge: 6.4 pixels of a 1024-pixel picture each, so that
/// a cup covers several.
const LONG_EDGE: u32 = 160;
/// How far the surroundings of a cell reach (sigma of a Gaussian, in cells).
const SURROUNDINGS: f32 = 4.3;
/// Logarithms are stretched to about the range of brightness.
const STRETCH: f32 = 40.0;
/// Added before the logarithm, so that noise in the dark is no scene. The
/// colour of dark things is noisier still.
const DARK: f32 = 24.0;
const DARK_COLOUR: f32 = 40.0;
/// So much spread is assumed even on a plain wall.
const SPREAD: f32 = 16.0;
const SPREAD_COLOUR: f32 = 22.0;
/// Brightness from which a pixel is burnt out, and the share of such pixels
/// that makes a cell so.
const BURNT_OUT: u8 = 250;
const BURNT_SHARE: f32 = 0.2;
/// Red and blue differ by less than this on average in a picture without colours.
const GREY: u64 = 2;

/// The likeness of a picture as it is judged. What is hidden is like what lies
/// beyond the edge: it is nobody's surroundings, and never changes.
pub fn of(picture: &RgbImage, hidden: Option<&Hidden>) -> Fingerprint {
    let full = (picture.width(), picture.height());
    let grid = fitted(full.0, full.1, LONG_EDGE);
    let (columns, rows) = (grid.0 as usize, grid.1 as usize);
    let small = by_area::<3>(picture.as_raw(), full, grid);
    let log = |value: u8, dark: f32| STRETCH * (f32::from(value) + dark).ln();

    let luma_small = luma(&small);
    let brightness = luma_small.iter().map(|v| log(*v, DARK)).collect();
    let colour = small
        .chunks_exact(3)
        .map(|p| log(p[0], DARK_COLOUR) - log(p[2], DARK_COLOUR))
        .collect();

    // A camera's own colour noise and its encoder's stay below this.
    let saturation: u64 = small
        .chunks_exact(3)
        .map(|p| u64::from(p[0].abs_diff(p[2])))
        .sum();
    let grey = saturation < GREY * (columns * rows) as u64;

    let shown: Option<Vec<f32>> = hidden.map(|hidden| {
        let cells = hidden.cells(grid).into_iter();
        cells.map(|hidden| f32::from(u8::from(!hidden))).collect()
    });

    let mut glare = luma(picture.as_raw());
    for v in &mut glare {
        *v = if *v >= BURNT_OUT { 255 } else { 0 };
    }
    let burnt_out = by_area::<1>(&glare, full, grid)
        .into_iter()
        .map(|v| f32::from(v) > BURNT_SHARE * 255.0)
        .collect();

    Fingerprint {
        columns: columns as u16,
        rows: rows as u16,
        brightness: standing_out(brightness, shown.as_deref(), columns, rows, SPREAD),
        colour: standing_out(colour, shown.as_deref(), columns, rows, SPREAD_COLOUR),
        burnt_out,
        grey,
    }
}

/// How each cell differs from its surroundings, in units of their spread.
/// `shown`: 1 for each cell that counts, 0 for the others.
fn standing_out(
    mut cells: Vec<f32>,
    shown: Option<&[f32]>,
    columns: usize,
    rows: usize,
    spread: f32,
) -> Vec<i8> {
    let means = surroundings(&cells, shown, columns, rows);
    for (cell, mean) in cells.iter_mut().zip(means) {
        *cell -= mean;
    }
    let squares: Vec<f32> = cells.iter().map(|v| v * v).collect();
    let variances = surroundings(&squares, shown, columns, rows);
    for (cell, variance) in cells.iter_mut().zip(variances) {
        *cell /= variance.sqrt() + spread;
    }
    if let Some(shown) = shown {
        for (cell, shown) in cells.iter_mut().zip(shown) {
            *cell *= shown;
        }
    }
    cells.into_iter().map(Fingerprint::step).collect()
}

/// The mean of each cell's surroundings, of the cells that count.
fn surroundings(cells: &[f32], shown: Option<&[f32]>, columns: usize, rows: usize) -> Vec<f32> {
    let Some(shown) = shown else {
        return blurred(cells, columns, rows);
    };
    let counted: Vec<f32> = cells.iter().zip(shown).map(|(c, s)| c * s).collect();
    let mut means = blurred(&counted, columns, rows);
    for (mean, weight) in means.iter_mut().zip(blurred(shown, columns, rows)) {
        // Far inside of what is hidden there is nothing to go by.
        *mean /= weight.max(1e-3);
    }
    means
}

/// The Gaussian mean of each cell's surroundings; beyond the edge lies nothing.
fn blurred(cells: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    let reach = (SURROUNDINGS * 3.0).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach)
        .map(|d| (-0.5 * (d as f32 / SURROUNDINGS).powi(2)).exp())
        .collect();
    let along = |cells: &[f32], length: usize, step: usize, start: usize, out: &mut [f32]| {
        for i in 0..length {
            let (mut sum, mut total) = (0.0, 0.0);
            for (d, weight) in (-reach..=reach).zip(&weights) {
                if let Some(at) = i.checked_add_signed(d).filter(|at| *at < length) {
                    sum += weight * cells[start + at * step];
                    total += weight;
                }
            }
            out[start + i * step] = sum / total;
        }
    };
    let mut across = vec![0.0; cells.len()];
    for y in 0..rows {
        along(cells, columns, 1, y * columns, &mut across);
    }
    let mut both = vec![0.0; cells.len()];
    for x in 0..columns {
        along(&across, rows, columns, x, &mut both);
    }
    both
}
