//! The running engine with fixed times, quiet hours, triggers and presence.
//! It starts on a Friday at 08:00 UTC.

use std::sync::atomic::Ordering;

use jiff::{Timestamp, civil::time};

use super::living::{Life, live_by};
use crate::{
    domain::{
        command::Command,
        health::{Component, Condition},
        house::HouseOptions,
        timing::{EntityState, QuietHours, Timing},
        view::{View, ZoneStatus},
        zone::ZoneId,
    },
    ports::Message,
};

const ANNA: &str = "person.anna";
const DOOR: &str = "binary_sensor.door";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn looked_at(view: &View) -> Option<Timestamp> {
    view.zones[0].last_check
}

impl Life {
    async fn tell(&self, entity: &str, state: &str) {
        let (entity, state) = (entity.to_owned(), state.to_owned());
        let message = Message::State { entity, state };
        self.inbox.send(message).await.unwrap();
    }

    fn looks(&self) -> usize {
        self.eye.looks.load(Ordering::SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_with_times_is_looked_at_then_and_only_then() {
    let timing = Timing {
        times: vec![time(8, 30, 0, 0), time(20, 0, 0, 0)],
        at_times_only: true,
        ..Timing::default()
    };
    let mut life = live_by(HouseOptions::default(), timing).await;
    // The look after the start, and its judgement is confirmed by none.
    life.until("the first look", |v| looked_at(v).is_some())
        .await;
    for (due, next) in [
        ("2027-01-15T08:30:00Z", "2027-01-15T20:00:00Z"),
        ("2027-01-15T20:00:00Z", "2027-01-16T08:30:00Z"),
        ("2027-01-16T08:30:00Z", "2027-01-16T20:00:00Z"),
    ] {
        let looks = life.looks();
        let view = life
            .until(due, |v| looked_at(v).is_some_and(|t| t >= at(due)))
            .await;
        let late = looked_at(&view).unwrap().duration_since(at(due)).as_secs();
        assert!(late < 60, "{late} s late");
        let view = life
            .until("the next", |v| v.zones[0].next_check == Some(at(next)))
            .await;
        assert_eq!(view.zones[0].status, ZoneStatus::Waiting);
        assert_eq!(life.looks(), looks + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn quiet_hours_hold_everything_but_a_person() {
    let house = HouseOptions {
        quiet_hours: QuietHours::parse("07:00-09:00"),
        ..HouseOptions::default()
    };
    let timing = Timing {
        triggers: vec![EntityState {
            entity: DOOR.into(),
            state: "off".into(),
        }],
        ..Timing::default()
    };
    let mut life = live_by(house, timing).await;
    let end = at("2027-01-15T09:00:00Z");
    life.until("the wait", |v| v.zones[0].next_check == Some(end))
        .await;
    life.tell(DOOR, "on").await;
    life.tell(DOOR, "off").await;
    life.command(Command::CheckNow(ZoneId(1))).await.unwrap();
    let view = life.until("by hand", |v| looked_at(v).is_some()).await;
    assert!(looked_at(&view).unwrap() < at("2027-01-15T08:01:00Z"));
    assert_eq!(life.looks(), 1, "the trigger waits");
    let view = life
        .until("after", |v| looked_at(v).is_some_and(|t| t >= end))
        .await;
    assert!(looked_at(&view).unwrap() < at("2027-01-15T09:02:00Z"));
}

#[tokio::test(start_paused = true)]
async fn what_happens_in_the_home_makes_a_look_after_its_delay() {
    let timing = Timing {
        triggers: vec![EntityState {
            entity: DOOR.into(),
            state: "off".into(),
        }],
        trigger_delay_minutes: 10,
        ..Timing::default()
    };
    let mut life = live_by(HouseOptions::default(), timing).await;
    let first = life.until("the first", |v| looked_at(v).is_some()).await;
    life.tell(DOOR, "on").await;
    // A storm of the same is one event.
    for _ in 0..500 {
        life.tell(DOOR, "off").await;
    }
    let view = life
        .until("the look", |v| looked_at(v) > looked_at(&first))
        .await;
    let waited = looked_at(&view)
        .unwrap()
        .duration_since(looked_at(&first).unwrap());
    assert!((600..700).contains(&waited.as_secs()), "{waited}");
    assert_eq!(life.looks(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_picture_is_taken_while_somebody_is_at_home() {
    let house = HouseOptions {
        pause_when_home: vec![ANNA.into()],
        ..HouseOptions::default()
    };
    let mut life = live_by(house, Timing::default()).await;
    let connected = Message::Health(Component::HomeAssistant, Condition::Ok);
    life.inbox.send(connected).await.unwrap();
    life.tell(ANNA, "home").await;
    let refused = life.command(Command::CheckNow(ZoneId(1))).await;
    assert!(refused.unwrap_err().contains(ANNA));
    assert_eq!(life.looks(), 0);
    let view = life
        .until("paused", |v| v.zones[0].status == ZoneStatus::Paused)
        .await;
    assert_eq!(view.zones[0].next_check, None);

    life.tell(ANNA, "not_home").await;
    life.until("a look", |v| looked_at(v).is_some()).await;
    assert_eq!(life.looks(), 1);
    // Not to know is to hold.
    life.tell(ANNA, "unavailable").await;
    let refused = life.command(Command::CheckAll).await;
    assert!(refused.unwrap_err().contains("not known"));
}
