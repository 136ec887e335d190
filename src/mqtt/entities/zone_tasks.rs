//! What there is to do in the room.

use serde_json::{Value, json};

use crate::{
    domain::{task::Region, view::ZoneView},
    mqtt::entity::{Entity, Platform, State, iso},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "How many tasks are open; attributes: the tasks, oldest first, each with `id`, `title`, `priority`, `confidence`, `since`, `found_by` and, where it is known, its `box` in the picture (left, top, width, height, as shares); and how many did not fit (`omitted`).",
    icon: "mdi:format-list-checks",
    config: |_| json!({ "state_class": "measurement", "unit_of_measurement": "tasks" }),
    state: Some(state),
    attributes: Some(attributes),
    ..Entity::new("tasks", Platform::Sensor, "Tasks")
};

/// Home Assistant's recorder drops all attributes beyond 16 KiB; a quarter of
/// that leaves room for what it adds.
const MOST_BYTES: usize = 4096;

/// What the object around the tasks takes at most.
const FRAME_BYTES: usize = 64;

/// No reading and no task is not "nothing to do": nobody has looked yet.
fn state(zone: &ZoneView) -> State {
    let known = zone.reading.is_some() || !zone.tasks.is_empty();
    State::known(known.then_some(zone.tasks.len()))
}

fn attributes(zone: &ZoneView) -> Value {
    let mut bytes = FRAME_BYTES;
    let shown: Vec<Value> = zone
        .tasks
        .iter()
        .map(|task| {
            json!({
                "id": task.id,
                "title": task.title,
                "confidence": super::hundredths(task.confidence),
                "priority": task.priority,
                "since": iso(task.first_seen),
                "found_by": task.provider,
                "box": task.region.map(corners),
            })
        })
        .take_while(|task| {
            bytes += task.to_string().len() + 1;
            bytes <= MOST_BYTES
        })
        .collect();
    let omitted = zone.tasks.len() - shown.len();
    json!({ "tasks": shown, "omitted": omitted })
}

/// Left, top, width and height as shares of the picture.
fn corners(region: Region) -> [f64; 4] {
    [region.x, region.y, region.width, region.height].map(super::hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn many_tasks_are_cut_and_the_cut_is_told() {
        let mut zone = sample::zone("kitchen");
        zone.tasks = (0..60).map(|n| sample::task(n, &"ä".repeat(120))).collect();
        let shown = attributes(&zone);
        assert!(shown.to_string().len() <= MOST_BYTES);
        let count = shown["tasks"].as_array().unwrap().len();
        assert!(count > 5);
        assert_eq!(shown["omitted"], 60 - count);
        assert_eq!(state(&zone), State::text(60));
    }

    #[test]
    fn before_anyone_looked_it_is_unknown() {
        let mut zone = sample::zone("kitchen");
        (zone.reading, zone.tasks) = (None, vec![]);
        assert_eq!(state(&zone), State::Unknown);
    }
}
