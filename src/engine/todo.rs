//! Makes a to-do list show what it should: at least once, never twice.
//!
//! The list is read first, always. An item is added in two passes: the first
//! says which items with its words are not ours, the engine makes that
//! durable, and only the second adds. So a crash at any point leaves enough
//! behind to tell our item from a person's.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::timeout;

use crate::{
    domain::{
        household::Event,
        task::TaskId,
        todo::{Features, Item, ItemStatus, ListId, TodoChange, Uid, Want},
    },
    ports::{Boxed, TodoError, TodoLists},
    telemetry::{
        Metrics,
        labels::{Answer, TodoOperation},
    },
};

/// For one call to Home Assistant.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// One visit to one list.
pub struct Visit {
    pub list: ListId,
    /// Oldest first.
    pub changes: Vec<TodoChange>,
    /// Items that belong to tasks already, and so cannot be another task's.
    pub bound: BTreeSet<Uid>,
    /// Tasks whose item was added a short while ago on a list that is slow to
    /// show it: looked for, not added again.
    pub lately_added: BTreeSet<TaskId>,
}

/// What a visit brought: what happened, the last listing, and the error that ended it.
#[derive(Debug)]
pub struct Visited {
    pub list: ListId,
    pub events: Vec<Event>,
    pub items: Option<Vec<Item>>,
    /// Tasks whose item was added and is not listed yet.
    pub unlisted: Vec<TaskId>,
    pub error: Option<TodoError>,
}

impl Visited {
    /// A visit that ended in a panic: nothing is known of it, it is made again.
    pub(super) fn broken_off(list: ListId, error: &tokio::task::JoinError) -> Self {
        Self {
            events: Vec::new(),
            items: None,
            unlisted: Vec::new(),
            error: Some(TodoError::Refused(format!(
                "the visit to {list} broke off ({error})"
            ))),
            list,
        }
    }
}

pub async fn visit(lists: &dyn TodoLists, metrics: &Metrics, visit: Visit) -> Visited {
    let mut clerk = Clerk {
        lists,
        metrics,
        list: visit.list,
        bound: visit.bound,
        lately_added: visit.lately_added,
        unlisted: Vec::new(),
        items: Vec::new(),
        events: Vec::new(),
    };
    let result = clerk.work(visit.changes).await;
    Visited {
        items: result.is_ok().then_some(clerk.items),
        error: result.err(),
        list: clerk.list,
        unlisted: clerk.unlisted,
        events: clerk.events,
    }
}

struct Clerk<'a> {
    lists: &'a dyn TodoLists,
    metrics: &'a Metrics,
    list: ListId,
    bound: BTreeSet<Uid>,
    lately_added: BTreeSet<TaskId>,
    unlisted: Vec<TaskId>,
    /// The latest listing.
    items: Vec<Item>,
    events: Vec<Event>,
}

impl Clerk<'_> {
    async fn work(&mut self, changes: Vec<TodoChange>) -> Result<(), TodoError> {
        let list = self.list.clone();
        let lists = self.lists;
        self.items = self.call(TodoOperation::List, lists.items(&list)).await?;
        if changes.is_empty() {
            return Ok(());
        }
        let features = self
            .call(TodoOperation::List, lists.features(&list))
            .await?;
        // One refused change must not hold up the others; it is told at the end.
        let mut refused = None;
        for change in changes {
            match self.carry_out(change, features).await {
                Err(error @ TodoError::Refused(_)) => refused = refused.or(Some(error)),
                other => other?,
            }
        }
        refused.map_or(Ok(()), Err)
    }

    async fn carry_out(&mut self, change: TodoChange, features: Features) -> Result<(), TodoError> {
        let item = self.find(&change, features);
        if let Some(item) = &item
            && change.uid.as_ref() != Some(&item.uid)
        {
            self.bind(&change, item.uid.clone());
        }
        let found = item.is_some();
        match (change.want, item) {
            (Want::Open, None) => return self.add(change, features).await,
            // Found just now, so it was added with a lost answer; if it is
            // ticked, a person did that since.
            (Want::Open, Some(_)) if change.uid.is_none() => {}
            (Want::Open, Some(item)) => {
                self.set(&item, ItemStatus::NeedsAction, features).await?;
            }
            // What cannot be ticked is taken off, and the other way round.
            (Want::Removed, Some(item)) if features.delete() => {
                self.take_off(&item).await?;
            }
            (Want::Completed, Some(item)) if features.delete() && !features.update() => {
                self.take_off(&item).await?;
            }
            (Want::Completed | Want::Removed, Some(item)) => {
                self.set(&item, ItemStatus::Completed, features).await?;
            }
            // It is not there, as wanted; or somebody deleted it.
            (Want::Completed | Want::Removed, None) => {}
        }
        self.applied(&change, found);
        Ok(())
    }

    async fn take_off(&mut self, item: &Item) -> Result<(), TodoError> {
        let (list, lists) = (self.list.clone(), self.lists);
        self.call(TodoOperation::Remove, lists.remove(&list, &item.uid))
            .await?;
        self.items.retain(|i| i.uid != item.uid);
        Ok(())
    }

    /// The item of a change: by its uid, by our mark, or (on a list that holds
    /// no marks) because we were about to add it and an item with its words
    /// has appeared since.
    fn find(&self, change: &TodoChange, features: Features) -> Option<Item> {
        let by_uid = change
            .uid
            .as_ref()
            .and_then(|uid| self.items.iter().find(|i| i.uid == *uid));
        let mark = change.mark();
        let by_mark = || {
            self.items
                .iter()
                .find(|i| i.description.as_ref().is_some_and(|d| d.contains(&mark)))
        };
        let by_words = || {
            let before = change
                .attempted
                .as_ref()
                .filter(|_| !features.description())?;
            self.items.iter().find(|i| {
                i.summary == change.summary
                    && !before.contains(&i.uid)
                    && !self.bound.contains(&i.uid)
            })
        };
        by_uid.or_else(by_mark).or_else(by_words).cloned()
    }

    async fn add(&mut self, change: TodoChange, features: Features) -> Result<(), TodoError> {
        // What can never be taken off again is not put on.
        if !features.create() || !(features.update() || features.delete()) {
            return Err(TodoError::Refused(format!(
                "{} does not let items be added and ticked; choose another to-do list in the options",
                self.list
            )));
        }
        if change.attempted.is_none() {
            let before = self
                .items
                .iter()
                .filter(|i| i.summary == change.summary)
                .map(|i| i.uid.clone())
                .collect();
            self.events.push(Event::TodoAttempted {
                task: change.task,
                list: self.list.clone(),
                before,
            });
            return Ok(());
        }
        if self.lately_added.contains(&change.task) {
            self.unlisted.push(change.task);
            return Ok(());
        }
        let (list, lists) = (self.list.clone(), self.lists);
        let description = features
            .description()
            .then(|| format!("Seen by AICleaner {}", change.mark()));
        let add = lists.add(&list, &change.summary, description.as_deref());
        self.call(TodoOperation::Add, add).await?;
        self.items = self.call(TodoOperation::List, lists.items(&list)).await?;
        match self.find(&change, features) {
            Some(item) => {
                self.bind(&change, item.uid);
                self.applied(&change, true);
            }
            None => self.unlisted.push(change.task),
        }
        Ok(())
    }

    async fn set(
        &mut self,
        item: &Item,
        status: ItemStatus,
        features: Features,
    ) -> Result<(), TodoError> {
        if item.status == status {
            return Ok(());
        }
        if !features.update() {
            return Err(TodoError::Refused(format!(
                "{} does not let items be ticked; choose another to-do list in the options",
                self.list
            )));
        }
        let (list, lists) = (self.list.clone(), self.lists);
        let operation = match status {
            ItemStatus::Completed => TodoOperation::Complete,
            ItemStatus::NeedsAction => TodoOperation::Reopen,
        };
        self.call(operation, lists.set_status(&list, &item.uid, status))
            .await?;
        if let Some(known) = self.items.iter_mut().find(|i| i.uid == item.uid) {
            known.status = status;
        }
        Ok(())
    }

    fn bind(&mut self, change: &TodoChange, uid: Uid) {
        self.bound.insert(uid.clone());
        self.events.push(Event::ItemBound {
            task: change.task,
            list: self.list.clone(),
            uid,
        });
    }

    fn applied(&mut self, change: &TodoChange, found: bool) {
        self.events.push(Event::TodoApplied {
            task: change.task,
            list: self.list.clone(),
            want: change.want,
            found,
        });
    }

    async fn call<T>(
        &self,
        operation: TodoOperation,
        call: Boxed<'_, Result<T, TodoError>>,
    ) -> Result<T, TodoError> {
        let result = timeout(CALL_LIMIT, call).await.unwrap_or_else(|_| {
            Err(TodoError::Paused(format!(
                "no answer within {} seconds",
                CALL_LIMIT.as_secs()
            )))
        });
        let answer = match &result {
            Ok(_) => Answer::Ok,
            Err(TodoError::Paused(_)) => Answer::Paused,
            Err(TodoError::NoSuchList(_)) => Answer::Failed,
            Err(TodoError::Refused(_)) => Answer::Refused,
        };
        self.metrics.todo_operation(operation, answer);
        result
    }
}
