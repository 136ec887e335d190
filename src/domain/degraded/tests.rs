//! Cases, and whatever states the parts may be in.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::domain::notification::words::LANGUAGES;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn wrong() -> Condition {
    Condition::Degraded("Something. And more.".into())
}

type Parts = Vec<(Component, Condition, Timestamp)>;

#[test]
fn each_state_of_the_house_is_one_sentence() {
    use Ability::*;
    let (eight, nine) = (at("2027-01-15T08:00:00Z"), at("2027-01-15T09:00:00Z"));
    let now = at("2027-01-15T12:00:00Z");
    let midnight = at("2027-01-16T00:00:00Z");
    let away = || Condition::Paused("It restarts.".into());
    let spent = || Condition::Off("All is spent.".into());
    let cases: Vec<(Parts, Option<Timestamp>, Vec<Ability>, &str)> = vec![
        (
            vec![(Component::HomeAssistant, away(), eight)],
            None,
            vec![Cameras, Lists, Notifications],
            "Home Assistant does not answer (since 08:00); not working: pictures from Home Assistant, to-do lists, notifications; working: judging, entities, remembering across a restart, all that the options ask for, the page; all goes on by itself when that is over; if it stays so, restart Home Assistant.",
        ),
        (
            vec![(Component::Provider, wrong(), eight)],
            Some(now),
            vec![Judging],
            "Nobody can judge the pictures (since 08:00); not working: judging; working: pictures from Home Assistant, to-do lists, notifications, entities, remembering across a restart, all that the options ask for, the page; all goes on at 12:00; look at the providers on the page of AICleaner.",
        ),
        (
            vec![(Component::Provider, spent(), eight)],
            Some(midnight),
            vec![Judging],
            "The AI calls of today are used up (since 08:00); not working: judging; working: pictures from Home Assistant, to-do lists, notifications, entities, remembering across a restart, all that the options ask for, the page; all goes on at 2027-01-16 00:00; for more of them raise the limit in the options.",
        ),
        (
            vec![
                (Component::Mqtt, wrong(), nine),
                (Component::Store, wrong(), eight),
            ],
            None,
            vec![Entities, Memory],
            "The MQTT broker cannot be used, the database has trouble (since 08:00); not working: entities, remembering across a restart; working: pictures from Home Assistant, judging, to-do lists, notifications, all that the options ask for, the page; all goes on by itself when that is over; if it stays so, check the broker and the option mqtt; check the free space of the disk, and the log.",
        ),
        (
            vec![
                (Component::Settings, wrong(), nine),
                (Component::Provider, wrong(), nine),
            ],
            Some(midnight),
            vec![Judging, Options],
            "Some options cannot be used, nobody can judge the pictures (since 09:00); not working: judging, all that the options ask for; working: pictures from Home Assistant, to-do lists, notifications, entities, remembering across a restart, the page; all goes on when that is mended; correct what the page names in the options; look at the providers on the page of AICleaner.",
        ),
    ];
    for (parts, again_at, lost, sentence) in cases {
        let parts = parts.iter().map(|(part, c, at)| (*part, c, Some(*at)));
        let found = degraded(parts, again_at).unwrap();
        assert_eq!(found.lost, lost);
        let told = found.told("en", now, &TimeZone::UTC);
        assert_eq!(told.sentence, sentence);
    }
    let well = [
        (Component::Mqtt, Condition::Off("No broker.".into())),
        (Component::Store, Condition::Starting),
        (Component::HomeAssistant, Condition::Ok),
    ];
    let well = well.iter().map(|(part, c)| (*part, c, None));
    assert_eq!(degraded(well, Some(now)), None);
}

fn any_condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::Starting),
        Just(Condition::Ok),
        Just(Condition::Off("It is off.".into())),
        Just(Condition::Paused("It is away.".into())),
        Just(wrong()),
    ]
}

proptest! {
    #[test]
    fn whatever_fails_all_is_said_in_one_sentence_of_every_language(
        conditions in proptest::collection::vec((any_condition(), proptest::option::of(0_i64..10_000_000)), 5),
        again_at in proptest::option::of(0_i64..10_000_000),
    ) {
        let moment = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let parts = || {
            let both = Component::ALL.into_iter().zip(&conditions);
            both.map(|(part, (c, since))| (part, c, since.map(moment)))
        };
        let ill: Vec<_> = parts()
            .filter(|(part, c, _)| match c {
                Condition::Paused(_) | Condition::Degraded(_) => true,
                Condition::Off(_) => *part == Component::Provider,
                Condition::Starting | Condition::Ok => false,
            })
            .collect();
        let found = degraded(parts(), again_at.map(moment));
        prop_assert_eq!(found.is_none(), ill.is_empty());
        let Some(found) = found else { return Ok(()) };
        prop_assert_eq!(found.causes.len(), ill.len());
        prop_assert_eq!(found.since, ill.iter().filter_map(|(_, _, since)| *since).min());
        // Everything works or does not, and never both.
        prop_assert!(!found.lost.is_empty() && found.works.contains(&Ability::Page));
        let all: BTreeSet<_> = found.works.iter().chain(&found.lost).copied().collect();
        prop_assert_eq!(all.len(), found.works.len() + found.lost.len());
        prop_assert!(all.into_iter().eq(Ability::ALL));

        let now = moment(5_000_000);
        let mut said = BTreeSet::new();
        for (code, _) in LANGUAGES {
            let told = found.told(code, now, &TimeZone::UTC);
            let sentence = &told.sentence;
            prop_assert!(sentence.find('.') == Some(sentence.len() - 1), "{sentence}");
            prop_assert!(!sentence.contains(['{', '}', '!', '?']), "{sentence}");
            prop_assert!(sentence.starts_with(char::is_uppercase), "{sentence}");
            if let Some(at) = told.until {
                prop_assert_eq!(Some(at), again_at.map(moment));
                prop_assert!(sentence.contains(&at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string()));
            }
            said.insert(told.sentence);
        }
        prop_assert_eq!(said.len(), LANGUAGES.len());
    }
}

fn leaves(value: &Value, path: &str, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(group) => {
            for (key, value) in group {
                leaves(value, &format!("{path}.{key}"), into);
            }
        }
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => panic!("{path}: {other}"),
    }
}

#[test]
fn every_language_says_the_same_in_its_own_words() {
    let table = |text: &str| {
        let mut table = BTreeMap::new();
        leaves(&serde_json::from_str(text).unwrap(), "", &mut table);
        table
    };
    let placeholders = |text: &str| -> BTreeSet<String> {
        text.match_indices('{')
            .map(|(start, _)| text[start..=start + text[start..].find('}').unwrap()].to_owned())
            .collect()
    };
    assert!(words::TEXTS.map(|(code, _)| code) == LANGUAGES.map(|(code, _)| code));
    let english = table(words::TEXTS[0].1);
    for (code, text) in &words::TEXTS[1..] {
        let other = table(text);
        assert!(english.keys().eq(other.keys()), "{code}: other keys");
        for (key, text) in &other {
            assert_eq!(
                placeholders(text),
                placeholders(&english[key]),
                "{code}{key}"
            );
            assert_ne!(text, &english[key], "{code}{key} is left in English");
        }
    }
}

#[test]
fn a_notice_gives_its_reason_in_the_language_of_the_household() {
    let why = Cause::of_check(ErrorClass::Camera);
    assert_eq!(
        reason(why, "de-CH"),
        "Die Kamera liefert kein Bild; prüfen, ob sie in Home Assistant funktioniert."
    );
    for class in ErrorClass::ALL {
        let said: BTreeSet<String> = (LANGUAGES.iter())
            .map(|(code, _)| reason(Cause::of_check(class), code))
            .collect();
        assert_eq!(said.len(), LANGUAGES.len(), "{class:?}");
    }
}
