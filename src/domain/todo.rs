//! The household's to-do lists, as far as we use them.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::{task::TaskId, zone::ZoneId};

/// A to-do list's entity id, such as `todo.kitchen`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListId(pub String);

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An item's id within its list, given by Home Assistant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Uid(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    NeedsAction,
    Completed,
}

/// An item as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub uid: Uid,
    pub summary: String,
    pub status: ItemStatus,
    #[serde(default)]
    pub description: Option<String>,
}

/// How a listing came to us, and so what it can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Home Assistant pushed it when something changed. It may be older than
    /// what we did a moment ago.
    Pushed,
    /// Pushed as the first after a (re)connect: changes may have been missed.
    First,
    /// We asked for it, after all that we did; nobody says what came before.
    Read,
}

/// What a list can do: Home Assistant's feature bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features(pub u32);

impl Features {
    pub fn create(self) -> bool {
        self.0 & 1 != 0
    }

    pub fn delete(self) -> bool {
        self.0 & 2 != 0
    }

    pub fn update(self) -> bool {
        self.0 & 4 != 0
    }

    pub fn description(self) -> bool {
        self.0 & 64 != 0
    }
}

/// What a list should show for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    Open,
    Completed,
    /// Gone from the list: the zone or its list went away.
    Removed,
}

/// A change that a list still has to see: a row of the store's outbox, at most
/// one per task and list, the latest wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoChange {
    pub task: TaskId,
    pub zone: ZoneId,
    pub list: ListId,
    pub want: Want,
    /// The words of the item.
    pub summary: String,
    /// The item, where it is known already.
    pub uid: Option<Uid>,
    /// Set (durably) just before an item is added: the items with the same
    /// words or mark that stood on the list then, which are therefore not ours. After
    /// a crash between adding and learning the uid, it tells ours from theirs.
    pub attempted: Option<BTreeSet<Uid>>,
}
