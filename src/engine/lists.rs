//! Visits to the household's lists: one at a time per list, repeated with
//! back-off when a list is in trouble.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    task::{self, JoinSet},
    time::Instant,
};

use super::{
    Engine,
    todo::{Visit, Visited, visit},
};
use crate::{
    domain::{
        backoff::Backoff,
        household::{Event, Household},
        task::TaskId,
        todo::ListId,
    },
    ports::{TodoError, TodoLists},
    telemetry::Metrics,
};

/// How long a list may take to show what was added to it.
const SLOW_LIST: Duration = Duration::from_mins(15);
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_mins(10);

pub(super) struct Lists {
    port: Arc<dyn TodoLists>,
    metrics: Metrics,
    visits: JoinSet<Visited>,
    visiting: BTreeMap<task::Id, ListId>,
    due: BTreeSet<ListId>,
    /// Due as soon as the store has written down why.
    held: BTreeSet<ListId>,
    later: BTreeMap<ListId, (Instant, Backoff)>,
    /// Lists that pushed a listing while we were there.
    unread: BTreeSet<ListId>,
    lately_added: BTreeMap<TaskId, Instant>,
    /// What is wrong with a list, for its zones.
    troubles: BTreeMap<ListId, (TodoError, Timestamp)>,
}

impl Lists {
    pub(super) fn new(port: Arc<dyn TodoLists>, metrics: Metrics) -> Self {
        Self {
            port,
            metrics,
            visits: JoinSet::new(),
            visiting: BTreeMap::new(),
            due: BTreeSet::new(),
            held: BTreeSet::new(),
            later: BTreeMap::new(),
            unread: BTreeSet::new(),
            lately_added: BTreeMap::new(),
            troubles: BTreeMap::new(),
        }
    }

    pub(super) fn watch(&self, household: &Household) {
        self.port.watch(household.lists().into_iter().collect());
    }

    fn is_visited(&self, list: &ListId) -> bool {
        self.visiting.values().any(|visited| visited == list)
    }

    pub(super) fn due(&mut self, list: ListId) {
        self.later.remove(&list);
        self.due.insert(list);
    }

    pub(super) fn hold(&mut self, list: ListId) {
        self.held.insert(list);
    }

    /// The store works: what was held may go.
    pub(super) fn release(&mut self) {
        self.due.append(&mut self.held);
    }

    /// A listing arrived from Home Assistant.
    pub(super) fn seen(&mut self, list: &ListId, household: &Household) {
        self.troubles.remove(list);
        let waiting = !household.waiting(list).is_empty();
        if waiting || self.is_visited(list) {
            self.unread.insert(list.clone());
        }
        // It answers again, so what failed may work now.
        if waiting && self.later.contains_key(list) {
            self.due(list.clone());
        }
    }

    /// What is wrong with a list, and since when.
    pub(super) fn trouble(&self, list: &ListId) -> Option<(String, Timestamp)> {
        match self.troubles.get(list)? {
            // Home Assistant's absence is told once, not by every list.
            (TodoError::Paused(_), _) => None,
            (error, since) => Some((format!("{error}."), *since)),
        }
    }

    pub(super) fn start_visits(&mut self, household: &Household) {
        let now = Instant::now();
        self.lately_added.retain(|_, at| now < *at + SLOW_LIST);
        let ready: Vec<ListId> = self
            .due
            .iter()
            .filter(|list| !self.is_visited(list) && !self.held.contains(*list))
            .cloned()
            .collect();
        for list in ready {
            self.due.remove(&list);
            let work = Visit {
                changes: household.waiting(&list),
                bound: household.bound_items(&list),
                lately_added: self.lately_added.keys().copied().collect(),
                list: list.clone(),
            };
            let (port, metrics) = (Arc::clone(&self.port), self.metrics.clone());
            let running = self
                .visits
                .spawn(async move { visit(&*port, &metrics, work).await });
            self.visiting.insert(running.id(), list);
        }
    }

    /// The next visit that ends, or the next list that is due again (`None`).
    /// Waits for ever when there is neither, so it needs a `select!`.
    pub(super) async fn next(&mut self) -> Option<Visited> {
        let later = self.later.values().map(|(at, _)| *at).min();
        tokio::select! {
            Some(joined) = self.visits.join_next_with_id() => {
                let id = joined.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
                let list = self.visiting.remove(&id)?;
                return Some(joined.map_or_else(|error| Visited::broken_off(list, &error), |(_, v)| v));
            },
            () = tokio::time::sleep_until(later.unwrap_or_else(Instant::now)), if later.is_some() => {
                let now = Instant::now();
                let due = self.later.iter().filter(|(_, (at, _))| *at <= now);
                self.due.extend(due.map(|(list, _)| list.clone()));
                for (at, _) in self.later.values_mut() {
                    // Asked again only by the visit's outcome.
                    if *at <= now {
                        *at = now + LAST_RETRY;
                    }
                }
            }
            else => std::future::pending::<()>().await,
        }
        None
    }

    pub(super) fn abort(&mut self) {
        self.visits.abort_all();
    }

    /// Takes note of how a visit ended; `true` if its listing may be read.
    fn ended(&mut self, visited: &Visited, household: &Household, time: Timestamp) -> bool {
        let list = &visited.list;
        let now = Instant::now();
        for task in &visited.unlisted {
            self.lately_added.entry(*task).or_insert(now);
        }
        match &visited.error {
            None if visited.unlisted.is_empty() => {
                self.later.remove(list);
                self.troubles.remove(list);
            }
            error => {
                if let Some(error) = error {
                    self.note_trouble(list, error, time);
                }
                let (_, mut backoff) = self
                    .later
                    .remove(list)
                    .unwrap_or_else(|| (now, Backoff::new(FIRST_RETRY, LAST_RETRY)));
                let wait = backoff.next(fastrand::f64());
                self.later.insert(list.clone(), (now + wait, backoff));
            }
        }
        if !household.waiting(list).is_empty() {
            return false;
        }
        // Home Assistant pushed a listing meanwhile, so ours may be the older
        // one: read once more rather than take a person's act back.
        let overtaken = self.unread.remove(list);
        if overtaken {
            self.due.insert(list.clone());
        }
        !overtaken
    }

    fn note_trouble(&mut self, list: &ListId, error: &TodoError, time: Timestamp) {
        let since = match self.troubles.get(list) {
            Some((known, _)) if known == error => return,
            Some((_, since)) => *since,
            None => time,
        };
        tracing::warn!("{error}.");
        self.troubles.insert(list.clone(), (error.clone(), since));
    }
}

impl Engine {
    pub(super) async fn visited(&mut self, visited: Option<Visited>) {
        let Some(mut visited) = visited else {
            return;
        };
        for event in std::mem::take(&mut visited.events) {
            self.happened(event).await;
        }
        let now = self.parts.clock.now();
        let readable = self.lists.ended(&visited, &self.household, now);
        if let (true, Some(items)) = (readable, visited.items) {
            let list = visited.list;
            // Nobody pushed it, so nobody says what came before it.
            let fresh = true;
            self.happened(Event::ListSeen { list, items, fresh }).await;
        }
    }
}
