//! Resizing as the network was trained with: Lanczos, widened when shrinking.
//!
//! The image crate's gives the same pixels, but takes as long as the network
//! itself; this one works row by row on plain slices, which compilers vectorise.

use std::f32::consts::PI;

/// Lobes of the kernel on each side.
const LOBES: f32 = 3.0;

/// An RGB picture at another size, its three channels one after another, 0–255.
pub fn planes(rgb: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    let (width, stride) = (to.0, from.0 * 3);
    let plane = width * to.1;
    let columns = taps(from.0, width);
    let mut planes = vec![0.0; 3 * plane];
    let mut row = vec![0.0; stride];
    for (y, tap) in taps(from.1, to.1).iter().enumerate() {
        row.fill(0.0);
        for (line, weight) in rgb[tap.start * stride..]
            .chunks_exact(stride)
            .zip(&tap.weights)
        {
            for (sum, value) in row.iter_mut().zip(line) {
                *sum += weight * f32::from(*value);
            }
        }
        for (x, tap) in columns.iter().enumerate() {
            let mut sums = [0.0_f32; 3];
            for (pixel, weight) in row[tap.start * 3..].chunks_exact(3).zip(&tap.weights) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += weight * value;
                }
            }
            for (channel, sum) in sums.iter().enumerate() {
                planes[channel * plane + y * width + x] = sum.clamp(0.0, 255.0);
            }
        }
    }
    planes
}

/// The old pixels that make a new one: the first, and the weights from there on.
struct Tap {
    start: usize,
    weights: Vec<f32>,
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let ratio = from as f32 / to as f32;
    let widened = ratio.max(1.0);
    (0..to)
        .map(|i| {
            let centre = (i as f32 + 0.5) * ratio;
            let reach = LOBES * widened;
            let start = (centre - reach + 0.5).max(0.0) as usize;
            let end = ((centre + reach + 0.5) as usize).min(from);
            let mut weights: Vec<f32> = (start..end)
                .map(|j| lanczos((j as f32 + 0.5 - centre) / widened))
                .collect();
            let sum: f32 = weights.iter().sum();
            for weight in &mut weights {
                *weight /= sum;
            }
            Tap { start, weights }
        })
        .collect()
}

fn lanczos(x: f32) -> f32 {
    let sinc = |x: f32| {
        if x == 0.0 {
            1.0
        } else {
            (PI * x).sin() / (PI * x)
        }
    };
    if x.abs() < LOBES {
        sinc(x) * sinc(x / LOBES)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, imageops};

    use super::*;

    #[test]
    fn it_gives_the_image_crates_pixels() {
        let picture = RgbImage::from_fn(150, 90, |x, y| {
            Rgb([
                x * y % 251,
                (x * 3 + y * 5) % 256,
                if x / 20 % 2 == y / 20 % 2 { 255 } else { 0 },
            ]
            .map(|v| v as u8))
        });
        for (width, height) in [(96, 64), (32, 32), (150, 90), (224, 160)] {
            let expected =
                imageops::resize(&picture, width, height, imageops::FilterType::Lanczos3);
            let planes = planes(&picture, (150, 90), (width as usize, height as usize));
            let plane = (width * height) as usize;
            for (i, pixel) in expected.pixels().enumerate() {
                for (channel, value) in pixel.0.iter().enumerate() {
                    let found = planes[channel * plane + i];
                    assert!(
                        (found - f32::from(*value)).abs() < 1.1,
                        "{width}x{height}, {i}: {found} is not {value}"
                    );
                }
            }
        }
    }
}
