//! Changes that to-do lists still have to see: at most one per task and list,
//! the latest wish. The store holds the same rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    task::TaskId,
    todo::{ListId, TodoChange, Uid, Want},
};

#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    rows: BTreeMap<(TaskId, ListId), (u64, TodoChange)>,
    next: u64,
}

impl Outbox {
    /// `changes` in the order in which they were queued.
    pub(super) fn new(changes: Vec<TodoChange>) -> Self {
        let mut outbox = Self::default();
        for change in changes {
            outbox.queue(change);
        }
        outbox
    }

    /// Queues a wish, in the place of an earlier one for the same task and
    /// list or behind all others, and gives it back as it is to be saved: what
    /// is known of the item from the earlier wish stays known.
    pub(super) fn queue(&mut self, mut change: TodoChange) -> TodoChange {
        let key = (change.task, change.list.clone());
        self.next += 1;
        let mut place = self.next;
        if let Some((earlier, old)) = self.rows.remove(&key) {
            place = earlier;
            change.uid = change.uid.or(old.uid);
            // An item that may stand there already stands there with its old words.
            if change.summary.is_empty() || old.attempted.is_some() {
                change.summary = old.summary;
            }
            change.attempted = change.attempted.or(old.attempted);
        }
        self.rows.insert(key, (place, change.clone()));
        change
    }

    pub(super) fn get(&self, task: TaskId, list: &ListId) -> Option<&TodoChange> {
        self.rows.get(&(task, list.clone())).map(|(_, c)| c)
    }

    pub(super) fn of_task(&self, task: TaskId) -> Vec<TodoChange> {
        self.rows
            .values()
            .filter(|(_, c)| c.task == task)
            .map(|(_, c)| c.clone())
            .collect()
    }

    pub(super) fn waiting(&self, list: &ListId) -> Vec<TodoChange> {
        let mut rows: Vec<_> = self
            .rows
            .values()
            .filter(|(_, c)| c.list == *list)
            .collect();
        rows.sort_by_key(|(order, _)| *order);
        rows.into_iter().map(|(_, c)| c.clone()).collect()
    }

    pub(super) fn lists(&self) -> BTreeSet<ListId> {
        self.rows.keys().map(|(_, list)| list.clone()).collect()
    }

    pub(super) fn attempted(
        &mut self,
        task: TaskId,
        list: &ListId,
        before: BTreeSet<Uid>,
    ) -> Option<TodoChange> {
        let (_, change) = self.rows.get_mut(&(task, list.clone()))?;
        // The first attempt counts: what stood there before it is not ours.
        change.attempted.get_or_insert(before);
        Some(change.clone())
    }

    pub(super) fn bound(&mut self, task: TaskId, list: &ListId, uid: &Uid) -> Option<TodoChange> {
        let (_, change) = self.rows.get_mut(&(task, list.clone()))?;
        change.uid = Some(uid.clone());
        Some(change.clone())
    }

    /// Removes the row if it still wishes what was carried out.
    pub(super) fn applied(&mut self, task: TaskId, list: &ListId, want: Want) -> bool {
        let key = (task, list.clone());
        let same = self.rows.get(&key).is_some_and(|(_, c)| c.want == want);
        if same {
            self.rows.remove(&key);
        }
        same
    }
}
