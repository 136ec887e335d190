//! Blanks what the household wants nobody to see. Every pixel that an area
//! touches, however little, is hidden.

use image::RgbImage;

use super::shrink::by_area;
use crate::domain::{
    gate::Unusable,
    mask::{Mask, Polygon},
};

/// What hidden pixels become. Providers are told that plain grey is a mask.
pub const HIDDEN: [u8; 3] = [128; 3];

/// Which pixels of a picture are hidden.
pub struct Hidden {
    size: (u32, u32),
    /// 255 where hidden, else 0; row by row.
    pixels: Vec<u8>,
}

impl Hidden {
    /// Blanks the picture. `None`: there was nothing to hide.
    pub fn blank(picture: &mut RgbImage, mask: Option<&Mask>) -> Result<Option<Self>, Unusable> {
        let Some(mask) = mask.filter(|mask| !mask.areas.is_empty()) else {
            return Ok(None);
        };
        let size = picture.dimensions();
        if !mask.fits(size.0, size.1) {
            let drawn = mask.drawn_on.unwrap_or_default();
            return Err(Unusable::NotMasked(format!(
                "it is {} by {} now and its mask was drawn on {} by {}",
                size.0, size.1, drawn.0, drawn.1
            )));
        }
        let mut hidden = Self {
            size,
            pixels: vec![0; size.0 as usize * size.1 as usize],
        };
        for area in &mask.areas {
            hidden.cover(area);
        }
        if hidden.pixels.iter().all(|pixel| *pixel != 0) {
            return Err(Unusable::NotMasked("its mask hides everything".into()));
        }
        for (pixel, hidden) in picture.pixels_mut().zip(&hidden.pixels) {
            if *hidden != 0 {
                pixel.0 = HIDDEN;
            }
        }
        Ok(Some(hidden))
    }

    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Which cells of a coarser grid hold anything hidden.
    pub fn cells(&self, grid: (u32, u32)) -> Vec<bool> {
        // The mean of a cell with one hidden pixel may round to nothing, so any
        // neighbour of a hidden pixel's cell that shares it is found by its edges.
        let mut cells: Vec<bool> = by_area::<1>(&self.pixels, self.size, grid)
            .into_iter()
            .map(|share| share > 0)
            .collect();
        let (width, height) = (u64::from(self.size.0), u64::from(self.size.1));
        for (i, _) in (0_u64..)
            .zip(&self.pixels)
            .filter(|(_, pixel)| **pixel != 0)
        {
            let x = i % width * u64::from(grid.0) / width;
            let y = i / width * u64::from(grid.1) / height;
            cells[(y * u64::from(grid.0) + x) as usize] = true;
        }
        cells
    }

    fn cover(&mut self, area: &Polygon) {
        let (width, height) = (self.size.0 as f32, self.size.1 as f32);
        let edges: Vec<_> = area
            .edges()
            .map(|(a, b)| ([a[0] * width, a[1] * height], [b[0] * width, b[1] * height]))
            .collect();
        for y in 0..self.size.1 {
            let (top, bottom) = (y as f32, y as f32 + 1.0);
            // Pixels that an edge passes through …
            for (a, b) in &edges {
                if let Some((left, right)) = part_within(*a, *b, top, bottom) {
                    self.fill(y, left, right);
                }
            }
            // … and those between the edges, looked at in the middle of the row.
            let mut crossings: Vec<(f32, i32)> = edges
                .iter()
                .filter_map(|(a, b)| crossing(*a, *b, top + 0.5))
                .collect();
            crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0;
            for pair in crossings.windows(2) {
                winding += pair[0].1;
                if winding != 0 {
                    self.fill(y, pair[0].0, pair[1].0);
                }
            }
        }
    }

    /// Hides the pixels of a row from one place to another, both included.
    fn fill(&mut self, y: u32, left: f32, right: f32) {
        let width = self.size.0 as usize;
        let last = width - 1;
        let (from, to) = (left as usize, right as usize);
        let row = &mut self.pixels[y as usize * width..][..width];
        row[from.min(last)..=to.min(last)].fill(255);
    }
}

/// Left and right end of the part of an edge that lies between two heights.
fn part_within(a: [f32; 2], b: [f32; 2], top: f32, bottom: f32) -> Option<(f32, f32)> {
    let (upper, lower) = if a[1] <= b[1] { (a, b) } else { (b, a) };
    if lower[1] < top || upper[1] > bottom {
        return None;
    }
    let at = |y: f32| {
        let height = lower[1] - upper[1];
        if height <= f32::EPSILON {
            return None;
        }
        let share = ((y - upper[1]) / height).clamp(0.0, 1.0);
        Some(upper[0] + share * (lower[0] - upper[0]))
    };
    let (first, second) = match (at(top), at(bottom)) {
        (Some(first), Some(second)) => (first, second),
        _ => (upper[0], lower[0]),
    };
    Some((first.min(second), first.max(second)))
}

/// Where an edge crosses a height, and whether it goes down (1) or up (-1) there.
fn crossing(a: [f32; 2], b: [f32; 2], y: f32) -> Option<(f32, i32)> {
    let down = a[1] <= y && b[1] > y;
    let up = b[1] <= y && a[1] > y;
    if !down && !up {
        return None;
    }
    let share = (y - a[1]) / (b[1] - a[1]);
    Some((a[0] + share * (b[0] - a[0]), if down { 1 } else { -1 }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(corners: Vec<[f32; 2]>) -> Mask {
        Mask {
            camera: "camera.a".into(),
            areas: vec![Polygon::try_from(corners).unwrap()],
            drawn_on: None,
        }
    }

    fn white(width: u32, height: u32) -> RgbImage {
        RgbImage::from_pixel(width, height, image::Rgb([255; 3]))
    }

    #[test]
    fn every_pixel_that_is_touched_is_hidden_and_no_other() {
        let mut picture = white(10, 10);
        let corners = vec![[0.21, 0.31], [0.55, 0.31], [0.55, 0.71], [0.21, 0.71]];
        let hidden = Hidden::blank(&mut picture, Some(&mask(corners))).unwrap();
        for (x, y, pixel) in picture.enumerate_pixels() {
            let inside = (2..6).contains(&x) && (3..8).contains(&y);
            assert_eq!(pixel.0 == HIDDEN, inside, "{x}, {y}");
        }
        assert!(hidden.unwrap().cells((5, 5))[2 * 5 + 1]);
    }

    #[test]
    fn the_picture_of_another_view_is_refused() {
        let mut mask = mask(vec![[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]);
        mask.drawn_on = Some((1024, 576));
        let Err(Unusable::NotMasked(why)) = Hidden::blank(&mut white(576, 1024), Some(&mask))
        else {
            panic!("it was not refused")
        };
        assert!(why.contains("576 by 1024 now"), "{why}");
        assert!(why.contains("drawn on 1024 by 576"), "{why}");
    }

    #[test]
    fn a_mask_that_hides_everything_is_refused() {
        let all = mask(vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        assert!(matches!(
            Hidden::blank(&mut white(7, 3), Some(&all)),
            Err(Unusable::NotMasked(_))
        ));
    }

    proptest! {
        /// Any point of an area lies in a hidden pixel, whatever the area's and
        /// the picture's shape.
        #[test]
        fn nothing_of_an_area_stays_visible(
            corners in prop::collection::vec([0.0_f32..=0.9, 0.0_f32..=0.9], 3..9),
            width in 2_u32..90,
            height in 2_u32..90,
            shares in prop::collection::vec((0_usize..9, 0_usize..9, 0.0_f32..=1.0, 0.0_f32..=1.0), 30),
        ) {
            let Ok(area) = Polygon::try_from(corners.clone()) else { return Ok(()) };
            let mask = Mask { camera: String::new(), areas: vec![area], drawn_on: None };
            let mut picture = white(width, height);
            if Hidden::blank(&mut picture, Some(&mask)).is_err() { return Ok(()) }
            for (from, to, along, _) in &shares {
                // On an edge.
                let (a, b) = (corners[from % corners.len()], corners[(from + 1) % corners.len()]);
                let on_edge = [a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])];
                // The first triangle's inside belongs to a convex area only.
                let points = if corners.len() == 3 {
                    let c = corners[(to + 2) % 3];
                    let middle = [(a[0] + b[0] + c[0]) / 3.0, (a[1] + b[1] + c[1]) / 3.0];
                    vec![on_edge, if to % 3 == from % 3 { middle } else { on_edge }]
                } else {
                    vec![on_edge]
                };
                for [x, y] in points {
                    // Exactly between two pixels either may be the one.
                    let near = |v: f32, size: u32| {
                        let v = v * size as f32;
                        let pixel = (v as u32).min(size - 1);
                        let exact = (v - v.round()).abs() < 1e-3;
                        (pixel, exact)
                    };
                    let ((px, xe), (py, ye)) = (near(x, width), near(y, height));
                    let hidden = picture.get_pixel(px, py).0 == HIDDEN;
                    prop_assert!(hidden || xe || ye, "{px}, {py} of {width}x{height}");
                }
            }
        }
    }
}
