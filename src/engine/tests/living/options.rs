//! Options that change while the engine runs.

use super::*;
use crate::ports::NewOptions;

fn kitchen() -> ZoneOptions {
    ZoneOptions {
        name: "Kitchen".into(),
        slug: "kitchen".into(),
        cameras: vec!["camera.kitchen".into()],
        todo_list: Some(list()),
        ..ZoneOptions::default()
    }
}

impl Life {
    async fn configure(&self, zones: Vec<ZoneOptions>, judge: Option<Arc<Oracle>>) {
        let new = NewOptions {
            zones,
            house: HouseOptions::default(),
            complete: true,
            problems: vec![],
            judge: judge.map(|judge| judge as _),
        };
        let (done, used) = oneshot::channel();
        self.inbox.send(Message::Options(new, done)).await.unwrap();
        used.await.unwrap();
    }

    fn names(&self) -> Vec<(u32, String)> {
        let view = self.view.borrow();
        view.zones
            .iter()
            .map(|z| (z.zone.id.0, z.zone.options.name.clone()))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_can_be_added_renamed_and_removed_while_it_runs() {
    let mut life = live().await;
    life.until("a reading", |view| view.zones[0].reading.is_some())
        .await;
    let bath = ZoneOptions {
        name: "Bath".into(),
        slug: "bath".into(),
        cameras: vec!["camera.bath".into()],
        todo_list: None,
        ..kitchen()
    };
    life.configure(vec![kitchen(), bath.clone()], None).await;
    let (first, second) = (ZoneId(1).0, ZoneId(2).0);
    assert_eq!(
        life.names(),
        [(first, "Kitchen".into()), (second, "Bath".into())]
    );
    // It is looked at without being asked for.
    life.until("a second reading", |view| view.zones[1].reading.is_some())
        .await;

    let renamed = ZoneOptions {
        name: "Galley".into(),
        slug: "galley".into(),
        ..kitchen()
    };
    life.configure(vec![renamed, bath], None).await;
    assert_eq!(
        life.names(),
        [(first, "Galley".into()), (second, "Bath".into())]
    );
    let view = life.view.borrow().clone();
    assert!(view.zones[0].reading.is_some(), "it keeps what it knows");

    life.configure(vec![], None).await;
    assert_eq!(life.names(), []);
    let view = life.view.borrow().clone();
    let (condition, _) = view.health.get(Component::Settings).unwrap();
    assert!(matches!(condition, Condition::Off(_)), "{condition:?}");
    assert_eq!(view.queue, 0);
    let saved = life.disk.saved.lock().unwrap().clone();
    assert!(saved.contains(&Change::RemoveZone(ZoneId(first))));
}

#[tokio::test(start_paused = true)]
async fn another_camera_is_looked_at_soon_and_judged_afresh() {
    let mut life = live().await;
    life.until("a reading", |view| view.zones[0].reading.is_some())
        .await;
    let asked = life.asked();
    let moved = ZoneOptions {
        cameras: vec!["camera.other".into()],
        ..kitchen()
    };
    life.configure(vec![moved], None).await;
    // The picture is the same, the judge is asked all the same.
    let first = life.view.borrow().zones[0].last_check;
    life.until("a second look", |view| view.zones[0].last_check != first)
        .await;
    assert_eq!(life.asked(), asked + 1);
}

#[tokio::test(start_paused = true)]
async fn another_interval_plans_the_next_check_anew() {
    let mut life = live().await;
    life.until("a reading", |view| view.zones[0].reading.is_some())
        .await;
    let often = ZoneOptions {
        interval_minutes: 1,
        ..kitchen()
    };
    life.configure(vec![often], None).await;
    let view = life.view.borrow().clone();
    let next = view.zones[0].next_check.unwrap();
    let last = view.zones[0].last_check.unwrap();
    assert!(next.duration_since(last).as_secs() < 10 * 60, "{next}");
    assert_eq!(view.zones[0].interval_minutes, 1);
}

#[tokio::test(start_paused = true)]
async fn another_judge_judges_from_then_on() {
    let mut life = live().await;
    life.until("a reading", |view| view.zones[0].reading.is_some())
        .await;
    let other = Arc::new(Oracle::default());
    life.configure(vec![kitchen()], Some(other.clone())).await;
    let check = Message::Command(Command::CheckNow(ZoneId(1)), None);
    life.inbox.send(check).await.unwrap();
    let first = life.view.borrow().zones[0].last_check;
    life.until("a second look", |view| view.zones[0].last_check != first)
        .await;
    assert_eq!(other.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn options_that_are_not_in_use_are_shown() {
    let mut life = live().await;
    let sentence = Some("mqtt waits.".to_owned());
    life.inbox
        .send(Message::Unused(sentence.clone()))
        .await
        .unwrap();
    life.until("it is shown", |view| view.unused_options.is_some())
        .await;
    assert_eq!(life.view.borrow().unused_options, sentence);
}
