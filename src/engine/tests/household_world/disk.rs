//! What a power cut leaves, and starting from it.

use jiff::tz::TimeZone;

use crate::{
    domain::{
        effect::{Change, ZoneState},
        household::Household,
    },
    ports::Remembered,
};

pub fn boot(disk: &Remembered) -> Household {
    let disk = disk.clone();
    Household::new(
        disk.house,
        disk.zones,
        disk.tasks,
        disk.outbox,
        disk.dropping,
        (disk.last_zone, disk.last_task),
        TimeZone::UTC,
    )
}

/// What the store does with a change.
pub fn save(disk: &mut Remembered, change: Change) {
    match change {
        Change::Zone(zone) => {
            disk.last_zone = disk.last_zone.max(zone.id.0);
            match disk.zones.iter_mut().find(|(z, _)| z.id == zone.id) {
                Some((old, _)) => *old = zone,
                None => disk.zones.push((zone, ZoneState::default())),
            }
        }
        Change::ZoneState(id, state) => {
            if let Some((_, old)) = disk.zones.iter_mut().find(|(z, _)| z.id == id) {
                *old = state;
            }
        }
        Change::RemoveZone(id) => {
            disk.zones.retain(|(z, _)| z.id != id);
            disk.tasks.retain(|t| t.zone != id);
        }
        Change::Task(task) => {
            disk.last_task = disk.last_task.max(task.id.0);
            disk.tasks.retain(|t| t.id != task.id);
            disk.tasks.push(task);
        }
        Change::ForgetTask(id) => disk.tasks.retain(|t| t.id != id),
        Change::Todo(change) => {
            disk.outbox
                .retain(|c| (c.task, &c.list) != (change.task, &change.list));
            disk.outbox.push(change);
        }
        Change::TodoApplied(task, list) => {
            disk.outbox.retain(|c| (c.task, &c.list) != (task, &list));
        }
        Change::ListDrops(list, true) => drop(disk.dropping.insert(list)),
        Change::ListDrops(list, false) => drop(disk.dropping.remove(&list)),
        Change::Reading(_) | Change::Spent(_) | Change::Note(..) => {}
        Change::House(house) => disk.house = house,
    }
}

/// Runs a future that never really waits.
pub fn futures_now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}
