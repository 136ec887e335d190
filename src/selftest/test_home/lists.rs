//! To-do lists in memory. [`MemoryLists`] are those of the simulated home:
//! every list exists and can do everything, and each change is pushed as Home
//! Assistant would. [`Shelf`] is one list of any kind, and [`Answers`] lets
//! whatever has such a list stand in for Home Assistant's.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    domain::todo::{Features, Item, ItemStatus, ListId, Uid},
    ports::{Boxed, Inbox, Message, TodoError, TodoLists},
};

/// What is asked of a list.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    Features,
    Items,
    Add(&'a str, Option<&'a str>),
    SetStatus(&'a Uid, ItemStatus),
    Rename(&'a Uid, &'a str),
    Remove(&'a Uid),
}

/// What it answers.
#[derive(Debug, Clone)]
pub enum Told {
    Features(Features),
    Items(Vec<Item>),
    Done,
}

/// Answers for to-do lists in one place; so it is a [`TodoLists`].
pub trait Answers: Send + Sync {
    fn answer(&self, list: &ListId, ask: Ask<'_>) -> Result<Told, TodoError>;
}

impl<A: Answers> TodoLists for A {
    fn features<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Features, TodoError>> {
        let told = self.answer(list, Ask::Features);
        Box::pin(async {
            told.map(|told| match told {
                Told::Features(features) => features,
                _ => Features(0),
            })
        })
    }

    fn items<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Vec<Item>, TodoError>> {
        let told = self.answer(list, Ask::Items);
        Box::pin(async {
            told.map(|told| match told {
                Told::Items(items) => items,
                _ => Vec::new(),
            })
        })
    }

    fn add<'a>(
        &'a self,
        list: &'a ListId,
        summary: &'a str,
        description: Option<&'a str>,
    ) -> Boxed<'a, Result<(), TodoError>> {
        done(self.answer(list, Ask::Add(summary, description)))
    }

    fn set_status<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        status: ItemStatus,
    ) -> Boxed<'a, Result<(), TodoError>> {
        done(self.answer(list, Ask::SetStatus(uid, status)))
    }

    fn rename<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        summary: &'a str,
    ) -> Boxed<'a, Result<(), TodoError>> {
        done(self.answer(list, Ask::Rename(uid, summary)))
    }

    fn remove<'a>(&'a self, list: &'a ListId, uid: &'a Uid) -> Boxed<'a, Result<(), TodoError>> {
        done(self.answer(list, Ask::Remove(uid)))
    }

    fn watch(&self, _: Vec<ListId>) {}
}

fn done(told: Result<Told, TodoError>) -> Boxed<'static, Result<(), TodoError>> {
    Box::pin(async { told.map(|_| ()) })
}

/// One list: what it can do and what is on it.
#[derive(Debug, Clone)]
pub struct Shelf {
    pub features: Features,
    /// Ticked items are no longer listed.
    pub drops: bool,
    pub items: Vec<Item>,
    /// Items ever put on it: the source of uids.
    pub last: u64,
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            features: Features(127),
            drops: false,
            items: Vec::new(),
            last: 0,
        }
    }
}

impl Shelf {
    /// As a list of this kind in Home Assistant answers.
    pub fn answer(&mut self, ask: Ask<'_>) -> Result<Told, TodoError> {
        let can = match ask {
            Ask::Features => return Ok(Told::Features(self.features)),
            Ask::Items => return Ok(Told::Items(self.items.clone())),
            Ask::Add(_, None) => self.features.create(),
            Ask::Add(_, Some(_)) => self.features.create() && self.features.description(),
            Ask::SetStatus(..) | Ask::Rename(..) => self.features.update(),
            Ask::Remove(_) => self.features.delete(),
        };
        if !can {
            return Err(TodoError::Refused(format!("{ask:?} is not supported")));
        }
        match ask {
            Ask::Add(summary, description) => {
                self.last += 1;
                self.items.push(Item {
                    uid: Uid(self.last.to_string()),
                    summary: summary.to_owned(),
                    status: ItemStatus::NeedsAction,
                    description: description.map(str::to_owned),
                });
            }
            Ask::SetStatus(uid, status) => {
                self.item(uid)?.status = status;
                self.drop_ticked();
            }
            Ask::Rename(uid, summary) => summary.clone_into(&mut self.item(uid)?.summary),
            Ask::Remove(uid) => {
                self.item(uid)?;
                self.items.retain(|i| i.uid != *uid);
            }
            Ask::Features | Ask::Items => {}
        }
        Ok(Told::Done)
    }

    pub fn drop_ticked(&mut self) {
        let drops = self.drops;
        self.items
            .retain(|i| !drops || i.status == ItemStatus::NeedsAction);
    }

    fn item(&mut self, uid: &Uid) -> Result<&mut Item, TodoError> {
        let found = self.items.iter_mut().find(|i| i.uid == *uid);
        found.ok_or_else(|| TodoError::Refused(format!("there is no item {uid:?}")))
    }
}

pub struct MemoryLists {
    inbox: Inbox,
    shelves: Mutex<BTreeMap<ListId, Shelf>>,
}

impl MemoryLists {
    pub fn new(inbox: Inbox) -> Self {
        Self {
            inbox,
            shelves: Mutex::default(),
        }
    }
}

impl Answers for MemoryLists {
    fn answer(&self, list: &ListId, ask: Ask<'_>) -> Result<Told, TodoError> {
        let mut all = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let here = all.entry(list.clone()).or_default();
        let told = here.answer(ask)?;
        if matches!(told, Told::Done) {
            // A full inbox loses a push, never an item: the engine lists after
            // each of its own changes.
            let _ = self.inbox.try_send(Message::ListSeen {
                list: list.clone(),
                items: here.items.clone(),
                fresh: false,
            });
        }
        Ok(told)
    }
}
