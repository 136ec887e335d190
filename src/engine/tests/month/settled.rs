//! What a home comes to that is left in peace.

use super::{
    MESSES, ROOMS,
    laws::{Broken, Laws, hold, mess_of},
    life::Life,
    words,
};
use crate::domain::{
    matching::is_ignored,
    task::{By, Task, TaskState},
    todo::{ItemStatus, Uid},
    view::ZoneView,
};

impl Laws {
    pub fn check_settled(&self, life: &Life) -> Broken {
        let now = life.home.clock.now();
        let remembered = life.store.remembered();
        hold!(
            remembered.outbox.is_empty(),
            "the outbox is stuck: {:?}",
            remembered.outbox
        );
        let view = life.view.borrow().clone();
        for room in 0..ROOMS {
            let Some(id) = life.zone(room) else { continue };
            let Some(zone) = view.zones.iter().find(|z| z.zone.id == id) else {
                continue;
            };
            for mess in 0..MESSES {
                let open = zone
                    .tasks
                    .iter()
                    .filter(|t| mess_of(life, &t.title) == mess)
                    .count();
                let there = life.home.with(|s| s.messes.contains(&(room, mess)));
                let rules: Vec<String> = zone
                    .rules
                    .iter()
                    .map(|r| r.text.clone())
                    .chain(zone.zone.options.ignore.clone())
                    .collect();
                let titles = words::ways(life.home.with(|s| s.language), mess);
                let settled = is_ignored(titles[0], &rules)
                    || remembered.tasks.iter().any(|t| {
                        t.zone == id
                            && mess_of(life, &t.title) == mess
                            && match t.state {
                                TaskState::Done {
                                    by: By::Person,
                                    seen_gone,
                                    ..
                                } => !seen_gone,
                                TaskState::Dismissed { until } => now < until,
                                _ => false,
                            }
                    });
                if there {
                    hold!(
                        open == 1 || settled,
                        "lost: room {room}, {titles:?}, {:?}",
                        remembered.tasks
                    );
                } else {
                    hold!(open == 0, "kept: room {room}, {titles:?}, {:?}", zone.tasks);
                }
            }
        }
        self.check_listed(life, &view.zones)
    }

    /// Each open task has one open item on its list, and no item of ours is
    /// open without a task.
    fn check_listed(&self, life: &Life, zones: &[ZoneView]) -> Broken {
        for (list, state) in &life.home.lists {
            let state = state.person(|s| s.clone());
            let tasks: Vec<&Task> = zones
                .iter()
                .filter(|z| z.zone.options.todo_list.as_ref() == Some(list))
                .flat_map(|z| &z.tasks)
                .collect();
            let open = |uid: &Uid| {
                let mut items = state.shelf.items.iter();
                items.any(|i| i.uid == *uid && i.status == ItemStatus::NeedsAction)
            };
            for task in &tasks {
                let listed = task
                    .item
                    .as_ref()
                    .is_some_and(|i| i.list == *list && open(&i.uid));
                hold!(
                    listed,
                    "not listed on {list}: {task:?} {:?}",
                    state.shelf.items
                );
            }
            let ours = state.shelf.items.iter().filter(|i| {
                i.status == ItemStatus::NeedsAction
                    && !state.own.contains_key(&i.uid)
                    && !self.unticked.contains(&(list.clone(), i.uid.clone()))
            });
            for item in ours {
                let stands = tasks
                    .iter()
                    .any(|t| t.item.as_ref().is_some_and(|i| i.uid == item.uid));
                hold!(stands, "an item without a task on {list}: {item:?}");
            }
        }
        Ok(())
    }
}
