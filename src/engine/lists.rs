//! Visits to the household's lists: one at a time per list, repeated with
//! back-off when a list is in trouble.

mod record;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    task::{self, JoinSet},
    time::Instant,
};

use self::record::Record;
use super::{
    Engine,
    todo::{Visit, Visited, visit},
};
use crate::{
    domain::{
        household::{Event, Household},
        task::TaskId,
        todo::{ListId, Seen},
    },
    ports::{TodoError, TodoLists},
    telemetry::Metrics,
};

/// How long a list may take to show what was changed on it.
const SLOW_LIST: Duration = Duration::from_mins(15);

pub(super) struct Lists {
    port: Arc<dyn TodoLists>,
    metrics: Metrics,
    visits: JoinSet<Visited>,
    visiting: BTreeMap<task::Id, ListId>,
    records: BTreeMap<ListId, Record>,
    lately_added: BTreeMap<TaskId, Instant>,
}

impl Lists {
    pub(super) fn new(port: Arc<dyn TodoLists>, metrics: Metrics) -> Self {
        Self {
            port,
            metrics,
            visits: JoinSet::new(),
            visiting: BTreeMap::new(),
            records: BTreeMap::new(),
            lately_added: BTreeMap::new(),
        }
    }

    /// Watches the lists of today; what was known of others is forgotten.
    pub(super) fn watch(&mut self, household: &Household) {
        let lists = household.lists();
        let waiting = household.waiting_lists();
        self.records
            .retain(|list, _| lists.contains(list) || waiting.contains(list));
        self.port.watch(lists.into_iter().collect());
    }

    fn is_visited(&self, list: &ListId) -> bool {
        self.visiting.values().any(|visited| visited == list)
    }

    fn record(&mut self, list: &ListId) -> &mut Record {
        self.records.entry(list.clone()).or_default()
    }

    pub(super) fn due(&mut self, list: &ListId) {
        self.record(list).due_now();
    }

    /// Due as soon as the store has written down why.
    pub(super) fn hold(&mut self, list: &ListId) {
        self.record(list).held = true;
    }

    /// The store works: what was held may go.
    pub(super) fn release(&mut self) {
        for record in self.records.values_mut().filter(|r| r.held) {
            record.held = false;
            record.due_now();
        }
    }

    /// A listing arrived from Home Assistant.
    pub(super) fn seen(&mut self, list: &ListId, household: &Household) {
        let waiting = !household.waiting(list).is_empty();
        let visited = self.is_visited(list);
        let record = self.record(list);
        record.unread |= waiting || visited;
        // A pushed listing says that the list is there, not that it takes
        // what waits for it.
        if !waiting {
            record.works(list);
        }
        // It answers again, so what failed may work now.
        if waiting && record.retry_at.is_some() {
            record.due_now();
        }
    }

    /// What is wrong with a list, and since when.
    pub(super) fn trouble(&self, list: &ListId) -> Option<(String, Timestamp)> {
        self.records.get(list)?.trouble()
    }

    /// Says what has been wrong for so long that it should be said.
    pub(super) fn tell(&mut self, now: Timestamp) {
        for record in self.records.values_mut() {
            record.tell(now);
        }
    }

    pub(super) fn start_visits(&mut self, household: &Household) {
        let now = Instant::now();
        self.lately_added.retain(|_, at| now < *at + SLOW_LIST);
        let ready: Vec<ListId> = (self.records.iter())
            .filter(|(list, record)| record.due && !record.held && !self.is_visited(list))
            .map(|(list, _)| list.clone())
            .collect();
        for list in ready {
            self.record(&list).due = false;
            let work = Visit {
                changes: household.waiting(&list),
                bound: household.bound_items(&list),
                marks: household.marks().clone(),
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

    /// The next visit that ends, or (`None`) a list became due again. Waits
    /// for ever when there is neither, so it needs a `select!`.
    pub(super) async fn next(&mut self) -> Option<Visited> {
        let retry_at = self.records.values().filter_map(|r| r.retry_at).min();
        tokio::select! {
            Some(joined) = self.visits.join_next_with_id() => {
                let id = joined.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
                let list = self.visiting.remove(&id)?;
                return Some(joined.map_or_else(|error| Visited::broken_off(list, &error), |(_, v)| v));
            },
            () = tokio::time::sleep_until(retry_at.unwrap_or_else(Instant::now)), if retry_at.is_some() => {
                let now = Instant::now();
                for record in self.records.values_mut() {
                    if record.retry_at.is_some_and(|at| at <= now) {
                        record.due_now();
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
        let now = Instant::now();
        for task in &visited.unlisted {
            self.lately_added.entry(*task).or_insert(now);
        }
        let list = &visited.list;
        let waiting = !household.waiting(list).is_empty();
        let record = self.record(list);
        match &visited.error {
            Some(error) => record.failed(error, time, now),
            None if visited.unproven || !visited.unlisted.is_empty() => {
                if record.lags(now) > SLOW_LIST {
                    let sentence = format!(
                        "{list} has not shown our changes for {} minutes; look in Home Assistant whether the integration it belongs to works",
                        SLOW_LIST.as_secs() / 60
                    );
                    record.failed(&TodoError::Paused(sentence), time, now);
                }
            }
            None => record.works(list),
        }
        if waiting {
            return false;
        }
        // Home Assistant pushed a listing meanwhile, so ours may be the older
        // one: read once more rather than take a person's act back.
        let overtaken = std::mem::take(&mut record.unread);
        if overtaken {
            record.due_now();
        }
        !overtaken
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
        self.lists.tell(now);
        if let (true, Some(items)) = (readable, visited.items) {
            let (list, seen) = (visited.list, Seen::Read);
            self.happened(Event::ListSeen { list, items, seen }).await;
        }
    }
}
