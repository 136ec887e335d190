//! The running engine tells the household.

use std::sync::atomic::Ordering;

use super::living::{Life, live_by};
use crate::domain::{
    command::Command,
    effect::Change,
    house::HouseOptions,
    notification::{Kind, Notice},
    timing::{QuietHours, Timing},
    zone::ZoneId,
};

impl Life {
    async fn told_until(&self, count: usize) -> Vec<Notice> {
        let told = async {
            while self.ears.0.lock().unwrap().len() < count {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        };
        let limit = std::time::Duration::from_hours(3);
        tokio::time::timeout(limit, told).await.expect("a message");
        self.ears.0.lock().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_task_and_its_end_are_told_after_they_are_written_down() {
    let mut life = live_by(HouseOptions::default(), Timing::default()).await;
    life.disk.full.store(true, Ordering::SeqCst);
    life.until("a task", |v| v.zones[0].tasks.len() == 1).await;
    // Between two heartbeats: at one, the news might be told before the command is heard.
    tokio::time::sleep(std::time::Duration::from_secs(5 * 60 + 7)).await;
    assert!(life.ears.0.lock().unwrap().is_empty(), "nothing is saved");
    life.disk.full.store(false, Ordering::SeqCst);
    let told = life.told_until(1).await;
    assert!(matches!(&told[0].kind, Kind::NewTasks { tasks, .. } if tasks.len() == 1));
    life.command(Command::MarkAllDone(ZoneId(1))).await.unwrap();
    // After the cooldown.
    let told = life.told_until(2).await;
    let zone = "Kitchen".to_owned();
    assert_eq!(told[1].kind, Kind::AllDone { zone });
    let saved = life.disk.saved.lock().unwrap();
    let noted = |c: &Change| matches!(c, Change::Note(name, _) if name == "notifications");
    assert!(saved.iter().any(noted));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_in_quiet_hours_and_a_snooze_ends_by_itself() {
    let house = HouseOptions {
        quiet_hours: QuietHours::parse("07:00-09:00"),
        ..HouseOptions::default()
    };
    let mut life = live_by(house, Timing::default()).await;
    life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    life.until("a task", |v| v.zones[0].tasks.len() == 1).await;
    life.command(Command::Snooze(ZoneId(1), 120)).await.unwrap();
    let end = "2027-01-15T10:00:00Z".parse().unwrap();
    life.until("the snooze", |v| {
        v.zones[0].next_check.is_some_and(|at| at >= end)
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_mins(55)).await;
    assert!(life.ears.0.lock().unwrap().is_empty());
    let told = life.told_until(1).await;
    assert!(matches!(&told[0].kind, Kind::NewTasks { tasks, .. } if tasks.len() == 1));
    life.until("the next look", |v| {
        v.zones[0].last_check.is_some_and(|at| at >= end)
    })
    .await;
}
