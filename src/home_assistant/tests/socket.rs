//! The connection: commands, subscriptions, losses of it.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{log::Log, *};
use crate::home_assistant::{HaError, Subscription, Update};

async fn next(subscription: &mut Subscription) -> Update {
    let update = time::timeout(PATIENCE, subscription.next()).await;
    update.expect("an update in time").expect("a living actor")
}

fn items_of(list: &str) -> Value {
    json!({"type": "todo/item/subscribe", "entity_id": list})
}

#[tokio::test]
async fn commands_are_answered_in_any_order_and_ids_grow() {
    let fake = FakeHome::start().await.unwrap();
    for access in [supervised(&fake), direct(&fake)] {
        let mut world = World::start(&access, LIMITS);
        assert_eq!(world.condition().await, Condition::Ok);
        let socket = world.socket();
        let hold = |text| socket.call(json!({"type": "hold", "text": text}));
        // The fake answers both in reverse, after `release`.
        let (a, b, ()) = tokio::join!(hold("a"), hold("b"), async {
            fake.until(|m| m.commands.iter().filter(|c| c["type"] == "hold").count() % 2 == 0)
                .await;
            socket.call(json!({"type": "release"})).await.unwrap();
        });
        assert_eq!((a.unwrap(), b.unwrap()), (json!("a"), json!("b")));
    }
    // Each connection counts from one.
    let ids: Vec<_> = fake
        .model()
        .commands
        .iter()
        .map(|c| c["id"].as_u64())
        .collect();
    let expected = [1, 2, 3, 4, 1, 2, 3, 4].map(Some);
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_refused_token_is_said_and_tried_slowly() {
    let fake = FakeHome::start().await.unwrap();
    fake.model().token = "another".into();
    let mut world = World::start(&direct(&fake), LIMITS);
    let Condition::Degraded(why) = world.condition().await else {
        panic!("a refused token is no pause")
    };
    assert!(why.contains("does not accept the access token"), "{why}");
    assert!(!why.contains(TOKEN), "{why}");
    let refused = world.socket().call(json!({"type": "echo"})).await;
    assert!(matches!(refused, Err(HaError::Failed(_))), "{refused:?}");

    fake.model().token = TOKEN.into();
    assert_eq!(world.condition().await, Condition::Ok);
}

#[tokio::test]
async fn a_refused_token_waits_longer_than_a_pause() {
    let fake = FakeHome::start().await.unwrap();
    fake.model().token = "another".into();
    let limits = Limits {
        retry_failed: (PATIENCE, PATIENCE),
        ..LIMITS
    };
    let mut world = World::start(&supervised(&fake), limits);
    assert!(matches!(world.condition().await, Condition::Degraded(_)));
    time::sleep(limits.retry.1 * 6).await;
    assert_eq!(fake.model().connections, 1);
}

#[tokio::test]
async fn a_restart_is_a_pause_and_subscriptions_come_back() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    let mut world = World::up(&fake).await;
    let mut items = world.socket().subscribe(items_of("todo.x")).await;
    assert_eq!(next(&mut items).await, Update::Subscribed);
    assert_eq!(next(&mut items).await, Update::Event(json!({"items": []})));

    fake.model().upgrade = Some(502);
    fake.cut();
    assert!(matches!(world.condition().await, Condition::Paused(_)));
    let mut link = world.socket().link();
    wait_for(
        &mut link,
        |s| matches!(s, LinkState::Away(why) if why.contains("answers 502")),
    )
    .await;
    let away = world.socket().call(json!({"type": "echo"})).await;
    assert!(matches!(away, Err(HaError::Away(_))), "{away:?}");

    fake.model().upgrade = None;
    while let paused = world.condition().await
        && paused != Condition::Ok
    {
        assert!(matches!(paused, Condition::Paused(_)), "{paused:?}");
    }
    assert_eq!(next(&mut items).await, Update::Subscribed);
    assert_eq!(next(&mut items).await, Update::Event(json!({"items": []})));
    fake.set_items("todo.x", vec![json!({"uid": "1"})]);
    let pushed = Update::Event(json!({"items": [{"uid": "1"}]}));
    assert_eq!(next(&mut items).await, pushed);
}

#[tokio::test]
async fn nobody_listening_is_a_pause() {
    let fake = FakeHome::start().await.unwrap();
    let access = supervised(&fake);
    drop(fake);
    let mut world = World::start(&access, LIMITS);
    let Condition::Paused(why) = world.condition().await else {
        panic!("refused is a pause")
    };
    assert!(why.contains("The Supervisor does not answer"), "{why}");
}

#[tokio::test]
async fn a_home_that_is_still_starting_is_not_up() {
    let fake = FakeHome::start().await.unwrap();
    fake.model().state = "STARTING";
    let mut world = World::start(&direct(&fake), LIMITS);
    let Condition::Paused(why) = world.condition().await else {
        panic!("starting is a pause")
    };
    assert!(why.contains("starting"), "{why}");
    fake.model().state = "RUNNING";
    assert_eq!(world.condition().await, Condition::Ok);
}

#[tokio::test]
async fn a_silent_connection_is_noticed_and_replaced() {
    let fake = FakeHome::start().await.unwrap();
    let limits = Limits {
        ping_every: Duration::from_millis(50),
        pong_within: Duration::from_millis(400),
        ..LIMITS
    };
    let mut world = World::start(&supervised(&fake), limits);
    assert_eq!(world.condition().await, Condition::Ok);
    // Answered pings keep it.
    fake.until(|m| m.commands.iter().filter(|c| c["type"] == "ping").count() > 12)
        .await;
    assert_eq!(fake.model().connections, 1);

    fake.model().mute = true;
    let Condition::Paused(why) = world.condition().await else {
        panic!("silence is a pause")
    };
    assert!(why.contains("stopped answering"), "{why}");
    fake.model().mute = false;
    let mut link = world.socket().link();
    wait_for(&mut link, |s| *s == LinkState::Up).await;
    assert!(fake.model().connections >= 2);
}

#[tokio::test]
async fn a_call_has_a_time_limit_and_harms_no_other() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let limit = Duration::from_millis(50);
    let silent = world.socket().call_within(json!({"type": "silent"}), limit);
    assert_eq!(silent.await, Err(HaError::TooSlow(limit)));
    let late = world.socket().call_within(json!({"type": "hold"}), limit);
    assert_eq!(late.await, Err(HaError::TooSlow(limit)));
    // The late answer arrives together with this one.
    let release = world.socket().call(json!({"type": "release"})).await;
    assert_eq!(release, Ok(Value::Null));
    assert_eq!(fake.model().connections, 1);
}

#[tokio::test]
async fn a_call_ends_with_its_connection() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let (lost, ()) = tokio::join!(world.socket().call(json!({"type": "silent"})), async {
        fake.until(|m| m.commands.iter().any(|c| c["type"] == "silent"))
            .await;
        fake.cut();
    });
    assert!(matches!(lost, Err(HaError::Away(_))), "{lost:?}");
}

#[tokio::test]
async fn a_refused_subscription_is_tried_until_it_works() {
    let fake = FakeHome::start().await.unwrap();
    let limits = Limits {
        call: PATIENCE * 2,
        ..LIMITS
    };
    let mut world = World::start(&supervised(&fake), limits);
    assert_eq!(world.condition().await, Condition::Ok);
    let mut items = world.socket().subscribe(items_of("todo.later")).await;
    fake.until(|m| {
        m.commands
            .iter()
            .filter(|c| c["type"] == "todo/item/subscribe")
            .count()
            > 2
    })
    .await;
    fake.put_list("todo.later", "0", Some(vec![]));
    assert_eq!(next(&mut items).await, Update::Subscribed);
    assert_eq!(fake.model().connections, 1);
}

#[tokio::test]
async fn letting_go_unsubscribes() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    let world = World::up(&fake).await;
    let mut items = world.socket().subscribe(items_of("todo.x")).await;
    assert_eq!(next(&mut items).await, Update::Subscribed);
    assert_eq!(next(&mut items).await, Update::Event(json!({"items": []})));
    let id = fake.received("todo/item/subscribe")[0]["id"].clone();
    drop(items);
    fake.until(|m| m.commands.iter().any(|c| c["type"] == "unsubscribe_events"))
        .await;
    assert_eq!(fake.received("unsubscribe_events")[0]["subscription"], id);

    // One let go before it was answered is unsubscribed as well.
    let early = world.socket().subscribe(items_of("todo.x")).await;
    drop(early);
    world.socket().call(json!({"type": "echo"})).await.unwrap();
    let asked = fake.received("todo/item/subscribe").len();
    fake.until(|m| {
        m.commands
            .iter()
            .filter(|c| c["type"] == "unsubscribe_events")
            .count()
            == asked
    })
    .await;
}

#[tokio::test]
async fn a_slow_reader_is_told_to_catch_up() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let mut flood = world.socket().subscribe(json!({"type": "flood"})).await;
    // 200 events do not fit; the socket goes on for everybody else.
    fake.until(|m| m.commands.iter().any(|c| c["type"] == "unsubscribe_events"))
        .await;
    let echo = world
        .socket()
        .call(json!({"type": "echo", "text": 7}))
        .await;
    assert_eq!(echo, Ok(json!(7)));
    assert_eq!(next(&mut flood).await, Update::Subscribed);
    assert_eq!(next(&mut flood).await, Update::Event(json!("drop")));
    let again = time::timeout(PATIENCE, async {
        while flood.next().await != Some(Update::Subscribed) {}
    });
    again.await.expect("a second beginning");
}

#[tokio::test]
async fn original_16_it_stops_at_once_in_every_state() {
    let fake = FakeHome::start().await.unwrap();
    let up = World::up(&fake).await;
    let hanging = TcpNobody::start().await;
    let dialing = World::start(&hanging.access(), LIMITS);
    hanging.reached().await;
    for world in [up, dialing] {
        let begun = Instant::now();
        world.stop.cancel();
        let ended = time::timeout(PATIENCE, world.home.ended()).await;
        ended.expect("everything ends");
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{:?}",
            begun.elapsed()
        );
        let stopped = world.socket().call(json!({"type": "echo"})).await;
        assert!(matches!(stopped, Err(HaError::Away(_))), "{stopped:?}");
    }
}

/// Accepts and says nothing.
struct TcpNobody(tokio::net::TcpListener);

impl TcpNobody {
    async fn start() -> Self {
        Self(tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn access(&self) -> HomeAssistantAccess {
        HomeAssistantAccess::Supervisor {
            base_url: format!("http://{}", self.0.local_addr().unwrap()),
            token: Secret::from(TOKEN),
        }
    }

    async fn reached(&self) {
        let reached = time::timeout(PATIENCE, self.0.accept()).await;
        reached.expect("a connection in time").unwrap();
    }
}

#[tokio::test]
async fn the_token_is_in_no_log_debug_or_error() {
    let (log, _guard) = Log::listen(tracing::Level::TRACE);
    let fake = FakeHome::start().await.unwrap();
    let mut texts = vec![];

    let world = World::up(&fake).await;
    let refused = world.socket().call(json!({"type": "refuse"})).await;
    assert!(format!("{refused:?}").contains("[token]"), "{refused:?}");
    texts.push(format!("{refused:?} {:?}", world.home));
    let echoed = format!("{{\"message\": \"bad {TOKEN}\"}}");
    fake.answer("/core/api/config", 500, "application/json", echoed);
    texts.push(format!("{:?}", world.home.config().await));
    let refusing = world.socket().subscribe(json!({"type": "refuse"})).await;
    fake.until(|m| m.commands.iter().filter(|c| c["type"] == "refuse").count() > 2)
        .await;
    drop(refusing);
    fake.model().token = "another".into();
    fake.cut();
    let mut link = world.socket().link();
    wait_for(&mut link, |s| matches!(s, LinkState::Failed(_))).await;
    texts.push(format!("{:?}", *link.borrow()));

    texts.push(log.text());
    assert!(
        texts.last().unwrap().contains("refused"),
        "the log was read"
    );
    for text in texts {
        assert!(!text.contains(TOKEN), "{text}");
    }
}
