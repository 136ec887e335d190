//! An entity is data and a few functions of what it shows. One file each in
//! `entities/`, a row each in `ENTITIES`; topics and discovery payloads follow
//! from the row.

use std::fmt::Display;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::entities as e;
use crate::domain::{
    command::Command,
    view::{View, ZoneView},
};

/// An entity of the hub (`S` = `View`) or of each zone (`S` = `ZoneView`).
pub struct Entity<S: 'static> {
    /// Its name in topics and ids; unique among its kind, never changed.
    pub key: &'static str,
    pub platform: Platform,
    /// What Home Assistant shows after the device's name.
    pub name: &'static str,
    /// One line for the documentation.
    pub about: &'static str,
    pub category: Category,
    /// An icon, `mdi:…`; empty where the device class has one that follows the state.
    pub icon: &'static str,
    /// The keys of the discovery payload that are its own: class, unit, range …
    pub config: fn(&S) -> Value,
    /// What it shows; buttons show nothing, and events are told when they happen.
    pub state: Option<fn(&S) -> State>,
    /// A JSON object, slowly changing and at most 4 KiB: Home Assistant records it.
    pub attributes: Option<fn(&S) -> Value>,
    /// What a payload on its command topic asks for; `None` if it makes no sense.
    pub command: Option<fn(&S, &str) -> Option<Command>>,
}

impl<S> Entity<S> {
    /// What most entities are; a row names what differs.
    pub const fn new(key: &'static str, platform: Platform, name: &'static str) -> Self {
        Self {
            key,
            platform,
            name,
            about: "",
            category: Category::Main,
            icon: "",
            config: |_| Value::Null,
            state: None,
            attributes: None,
            command: None,
        }
    }
}

/// A platform of Home Assistant's MQTT integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    BinarySensor,
    Button,
    Event,
    Image,
    Number,
    Select,
    Sensor,
    Switch,
    Text,
}

impl Platform {
    /// The domain of its entity ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::BinarySensor => "binary_sensor",
            Self::Button => "button",
            Self::Event => "event",
            Self::Image => "image",
            Self::Number => "number",
            Self::Select => "select",
            Self::Sensor => "sensor",
            Self::Switch => "switch",
            Self::Text => "text",
        }
    }
}

/// Where Home Assistant files an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// What the household looks at.
    Main,
    /// How the service is.
    Diagnostic,
    /// How it is set up. Home Assistant refuses it for sensors.
    Config,
}

/// What an entity shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Unknown,
    Text(String),
    /// A JPEG.
    Picture(Bytes),
}

impl State {
    pub fn text(value: impl Display) -> Self {
        Self::Text(value.to_string())
    }

    pub fn known(value: Option<impl Display>) -> Self {
        value.map_or(Self::Unknown, Self::text)
    }

    pub fn on_off(on: bool) -> Self {
        Self::text(if on { ON } else { OFF })
    }

    /// To one decimal; what cannot be computed is unknown.
    pub fn tenths(value: f32) -> Self {
        Self::known(value.is_finite().then(|| format!("{value:.1}")))
    }

    pub fn time(at: Option<Timestamp>) -> Self {
        Self::known(at.map(iso))
    }
}

pub const ON: &str = "ON";
pub const OFF: &str = "OFF";
/// What a button sends.
pub const PRESS: &str = "PRESS";

/// Reads what a switch sends.
pub fn switched(payload: &str) -> Option<bool> {
    match payload {
        ON => Some(true),
        OFF => Some(false),
        _ => None,
    }
}

/// A time as Home Assistant reads it, to the second: more would only make
/// equal moments look different.
pub fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Every entity there is, in the order of the documentation.
pub struct Entities {
    pub hub: &'static [Entity<View>],
    pub zone: &'static [Entity<ZoneView>],
}

pub static ENTITIES: Entities = Entities {
    hub: &[
        e::hub_status::ENTITY,
        e::hub_enabled::ENTITY,
        e::hub_problem::ENTITY,
        e::hub_config_status::ENTITY,
        e::hub_check_all::ENTITY,
        e::hub_last_check::ENTITY,
        e::hub_queue::ENTITY,
        e::hub_provider::ENTITY,
        e::hub_ai_calls_today::ENTITY,
        e::hub_ai_cost_today::ENTITY,
        e::hub_ai_calls_saved_today::ENTITY,
        e::hub_error_rate::ENTITY,
        e::hub_memory::ENTITY,
        e::hub_started::ENTITY,
        e::hub_version::ENTITY,
    ],
    zone: &[
        e::zone_cleanliness::ENTITY,
        e::zone_tasks::ENTITY,
        e::zone_needs_cleaning::ENTITY,
        e::zone_status::ENTITY,
        e::zone_problem::ENTITY,
        e::zone_streak_days::ENTITY,
        e::zone_last_check::ENTITY,
        e::zone_next_check::ENTITY,
        e::zone_snapshot::ENTITY,
        e::zone_event::ENTITY,
        e::zone_check_now::ENTITY,
        e::zone_mark_all_done::ENTITY,
        e::zone_this_is_clean::ENTITY,
        e::zone_looks_tidy::ENTITY,
        e::zone_looks_messy::ENTITY,
        e::zone_monitoring::ENTITY,
        e::zone_snooze::ENTITY,
        e::zone_interval_minutes::ENTITY,
        e::zone_pickiness::ENTITY,
        e::zone_ignore::ENTITY,
    ],
};

impl Entities {
    /// The documentation's tables, in Markdown, for the default device id.
    pub fn markdown(&self) -> String {
        format!(
            "### Hub\n\n{}\n### Each zone\n\n{}",
            table(self.hub, "aicleaner_v3"),
            table(self.zone, "aicleaner_<zone>")
        )
    }
}

fn table<S>(entities: &[Entity<S>], prefix: &str) -> String {
    let row = |entity: &Entity<S>| {
        let (domain, key) = (entity.platform.name(), entity.key);
        let (name, about) = (entity.name, entity.about);
        format!("| `{domain}.{prefix}_{key}` | {name} | {about} |\n")
    };
    let head = "| Entity | Name | What it is |\n|---|---|---|\n".to_owned();
    entities
        .iter()
        .map(row)
        .fold(head, |table, row| table + &row)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn check<S>(entities: &[Entity<S>]) {
        let keys: BTreeSet<_> = entities.iter().map(|entity| entity.key).collect();
        assert_eq!(keys.len(), entities.len(), "keys are unique");
        for entity in entities {
            let Entity { key, platform, .. } = entity;
            assert!(
                key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{key}"
            );
            assert!(entity.about.ends_with('.'), "{key} says what it is");
            let icon = entity.icon;
            assert!(icon.is_empty() || icon.starts_with("mdi:"), "{key}");
            assert!(entity.name.len() <= 24, "{key} has a short name");
            let read_only = matches!(
                platform,
                Platform::Sensor | Platform::BinarySensor | Platform::Image | Platform::Event
            );
            assert_eq!(entity.command.is_none(), read_only, "{key}");
            assert_eq!(
                entity.state.is_none(),
                matches!(platform, Platform::Button | Platform::Event),
                "{key}"
            );
            assert!(
                !(read_only && entity.category == Category::Config),
                "Home Assistant refuses {key}"
            );
        }
    }

    #[test]
    fn the_table_is_sound() {
        check(ENTITIES.hub);
        check(ENTITIES.zone);
    }

    #[test]
    fn every_file_has_its_row() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mqtt/entities");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|stem| stem != "mod")
            .collect();
        let hub = ENTITIES.hub.iter().map(|e| format!("hub_{}", e.key));
        let zone = ENTITIES.zone.iter().map(|e| format!("zone_{}", e.key));
        assert_eq!(files, hub.chain(zone).collect());
    }

    #[test]
    fn the_documentation_names_every_entity() {
        let text = ENTITIES.markdown();
        assert!(text.contains("| `sensor.aicleaner_v3_status` | Status |"));
        assert!(text.contains("| `image.aicleaner_<zone>_snapshot` |"));
        let rows = text.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, ENTITIES.hub.len() + ENTITIES.zone.len());
    }

    #[test]
    fn times_are_iso_with_a_zone() {
        let at: Timestamp = "2026-11-22T17:26:00.123456789Z".parse().unwrap();
        assert_eq!(iso(at), "2026-11-22T17:26:00+00:00");
    }
}
