//! The canary picture: some squares of one colour and a number of four digits,
//! so that only a model which gets the picture can say what is in it. There are
//! a few kinds, each always the same, byte for byte.

use image::{Rgb, RgbImage};

use super::encode;
use crate::ports::Canary;

/// How many different pictures there are.
pub const KINDS: u8 = 16;

const EDGE: u32 = 512;
const BACKGROUND: Rgb<u8> = Rgb([245, 245, 240]);
const INK: Rgb<u8> = Rgb([20, 20, 20]);
const COLOURS: [(&str, Rgb<u8>); 4] = [
    ("red", Rgb([210, 30, 30])),
    ("blue", Rgb([30, 60, 210])),
    ("green", Rgb([30, 150, 50])),
    ("orange", Rgb([240, 140, 20])),
];

/// Three columns, five rows; the highest bit of a row is its left column.
const DIGITS: [[u8; 5]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];

/// Draws one of the `KINDS`.
pub fn draw(kind: u8) -> Canary {
    let kind = u32::from(kind % KINDS);
    let (colour, paint) = COLOURS[kind as usize % COLOURS.len()];
    let count = (2 + kind / 4 + kind % 2) as u8;
    // Four digits that follow from nothing a model could know.
    let number = 1000 + ((kind + 1) * 7919 % 9000) as u16;
    let mut picture = RgbImage::from_pixel(EDGE, EDGE, BACKGROUND);
    for square in 0..u32::from(count) {
        let (column, row) = (square % 3, square / 3);
        fill(
            &mut picture,
            56 + column * 140,
            40 + row * 120,
            90,
            90,
            paint,
        );
    }
    for (place, digit) in number.to_string().bytes().enumerate() {
        let left = 56 + place as u32 * 104;
        for (row, bits) in (0_u32..).zip(DIGITS[usize::from(digit - b'0')]) {
            for column in 0..3 {
                if bits & (4 >> column) != 0 {
                    fill(
                        &mut picture,
                        left + column * 24,
                        330 + row * 26,
                        24,
                        26,
                        INK,
                    );
                }
            }
        }
    }
    Canary {
        frame: encode::frame(picture).expect("a picture of this size can always be encoded"),
        count,
        colour,
        number,
    }
}

fn fill(picture: &mut RgbImage, left: u32, top: u32, width: u32, height: u32, paint: Rgb<u8>) {
    for y in top..top + height {
        for x in left..left + width {
            picture.put_pixel(x, y, paint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_differ_and_stay_the_same() {
        let all: Vec<_> = (0..KINDS).map(draw).collect();
        for (i, canary) in all.iter().enumerate() {
            assert_eq!(canary.frame.jpeg, draw(i as u8).frame.jpeg);
            assert!((2..=6).contains(&canary.count) && (1000..=9999).contains(&canary.number));
            assert!(all[..i].iter().all(|c| c.number != canary.number));
        }
    }
}
