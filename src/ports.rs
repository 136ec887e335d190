//! What the engine needs from the outside, spoken in domain types. Adapters
//! implement these; adapters know each other only through them.

mod ai_task;
mod desk;
mod options;
mod provider;
mod references;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::domain::{
    budget::Spending,
    check::{Assessment, CheckError, Reading},
    command::Command,
    effect::{Change, HouseState, ZoneState},
    health::{Component, Condition},
    house::HouseOptions,
    ignore::Named,
    mask::Mask,
    notification::{Notice, NotifyOptions},
    standing::Standing,
    task::Task,
    todo::{Features, Item, ItemStatus, ListId, TodoChange, Uid},
    zone::{Zone, ZoneId, ZoneOptions},
};
use crate::settings::model::Broker;

pub use ai_task::{AiTaskCall, AiTaskEntity, AiTaskOffer, AiTasks};
pub use desk::{Consent, ProviderDesk};
pub use options::{NotChanged, OptionsEditor, OptionsKeeper, OptionsShown};
pub use provider::{Answered, Canary, Proof, Provider, Question, Reference, Rescored, Terms};
pub use references::{CleanPicture, CleanPictures};

/// A boxed future, so that ports can be trait objects.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where adapters tell the engine what happened. Bounded; a full inbox makes
/// the sender wait, which is the back-pressure.
pub type Inbox = tokio::sync::mpsc::Sender<Message>;

#[derive(Debug)]
pub enum Message {
    /// Somebody asks for something. `reply` gets a sentence if it is refused.
    Command(Command, Option<oneshot::Sender<Result<(), String>>>),
    /// All items of a list, pushed by Home Assistant. `fresh`: the first after
    /// a (re)connect, when changes may have been missed.
    ListSeen {
        list: ListId,
        items: Vec<Item>,
        fresh: bool,
    },
    /// A watched entity of Home Assistant is in a state, told once for each
    /// change and after every (re)connect. One that is gone is `unavailable`.
    State { entity: String, state: String },
    /// Somebody wants to see what a provider would get.
    Preview(Preview),
    /// Another instance serves in our place (or does no longer): nothing is
    /// checked on schedule meanwhile.
    Passive(bool),
    /// A part of the service says how it is.
    Health(Component, Condition),
    /// The options changed while we run; the reply says that they are in use.
    Options(NewOptions, oneshot::Sender<()>),
    /// Which tasks would a rule name? Nothing changes.
    TestRule {
        zone: ZoneId,
        rule: String,
        reply: oneshot::Sender<Result<Vec<Named>, String>>,
    },
    /// Options that are saved and not in use, in a sentence; `None`: all are.
    Unused(Option<String>),
}

/// A picture to take now, to mask and to show, and not to judge.
pub struct Preview {
    pub zone: ZoneId,
    /// Which of the zone's cameras, from 0.
    pub camera: usize,
    /// Its mask as it is being drawn; `None`: as it is in force.
    pub mask: Option<Mask>,
    /// Gets the JPEG that a provider would get, or a sentence.
    pub reply: oneshot::Sender<Result<Bytes, String>>,
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Camera addresses may hold passwords.
        f.debug_struct("Preview")
            .field("zone", &self.zone)
            .field("camera", &self.camera)
            .finish_non_exhaustive()
    }
}

/// What changed options mean for the engine.
pub struct NewOptions {
    pub zones: Vec<ZoneOptions>,
    pub house: HouseOptions,
    /// False when some options could not be understood.
    pub complete: bool,
    /// One sentence for each thing that is wrong with the options.
    pub problems: Vec<String>,
    /// Judges from now on, if the options ask for another provider.
    pub judge: Option<Arc<dyn Judge>>,
}

impl fmt::Debug for NewOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Camera addresses may hold passwords.
        f.debug_struct("NewOptions")
            .field("zones", &self.zones.len())
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// A picture ready to be judged: shrunk, re-encoded, without metadata.
#[derive(Debug, Clone)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes, RGB, row by row.
    pub rgb: Bytes,
    /// The same picture as JPEG: exactly what leaves for a provider and what is shown.
    pub jpeg: Bytes,
}

/// Takes pictures.
pub trait Camera: Send + Sync {
    /// The encoded picture that `source` (see `ZoneOptions::cameras`) shows now.
    /// Errors are of class `Paused` or `Camera`.
    fn capture<'a>(&'a self, source: &'a str) -> Boxed<'a, Result<Bytes, CheckError>>;
}

/// Judges pictures: a provider, or a chain of them.
pub trait Judge: Send + Sync {
    /// Asks about a zone. `until` is when the next scheduled check comes: a
    /// failed question is not put again at or after it. Errors are of class
    /// `Provider`, `Budget` or `Paused`; an error is never a result.
    fn assess(
        &self,
        question: Arc<Question>,
        until: Timestamp,
    ) -> Boxed<'_, Result<Assessment, CheckError>>;
    /// Who would judge now, and how they are. Must not block.
    fn standing(&self) -> Standing;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TodoError {
    /// Not now: Home Assistant itself is away, which it tells by other ways as well.
    #[error("{0}")]
    Away(String),
    /// Not now: the list is unavailable or does not answer as it should; try
    /// again. The sentence names the list.
    #[error("{0}")]
    Paused(String),
    /// The list does not exist (now).
    #[error("the to-do list {0} does not exist; choose another one in the options")]
    NoSuchList(ListId),
    /// Home Assistant refused the action; trying the same again will not help.
    #[error("Home Assistant refused the change: {0}")]
    Refused(String),
}

/// Works on the household's lists.
pub trait TodoLists: Send + Sync {
    fn features<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Features, TodoError>>;
    /// All items, done ones included.
    fn items<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Vec<Item>, TodoError>>;
    /// `description` is given only to lists that can hold one.
    fn add<'a>(
        &'a self,
        list: &'a ListId,
        summary: &'a str,
        description: Option<&'a str>,
    ) -> Boxed<'a, Result<(), TodoError>>;
    fn set_status<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        status: ItemStatus,
    ) -> Boxed<'a, Result<(), TodoError>>;
    /// Gives an item other words.
    fn rename<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        summary: &'a str,
    ) -> Boxed<'a, Result<(), TodoError>>;
    fn remove<'a>(&'a self, list: &'a ListId, uid: &'a Uid) -> Boxed<'a, Result<(), TodoError>>;
    /// From now on push every change of exactly these lists as `Message::ListSeen`.
    fn watch(&self, lists: Vec<ListId>);
}

/// Follows the states of entities in Home Assistant.
pub trait States: Send + Sync {
    /// From now on tell every change of exactly these as `Message::State`.
    fn watch(&self, entities: BTreeSet<String>);
}

/// Tells the household.
pub trait Herald: Send + Sync {
    /// Sends a message once, in the background; it may get lost, and is never
    /// sent again.
    fn tell(&self, notice: Notice, how: &NotifyOptions);
}

/// Everything the store held at the start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remembered {
    pub house: HouseState,
    pub zones: Vec<(Zone, ZoneState)>,
    pub tasks: Vec<Task>,
    /// In the order in which the changes were queued.
    pub outbox: Vec<TodoChange>,
    /// Lists that drop ticked items from what they list.
    pub dropping: BTreeSet<ListId>,
    /// The highest ids ever given (0: none), also of what is gone.
    pub last_zone: u32,
    pub last_task: u64,
    /// What providers took on the last days that took anything.
    pub spending: Vec<Spending>,
    /// What was noted about providers, by name.
    pub notes: BTreeMap<String, String>,
    /// There may have been masks that nobody knows any more: a room that is not
    /// among `zones` shows nothing until a person has looked at it.
    pub masks_lost: bool,
}

/// Keeps what must survive a power cut.
pub trait Store: Send + Sync {
    /// All changes or none, on disk when it returns `Ok`. The error is a
    /// sentence for the household; the caller keeps the changes and tries again.
    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<(), String>>;
    /// A zone's readings since a time, oldest first, at most `limit` of the newest.
    fn history(
        &self,
        zone: ZoneId,
        since: Timestamp,
        limit: u32,
    ) -> Boxed<'_, Result<Vec<Reading>, String>>;
    /// Writes a consistent copy of everything beside the live files, for backups.
    fn copy(&self) -> Boxed<'_, Result<(), String>>;
}

/// Knows how to reach the broker. Asked before every connect: the Supervisor
/// may learn of a broker after we start, and its password may change.
pub trait BrokerSource: Send + Sync {
    /// The error is a sentence for the household: what is missing and what to do.
    fn broker(&self) -> Boxed<'_, Result<Broker, String>>;
}

/// Takes everything of ours out of Home Assistant, before an uninstall.
pub trait Farewell: Send + Sync {
    /// Returns when it is done, within 9 s; from then on nothing is published
    /// until the next start. The error is a sentence for the household.
    fn withdraw(&self) -> Boxed<'_, Result<(), String>>;
}
