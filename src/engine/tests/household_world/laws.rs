//! What must hold always, and what a home comes to when it is left in peace.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;

use super::{MESSES, world::World};
use crate::domain::{
    task::{By, Task, TaskState},
    todo::ItemStatus,
    zone::ZoneId,
};

impl World {
    pub fn check_always(&mut self, before: &[Task]) -> Result<(), TestCaseError> {
        let mut open = BTreeMap::new();
        for item in self.list.ours() {
            if item.status == ItemStatus::NeedsAction {
                *open.entry(item.summary).or_insert(0) += 1;
            }
        }
        // A person may un-tick an old item; then two may truly stand there.
        for (summary, count) in &open {
            let unticked = self
                .tasks()
                .iter()
                .filter(|t| summary.ends_with(&t.title))
                .count();
            prop_assert!(*count <= unticked.max(1), "doubled: {summary}");
        }
        let added = self.list.person(|s| std::mem::take(&mut s.added));
        for summary in added {
            let dismissed = before.iter().any(|t| {
                matches!(t.state, TaskState::Dismissed { until } if self.now < until)
                    && self.has_list(t.zone.0)
                    && summary == self.words(t)
            });
            prop_assert!(!dismissed, "resurrected: {summary}");
        }
        let state = self.list.person(|s| s.clone());
        for (uid, item) in &state.own {
            let kept = state.shelf.items.iter().find(|i| i.uid == *uid);
            prop_assert_eq!(kept, Some(item), "touched a person's item");
        }
        let ids: BTreeSet<_> = self.tasks().iter().map(|t| t.id).collect();
        prop_assert_eq!(ids.len(), self.tasks().len());
        Ok(())
    }

    /// Left in peace, the list comes to show exactly what is to be done.
    pub fn settle(&mut self) -> Result<(), TestCaseError> {
        self.list.person(|s| s.away = false);
        for _ in 0..4 {
            self.now += SignedDuration::from_hours(2);
            for zone in [1, 2] {
                self.read(zone);
            }
            self.visit(None, None);
            self.listing();
            let tasks = self.tasks();
            self.check_always(&tasks)?;
        }
        let features = self.list.person(|s| s.shelf.features);
        if !features.create() || !(features.update() || features.delete()) {
            prop_assert_eq!(self.list.ours(), [], "put on a list that cannot be cleared");
            return Ok(());
        }
        for zone in [1, 2] {
            for (mess, title) in MESSES.iter().enumerate() {
                self.check_settled(zone, mess, title)?;
            }
        }
        prop_assert!(self.waiting().is_empty(), "outbox stuck");
        Ok(())
    }

    fn check_settled(&self, zone: u32, mess: usize, title: &str) -> Result<(), TestCaseError> {
        let tasks: Vec<Task> = self
            .tasks()
            .into_iter()
            .filter(|t| t.zone == ZoneId(zone) && t.title == title)
            .collect();
        let open: Vec<&Task> = tasks.iter().filter(|t| t.is_open()).collect();
        let settled_by_person = tasks.iter().any(|t| match t.state {
            TaskState::Done {
                by: By::Person,
                seen_gone,
                ..
            } => !seen_gone,
            TaskState::Dismissed { until } => self.now < until,
            _ => false,
        });
        if self.messes.contains(&(zone, mess)) {
            prop_assert!(
                open.len() == 1 || settled_by_person,
                "lost: {zone} {title} {tasks:?}"
            );
        } else {
            prop_assert!(open.is_empty(), "kept: {} {}", zone, title);
        }
        if !self.has_list(zone) {
            return Ok(());
        }
        let state = self.list.person(|s| s.clone());
        for task in open {
            let item = task.item.as_ref().and_then(|bound| {
                let mut items = state.shelf.items.iter();
                items.find(|i| i.uid == bound.uid)
            });
            let Some(item) = item else {
                return Err(TestCaseError::fail(format!("not listed: {task:?}")));
            };
            prop_assert_eq!(item.status, ItemStatus::NeedsAction, "not open: {:?}", task);
            if state.renamed.contains(&item.uid) {
                prop_assert!(item.summary.starts_with("my "), "renamed back: {item:?}");
            } else if state.shelf.features.update() {
                prop_assert_eq!(&item.summary, &self.words(task), "odd words");
            }
        }
        Ok(())
    }
}
