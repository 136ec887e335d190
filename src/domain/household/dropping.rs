//! Whether a list drops what is ticked from what it lists, learnt from what
//! becomes of the items that we tick: on such a list a vanished item is a tick,
//! on others it was deleted.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    Household,
    lists::{Listing, is_on},
};
use crate::domain::{
    effect::{Change, Effect},
    task::TaskId,
    todo::{ItemStatus, ListId, Seen, Uid, Want},
};

/// A list that drops ticked items does so within this time, also one that asks
/// its cloud seldom.
const DROPS_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// An item that we ticked, and that no listing of Home Assistant's own accord
/// has shown since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticked {
    at: Timestamp,
    /// A listing that we asked for has shown it ticked.
    shown: bool,
}

/// What a listing says of the list that one ticked item is on.
enum Answer {
    Keeps,
    Drops,
    /// It was shown ticked, and is gone: dropped late, or deleted by a person.
    Either,
    Shown,
    Nothing,
}

impl Household {
    /// We ticked an item. Whether its list drops it is to be seen, unless a
    /// listing during the visit has shown it ticked already.
    pub(super) fn ticked(&mut self, task: TaskId, at: Timestamp) {
        if !self.kept.remove(&task) {
            self.ticked.insert(task, Ticked { at, shown: false });
        }
    }

    /// A list that, soon after we ticked an item, does not show it in a
    /// listing drops ticked items. A listing of Home Assistant's own accord
    /// that shows it ticked settles the question the other way; so does time,
    /// for what vanishes much later may as well have been cleared by a person.
    /// What vanishes after it was shown may have been cleared, too: only when
    /// that happens a second time the list is believed to drop it late.
    pub(super) fn learn_dropping(
        &mut self,
        list: &ListId,
        listing: &Listing<'_>,
        seen: Seen,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if seen == Seen::First {
            return;
        }
        let answers = self.answers(list, listing, seen, now);
        let (mut drops, mut either) = (None, false);
        for (id, answer) in answers {
            if let Answer::Shown = answer {
                if let Some(ticked) = self.ticked.get_mut(&id) {
                    ticked.shown = true;
                }
                continue;
            }
            if self.ticked.remove(&id).is_none() {
                // Shown before the visit that ticked it has ended.
                self.kept.insert(id);
            }
            match answer {
                Answer::Keeps => drops = Some(false),
                Answer::Drops => drops = Some(true),
                Answer::Either => either = true,
                Answer::Shown | Answer::Nothing => {}
            }
        }
        if either && drops.is_none() && !self.may_drop.insert(list.clone()) {
            drops = Some(true);
        }
        let Some(drops) = drops else { return };
        self.may_drop.remove(list);
        let news = if drops {
            self.drops_completed.insert(list.clone())
        } else {
            self.drops_completed.remove(list)
        };
        if news {
            effects.push(Effect::Save(Change::ListDrops(list.clone(), drops)));
        }
    }

    fn answers(
        &self,
        list: &ListId,
        listing: &Listing<'_>,
        seen: Seen,
        now: Timestamp,
    ) -> Vec<(TaskId, Answer)> {
        let tasks = || self.tasks().filter(|t| is_on(t, list));
        let asked: BTreeSet<&Uid> = tasks()
            .filter(|t| self.ticked.contains_key(&t.id))
            .filter_map(|t| t.item.as_ref().map(|i| &i.uid))
            .collect();
        // It shows others that were ticked, so it cannot be one that drops them.
        let keeps_others = listing
            .values()
            .any(|i| i.status == ItemStatus::Completed && !asked.contains(&i.uid));
        let answer = |task: &crate::domain::task::Task| {
            let item = task.item.as_ref().and_then(|i| listing.get(&i.uid));
            let shown = item.is_some_and(|i| i.status == ItemStatus::Completed);
            let Some(ticked) = self.ticked.get(&task.id) else {
                let by_us = (self.outbox.get(task.id, list))
                    .is_some_and(|change| change.want == Want::Completed);
                return (shown && by_us && seen == Seen::Pushed).then_some(Answer::Keeps);
            };
            let late = now.duration_since(ticked.at).abs() > DROPS_WITHIN;
            Some(match item {
                Some(_) if shown && (late || seen == Seen::Pushed) => Answer::Keeps,
                Some(_) if shown => Answer::Shown,
                // An older listing that came late, or a person opened it again.
                Some(_) if late => Answer::Nothing,
                Some(_) => return None,
                None if late || keeps_others => Answer::Nothing,
                None if ticked.shown => Answer::Either,
                None => Answer::Drops,
            })
        };
        tasks()
            .filter_map(|task| Some((task.id, answer(task)?)))
            .collect()
    }
}
