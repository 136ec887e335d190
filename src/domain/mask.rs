//! What the household wants nobody to see: areas of a camera's picture that are
//! blanked before anything else is done with it. Decided here: what is a mask,
//! and whether a picture has the one that it needs. Blanking is `imaging::mask`'s.

use serde::{Deserialize, Serialize};

use super::zone::shown;

/// Corners of an area: more is a slip of the hand or of a program.
const MOST_CORNERS: usize = 64;
/// Areas on one picture.
const MOST_AREAS: usize = 20;
/// An area smaller than this share of the picture hides nothing that anybody sees.
const LEAST_AREA: f32 = 0.000_02;
/// So much of a picture, in percent, may be hidden: of the rest there must be
/// something to judge.
const MOST_HIDDEN: usize = 95;
/// Width to height may differ by this share before a picture counts as another view.
const SAME_SHAPE: f64 = 0.02;

/// An area by its corners, each `[x, y]` as fractions of the upright picture's
/// width and height from its upper left corner. Where its edges cross each
/// other, everything inside any loop belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<[f32; 2]>", into = "Vec<[f32; 2]>")]
pub struct Polygon(Vec<[f32; 2]>);

impl Polygon {
    pub fn corners(&self) -> &[[f32; 2]] {
        &self.0
    }

    /// Whether a point lies inside (by its winding number).
    fn covers(&self, x: f32, y: f32) -> bool {
        let mut winding = 0;
        for ([x0, y0], [x1, y1]) in self.edges() {
            let side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0);
            if y0 <= y && y1 > y && side > 0.0 {
                winding += 1;
            } else if y0 > y && y1 <= y && side < 0.0 {
                winding -= 1;
            }
        }
        winding != 0
    }

    /// From corner to corner, and from the last back to the first.
    pub fn edges(&self) -> impl Iterator<Item = ([f32; 2], [f32; 2])> {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().copied().zip(next.copied())
    }
}

impl TryFrom<Vec<[f32; 2]>> for Polygon {
    type Error = String;

    fn try_from(corners: Vec<[f32; 2]>) -> Result<Self, String> {
        if !(3..=MOST_CORNERS).contains(&corners.len()) {
            return Err(format!(
                "an area of a mask has 3 to {MOST_CORNERS} corners, not {}",
                corners.len()
            ));
        }
        let mut all = corners.iter().flatten();
        if let Some(wrong) = all.find(|at| !(0.0..=1.0).contains(*at)) {
            return Err(format!(
                "a corner of a mask lies at {wrong}; corners are fractions of the picture from 0 to 1"
            ));
        }
        let [mut left, mut top, mut right, mut bottom] = [1.0_f32, 1.0, 0.0, 0.0];
        for [x, y] in &corners {
            (left, right) = (left.min(*x), right.max(*x));
            (top, bottom) = (top.min(*y), bottom.max(*y));
        }
        if (right - left) * (bottom - top) < LEAST_AREA {
            return Err("an area of a mask is so thin that it hides nothing".into());
        }
        Ok(Self(corners))
    }
}

impl From<Polygon> for Vec<[f32; 2]> {
    fn from(polygon: Polygon) -> Self {
        polygon.0
    }
}

/// What is hidden of one camera's pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mask {
    /// As in `ZoneOptions::cameras`.
    pub camera: String,
    /// Empty: this camera's pictures are shown whole.
    pub areas: Vec<Polygon>,
    /// Width and height of the picture that they were drawn on, if it was seen.
    #[serde(default)]
    pub drawn_on: Option<(u32, u32)>,
}

impl Mask {
    /// Whether a picture of this size is the view that the areas were drawn on.
    pub fn fits(&self, width: u32, height: u32) -> bool {
        let Some((w, h)) = self.drawn_on.filter(|_| !self.areas.is_empty()) else {
            return true;
        };
        let (drawn, given) = (
            f64::from(w) * f64::from(height),
            f64::from(width) * f64::from(h),
        );
        (drawn - given).abs() <= SAME_SHAPE * drawn.max(given)
    }

    /// How much is hidden, in percent of the picture.
    fn hides(&self) -> usize {
        const GRID: u16 = 50;
        let middle = |i: u16| (f32::from(i) + 0.5) / f32::from(GRID);
        let places = (0..GRID).flat_map(|y| (0..GRID).map(move |x| (middle(x), middle(y))));
        let hidden = places.filter(|(x, y)| self.areas.iter().any(|area| area.covers(*x, *y)));
        hidden.count() * 100 / (usize::from(GRID) * usize::from(GRID))
    }
}

/// What is hidden of a zone's pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Masks {
    /// Nothing.
    #[default]
    None,
    /// One for each camera that the zone had when they were drawn.
    Drawn(Vec<Mask>),
    /// There are some, and they cannot be read.
    Unreadable,
}

impl Masks {
    /// One mask for each camera of a zone, in its order. The error is a sentence.
    pub fn drawn(masks: Vec<Mask>) -> Result<Self, String> {
        for (place, mask) in (1..).zip(&masks) {
            if mask.areas.len() > MOST_AREAS {
                return Err(format!(
                    "Camera {place} has {} masked areas; {MOST_AREAS} are possible. Make fewer and larger ones.",
                    mask.areas.len()
                ));
            }
            if mask.hides() > MOST_HIDDEN {
                return Err(format!(
                    "The mask of camera {place} hides nearly the whole picture; leave something to judge, or take the camera out of the room."
                ));
            }
        }
        let all_empty = masks.iter().all(|mask| mask.areas.is_empty());
        Ok(if all_empty {
            Self::None
        } else {
            Self::Drawn(masks)
        })
    }

    /// A camera's mask, if it needs one. The error says why nothing of this
    /// camera may be shown to anybody, and what to do.
    pub fn of(&self, camera: &str) -> Result<Option<&Mask>, String> {
        match self {
            Self::None => Ok(None),
            Self::Drawn(masks) => match masks.iter().find(|mask| mask.camera == camera) {
                Some(mask) => Ok(Some(mask).filter(|mask| !mask.areas.is_empty())),
                None => Err(format!(
                    "This room has masks, but none was drawn for {}, so nothing is judged or sent; open Masks on AICleaner's page, look at every camera and save.",
                    shown(camera)
                )),
            },
            Self::Unreadable => Err(
                "The masks of this room cannot be read any more, so nothing is judged or sent; open Masks on AICleaner's page, draw them again and save.".into(),
            ),
        }
    }

    /// What of zones that are gone hides something of these cameras.
    pub fn left_by(gone: &[Self], cameras: &[String]) -> Self {
        if gone.contains(&Self::Unreadable) {
            return Self::Unreadable;
        }
        let drawn = gone.iter().flat_map(|masks| match masks {
            Self::Drawn(masks) => masks.as_slice(),
            Self::None | Self::Unreadable => &[],
        });
        let theirs: Vec<Mask> = drawn
            .filter(|mask| cameras.contains(&mask.camera))
            .cloned()
            .collect();
        if theirs.iter().all(|mask| mask.areas.is_empty()) {
            return Self::None;
        }
        Self::Drawn(theirs)
    }

    /// How many areas are hidden.
    pub fn areas(&self) -> usize {
        match self {
            Self::Drawn(masks) => masks.iter().map(|mask| mask.areas.len()).sum(),
            Self::None | Self::Unreadable => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f32, to: f32) -> Polygon {
        Polygon::try_from(vec![[from, from], [to, from], [to, to], [from, to]]).unwrap()
    }

    fn mask(camera: &str, areas: Vec<Polygon>) -> Mask {
        Mask {
            camera: camera.into(),
            areas,
            drawn_on: Some((1024, 576)),
        }
    }

    #[test]
    fn what_is_no_area_is_refused_in_words() {
        for (corners, why) in [
            (vec![[0.0, 0.0], [1.0, 1.0]], "3 to 64 corners, not 2"),
            (vec![[0.5, 0.5]; 65], "not 65"),
            (vec![[0.0, 0.0], [1.01, 0.0], [1.0, 1.0]], "at 1.01"),
            (vec![[0.0, f32::NAN], [1.0, 0.0], [1.0, 1.0]], "at NaN"),
            (vec![[0.1, 0.5], [0.9, 0.5], [0.3, 0.5]], "so thin"),
        ] {
            let error = Polygon::try_from(corners).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let text = r#"{"camera":"camera.a","areas":[[[0,0],[1,0]]]}"#;
        assert!(serde_json::from_str::<Mask>(text).is_err());
    }

    #[test]
    fn everything_inside_crossing_edges_is_covered() {
        // A five-pointed star drawn in one line: its middle is wound round twice.
        let star = Polygon::try_from(vec![
            [0.5, 0.0],
            [0.8, 0.95],
            [0.0, 0.36],
            [1.0, 0.36],
            [0.2, 0.95],
        ])
        .unwrap();
        assert!(star.covers(0.5, 0.5));
        assert!(star.covers(0.5, 0.2));
        assert!(!star.covers(0.05, 0.05));
        assert!(!star.covers(0.5, 0.94));
    }

    #[test]
    fn masks_that_leave_nothing_to_judge_are_refused() {
        let near = vec![square(0.0, 1.0)];
        let error = Masks::drawn(vec![mask("a", vec![]), mask("b", near)]).unwrap_err();
        assert!(error.starts_with("The mask of camera 2 hides"), "{error}");
        let many = vec![square(0.0, 0.1); 21];
        let error = Masks::drawn(vec![mask("a", many)]).unwrap_err();
        assert!(error.contains("has 21 masked areas"), "{error}");
        assert_eq!(Masks::drawn(vec![mask("a", vec![])]), Ok(Masks::None));
    }

    #[test]
    fn a_camera_without_its_mask_shows_nothing() {
        assert_eq!(Masks::None.of("camera.b"), Ok(None));
        let masks = Masks::drawn(vec![
            mask("camera.a", vec![square(0.1, 0.4)]),
            mask("camera.b", vec![]),
        ])
        .unwrap();
        assert_eq!(masks.of("camera.a").unwrap().unwrap().areas.len(), 1);
        assert_eq!(masks.of("camera.b"), Ok(None));
        let why = masks.of("http://me:pa55@cam/x.jpg").unwrap_err();
        assert!(why.contains("http://…@cam/x.jpg, so nothing"), "{why}");
        assert!(!why.contains("pa55"), "{why}");
        assert!(Masks::Unreadable.of("camera.a").is_err());
    }

    #[test]
    fn another_shape_is_another_view() {
        let drawn = mask("a", vec![square(0.1, 0.4)]);
        for (size, fits) in [
            ((1024, 576), true),
            ((1023, 576), true),
            ((640, 360), true),
            ((576, 1024), false),
            ((640, 480), false),
        ] {
            assert_eq!(drawn.fits(size.0, size.1), fits, "{size:?}");
        }
        assert!(mask("a", vec![]).fits(1, 1000));
    }
}
