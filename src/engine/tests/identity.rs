//! Who is who when the options change, and what a person set by hand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::household_world::disk::boot;
use crate::{
    domain::{
        command::Command,
        effect::{Change, Effect, ZoneState},
        household::{Event, Household, interval},
        mask::{Mask, Masks, Polygon},
        zone::{Zone, ZoneId, ZoneOptions},
    },
    ports::Remembered,
};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn zone(name: &str, camera: &str, minutes: u32) -> ZoneOptions {
    ZoneOptions {
        name: name.into(),
        slug: name.to_lowercase(),
        cameras: vec![camera.into()],
        interval_minutes: minutes,
        ..ZoneOptions::default()
    }
}

/// A household that writes down what it is told to.
struct Home {
    household: Household,
    zones: BTreeMap<ZoneId, Zone>,
    states: BTreeMap<ZoneId, ZoneState>,
}

impl Home {
    fn of(zones: Vec<ZoneOptions>) -> Self {
        let mut home = Self {
            household: household(vec![], 0),
            zones: BTreeMap::new(),
            states: BTreeMap::new(),
        };
        home.configure(zones, true);
        home
    }

    fn apply(&mut self, event: Event) {
        for effect in self.household.apply(event, now()) {
            match effect {
                Effect::Save(Change::Zone(zone)) => {
                    self.zones.insert(zone.id, zone);
                }
                Effect::Save(Change::ZoneState(id, state)) => {
                    self.states.insert(id, state);
                }
                Effect::Save(Change::RemoveZone(id)) => {
                    self.zones.remove(&id);
                    self.states.remove(&id);
                }
                _ => {}
            }
        }
    }

    fn configure(&mut self, zones: Vec<ZoneOptions>, complete: bool) {
        self.apply(Event::Configured { zones, complete });
    }

    /// Everything that is written down, read by a new household.
    fn restart(&mut self) {
        let last = self.zones.keys().map(|id| id.0).max().unwrap_or(0);
        let zones = self
            .zones
            .values()
            .map(|zone| {
                let state = self.states.get(&zone.id).cloned();
                (zone.clone(), state.unwrap_or_default())
            })
            .collect();
        self.household = household(zones, last);
    }

    fn ids(&self) -> Vec<(String, u32)> {
        let zones = self.household.zones();
        zones
            .map(|z| (z.zone.options.name.clone(), z.zone.id.0))
            .collect()
    }

    fn set_interval(&mut self, zone: u32, minutes: u32) {
        self.apply(Event::Command(Command::SetInterval(ZoneId(zone), minutes)));
    }

    fn interval(&self, zone: u32) -> u32 {
        interval(self.household.zone(ZoneId(zone)).unwrap())
    }
}

fn household(zones: Vec<(Zone, ZoneState)>, last: u32) -> Household {
    boot(&Remembered {
        zones,
        last_zone: last,
        ..Remembered::default()
    })
}

fn named(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
    let pairs = expected.iter();
    pairs.map(|(name, id)| ((*name).to_owned(), *id)).collect()
}

#[test]
fn one_zone_renamed_is_the_same_zone() {
    let mut home = Home::of(vec![
        zone("Bath", "camera.b", 60),
        zone("Den", "camera.d", 60),
    ]);
    home.set_interval(1, 5);
    home.configure(
        vec![zone("Spa", "camera.b", 60), zone("Den", "camera.d", 60)],
        true,
    );
    assert_eq!(home.ids(), named(&[("Spa", 1), ("Den", 2)]));
    assert_eq!(home.interval(1), 5, "what was set by hand goes along");
    home.restart();
    home.configure(
        vec![zone("Den", "camera.d", 60), zone("Spa", "camera.b", 60)],
        true,
    );
    assert_eq!(
        home.ids(),
        named(&[("Spa", 1), ("Den", 2)]),
        "the order means nothing"
    );
}

#[test]
fn what_is_no_rename_is_a_removal_and_an_addition() {
    let both = || {
        Home::of(vec![
            zone("Bath", "camera.b", 60),
            zone("Den", "camera.d", 60),
        ])
    };
    // Two at once: nobody can say which is which.
    let mut home = both();
    home.configure(
        vec![zone("Spa", "camera.b", 60), zone("Lair", "camera.d", 60)],
        true,
    );
    assert_eq!(home.ids(), named(&[("Spa", 3), ("Lair", 4)]));
    // Another name and another camera.
    let mut home = both();
    home.configure(
        vec![zone("Spa", "camera.x", 60), zone("Den", "camera.d", 60)],
        true,
    );
    assert_eq!(home.ids(), named(&[("Den", 2), ("Spa", 3)]));
    // One vanished and two are new.
    let mut home = both();
    let zones = vec![
        zone("Spa", "camera.b", 60),
        zone("Den", "camera.d", 60),
        zone("Hall", "camera.h", 60),
    ];
    home.configure(zones, true);
    assert_eq!(home.ids(), named(&[("Den", 2), ("Spa", 3), ("Hall", 4)]));
}

#[test]
fn an_id_is_never_given_again() {
    let mut home = Home::of(vec![zone("Bath", "camera.b", 60)]);
    home.configure(vec![], true);
    home.configure(vec![zone("Bath", "camera.b", 60)], true);
    assert_eq!(home.ids(), named(&[("Bath", 2)]));
}

#[test]
fn options_that_are_not_understood_remove_and_rename_nobody() {
    let mut home = Home::of(vec![zone("Bath", "camera.b", 60)]);
    home.configure(vec![zone("Spa", "camera.b", 60)], false);
    assert_eq!(home.ids(), named(&[("Spa", 2)]));
    home.configure(vec![zone("Bath", "camera.b", 60)], true);
    assert_eq!(home.ids(), named(&[("Bath", 1)]), "it was only away");
}

#[test]
fn an_interval_set_by_hand_holds_until_its_option_changes() {
    let mut home = Home::of(vec![zone("Bath", "camera.b", 60)]);
    home.set_interval(1, 5);
    assert_eq!(home.interval(1), 5);
    home.restart();
    home.configure(vec![zone("Bath", "camera.other", 60)], true);
    assert_eq!(
        home.interval(1),
        5,
        "over a restart, and whatever else changes"
    );
    home.configure(vec![zone("Bath", "camera.other", 30)], true);
    assert_eq!(home.interval(1), 30);
    // Back to what it had replaced: it has ended all the same.
    home.configure(vec![zone("Bath", "camera.other", 60)], true);
    assert_eq!(home.interval(1), 60);
    home.restart();
    home.configure(vec![zone("Bath", "camera.other", 60)], true);
    assert_eq!(home.interval(1), 60, "and it is written down that it ended");
}

#[test]
fn an_option_that_changes_while_stopped_ends_it_too() {
    let mut home = Home::of(vec![zone("Bath", "camera.b", 60)]);
    home.set_interval(1, 5);
    home.restart();
    home.configure(vec![zone("Bath", "camera.b", 45)], true);
    assert_eq!(home.interval(1), 45);
}

/// There is no option that it could have replaced.
#[test]
fn monitoring_is_what_a_person_says_whatever_the_options_say() {
    let mut home = Home::of(vec![zone("Bath", "camera.b", 60)]);
    home.apply(Event::Command(Command::SetMonitoring(ZoneId(1), false)));
    home.restart();
    home.configure(vec![zone("Spa", "camera.b", 15)], true);
    let off: BTreeSet<bool> = home.household.zones().map(|z| z.state.monitoring).collect();
    assert_eq!(off, BTreeSet::from([false]));
}

fn hiding(camera: &str) -> Mask {
    let corners = vec![[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]];
    Mask {
        camera: camera.into(),
        areas: vec![Polygon::try_from(corners).unwrap()],
        drawn_on: None,
    }
}

#[test]
fn what_is_hidden_stays_hidden_in_whatever_zone_its_camera_is_seen_next() {
    let mut home = Home::of(vec![
        zone("Bath", "camera.b", 60),
        zone("Den", "camera.d", 60),
    ]);
    let masks = Masks::Drawn(vec![hiding("camera.b")]);
    home.apply(Event::Command(Command::Mask(ZoneId(1), masks.clone())));
    // Both renamed at once: nobody knows which is which, but for their cameras.
    let renamed = vec![zone("Study", "camera.d", 60), zone("Spa", "camera.b", 60)];
    home.configure(renamed.clone(), true);
    home.restart();
    home.configure(renamed, true);
    for record in home.household.zones() {
        let spa = record.zone.options.name == "Spa";
        let expected = if spa { &masks } else { &Masks::None };
        assert_eq!(record.state.masks, *expected);
    }
    // One room made of two: the camera that had no mask is asked about.
    let mut one = zone("House", "camera.b", 60);
    one.cameras.push("camera.d".into());
    home.configure(vec![one], true);
    let state = &home.household.zones().next().unwrap().state;
    assert!(state.masks.of("camera.b").unwrap().is_some());
    assert!(state.masks.of("camera.d").is_err());
}

#[test]
fn where_masks_were_lost_no_new_zone_is_shown_until_somebody_looked() {
    let mut home = Home::of(vec![]);
    home.household.masks_lost = true;
    let zones = vec![zone("Bath", "camera.b", 60)];
    home.configure(zones.clone(), true);
    home.restart();
    home.configure(zones, true);
    let id = home.household.zones().next().unwrap().zone.id;
    let masks = |home: &Home| home.household.zone(id).unwrap().state.masks.clone();
    assert_eq!(masks(&home), Masks::Unreadable);
    home.apply(Event::Command(Command::Mask(id, Masks::None)));
    assert_eq!(masks(&home), Masks::None);
}
