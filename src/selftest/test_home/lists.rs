//! To-do lists in memory, as the simulated home has them. Every list exists
//! and can do everything; each change is pushed as Home Assistant would.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    domain::todo::{Features, Item, ItemStatus, ListId, Uid},
    ports::{Boxed, Inbox, Message, TodoError, TodoLists},
};

pub struct MemoryLists {
    inbox: Inbox,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    items: BTreeMap<ListId, Vec<Item>>,
    last: u64,
}

impl MemoryLists {
    pub fn new(inbox: Inbox) -> Self {
        Self {
            inbox,
            state: Mutex::default(),
        }
    }

    /// Changes a list and pushes what it holds then.
    fn change(&self, list: &ListId, change: impl FnOnce(&mut Vec<Item>, &mut u64)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { items, last } = &mut *state;
        let items = items.entry(list.clone()).or_default();
        change(items, last);
        // A full inbox loses a push, never an item: the engine lists after
        // each of its own changes.
        let _ = self.inbox.try_send(Message::ListSeen {
            list: list.clone(),
            items: items.clone(),
            fresh: false,
        });
    }
}

impl TodoLists for MemoryLists {
    fn features<'a>(&'a self, _: &'a ListId) -> Boxed<'a, Result<Features, TodoError>> {
        Box::pin(async { Ok(Features(127)) })
    }

    fn items<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Vec<Item>, TodoError>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let items = state.items.get(list).cloned().unwrap_or_default();
        Box::pin(async { Ok(items) })
    }

    fn add<'a>(
        &'a self,
        list: &'a ListId,
        summary: &'a str,
        description: Option<&'a str>,
    ) -> Boxed<'a, Result<(), TodoError>> {
        self.change(list, |items, last| {
            *last += 1;
            items.push(Item {
                uid: Uid(last.to_string()),
                summary: summary.to_owned(),
                status: ItemStatus::NeedsAction,
                description: description.map(str::to_owned),
            });
        });
        Box::pin(async { Ok(()) })
    }

    fn set_status<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        status: ItemStatus,
    ) -> Boxed<'a, Result<(), TodoError>> {
        self.change(list, |items, _| {
            if let Some(item) = items.iter_mut().find(|i| i.uid == *uid) {
                item.status = status;
            }
        });
        Box::pin(async { Ok(()) })
    }

    fn remove<'a>(&'a self, list: &'a ListId, uid: &'a Uid) -> Boxed<'a, Result<(), TodoError>> {
        self.change(list, |items, _| items.retain(|i| i.uid != *uid));
        Box::pin(async { Ok(()) })
    }

    fn watch(&self, _: Vec<ListId>) {}
}
