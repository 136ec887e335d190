//! Leaves the room alone for a while.

use serde_json::{Value, json};

use crate::{
    domain::{command::Command, view::ZoneView},
    mqtt::entity::{Entity, Platform, State, iso},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Leaves the room alone for a while: no checks but those asked for. Goes back to `off` by itself; attribute: until when (`until`).",
    icon: "mdi:sleep",
    config: |_| json!({ "options": CHOICES.map(|(_, name)| name) }),
    state: Some(|zone| State::text(shown(zone.snooze.map(|(_, minutes)| minutes)))),
    attributes: Some(attributes),
    command: Some(|zone, payload| {
        let (minutes, _) = CHOICES.iter().find(|(_, name)| *name == payload)?;
        Some(Command::Snooze(zone.zone.id, *minutes))
    }),
    ..Entity::new("snooze", Platform::Select, "Snooze")
};

/// Minutes, and what stands for them.
const CHOICES: [(u32, &str); 9] = [
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

/// The choice that was made, or the next longer one if it was made elsewhere.
fn shown(minutes: Option<u32>) -> &'static str {
    let longest = CHOICES[CHOICES.len() - 1].1;
    minutes.map_or(CHOICES[0].1, |minutes| {
        let mut longer = CHOICES[1..].iter().filter(|(most, _)| minutes <= *most);
        longer.next().map_or(longest, |(_, name)| *name)
    })
}

fn attributes(zone: &ZoneView) -> Value {
    json!({ "until": zone.snooze.map(|(until, _)| iso(until)) })
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
            assert!(minutes <= LONGEST_SNOOZE, "{name} is too long");
        }
        assert_eq!(shown(Some(45)), "1 hour");
        assert_eq!(shown(Some(u32::MAX)), "1 week");
    }
}
