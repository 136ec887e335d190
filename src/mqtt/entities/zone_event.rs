//! What happens in the room, as it happens: for automations. Not retained,
//! told once, and only while it is news.

use serde_json::{Value, json};

use crate::{
    domain::{
        announcement::{Announcement, Happening},
        view::ZoneView,
    },
    mqtt::entity::{Entity, Platform},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "What happens, for automations: `task_added` and `task_done` (attributes `task`, `task_id`), `check_failed` (the first of several in a row; attribute `reason`), `all_clean` (nothing is left to do). What happens while the broker is away is told afterwards if it is younger than a minute.",
    icon: "mdi:bell-ring-outline",
    config: |_| json!({ "event_types": Happening::NAMES }),
    ..Entity::new("event", Platform::Event, "Event")
};

/// What is told of it.
pub fn payload(announcement: &Announcement) -> Value {
    let name = announcement.what.name();
    match &announcement.what {
        Happening::TaskAdded { id, title } | Happening::TaskDone { id, title } => {
            json!({ "event_type": name, "task": title, "task_id": id })
        }
        Happening::CheckFailed { sentence } => {
            json!({ "event_type": name, "reason": super::shortened(sentence, 1000) })
        }
        Happening::AllClean => json!({ "event_type": name }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::TaskId;

    #[test]
    fn an_event_names_its_type_and_its_task() {
        let what = Happening::TaskAdded {
            id: TaskId(7),
            title: "Put the cup away".into(),
        };
        let zone = "kitchen".to_owned();
        let told = payload(&Announcement { zone, what });
        let expected =
            json!({ "event_type": "task_added", "task": "Put the cup away", "task_id": 7 });
        assert_eq!(told, expected);
    }
}
