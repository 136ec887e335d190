//! Degraded mode in one sentence: a file for each language in `texts`.

use std::sync::LazyLock;

use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;

use super::{Ability, Cause, Degraded, Until};
use crate::domain::{notification::words::language, sentence};

/// The languages of notifications, English first.
pub(super) const TEXTS: [(&str, &str); 5] = [
    ("en", include_str!("texts/en.json")),
    ("de", include_str!("texts/de.json")),
    ("fr", include_str!("texts/fr.json")),
    ("es", include_str!("texts/es.json")),
    ("nl", include_str!("texts/nl.json")),
];

#[derive(Debug, Deserialize)]
struct Words {
    sentence: String,
    since: String,
    until_at: String,
    until_back: String,
    until_mended: String,
    causes: Causes,
    abilities: Abilities,
}

#[derive(Debug, Deserialize)]
struct Causes {
    home_assistant: Why,
    mqtt: Why,
    store: Why,
    settings: Why,
    provider: Why,
    budget: Why,
    camera: Why,
    picture: Why,
}

/// What is the case, and what to do.
#[derive(Debug, Deserialize)]
struct Why {
    is: String,
    remedy: String,
}

#[derive(Debug, Deserialize)]
struct Abilities {
    cameras: String,
    judging: String,
    lists: String,
    notifications: String,
    entities: String,
    memory: String,
    options: String,
    page: String,
}

static WORDS: LazyLock<Vec<(&str, Words)>> = LazyLock::new(|| {
    let read = |text| serde_json::from_str(text).expect("the tests read every language");
    TEXTS
        .iter()
        .map(|(code, text)| (*code, read(text)))
        .collect()
});

fn words(code: &str) -> &'static Words {
    let code = language(code);
    let found = WORDS.iter().find(|(language, _)| *language == code);
    &found.unwrap_or(&WORDS[0]).1
}

/// Why a room cannot be checked and what to do, for a notice.
pub fn reason(cause: Cause, code: &str) -> String {
    let why = words(code).why(cause);
    sentence::sentence(&format!("{}; {}", why.is, why.remedy))
}

pub(super) fn sentence(told: &Degraded, code: &str, now: Timestamp, tz: &TimeZone) -> String {
    let words = words(code);
    let why: Vec<&Why> = told.causes.iter().map(|cause| words.why(*cause)).collect();
    let joined = |parts: Vec<&str>, by: &str| parts.join(by);
    let named = |abilities: &[Ability]| {
        let names = abilities.iter().map(|ability| words.ability(*ability));
        joined(names.collect(), ", ")
    };
    let since = told.since.map_or(String::new(), |since| {
        words.since.replace("{time}", &time(since, now, tz))
    });
    let until = match told.until {
        Until::At(at) => words.until_at.replace("{time}", &time(at, now, tz)),
        Until::Back => words.until_back.clone(),
        Until::Mended => words.until_mended.clone(),
    };
    let text = words
        .sentence
        .replace(
            "{causes}",
            &joined(why.iter().map(|w| &*w.is).collect(), ", "),
        )
        .replace("{since}", &since)
        .replace("{lost}", &named(&told.lost))
        .replace("{works}", &named(&told.works))
        .replace("{until}", &until)
        .replace(
            "{remedies}",
            &joined(why.iter().map(|w| &*w.remedy).collect(), "; "),
        );
    sentence::sentence(&text)
}

/// The time of the day; with its date if it is another day's.
fn time(at: Timestamp, now: Timestamp, tz: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(tz.clone()), now.to_zoned(tz.clone()));
    let format = if at.date() == now.date() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    at.strftime(format).to_string()
}

impl Words {
    fn why(&self, cause: Cause) -> &Why {
        match cause {
            Cause::HomeAssistant => &self.causes.home_assistant,
            Cause::Mqtt => &self.causes.mqtt,
            Cause::Store => &self.causes.store,
            Cause::Settings => &self.causes.settings,
            Cause::Provider => &self.causes.provider,
            Cause::Budget => &self.causes.budget,
            Cause::Camera => &self.causes.camera,
            Cause::Picture => &self.causes.picture,
        }
    }

    fn ability(&self, ability: Ability) -> &str {
        match ability {
            Ability::Cameras => &self.abilities.cameras,
            Ability::Judging => &self.abilities.judging,
            Ability::Lists => &self.abilities.lists,
            Ability::Notifications => &self.abilities.notifications,
            Ability::Entities => &self.abilities.entities,
            Ability::Memory => &self.abilities.memory,
            Ability::Options => &self.abilities.options,
            Ability::Page => &self.abilities.page,
        }
    }
}
