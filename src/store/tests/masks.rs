//! The masks' own file: what a room hides outlives the database that said it.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use rusqlite::Connection;

use super::*;
use crate::store::masks::FILE;

fn square(from: f32) -> Mask {
    let to = from + 0.25;
    let corners = vec![[from, from], [to, from], [to, to], [from, to]];
    Mask {
        camera: "camera.kitchen".into(),
        areas: vec![Polygon::try_from(corners).unwrap()],
        drawn_on: Some((1024, 576)),
    }
}

fn hiding(from: f32) -> ZoneState {
    ZoneState {
        masks: Masks::Drawn(vec![square(from)]),
        ..ZoneState::default()
    }
}

/// Zone 1 shows everything, zone 2 ("bath") hides something.
fn with_masks() -> TempDir {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    let changes = [
        Change::Zone(zone(1)),
        Change::Zone(bath()),
        Change::ZoneState(ZoneId(2), hiding(0.1)),
    ];
    database.commit(&changes).unwrap();
    database.close();
    dir
}

fn bath() -> Zone {
    let mut bath = zone(2);
    bath.options.name = "Bath".into();
    bath.options.slug = "bath".into();
    bath
}

fn in_dir(dir: &TempDir, name: &str) -> PathBuf {
    dir.path().join(name)
}

/// The masks of the bath, what the notices say, and everything else.
fn reopened(dir: &TempDir) -> (Option<Masks>, String, Remembered) {
    let (_, remembered, notices) = opening::open(dir.path(), now());
    let mut baths = (remembered.zones.iter()).filter(|(zone, _)| zone.options.slug == "bath");
    let masks = baths.next().map(|(_, state)| state.masks.clone());
    assert!(baths.next().is_none());
    (masks, notices.join(" "), remembered)
}

type Harm = (&'static str, fn(&TempDir));

/// What may happen to a database. The backup copy is gone in all but the last.
const HARMS: [Harm; 5] = [
    ("damaged", |dir| {
        fs::remove_file(in_dir(dir, copies::COPY)).unwrap();
        fs::write(in_dir(dir, opening::FILE), "no database").unwrap();
    }),
    ("empty", |dir| {
        fs::remove_file(in_dir(dir, copies::COPY)).unwrap();
        fs::write(in_dir(dir, opening::FILE), "").unwrap();
    }),
    ("newer", |dir| {
        Connection::open(in_dir(dir, opening::FILE))
            .unwrap()
            .execute_batch("PRAGMA user_version = 41")
            .unwrap();
    }),
    ("gone", |dir| {
        fs::remove_file(in_dir(dir, copies::COPY)).unwrap();
        fs::remove_file(in_dir(dir, opening::FILE)).unwrap();
    }),
    ("from before there were masks", |dir| {
        fs::remove_file(in_dir(dir, opening::FILE)).unwrap();
        Connection::open(in_dir(dir, copies::COPY))
            .unwrap()
            .execute_batch("UPDATE zone_state SET masks = NULL")
            .unwrap();
    }),
];

#[test]
fn whatever_happens_to_the_database_what_is_hidden_stays_hidden() {
    for (what, harm) in HARMS {
        let dir = with_masks();
        harm(&dir);
        let (masks, said, remembered) = reopened(&dir);
        assert_eq!(masks, Some(hiding(0.1).masks), "{what}");
        assert!(!remembered.masks_lost, "{what}");
        assert!(said.contains("The masks of Bath were kept in "), "{said}");
        assert!(remembered.last_zone >= 1, "{what}");
        // It is in the tables again, and nobody is told twice.
        assert_eq!(open(&dir).1.zones, remembered.zones, "{what}");
    }
}

#[test]
fn where_the_masks_are_lost_too_no_room_is_shown_and_a_sentence_says_so() {
    for (what, harm) in HARMS {
        for text in ["", "[{\"zone\":", "[{\"zone\":{\"id\":2},\"masks\":[]}]"] {
            let dir = with_masks();
            harm(&dir);
            fs::write(in_dir(&dir, FILE), text).unwrap();
            let (_, said, remembered) = reopened(&dir);
            assert!(remembered.masks_lost, "{what} {text}");
            let shown = |(_, state): &(Zone, ZoneState)| state.masks == Masks::None;
            assert!(!remembered.zones.iter().any(shown), "{what} {text}");
            assert!(said.contains("masks.json, cannot be read ("), "{said}");
            assert!(said.contains("open Masks on AICleaner's page"), "{said}");
        }
    }
}

#[test]
fn a_room_that_nobody_looked_at_again_stays_unseen_after_the_next_start() {
    let dir = with_masks();
    HARMS[0].1(&dir);
    fs::remove_file(in_dir(&dir, FILE)).unwrap();
    fs::create_dir(in_dir(&dir, FILE)).unwrap();
    let (_, _, remembered) = reopened(&dir);
    assert!(remembered.masks_lost);
    // Stopped before there was a zone: still nobody knows.
    assert!(reopened(&dir).2.masks_lost);

    fs::remove_dir(in_dir(&dir, FILE)).unwrap();
    fs::write(in_dir(&dir, FILE), "?").unwrap();
    let (mut database, remembered, _) = opening::open(dir.path(), now());
    assert!(remembered.masks_lost);
    let unseen = ZoneState {
        masks: Masks::Unreadable,
        ..ZoneState::default()
    };
    let changes = [Change::Zone(bath()), Change::ZoneState(ZoneId(2), unseen)];
    database.commit(&changes).unwrap();
    database.close();
    assert_eq!(open(&dir).1.zones[0].1.masks, Masks::Unreadable);
    // And once more without the database.
    HARMS[0].1(&dir);
    assert_eq!(reopened(&dir).0, Some(Masks::Unreadable));
}

#[test]
fn a_whole_database_needs_no_file_and_mends_it() {
    for text in [None, Some("?"), Some("[]")] {
        let dir = with_masks();
        match text {
            Some(text) => fs::write(in_dir(&dir, FILE), text).unwrap(),
            None => fs::remove_file(in_dir(&dir, FILE)).unwrap(),
        }
        assert_eq!(open(&dir).1.zones[1].1.masks, hiding(0.1).masks);
        HARMS[0].1(&dir);
        assert_eq!(reopened(&dir).0, Some(hiding(0.1).masks), "{text:?}");
    }
}

#[test]
fn the_file_follows_every_change_and_is_for_nobody_else() {
    let dir = with_masks();
    let mode = fs::metadata(in_dir(&dir, FILE)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let (mut database, _) = open(&dir);
    let again = Change::ZoneState(ZoneId(2), hiding(0.5));
    database.commit(&[again]).unwrap();
    let mut renamed = bath();
    renamed.options.slug = "bathroom".into();
    database.commit(&[Change::Zone(renamed)]).unwrap();
    drop(database);
    HARMS[0].1(&dir);
    let (_, _, remembered) = reopened(&dir);
    let [(zone, state)] = &remembered.zones[..] else {
        panic!("{remembered:?}")
    };
    assert_eq!(zone.options.slug, "bathroom");
    assert_eq!(state.masks, hiding(0.5).masks);

    let (mut database, _) = open(&dir);
    let shown = Change::ZoneState(zone.id, ZoneState::default());
    database.commit(&[shown]).unwrap();
    database.close();
    HARMS[0].1(&dir);
    assert_eq!(reopened(&dir).2.zones, []);
}

#[test]
fn masks_that_the_file_does_not_take_are_not_saved_at_all() {
    let dir = with_masks();
    let (mut database, _) = open(&dir);
    fs::create_dir(in_dir(&dir, "masks.json.new")).unwrap();
    let sentence = database
        .commit(&[Change::ZoneState(ZoneId(1), hiding(0.3))])
        .unwrap_err();
    assert!(sentence.contains("masks.json"), "{sentence}");
    database.commit(&[Change::House(house(3))]).unwrap();
    fs::remove_dir(in_dir(&dir, "masks.json.new")).unwrap();
    database
        .commit(&[Change::ZoneState(ZoneId(1), hiding(0.3))])
        .unwrap();
    database.close();
    assert_eq!(open(&dir).1.zones[0].1.masks, hiding(0.3).masks);
}
