//! What changed between two pictures of a fixed camera: the one comparison that
//! the unchanged gate and the embedded judge share.
//!
//! Two fingerprints (`imaging::fingerprint` makes them) are laid over each other,
//! shifted by what a shaky mount shifts, and compared cell by cell. Against
//! several references each cell counts by the one it resembles most, so that a
//! room may be known by day, in the evening and in infrared.

mod align;

use super::task::Region;
use align::Shift;

/// A small, light-normalised likeness of a picture. About 30 kB.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    /// Cells per row and rows.
    pub columns: u16,
    pub rows: u16,
    /// Row by row, how each cell stands out from its surroundings, in brightness …
    pub brightness: Vec<i8>,
    /// … and in colour, from blue to red; both in steps of `STEP`.
    pub colour: Vec<i8>,
    /// Which cells were too bright for the camera: their brightness is the least
    /// it can be, their colour unknown.
    pub burnt_out: Vec<bool>,
    /// Whether the picture has no colours, as infrared has none.
    pub grey: bool,
}

impl Fingerprint {
    /// What one step of `brightness` and `colour` is worth.
    pub const STEP: f32 = 1.0 / 32.0;

    /// The nearest step to a value.
    pub fn step(value: f32) -> i8 {
        (value / Self::STEP).round().clamp(-127.0, 127.0) as i8
    }

    fn size(&self) -> (usize, usize) {
        (usize::from(self.columns), usize::from(self.rows))
    }
}

/// How far a cell must have changed for something to be there. In an untouched
/// room hardly any cell comes so far, whatever the light; one cup does.
/// Set on the rooms of `tools/rooms` that constants may be set on.
pub const HOT: f32 = 0.30;
/// Around a cell that did, cells that changed this much belong to the same thing.
const WARM: f32 = 0.20;
/// Of a change in brightness so much counts: light changes brightness sooner
/// than colour …
const BRIGHTNESS: f32 = 0.5;
/// … but where there are no colours, it is all there is.
const BRIGHTNESS_ALONE: f32 = 0.75;
/// Cells along the border that are not looked at: they have half a surroundings.
const BORDER: usize = 3;
/// Fewer cells than this, side by side, are no thing.
const SMALLEST: usize = 4;

/// Where and how much a picture differs from its references.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeMap {
    pub columns: usize,
    pub rows: usize,
    /// Row by row; from `HOT` on something came, went or moved there.
    pub cells: Vec<f32>,
    /// None of the references shows the same view: nothing can be said by comparing.
    pub camera_moved: bool,
}

/// Whether something in the scene came, went or moved, other than the light.
pub fn changed(before: &Fingerprint, now: &Fingerprint) -> bool {
    let map = ChangeMap::of(now, std::iter::once(before));
    map.camera_moved || map.is_hot()
}

impl ChangeMap {
    /// Compares a picture with references. Those that show another view are
    /// left out, unless all do.
    pub fn of<'a>(
        now: &Fingerprint,
        references: impl IntoIterator<Item = &'a Fingerprint>,
    ) -> Self {
        let (columns, rows) = now.size();
        let mut cells: Option<Vec<f32>> = None;
        for reference in references {
            let Some(shift) = align::shift(reference, now) else {
                continue;
            };
            let differences = differences(reference, now, shift);
            match &mut cells {
                None => cells = Some(differences),
                Some(least) => {
                    for (least, other) in least.iter_mut().zip(differences) {
                        *least = least.min(other);
                    }
                }
            }
        }
        Self {
            columns,
            rows,
            camera_moved: cells.is_none(),
            cells: cells.unwrap_or_else(|| vec![0.0; columns * rows]),
        }
    }

    /// Whether anything changed.
    pub fn is_hot(&self) -> bool {
        self.cells.iter().any(|cell| *cell >= HOT)
    }

    /// The share of the picture that changed, 0–1.
    pub fn share(&self) -> f32 {
        let hot = self.cells.iter().filter(|cell| **cell >= HOT).count();
        hot as f32 / self.cells.len().max(1) as f32
    }

    /// How far the cell that changed most did.
    pub fn peak(&self) -> f32 {
        self.cells.iter().copied().fold(0.0, f32::max)
    }

    /// The mean change in a part of the picture.
    pub fn mean_in(&self, region: Region) -> f32 {
        let (xs, ys) = self.span(region);
        let mut sum = 0.0;
        let mut count = 0_u32;
        for y in ys {
            for x in xs.clone() {
                sum += self.cells[y * self.columns + x];
                count += 1;
            }
        }
        sum / count.max(1) as f32
    }

    /// The share of a part of the picture that changed, 0–1.
    pub fn share_in(&self, region: Region) -> f32 {
        let (xs, ys) = self.span(region);
        let cells = ys.flat_map(|y| xs.clone().map(move |x| y * self.columns + x));
        let (hot, all) = cells.fold((0_u32, 0_u32), |(hot, all), i| {
            (hot + u32::from(self.cells[i] >= HOT), all + 1)
        });
        hot as f32 / all.max(1) as f32
    }

    fn span(&self, region: Region) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let along = |from: f32, length: f32, cells: usize| {
            let begin = ((from * cells as f32).floor().max(0.0) as usize).min(cells);
            let end = ((from + length) * cells as f32).ceil().max(0.0) as usize;
            begin..end.clamp(begin, cells)
        };
        (
            along(region.x, region.width, self.columns),
            along(region.y, region.height, self.rows),
        )
    }

    /// Boxes around what changed, the largest sum of change first.
    pub fn places(&self) -> Vec<Changed> {
        let mut seen = vec![false; self.cells.len()];
        let mut found = Vec::new();
        for start in 0..self.cells.len() {
            if !seen[start] && self.cells[start] >= HOT {
                let island = self.island(start, &mut seen);
                if island.len() >= SMALLEST {
                    found.push(self.boxed(&island));
                }
            }
        }
        found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        found
    }

    /// All warm cells that hang together with a hot one, one cell of gap allowed.
    fn island(&self, start: usize, seen: &mut [bool]) -> Vec<usize> {
        let (mut island, mut next) = (Vec::new(), vec![start]);
        seen[start] = true;
        while let Some(at) = next.pop() {
            island.push(at);
            let (x, y) = (at % self.columns, at / self.columns);
            for ny in y.saturating_sub(2)..=(y + 2).min(self.rows - 1) {
                for nx in x.saturating_sub(2)..=(x + 2).min(self.columns - 1) {
                    let near = ny * self.columns + nx;
                    if !seen[near] && self.cells[near] >= WARM {
                        seen[near] = true;
                        next.push(near);
                    }
                }
            }
        }
        island
    }

    fn boxed(&self, island: &[usize]) -> Changed {
        let xs = || island.iter().map(|at| at % self.columns);
        let ys = || island.iter().map(|at| at / self.columns);
        let bounds = |least: Option<usize>, most: Option<usize>, count: usize| {
            let (first, last) = (least.unwrap_or(0), most.unwrap_or(0));
            (
                first as f32 / count as f32,
                (last + 1 - first) as f32 / count as f32,
            )
        };
        let (x, width) = bounds(xs().min(), xs().max(), self.columns);
        let (y, height) = bounds(ys().min(), ys().max(), self.rows);
        Changed {
            region: Region {
                x,
                y,
                width,
                height,
            },
            weight: island.iter().map(|at| self.cells[*at]).sum(),
            peak: island.iter().map(|at| self.cells[*at]).fold(0.0, f32::max),
        }
    }
}

/// A place that changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changed {
    pub region: Region,
    /// The sum of its cells' change.
    pub weight: f32,
    pub peak: f32,
}

/// The change of each cell of `now`, 0 where the reference does not reach.
fn differences(reference: &Fingerprint, now: &Fingerprint, shift: Shift) -> Vec<f32> {
    let (columns, rows) = now.size();
    let shifted = |cells: &[i8]| align::shifted(cells, (columns, rows), shift);
    let (then_brightness, then_colour) =
        (shifted(&reference.brightness), shifted(&reference.colour));
    let mut brightness = Vec::with_capacity(columns * rows);
    let mut colour = Vec::with_capacity(columns * rows);
    for i in 0..columns * rows {
        let burnt = (
            shift
                .source(i, columns, rows)
                .is_some_and(|at| reference.burnt_out[at]),
            now.burnt_out[i],
        );
        let moved = match then_brightness[i] {
            Some(then) => f32::from(now.brightness[i]) * Fingerprint::STEP - then,
            None => 0.0,
        };
        // A burnt-out cell may be brighter than it says, never darker.
        brightness.push(match burnt {
            (false, true) => moved.max(0.0),
            (true, false) => moved.min(0.0),
            (true, true) => 0.0,
            (false, false) => moved,
        });
        let known = !burnt.0 && !burnt.1 && !reference.grey && !now.grey;
        colour.push(match then_colour[i].filter(|_| known) {
            Some(then) => f32::from(now.colour[i]) * Fingerprint::STEP - then,
            None => 0.0,
        });
    }
    // Means over some cells, in which noise and the edge of a shadow cancel out.
    let brightness = mean_around(&brightness, columns, rows, 1);
    let colour = mean_around(&colour, columns, rows, 2);
    let share = if reference.grey || now.grey {
        BRIGHTNESS_ALONE
    } else {
        BRIGHTNESS
    };
    let mut out: Vec<f32> = brightness
        .iter()
        .zip(&colour)
        .map(|(b, c)| share * b.abs() + c.abs())
        .collect();
    for (i, cell) in out.iter_mut().enumerate() {
        let (x, y) = (i % columns, i / columns);
        let from_edge = x.min(y).min(columns - 1 - x).min(rows - 1 - y);
        if from_edge < BORDER {
            *cell = 0.0;
        }
    }
    out
}

/// Each cell's mean with those up to `reach` away; beyond the edge lies nothing.
fn mean_around(cells: &[f32], columns: usize, rows: usize, reach: usize) -> Vec<f32> {
    let along = |cells: &[f32], length: usize, step: usize, start: usize, out: &mut [f32]| {
        for i in 0..length {
            let (from, to) = (i.saturating_sub(reach), (i + reach).min(length - 1));
            let sum: f32 = (from..=to).map(|at| cells[start + at * step]).sum();
            out[start + i * step] = sum / (to + 1 - from) as f32;
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

#[cfg(test)]
mod tests;
