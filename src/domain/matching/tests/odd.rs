//! Titles that are written oddly, and long ones that differ in one word.

use super::super::*;

#[test]
fn a_letter_written_in_two_signs_is_the_same_letter() {
    assert!(same_task("Küche wischen", "Ku\u{308}che wischen"));
    assert!(same_task("Ranger le café", "Ranger le cafe\u{301}"));
    assert!(is_ignored("Küche wischen", &["ku\u{308}che".to_owned()]));
}

#[test]
fn titles_without_a_word_are_one_task_only_if_they_are_equal() {
    assert!(!same_task("🧹🧹🧹", "🍽️🍽️🍽️"));
    assert!(same_task("🧹🧹🧹", " 🧹🧹🧹 "));
    assert!(!same_task("🧹", "Sweep the floor"));
}

#[test]
fn one_word_of_place_or_colour_makes_another_task_in_a_long_title_too() {
    for (a, b) in [
        (
            "Clear the upper kitchen shelf left",
            "Clear the kitchen shelf left",
        ),
        (
            "Put the three red cups on the left shelf by the oven away now",
            "Put the three blue cups on the left shelf by the oven away now",
        ),
    ] {
        assert!(!same_task(a, b), "{a} / {b}");
    }
}
