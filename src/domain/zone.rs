//! A zone: a room the household asked us to watch.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::todo::ListId;

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
    /// Minutes between scheduled checks, 1–1440.
    pub interval_minutes: u32,
    /// A Material Design icon, `mdi:…`.
    pub icon: Option<String>,
}

/// A zone with its identity: what the rest of the program works with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub id: ZoneId,
    #[serde(flatten)]
    pub options: ZoneOptions,
}
