//! Shrinking by area: each new pixel is the exact mean of the area it covers.
//! Sharper tools exist; this one is cheap, cannot ring, and moves smoothly when
//! the picture does, which the likeness relies on.

use image::{DynamicImage, RgbImage};

/// The longest edge of what is judged, sent and shown, in pixels.
pub const LONG_EDGE: u32 = 1024;

/// The size that fits a long edge, aspect kept, never enlarged.
pub fn fitted(width: u32, height: u32, long_edge: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= long_edge {
        return (width, height);
    }
    let scaled = |edge: u32| {
        let edge = f64::from(edge) * f64::from(long_edge) / f64::from(longest);
        (edge.round() as u32).max(1)
    };
    (scaled(width), scaled(height))
}

/// The picture as RGB with at most `LONG_EDGE`; what it was made of is dropped
/// as early as possible.
pub fn to_long_edge(pixels: DynamicImage) -> RgbImage {
    let from = (pixels.width(), pixels.height());
    let to = fitted(from.0, from.1, LONG_EDGE);
    if from == to {
        return pixels.into_rgb8();
    }
    let small = match pixels {
        DynamicImage::ImageRgb8(full) => by_area::<3>(&full, from, to),
        DynamicImage::ImageLuma8(full) => {
            let grey = by_area::<1>(&full, from, to);
            grey.into_iter().flat_map(|v| [v; 3]).collect()
        }
        other => by_area::<3>(&other.into_rgb8(), from, to),
    };
    RgbImage::from_raw(to.0, to.1, small).expect("by_area returns width × height × 3 bytes")
}

/// Shrinks rows of pixels with `N` bytes each. `to` must not exceed `from`.
pub fn by_area<const N: usize>(pixels: &[u8], from: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let columns = spans(from.0, to.0);
    let stride = from.0 as usize * N;
    let mut small = Vec::with_capacity(to.0 as usize * to.1 as usize * N);
    let mut row = vec![0_f32; stride];
    for span in spans(from.1, to.1) {
        row.fill(0.0);
        for (y, share) in span.shares() {
            let line = &pixels[y * stride..][..stride];
            for (sum, value) in row.iter_mut().zip(line) {
                *sum += share * f32::from(*value);
            }
        }
        for span in &columns {
            let mut sums = [0_f32; N];
            for (x, share) in span.shares() {
                for (sum, value) in sums.iter_mut().zip(&row[x * N..][..N]) {
                    *sum += share * value;
                }
            }
            small.extend(sums.map(|sum| (sum + 0.5) as u8));
        }
    }
    small
}

/// The old pixels that a new one covers: the first, how many, and the shares of
/// the first, the last and those between in the new one's value.
struct Span {
    start: usize,
    count: usize,
    first: f32,
    between: f32,
    last: f32,
}

impl Span {
    fn shares(&self) -> impl Iterator<Item = (usize, f32)> {
        (0..self.count).map(|i| {
            let share = match i {
                0 => self.first,
                i if i + 1 == self.count => self.last,
                _ => self.between,
            };
            (self.start + i, share)
        })
    }
}

fn spans(from: u32, to: u32) -> Vec<Span> {
    let ratio = f64::from(from) / f64::from(to);
    (0..to)
        .map(|i| {
            let (begin, end) = (f64::from(i) * ratio, f64::from(i + 1) * ratio);
            let start = begin.floor();
            // A sliver that only rounding makes is no pixel.
            let stop = (end - 1e-6).ceil().min(f64::from(from));
            let share = |covered: f64| (covered / ratio) as f32;
            Span {
                start: start as usize,
                count: (stop - start) as usize,
                first: share((start + 1.0).min(end) - begin),
                between: share(1.0),
                last: share(end - (stop - 1.0)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pixel_is_the_mean_of_what_it_covers() {
        // Each new pixel covers one and a half old ones.
        assert_eq!(by_area::<1>(&[0, 30, 60], (3, 1), (2, 1)), [10, 50]);
        assert_eq!(by_area::<1>(&[0, 10, 20, 30], (2, 2), (1, 1)), [15]);
        assert_eq!(by_area::<3>(&[1, 2, 3, 3, 4, 5], (2, 1), (1, 1)), [2, 3, 4]);
    }

    #[test]
    fn shares_add_up_to_one_and_stay_inside() {
        for (from, to) in [
            (1920, 1024),
            (1080, 576),
            (4032, 1024),
            (1025, 1024),
            (7, 3),
        ] {
            for span in spans(from, to) {
                let sum: f32 = span.shares().map(|(_, share)| share).sum();
                assert!((sum - 1.0).abs() < 1e-4, "{from} to {to}: {sum}");
                assert!(span.start + span.count <= from as usize);
                assert!(span.shares().all(|(_, share)| share >= 0.0));
            }
        }
    }

    #[test]
    fn a_picture_is_fitted_but_never_enlarged() {
        assert_eq!(fitted(1920, 1080, 1024), (1024, 576));
        assert_eq!(fitted(1080, 1920, 1024), (576, 1024));
        assert_eq!(fitted(640, 480, 1024), (640, 480));
        assert_eq!(fitted(5000, 2, 1024), (1024, 1));
    }
}
