//! What a mask does to the gates: neither light nor the mask's own edges make
//! them see what is not there, and nothing under it is noticed.

use super::*;
use crate::domain::mask::{Mask, Polygon};

/// The left third, and a corner to the lower right.
fn mask() -> Mask {
    let area = |corners: &[[f32; 2]]| Polygon::try_from(corners.to_vec()).unwrap();
    Mask {
        camera: "camera.a".into(),
        areas: vec![
            area(&[[0.0, 0.0], [0.34, 0.0], [0.3, 1.0], [0.0, 1.0]]),
            area(&[[1.0, 0.6], [1.0, 1.0], [0.7, 1.0]]),
        ],
        drawn_on: Some((1024, 576)),
    }
}

fn likeness_masked(encoded: &[u8]) -> Fingerprint {
    prepare(encoded, Some(&mask())).unwrap().fingerprint
}

#[test]
fn other_light_is_no_change_beside_a_mask_either() {
    let room = room();
    let before = likeness_masked(&jpeg(&room, 85));
    for (what, seen) in SEEN_OTHERWISE {
        let now = likeness_masked(&seen(&room));
        assert!(!changed(&before, &now), "{what} counts as a change");
    }
}

#[test]
fn a_cup_is_noticed_beside_the_mask_and_not_under_it() {
    let before = likeness_masked(&jpeg(&room(), 85));
    let cup = |x, y| jpeg(&with_cup(room(), x, y, [180, 60, 40]), 85);
    assert!(changed(&before, &likeness_masked(&cup(500, 329))));
    assert!(!changed(&before, &likeness_masked(&cup(150, 420))));
    assert!(changed(
        &likeness(&jpeg(&room(), 85)),
        &likeness(&cup(150, 420))
    ));
}

#[test]
fn what_is_hidden_makes_no_picture_better_or_worse() {
    let refused = |picture: &RgbImage| prepare(&jpeg(picture, 85), Some(&mask())).err();
    let room = room();
    assert_eq!(
        refused(&each(&room, |_, _, v| v * 0.03)),
        Some(Unusable::Black)
    );
    assert_eq!(
        refused(&each(&room, |_, _, v| v * 3.0 + 120.0)),
        Some(Unusable::Overexposed)
    );
    assert_eq!(refused(&blurred(&room, 24.0)), Some(Unusable::Blurred));
    assert!(prepare(&jpeg(&room, 85), Some(&mask())).is_ok());
    // Bright and sharp, but only where nobody may look.
    let lit_left = each(&room, |x, _, v| if x < 290 { v } else { v * 0.03 });
    assert_eq!(refused(&lit_left), Some(Unusable::Black));
}

#[test]
fn an_empty_mask_changes_not_a_byte() {
    let encoded = jpeg(&room(), 85);
    let empty = Mask {
        areas: vec![],
        ..mask()
    };
    let (with, without) = (prepare(&encoded, Some(&empty)), prepare(&encoded, None));
    assert_eq!(with.unwrap().frame.jpeg, without.unwrap().frame.jpeg);
}
