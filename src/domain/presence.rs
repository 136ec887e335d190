//! Whether somebody is at home whom no picture shall show.
//!
//! Fails closed: an entity whose state is not known counts as at home.

use std::collections::BTreeMap;

/// The entities of `advanced.pause_when_home` and what they said last.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    states: BTreeMap<String, Option<String>>,
}

impl Presence {
    /// Takes the entities of the options over; what is known of them stays.
    pub fn configure(&mut self, entities: &[String]) {
        let mut old = std::mem::take(&mut self.states);
        self.states = entities
            .iter()
            .map(|entity| (entity.clone(), old.remove(entity).flatten()))
            .collect();
    }

    pub fn entities(&self) -> impl Iterator<Item = &String> {
        self.states.keys()
    }

    pub fn seen(&mut self, entity: &str, state: &str) {
        if let Some(known) = self.states.get_mut(entity) {
            *known = Some(state.to_owned());
        }
    }

    /// Why no picture may be taken now, in a sentence; `None`: everybody is
    /// out. `in_touch`: Home Assistant tells us of every change.
    pub fn hold(&self, in_touch: bool) -> Option<String> {
        if self.states.is_empty() {
            return None;
        }
        if !in_touch {
            return Some(
                "No pictures are taken: without Home Assistant nobody knows who is at home (advanced.pause_when_home).".into(),
            );
        }
        let (entity, unknown) = self.states.iter().find_map(|(entity, state)| match state {
            Some(state) if is_away(state) => None,
            Some(state) => Some((entity, matches!(state.as_str(), "unavailable" | "unknown"))),
            None => Some((entity, true)),
        })?;
        Some(if unknown {
            format!(
                "No pictures are taken: whether {entity} is at home is not known (advanced.pause_when_home); check it in Home Assistant."
            )
        } else {
            format!("No pictures are taken while {entity} is at home (advanced.pause_when_home).")
        })
    }
}

/// A person in another zone is away; a zone's number of people is 0 then.
fn is_away(state: &str) -> bool {
    match state {
        "home" | "on" | "unavailable" | "unknown" | "" => false,
        "off" | "not_home" => true,
        other => other.parse::<f64>().map_or(true, |people| people <= 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence() -> Presence {
        let mut presence = Presence::default();
        presence.configure(&["person.anna".into(), "zone.home".into()]);
        presence.seen("person.anna", "not_home");
        presence.seen("zone.home", "0");
        presence
    }

    #[test]
    fn anybody_at_home_holds_everything() {
        let mut presence = presence();
        assert_eq!(presence.hold(true), None);
        presence.seen("person.anna", "Work");
        assert_eq!(presence.hold(true), None);
        for (entity, state) in [("person.anna", "home"), ("zone.home", "2")] {
            let mut presence = presence.clone();
            presence.seen(entity, state);
            assert!(presence.hold(true).unwrap().contains(entity));
        }
        assert_eq!(Presence::default().hold(false), None);
    }

    #[test]
    fn what_is_not_known_counts_as_at_home() {
        let mut presence = presence();
        assert!(presence.hold(false).unwrap().contains("nobody knows"));
        for state in ["unavailable", "unknown", ""] {
            presence.seen("person.anna", state);
            assert!(presence.hold(true).is_some(), "{state}");
        }
        presence.seen("person.anna", "not_home");
        presence.configure(&["person.anna".into(), "person.ben".into()]);
        assert!(presence.hold(true).unwrap().contains("person.ben"));
    }
}
