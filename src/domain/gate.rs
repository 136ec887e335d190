//! Gates: what stops a check before a provider is paid.

use serde::{Deserialize, Serialize};

use super::zone::shown;

/// Why a picture cannot be judged. It is never judged anyway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "detail")]
pub enum Unusable {
    Black,
    Overexposed,
    Blurred,
    /// Not a picture, or a broken one; what the decoder said.
    NotAPicture(String),
    /// More pixels or bytes than we decode; how many.
    TooLarge(String),
}

impl Unusable {
    pub const REASONS: [&'static str; 5] = [
        "black",
        "overexposed",
        "blurred",
        "not_a_picture",
        "too_large",
    ];

    /// The reason's name in metrics and entities.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::Overexposed => "overexposed",
            Self::Blurred => "blurred",
            Self::NotAPicture(_) => "not_a_picture",
            Self::TooLarge(_) => "too_large",
        }
    }

    /// What is wrong and what to do, for the household.
    pub fn sentence(&self, source: &str) -> String {
        let source = shown(source);
        match self {
            Self::Black => {
                format!(
                    "The picture of {source} is too dark to judge; switch a light on or wait for daylight."
                )
            }
            Self::Overexposed => {
                format!(
                    "The picture of {source} is overexposed; turn the camera away from the light."
                )
            }
            Self::Blurred => {
                format!("The picture of {source} is blurred; clean the lens or check the focus.")
            }
            Self::NotAPicture(why) => {
                format!(
                    "{source} did not deliver a JPEG, PNG or WebP picture ({why}); check that the camera works in Home Assistant."
                )
            }
            Self::TooLarge(size) => {
                format!(
                    "The picture of {source} is too large ({size}); lower the camera's resolution to 12 megapixels or less."
                )
            }
        }
    }
}

/// A small, light-normalised likeness of a picture, made by
/// `imaging::fingerprint`, for telling whether the scene changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    /// Cells per row and rows.
    pub columns: u16,
    pub rows: u16,
    /// Row by row, how each cell stands out from its surroundings, in brightness …
    pub brightness: Vec<f32>,
    /// … and in colour, from blue to red.
    pub colour: Vec<f32>,
    /// Which cells were too bright for the camera: their brightness is the least
    /// it can be, their colour unknown.
    pub burnt_out: Vec<bool>,
}

/// How far the mean of 3 × 3 cells must move for a change. One cup moves it by
/// 0.7 (median on photographs), other light by 0.15, hardly ever by more than this.
const MOVED: f32 = 0.24;

/// Whether something in the scene came, went or moved, other than the light.
/// Likenesses of different sizes are of different scenes.
pub fn changed(before: &Fingerprint, now: &Fingerprint) -> bool {
    if (before.columns, before.rows) != (now.columns, now.rows) {
        return true;
    }
    let burnt_out = || before.burnt_out.iter().zip(&now.burnt_out);
    let moves = |before: &[f32], now: &[f32]| -> Vec<f32> {
        before
            .iter()
            .zip(now)
            .map(|(before, now)| now - before)
            .collect()
    };
    let mut brightness = moves(&before.brightness, &now.brightness);
    for (moved, burnt_out) in brightness.iter_mut().zip(burnt_out()) {
        // A burnt-out cell may be brighter than it says, never darker.
        *moved = match burnt_out {
            (false, true) => moved.max(0.0),
            (true, false) => moved.min(0.0),
            (true, true) => 0.0,
            (false, false) => *moved,
        };
    }
    let mut colour = moves(&before.colour, &now.colour);
    for (moved, burnt_out) in colour.iter_mut().zip(burnt_out()) {
        if *burnt_out.0 || *burnt_out.1 {
            *moved = 0.0;
        }
    }
    let columns = usize::from(now.columns);
    any_place_moved(&brightness, columns) || any_place_moved(&colour, columns)
}

/// Looks at means over 3 × 3 cells, in which noise and the shift of an edge by
/// a pixel cancel out.
fn any_place_moved(moves: &[f32], columns: usize) -> bool {
    let rows: Vec<&[f32]> = moves.chunks_exact(columns.max(1)).collect();
    rows.windows(3).any(|rows| {
        (0..columns.saturating_sub(2)).any(|x| {
            let sum: f32 = rows.iter().flat_map(|row| &row[x..x + 3]).sum();
            sum.abs() > 9.0 * MOVED
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Fingerprint {
        Fingerprint {
            columns: 16,
            rows: 9,
            brightness: vec![0.0; 144],
            colour: vec![0.0; 144],
            burnt_out: vec![false; 144],
        }
    }

    /// Sets 3 × 3 cells around the middle.
    fn patch<T: Copy>(cells: &mut [T], value: T) {
        for row in cells.chunks_exact_mut(16).skip(3).take(3) {
            row[6..9].fill(value);
        }
    }

    #[test]
    fn a_patch_is_a_change_and_single_cells_are_noise() {
        let mut cup = plain();
        patch(&mut cup.brightness, 0.5);
        assert!(changed(&plain(), &cup) && changed(&cup, &plain()));
        let mut red = plain();
        patch(&mut red.colour, -0.5);
        assert!(changed(&plain(), &red));
        let mut noise = plain();
        for i in (0..144).step_by(5) {
            noise.brightness[i] = if i % 2 == 0 { 0.6 } else { -0.6 };
        }
        assert!(!changed(&plain(), &noise));
    }

    #[test]
    fn what_the_camera_could_not_hold_is_no_change() {
        let mut picture_on_the_wall = plain();
        patch(&mut picture_on_the_wall.brightness, 0.5);
        let mut glare = plain();
        patch(&mut glare.burnt_out, true);
        assert!(!changed(&picture_on_the_wall, &glare));
        // But what burnt out where it was darker did become brighter.
        let mut lamp = picture_on_the_wall.clone();
        patch(&mut lamp.burnt_out, true);
        assert!(changed(&plain(), &lamp));
    }

    #[test]
    fn no_sentence_shows_a_cameras_password() {
        for unusable in [
            Unusable::Black,
            Unusable::Overexposed,
            Unusable::Blurred,
            Unusable::NotAPicture("no".into()),
            Unusable::TooLarge("9 MB".into()),
        ] {
            let sentence = unusable.sentence("http://me:pa55@cam/x.jpg?k=pa55");
            assert!(
                sentence.contains(" http://…@cam/x.jpg?… ") || sentence.starts_with("http://…@cam"),
                "{sentence}"
            );
            assert!(!sentence.contains("pa55"), "{sentence}");
        }
    }

    #[test]
    fn another_shape_is_another_scene() {
        let mut other = plain();
        (other.columns, other.rows) = (9, 16);
        assert!(changed(&plain(), &other));
    }
}
