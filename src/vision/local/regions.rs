//! Where it is messy, in words a household uses: nine places of a picture.
//!
//! Places rather than exact outlines: the network's cells are coarse, and a
//! name that stays the same when the light changes is worth more than a border.

use super::network::Heat;
use crate::domain::task::Region;

/// One of the nine places of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    column: usize,
    row: usize,
}

/// A place that is only the edge of a messier neighbour has less than this
/// share of its heat: the network's cells see beyond their borders.
const OWN_MESS: f32 = 0.6;

impl Place {
    pub fn all() -> impl Iterator<Item = Self> {
        (0..9).map(|i| Self {
            column: i % 3,
            row: i / 3,
        })
    }

    /// Row by row from the upper left, 0–8.
    pub fn index(self) -> usize {
        self.row * 3 + self.column
    }

    /// Where a box has its middle.
    pub fn of(region: Region) -> Self {
        let third =
            |from: f32, length: f32| (((from + length / 2.0) * 3.0).max(0.0) as usize).min(2);
        Self {
            column: third(region.x, region.width),
            row: third(region.y, region.height),
        }
    }

    /// The ninth of the picture.
    pub fn whole(self) -> Region {
        Region {
            x: self.column as f32 / 3.0,
            y: self.row as f32 / 3.0,
            width: 1.0 / 3.0,
            height: 1.0 / 3.0,
        }
    }

    pub fn touches(self, other: Self) -> bool {
        self.column.abs_diff(other.column) <= 1 && self.row.abs_diff(other.row) <= 1
    }

    /// The mean heat of the cells in this place, each by how much of it lies inside.
    pub fn heat(self, heat: &Heat) -> f32 {
        let mut sum = 0.0;
        for row in 0..heat.rows {
            for column in 0..heat.columns {
                let inside =
                    overlap(self.row, row, heat.rows) * overlap(self.column, column, heat.columns);
                sum += inside * heat.cells[row * heat.columns + column];
            }
        }
        sum
    }

    /// The box around the cells of this place that are at least so hot, else the
    /// whole place.
    fn region(self, heat: &Heat, least: f32) -> Region {
        let cells = || (0..heat.rows).flat_map(|y| (0..heat.columns).map(move |x| (x, y)));
        let hot: Vec<(usize, usize)> = cells()
            .filter(|(x, y)| {
                third(*x, heat.columns) == self.column && third(*y, heat.rows) == self.row
            })
            .filter(|(x, y)| heat.cells[y * heat.columns + x] >= least)
            .collect();
        let (x, width) = extent(hot.iter().map(|cell| cell.0), heat.columns, self.column);
        let (y, height) = extent(hot.iter().map(|cell| cell.1), heat.rows, self.row);
        Region {
            x,
            y,
            width,
            height,
        }
    }
}

/// Where the cells begin and how far they reach, as fractions of the picture;
/// without any, the given third.
fn extent(cells: impl Iterator<Item = usize> + Clone, count: usize, third: usize) -> (f32, f32) {
    match (cells.clone().min(), cells.max()) {
        (Some(first), Some(last)) => (
            first as f32 / count as f32,
            (last + 1 - first) as f32 / count as f32,
        ),
        _ => (third as f32 / 3.0, 1.0 / 3.0),
    }
}

/// The share of a third that a cell covers.
fn overlap(third: usize, cell: usize, cells: usize) -> f32 {
    let (third, cell, cells) = (third as f32, cell as f32, cells as f32);
    let begin = (third / 3.0).max(cell / cells);
    let end = ((third + 1.0) / 3.0).min((cell + 1.0) / cells);
    (end - begin).max(0.0) * 3.0
}

/// The third in which a cell's centre lies.
fn third(cell: usize, cells: usize) -> usize {
    (2 * cell + 1) * 3 / (2 * cells)
}

/// A place with a mess of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Mess {
    pub place: Place,
    /// The network's heat, or how far it changed.
    pub heat: f32,
    pub region: Region,
}

/// The places that are at least so hot and more than the edge of a hotter
/// neighbour, hottest first.
pub fn messes(heat: &Heat, least: f32) -> Vec<Mess> {
    let mut places: Vec<(Place, f32)> = Place::all()
        .map(|place| (place, place.heat(heat)))
        .filter(|(_, h)| *h >= least)
        .collect();
    places.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut messes: Vec<Mess> = Vec::new();
    for (place, h) in places {
        let edge_of = |mess: &Mess| mess.place.touches(place) && h < OWN_MESS * mess.heat;
        if !messes.iter().any(edge_of) {
            messes.push(Mess {
                place,
                heat: h,
                region: place.region(heat, least),
            });
        }
    }
    messes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 9 × 6 cells that is tidy except at the given ones.
    fn heat(hot: &[(usize, usize, f32)]) -> Heat {
        let mut heat = Heat {
            columns: 9,
            rows: 6,
            cells: vec![-2.0; 54],
        };
        for (x, y, h) in hot {
            heat.cells[y * 9 + x] = *h;
        }
        heat
    }

    fn name(place: Place) -> &'static str {
        [
            "upper left",
            "top",
            "upper right",
            "left",
            "middle",
            "right",
            "lower left",
            "bottom",
            "lower right",
        ][place.index()]
    }

    fn names(heat: &Heat) -> Vec<&'static str> {
        messes(heat, 1.0)
            .iter()
            .map(|mess| name(mess.place))
            .collect()
    }

    fn pile(x: usize, y: usize, h: f32) -> Vec<(usize, usize, f32)> {
        (x..x + 3)
            .flat_map(|x| (y..y + 2).map(move |y| (x, y, h)))
            .collect()
    }

    #[test]
    fn a_pile_is_named_after_the_place_it_lies_in() {
        for (x, y, name) in [
            (0, 0, "upper left"),
            (3, 0, "top"),
            (6, 2, "right"),
            (0, 4, "lower left"),
            (3, 2, "middle"),
        ] {
            assert_eq!(names(&heat(&pile(x, y, 5.0))), [name]);
        }
    }

    #[test]
    fn the_edge_of_a_pile_is_no_pile() {
        let mut cells = pile(0, 4, 6.0);
        cells.extend(pile(3, 4, 2.0));
        assert_eq!(names(&heat(&cells)), ["lower left"]);
        cells.extend(pile(6, 0, 2.0));
        assert_eq!(names(&heat(&cells)), ["lower left", "upper right"]);
        cells.extend(pile(3, 4, 5.0));
        assert_eq!(
            names(&heat(&cells)),
            ["lower left", "bottom", "upper right"]
        );
    }

    #[test]
    fn places_together_hold_the_whole_heat() {
        for (columns, rows) in [(9, 5), (7, 7), (5, 9), (24, 1), (1, 1)] {
            let cells: Vec<f32> = (0..columns * rows)
                .map(|i| (i * 7 % 11) as f32 - 4.0)
                .collect();
            let heat = Heat {
                columns,
                rows,
                cells,
            };
            let mean: f32 = Place::all().map(|place| place.heat(&heat)).sum::<f32>() / 9.0;
            assert!((mean - heat.logit()).abs() < 1e-4, "{columns}x{rows}");
        }
    }

    #[test]
    fn the_region_is_the_box_around_what_is_hot() {
        let found = messes(&heat(&[(0, 4, 9.0), (1, 5, 9.0), (8, 0, 0.5)]), 1.0);
        let Region {
            x,
            y,
            width,
            height,
        } = found[0].region;
        let expected = [0.0, 4.0 / 6.0, 2.0 / 9.0, 2.0 / 6.0];
        for (found, expected) in [x, y, width, height].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn a_box_lies_where_its_middle_is() {
        for place in Place::all() {
            assert_eq!(Place::of(place.whole()), place);
        }
    }
}
