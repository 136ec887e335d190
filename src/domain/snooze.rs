//! How long a room can be left alone: the same choices, in the same words, for
//! the entity, the page and its API.

/// Minutes, and what stands for them.
pub const CHOICES: [(u32, &str); 9] = [
    (0, "off"),
    (30, "30 minutes"),
    (60, "1 hour"),
    (120, "2 hours"),
    (240, "4 hours"),
    (480, "8 hours"),
    (24 * 60, "1 day"),
    (3 * 24 * 60, "3 days"),
    (7 * 24 * 60, "1 week"),
];

/// The choices in words, from `off` to the longest.
pub fn choices() -> [&'static str; CHOICES.len()] {
    CHOICES.map(|(_, name)| name)
}

/// What a choice means; `None`: it is none.
pub fn minutes(choice: &str) -> Option<u32> {
    let found = CHOICES.iter().find(|(_, name)| *name == choice);
    found.map(|(minutes, _)| *minutes)
}

/// The choice that was made, or the next longer one if it was made elsewhere.
pub fn shown(minutes: Option<u32>) -> &'static str {
    let longest = CHOICES[CHOICES.len() - 1].1;
    minutes.map_or(CHOICES[0].1, |minutes| {
        let mut longer = CHOICES[1..].iter().filter(|(most, _)| minutes <= *most);
        longer.next().map_or(longest, |(_, name)| *name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::household::LONGEST_SNOOZE;

    #[test]
    fn every_choice_is_shown_as_it_was_made() {
        for (minutes, name) in CHOICES {
            let made = (minutes > 0).then_some(minutes);
            assert_eq!(shown(made), name);
            assert_eq!(super::minutes(name), Some(minutes));
            assert!(minutes <= LONGEST_SNOOZE, "{name} is too long");
        }
        assert_eq!(shown(Some(45)), "1 hour");
        assert_eq!(shown(Some(u32::MAX)), "1 week");
        assert_eq!(super::minutes("forever"), None);
    }
}
