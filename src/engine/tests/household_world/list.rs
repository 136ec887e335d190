//! A to-do list whose answers may get lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use crate::{
    domain::todo::{Features, Item, ListId, Uid},
    ports::TodoError,
    selftest::test_home::lists::{Answers, Ask, Shelf, Told},
};

/// The household's list, with what only the test knows: which items are ours.
#[derive(Default)]
pub struct List {
    pub state: Mutex<ListState>,
}

#[derive(Default, Clone)]
pub struct ListState {
    pub shelf: Shelf,
    pub own: BTreeMap<Uid, Item>,
    /// Calls until one answer gets lost.
    pub lost_in: Option<usize>,
    pub added: Vec<String>,
    /// Items to which a person gave other words.
    pub renamed: BTreeSet<Uid>,
    /// The list is unavailable.
    pub away: bool,
    /// Changes are answered with success and not made.
    pub deaf: bool,
    /// Whatever is to be changed is deleted just before.
    pub snatched: bool,
}

impl List {
    pub fn of(features: u32, drops: bool) -> Self {
        let list = Self::default();
        list.person(|s| {
            s.shelf.features = Features(features);
            s.shelf.drops = drops;
        });
        list
    }

    pub fn person<T>(&self, act: impl FnOnce(&mut ListState) -> T) -> T {
        act(&mut self.state.lock().unwrap())
    }

    pub fn ours(&self) -> Vec<Item> {
        let state = self.state.lock().unwrap();
        let ours = state
            .shelf
            .items
            .iter()
            .filter(|i| !state.own.contains_key(&i.uid));
        ours.cloned().collect()
    }
}

impl Answers for List {
    fn answer(&self, list: &ListId, ask: Ask<'_>) -> Result<Told, TodoError> {
        let mut state = self.state.lock().unwrap();
        if state.away {
            return Err(TodoError::Paused(format!("{list} is unavailable")));
        }
        if let (true, Ask::SetStatus(uid, _) | Ask::Rename(uid, _)) = (state.snatched, ask) {
            state.shelf.items.retain(|i| i.uid != *uid);
        }
        let reads = matches!(ask, Ask::Features | Ask::Items);
        let told = if state.deaf && !reads {
            Ok(Told::Done)
        } else {
            state.shelf.answer(ask)
        };
        if let (Ask::Add(summary, _), Ok(_)) = (ask, &told) {
            state.added.push(summary.to_owned());
        }
        match &mut state.lost_in {
            Some(0) => return Err(TodoError::Paused("the answer got lost".into())),
            Some(n) => *n -= 1,
            None => {}
        }
        told
    }
}
