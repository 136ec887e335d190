//! A to-do list whose answers may get lost.

use std::{collections::BTreeMap, sync::Mutex};

use crate::{
    domain::todo::{Features, Item, ItemStatus, ListId, Uid},
    ports::{Boxed, TodoError, TodoLists},
};

/// The household's list, with what only the test knows: which items are ours.
#[derive(Default)]
pub struct List {
    pub features: u32,
    pub state: Mutex<ListState>,
}

#[derive(Default, Clone)]
pub struct ListState {
    pub items: Vec<Item>,
    pub own: BTreeMap<Uid, Item>,
    pub next: u32,
    /// Calls until one answer gets lost.
    pub lost_in: Option<usize>,
    pub added: Vec<String>,
}

impl List {
    pub fn call<T>(&self, act: impl FnOnce(&mut ListState) -> T) -> Result<T, TodoError> {
        let mut state = self.state.lock().unwrap();
        let result = act(&mut state);
        match &mut state.lost_in {
            Some(0) => Err(TodoError::Paused("the answer got lost".into())),
            Some(n) => {
                *n -= 1;
                Ok(result)
            }
            None => Ok(result),
        }
    }

    pub fn person<T>(&self, act: impl FnOnce(&mut ListState) -> T) -> T {
        act(&mut self.state.lock().unwrap())
    }

    pub fn ours(&self) -> Vec<Item> {
        let state = self.state.lock().unwrap();
        let ours = state
            .items
            .iter()
            .filter(|i| !state.own.contains_key(&i.uid));
        ours.cloned().collect()
    }
}

impl TodoLists for List {
    fn features<'a>(&'a self, _: &'a ListId) -> Boxed<'a, Result<Features, TodoError>> {
        let result = self.call(|_| Features(self.features));
        Box::pin(async { result })
    }

    fn items<'a>(&'a self, _: &'a ListId) -> Boxed<'a, Result<Vec<Item>, TodoError>> {
        let result = self.call(|s| s.items.clone());
        Box::pin(async { result })
    }

    fn add<'a>(
        &'a self,
        _: &'a ListId,
        summary: &'a str,
        description: Option<&'a str>,
    ) -> Boxed<'a, Result<(), TodoError>> {
        let result = self.call(|s| {
            s.next += 1;
            s.added.push(summary.to_owned());
            s.items.push(Item {
                uid: Uid(s.next.to_string()),
                summary: summary.to_owned(),
                status: ItemStatus::NeedsAction,
                description: description.map(str::to_owned),
            });
        });
        Box::pin(async { result })
    }

    fn set_status<'a>(
        &'a self,
        _: &'a ListId,
        uid: &'a Uid,
        status: ItemStatus,
    ) -> Boxed<'a, Result<(), TodoError>> {
        let result = self.call(|s| {
            if let Some(item) = s.items.iter_mut().find(|i| i.uid == *uid) {
                item.status = status;
            }
        });
        Box::pin(async { result })
    }

    fn remove<'a>(&'a self, _: &'a ListId, uid: &'a Uid) -> Boxed<'a, Result<(), TodoError>> {
        let result = self.call(|s| s.items.retain(|i| i.uid != *uid));
        Box::pin(async { result })
    }

    fn watch(&self, _: Vec<ListId>) {}
}
