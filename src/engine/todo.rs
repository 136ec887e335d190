//! Makes a to-do list show what it should: at least once, never twice.
//!
//! The list is read first, always. An item is added in two passes: the first
//! says which items with its words are not ours, the engine makes that
//! durable, and only the second adds. So a crash at any point leaves enough
//! behind to tell our item from a person's.
//!
//! A change counts as done when a listing after it shows it: for a list that
//! goes away in the same moment Home Assistant does nothing and reports success.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    domain::{
        household::Event,
        mark::{self, Mark, Marks},
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
    /// Items that belong to tasks already, and so cannot be another task's, and
    /// the words they last got from us.
    pub bound: BTreeMap<Uid, Option<String>>,
    pub marks: Marks,
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
    /// The list took a change and does not show it yet.
    pub unproven: bool,
    pub error: Option<TodoError>,
}

impl Visited {
    /// A visit that ended in a panic: nothing is known of it, it is made again.
    pub(super) fn broken_off(list: ListId, error: &tokio::task::JoinError) -> Self {
        Self {
            events: Vec::new(),
            items: None,
            unlisted: Vec::new(),
            unproven: false,
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
        marks: visit.marks,
        lately_added: visit.lately_added,
        unlisted: Vec::new(),
        sent: Vec::new(),
        unproven: false,
        items: Vec::new(),
        events: Vec::new(),
    };
    let result = clerk.work(visit.changes).await;
    Visited {
        items: result.is_ok().then_some(clerk.items),
        error: result.err(),
        list: clerk.list,
        unlisted: clerk.unlisted,
        unproven: clerk.unproven,
        events: clerk.events,
    }
}

struct Clerk<'a> {
    lists: &'a dyn TodoLists,
    metrics: &'a Metrics,
    list: ListId,
    bound: BTreeMap<Uid, Option<String>>,
    marks: Marks,
    lately_added: BTreeSet<TaskId>,
    unlisted: Vec<TaskId>,
    /// What was sent and is not proven by a listing yet, and its item.
    sent: Vec<(TodoChange, Uid)>,
    unproven: bool,
    /// The latest listing.
    items: Vec<Item>,
    events: Vec<Event>,
}

impl Clerk<'_> {
    async fn work(&mut self, changes: Vec<TodoChange>) -> Result<(), TodoError> {
        self.read().await?;
        if changes.is_empty() {
            return Ok(());
        }
        let (list, lists) = (self.list.clone(), self.lists);
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
        self.prove(features).await?;
        refused.map_or(Ok(()), Err)
    }

    async fn read(&mut self) -> Result<(), TodoError> {
        let (list, lists) = (self.list.clone(), self.lists);
        self.items = self.call(TodoOperation::List, lists.items(&list)).await?;
        Ok(())
    }

    async fn carry_out(&mut self, change: TodoChange, features: Features) -> Result<(), TodoError> {
        let Some(item) = self.find(&change) else {
            if change.want == Want::Open {
                return self.add(change, features).await;
            }
            // It is not there, as wanted; or somebody deleted it.
            self.applied(&change, false);
            return Ok(());
        };
        let status = match change.want {
            // Found just now, so it was added with a lost answer; if it is
            // ticked, a person did that since.
            Want::Open if change.uid.is_none() => item.status,
            Want::Open => ItemStatus::NeedsAction,
            Want::Completed | Want::Removed => ItemStatus::Completed,
        };
        // What cannot be ticked is taken off, and the other way round.
        let take_off = features.delete()
            && match change.want {
                Want::Open => false,
                Want::Completed => !features.update(),
                Want::Removed => true,
            };
        // Words that are not ours are a person's, and stay.
        let ours = self.bound.get(&item.uid).and_then(Option::as_ref) == Some(&item.summary);
        let rename = change.want == Want::Open
            && ours
            && item.summary != change.summary
            && features.update();
        let mut sent = take_off || rename || status != item.status;
        let result = if take_off {
            self.take_off(&item).await
        } else {
            self.set(&item, status, features).await
        };
        match result {
            // Somebody deleted it in the same moment.
            Err(TodoError::Refused(_)) if self.is_gone(&item.uid).await? => sent = false,
            other => other?,
        }
        if rename {
            let (list, lists) = (self.list.clone(), self.lists);
            let call = lists.rename(&list, &item.uid, &change.summary);
            self.call(TodoOperation::Rename, call).await?;
        }
        self.bind(&change, item.uid.clone());
        if sent {
            self.sent.push((change, item.uid));
        } else {
            self.applied(&change, true);
        }
        Ok(())
    }

    async fn is_gone(&mut self, uid: &Uid) -> Result<bool, TodoError> {
        self.read().await?;
        Ok(!self.items.iter().any(|i| i.uid == *uid))
    }

    /// Reads the list again and takes for done what it shows.
    async fn prove(&mut self, features: Features) -> Result<(), TodoError> {
        if self.sent.is_empty() {
            return Ok(());
        }
        self.read().await?;
        for (change, uid) in std::mem::take(&mut self.sent) {
            let status = self.items.iter().find(|i| i.uid == uid).map(|i| i.status);
            let shown = match change.want {
                // If it is ticked or gone again, a person was quick.
                Want::Open => true,
                Want::Removed if features.delete() => status.is_none(),
                Want::Completed | Want::Removed => status != Some(ItemStatus::NeedsAction),
            };
            if shown {
                self.applied(&change, true);
            } else {
                self.unproven = true;
            }
        }
        Ok(())
    }

    async fn take_off(&mut self, item: &Item) -> Result<(), TodoError> {
        let (list, lists) = (self.list.clone(), self.lists);
        self.call(TodoOperation::Remove, lists.remove(&list, &item.uid))
            .await?;
        self.items.retain(|i| i.uid != item.uid);
        Ok(())
    }

    /// The item of a change: by its uid, by our mark, or (on a list that does
    /// not keep marks, whether it says so or not) because we were about to add
    /// it and an unmarked item with its words has appeared since.
    fn find(&self, change: &TodoChange) -> Option<Item> {
        let by_uid = change
            .uid
            .as_ref()
            .and_then(|uid| self.items.iter().find(|i| i.uid == *uid));
        let by_mark = || self.items.iter().find(|i| self.bears_its_mark(change, i));
        let by_words = || {
            let before = change.attempted.as_ref()?;
            self.items.iter().find(|i| {
                i.summary == change.summary
                    && !mark::is_in(i)
                    && !before.contains(&i.uid)
                    && !self.bound.contains_key(&i.uid)
            })
        };
        by_uid.or_else(by_mark).or_else(by_words).cloned()
    }

    /// Whether an item that belongs to no task yet is this one's by its mark.
    fn bears_its_mark(&self, change: &TodoChange, item: &Item) -> bool {
        let before = change.attempted.as_ref();
        if self.bound.contains_key(&item.uid) || before.is_some_and(|b| b.contains(&item.uid)) {
            return false;
        }
        let has_its_words = item.summary == change.summary;
        match self.marks.on(item, change.task) {
            // Of a task that was never added it is a copy of this installation's.
            Some(Mark::Ours) => has_its_words || before.is_some() || change.uid.is_some(),
            Some(Mark::Unnamed) => has_its_words,
            None => false,
        }
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
                .filter(|i| i.summary == change.summary || self.marks.on(i, change.task).is_some())
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
            .then(|| format!("Seen by AICleaner {}", self.marks.new_mark(change.task)));
        let add = lists.add(&list, &change.summary, description.as_deref());
        self.call(TodoOperation::Add, add).await?;
        self.read().await?;
        match self.find(&change) {
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

    /// Says whose item this is, and the words it has from us: those that were
    /// wished for, also where a person's own were left.
    fn bind(&mut self, change: &TodoChange, uid: Uid) {
        let words = (change.want == Want::Open).then(|| change.summary.clone());
        let known = self.bound.get(&uid);
        let news = change.uid.as_ref() != Some(&uid)
            || (words.is_some() && known.is_none_or(|known| *known != words));
        if !news {
            return;
        }
        let known = known.cloned().flatten();
        self.bound.insert(uid.clone(), words.clone().or(known));
        self.events.push(Event::ItemBound {
            task: change.task,
            list: self.list.clone(),
            uid,
            words,
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
                "{} gave no answer within {} seconds; it is tried again",
                self.list,
                CALL_LIMIT.as_secs()
            )))
        });
        let answer = match &result {
            Ok(_) => Answer::Ok,
            Err(TodoError::Away(_) | TodoError::Paused(_)) => Answer::Paused,
            Err(TodoError::NoSuchList(_)) => Answer::Failed,
            Err(TodoError::Refused(_)) => Answer::Refused,
        };
        self.metrics.todo_operation(operation, answer);
        result
    }
}
