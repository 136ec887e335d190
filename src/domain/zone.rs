//! A zone: a room the household asked us to watch.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{timing::Timing, todo::ListId};

/// A zone's stored identity. It survives a rename; it is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ZoneId(pub u32);

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A zone as the options describe it, before it has an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneOptions {
    /// The name the household reads, as written in the options.
    pub name: String,
    /// `name` as Home Assistant would slugify it: the `kitchen` in
    /// `sensor.aicleaner_kitchen_tasks`.
    pub slug: String,
    /// What to look at: camera or image entity ids, `http(s)://` addresses, or
    /// files and folders (`file:` followed by a path). At least one; together they make one check.
    pub cameras: Vec<String>,
    /// The to-do list that gets this zone's tasks, if any.
    pub todo_list: Option<ListId>,
    /// What the room is for, in the user's words.
    pub purpose: Option<String>,
    /// What is no task here, in the user's words.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// How much is found untidy, 1 (easy-going) to 5 (strict); 3 unless said.
    #[serde(default = "ordinary")]
    pub pickiness: u8,
    /// Minutes between scheduled checks, 1–1440.
    pub interval_minutes: u32,
    /// A Material Design icon, `mdi:…`.
    pub icon: Option<String>,
    #[serde(default)]
    pub timing: Timing,
    /// Whether the household is told about this zone.
    #[serde(default = "yes")]
    pub notify: bool,
}

impl Default for ZoneOptions {
    /// A zone without name and camera, all else as if the options said nothing.
    fn default() -> Self {
        Self {
            name: String::new(),
            slug: String::new(),
            cameras: Vec::new(),
            todo_list: None,
            purpose: None,
            ignore: Vec::new(),
            pickiness: ORDINARY_PICKINESS,
            interval_minutes: 60,
            icon: None,
            timing: Timing::default(),
            notify: true,
        }
    }
}

/// How strict a judge is when nobody says.
pub const ORDINARY_PICKINESS: u8 = 3;

fn yes() -> bool {
    true
}

fn ordinary() -> u8 {
    ORDINARY_PICKINESS
}

/// A zone with its identity: what the rest of the program works with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub id: ZoneId,
    #[serde(flatten)]
    pub options: ZoneOptions,
}

/// A source of `ZoneOptions::cameras`, or another address, as logs and people
/// may see it: an address without user, password and query, which hold keys.
/// Anything else stays as it is.
pub fn shown(source: &str) -> String {
    if source.starts_with("file:") {
        return source.to_owned();
    }
    let (scheme, rest) = match source.find("://") {
        Some(end) => source.split_at(end + 3),
        None => ("", source),
    };
    let (place, query) = match rest.split_once(['?', '#']) {
        // Without a scheme it may as well be a question.
        Some((place, query)) if !scheme.is_empty() || query.contains('=') => (place, query),
        _ => (rest, ""),
    };
    let place_at = place.rfind('@').map_or(0, |at| at + 1);
    let host = &place[place_at..];
    // A `?` that stands in a password cuts too early: then this is no host.
    if query.contains('@') && !is_host_with_path(host) {
        return format!("{scheme}…");
    }
    let user = if place_at > 0 { "…@" } else { "" };
    let asked = if place.len() < rest.len() { "?…" } else { "" };
    format!("{scheme}{user}{host}{asked}")
}

fn is_host_with_path(text: &str) -> bool {
    text.split_once('/').is_some_and(|(host, _)| {
        let port = host.rsplit_once(':').map_or("", |(_, port)| port);
        // What follows the last colon of a bare IPv6 address is no port.
        host.ends_with(']') || port.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_keys() {
        for (given, expected) in [
            ("http://cam:8080/snap.jpg", "http://cam:8080/snap.jpg"),
            ("http://me:pa55@cam/snap.jpg", "http://…@cam/snap.jpg"),
            ("http://me:p@ss/w@cam/snap.jpg", "http://…@cam/snap.jpg"),
            ("http://cam/snap.jpg?token=k3y", "http://cam/snap.jpg?…"),
            ("http://cam/?pass=k3y@k3y", "http://cam/?…"),
            ("http://cam:80/?pass=k3y@k3y", "http://cam:80/?…"),
            ("http://[::1]/?pass=k3y@k3y", "http://[::1]/?…"),
            ("http://[::1]:80/?pass=k3y@k3y", "http://[::1]:80/?…"),
            ("http://cam/snap.jpg#k3y", "http://cam/snap.jpg?…"),
            ("http://me:pa?55@cam/snap.jpg", "http://…"),
            ("http://me:pa/5?5@cam/snap.jpg", "http://…"),
            ("http://me:p@a?55@cam/snap.jpg", "http://…"),
            ("rtsp://me:pa55@[::1]:554/1", "rtsp://…@[::1]:554/1"),
            ("me:pa55@broker", "…@broker"),
            ("cam/snap.jpg?token=k3y", "cam/snap.jpg?…"),
            ("camera.kitchen", "camera.kitchen"),
            ("file:/share/me@home?.jpg", "file:/share/me@home?.jpg"),
            ("What is this?", "What is this?"),
        ] {
            assert_eq!(shown(given), expected, "{given}");
        }
    }
}
