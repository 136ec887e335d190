//! How two likenesses lie over each other: by how much the camera was shifted,
//! or that it looks elsewhere.

use super::Fingerprint;

/// How a picture is shifted against its reference, in half cells: what the
/// picture shows at x, the reference shows at x − shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    pub right: i32,
    pub down: i32,
}

impl Shift {
    /// The reference's cell (the nearest) that a picture's cell is compared with.
    pub fn source(self, cell: usize, columns: usize, rows: usize) -> Option<usize> {
        let x = (cell % columns).checked_add_signed(-((self.right + 1) >> 1) as isize)?;
        let y = (cell / columns).checked_add_signed(-((self.down + 1) >> 1) as isize)?;
        (x < columns && y < rows).then_some(y * columns + x)
    }
}

/// A coarse cell is so many fine ones each way.
const COARSE: usize = 4;
/// How far, in coarse cells, a moved camera is looked for …
const FAR: (i32, i32) = (10, 5);
/// … and how far a mount may have sagged without being a moved camera: 16
/// pixels of a 640-pixel picture.
const NEAR: i32 = 1;
/// Two pictures of one view agree at least so well (correlation of coarse
/// cells), whatever the light and the mess: rooms by day against the same in
/// the evening with twenty things about reach 0.46, other views 0.20.
const SAME_VIEW: f32 = 0.28;
/// How many half cells around the coarse answer are tried.
const FINE: i32 = 5;
/// Beyond this a cell's difference does not speak about the shift.
const ENOUGH: i32 = 19;

/// By how much `now` is shifted; `None` if it shows another view.
pub fn shift(reference: &Fingerprint, now: &Fingerprint) -> Option<Shift> {
    if reference.size() != now.size() || now.brightness.is_empty() {
        return None;
    }
    let (columns, rows) = now.size();
    let size = (columns.div_ceil(COARSE), rows.div_ceil(COARSE));
    let then = coarse(&reference.brightness, (columns, rows), size);
    let here = coarse(&now.brightness, (columns, rows), size);
    let (mut near, mut far) = ((f32::MIN, 0, 0), f32::MIN);
    for down in -FAR.1..=FAR.1 {
        for right in -FAR.0..=FAR.0 {
            let agree = agreement(&then, &here, size, (right, down));
            if right.abs() <= NEAR && down.abs() <= NEAR {
                if agree > near.0 {
                    near = (agree, right, down);
                }
            } else {
                far = far.max(agree);
            }
        }
    }
    if near.0 < SAME_VIEW || far > near.0 {
        return None;
    }
    let half_cells = 2 * COARSE as i32;
    Some(refined(
        reference,
        now,
        Shift {
            right: near.1 * half_cells,
            down: near.2 * half_cells,
        },
    ))
}

/// First whole cells around the coarse answer, then halves around the best.
fn refined(reference: &Fingerprint, now: &Fingerprint, about: Shift) -> Shift {
    let mut best = (f32::MAX, about);
    let mut consider = |right: i32, down: i32| {
        let shift = Shift { right, down };
        let off = distance(reference, now, shift);
        if off < best.0 {
            best = (off, shift);
        }
        best.1
    };
    // Nothing moved is the likeliest: on a tie it stands.
    consider(0, 0);
    let whole = FINE / 2;
    for down in -whole..=whole {
        for right in -whole..=whole {
            consider(about.right + 2 * right, about.down + 2 * down);
        }
    }
    let middle = consider(about.right, about.down);
    for down in -1..=1 {
        for right in -1..=1 {
            consider(middle.right + right, middle.down + down);
        }
    }
    consider(middle.right, middle.down)
}

/// The mean difference of the cells away from the border, each up to `ENOUGH`.
/// Every second cell of every second row is enough to tell shifts apart.
fn distance(reference: &Fingerprint, now: &Fingerprint, shift: Shift) -> f32 {
    let (columns, rows) = now.size();
    let edge = 8.min(columns / 4).min(rows / 4);
    let (mut sum, mut count) = (0_i32, 0_i32);
    for y in (edge..rows - edge).step_by(2) {
        for x in (edge..columns - edge).step_by(2) {
            if let Some(then) = at(&reference.brightness, (columns, rows), (x, y), shift) {
                let now = i32::from(now.brightness[y * columns + x]) * 4;
                sum += (now - then).abs().min(ENOUGH * 4);
                count += 1;
            }
        }
    }
    if count == 0 {
        f32::MAX
    } else {
        sum as f32 / count as f32
    }
}

/// Four times a cell's value under a shift of half cells (the mean of up to four cells).
fn at(cells: &[i8], size: (usize, usize), (x, y): (usize, usize), shift: Shift) -> Option<i32> {
    let (columns, rows) = size;
    let x2 = 2 * x as i32 - shift.right;
    let y2 = 2 * y as i32 - shift.down;
    let (x0, y0) = (x2 >> 1, y2 >> 1);
    let (x1, y1) = (x0 + (x2 & 1), y0 + (y2 & 1));
    if x0 < 0 || y0 < 0 || x1 >= columns as i32 || y1 >= rows as i32 {
        return None;
    }
    let cell = |x: i32, y: i32| i32::from(cells[y as usize * columns + x as usize]);
    Some(cell(x0, y0) + cell(x1, y0) + cell(x0, y1) + cell(x1, y1))
}

/// The reference's cells as they lie under the picture's; `None` beyond its edge.
pub fn shifted(cells: &[i8], size: (usize, usize), shift: Shift) -> Vec<Option<f32>> {
    let (columns, rows) = size;
    (0..columns * rows)
        .map(|i| {
            at(cells, size, (i % columns, i / columns), shift)
                .map(|four| four as f32 * Fingerprint::STEP / 4.0)
        })
        .collect()
}

/// Means of `COARSE` × `COARSE` cells.
fn coarse(cells: &[i8], (columns, rows): (usize, usize), size: (usize, usize)) -> Vec<f32> {
    let mut out = Vec::with_capacity(size.0 * size.1);
    for y in 0..size.1 {
        for x in 0..size.0 {
            let (x, y) = (x * COARSE, y * COARSE);
            let (mut sum, mut count) = (0, 0);
            for y in y..(y + COARSE).min(rows) {
                for x in x..(x + COARSE).min(columns) {
                    sum += i32::from(cells[y * columns + x]);
                    count += 1;
                }
            }
            out.push(sum as f32 / count as f32);
        }
    }
    out
}

/// The correlation of what both show under a shift, −1 to 1; of blank views 1.
fn agreement(then: &[f32], now: &[f32], size: (usize, usize), shift: (i32, i32)) -> f32 {
    let mut pairs = Vec::with_capacity(then.len());
    for y in 0..size.1 as i32 {
        for x in 0..size.0 as i32 {
            let (x_then, y_then) = (x - shift.0, y - shift.1);
            if (0..size.0 as i32).contains(&x_then) && (0..size.1 as i32).contains(&y_then) {
                let index = |x: i32, y: i32| y as usize * size.0 + x as usize;
                pairs.push((then[index(x_then, y_then)], now[index(x, y)]));
            }
        }
    }
    let count = pairs.len().max(1) as f32;
    let sums = pairs
        .iter()
        .fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    let means = (sums.0 / count, sums.1 / count);
    let (mut variance_then, mut variance_now, mut shared) = (0.0_f32, 0.0_f32, 0.0_f32);
    for pair in pairs {
        let off = (pair.0 - means.0, pair.1 - means.1);
        variance_then += off.0 * off.0;
        variance_now += off.1 * off.1;
        shared += off.0 * off.1;
    }
    // So little structure that nothing could be told: a wall.
    if variance_then < count && variance_now < count {
        return if shift == (0, 0) { 1.0 } else { f32::MIN };
    }
    shared / (variance_then * variance_now).sqrt().max(1e-6)
}
