//! The link in bad weather: half-open, flooded, with messages too large, and
//! what it tells of what happened meanwhile.

use super::*;
use crate::domain::announcement::{Announcement, Happening};

const EVENTS: &str = "aicleaner_v3/zone/kitchen/event/state";

fn all_clean() -> Announcement {
    Announcement {
        zone: "kitchen".into(),
        what: Happening::AllClean,
    }
}

fn events(broker: &TestBroker) -> usize {
    let published = broker.published();
    published.iter().filter(|p| p.topic == EVENTS).count()
}

#[tokio::test]
async fn a_half_open_connection_is_noticed_and_replaced() {
    let broker = start_broker(capturing()).await;
    let mut service = Service::at(&broker, brisk());
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    broker.freeze(true);
    let Condition::Degraded(sentence) = service.health().await else {
        panic!("silence is told");
    };
    assert!(sentence.contains("MQTT broker at"), "{sentence}");
    broker.freeze(false);
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    service.stop().await;
}

#[tokio::test]
async fn an_oversize_message_to_us_is_told_once_and_the_link_comes_back() {
    let broker = start_broker(capturing()).await;
    let mut service = Service::at(&broker, brisk());
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    // Retained: it comes again with every connection.
    let topic = "aicleaner_v3/hub/enabled/set";
    broker.publish(topic, vec![b'x'; 1024 * 1024 + 100], true);
    let Condition::Degraded(sentence) = service.health().await else {
        panic!("it is told");
    };
    assert!(sentence.contains("more than the"), "{sentence}");
    let connects = broker.counts().connects;
    let often = |b: &TestBroker| b.counts().connects >= connects + 4;
    assert!(broker.until(SOON, often).await);
    assert!(service.inbox.try_recv().is_err(), "told once");
    broker.publish(topic, "", true);
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    service.stop().await;
}

#[tokio::test]
async fn a_flood_of_commands_is_bounded_and_its_drops_are_counted() {
    let broker = start_broker(broker::Options::default()).await;
    let mut service = Service::at(&broker, brisk());
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    // Nobody takes anything out of the engine's inbox meanwhile.
    for _ in 0..20 {
        for _ in 0..100 {
            broker.publish("aicleaner_v3/hub/check_all/set", "PRESS", false);
        }
        tokio::task::yield_now().await;
    }
    broker.publish("aicleaner_v3/hub/check_all/set", vec![b'x'; 5000], false);
    let metrics = service.metrics.clone();
    let counted = async {
        while metrics.counted("mqtt_commands_dropped_total") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(SOON, counted).await.is_ok());
    // It goes on: what fits is obeyed.
    assert_eq!(service.command().await, Command::CheckAll);
    assert!(is_online(&broker).await);
    service.stop().await;
}

#[tokio::test]
async fn what_happens_is_told_once_not_retained_and_after_the_state() {
    let broker = start_broker(capturing()).await;
    let service = Service::at(&broker, brisk());
    assert!(is_online(&broker).await);
    service.change(|view| view.zones[0].tasks.clear());
    service.senders.news.send(all_clean()).await.unwrap();
    assert!(broker.until(SOON, |b| events(b) == 1).await);
    let published = broker.published();
    let last = |topic: &str| published.iter().rposition(|p| p.topic == topic).unwrap();
    assert!(last("aicleaner_v3/zone/kitchen/tasks/state") < last(EVENTS));
    let event = &published[last(EVENTS)];
    assert!(!event.retain && event.payload == r#"{"event_type":"all_clean"}"#);

    // Neither a reconnect nor Home Assistant's start repeats it.
    broker.kick_all();
    assert!(broker.until(SOON, |b| b.counts().connects == 2).await);
    broker.publish("homeassistant/status", "online", false);
    service.senders.news.send(all_clean()).await.unwrap();
    assert!(broker.until(SOON, |b| events(b) >= 2).await);
    assert_eq!(events(&broker), 2);
    service.stop().await;
}

#[tokio::test]
async fn happenings_beyond_the_bound_are_counted_while_the_broker_is_away() {
    let broker = start_broker(capturing()).await;
    broker.refuse(true);
    let mut service = Service::at(&broker, brisk());
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    for _ in 0..300 {
        service.senders.news.send(all_clean()).await.unwrap();
    }
    let metrics = service.metrics.clone();
    broker.refuse(false);
    assert_eq!(service.health().await, Condition::Ok);
    assert!(broker.until(SOON, |b| events(b) >= 256).await);
    assert_eq!(metrics.counted("mqtt_events_dropped_total"), 300 - 256);
    assert_eq!(events(&broker), 256);
    service.stop().await;
}

#[tokio::test]
async fn a_hundred_zones_are_announced_and_taken_out_again() {
    let broker = start_broker(broker::Options {
        capture: 100_000,
        ..broker::Options::default()
    })
    .await;
    let names: Vec<String> = (0..100).map(|n| format!("room_{n}")).collect();
    let zones: Vec<&str> = names.iter().map(String::as_str).collect();
    let service = Service::start(at(broker.addr()), sample::shared(&zones), brisk());
    assert!(is_online(&broker).await);
    let configs = |b: &TestBroker| {
        let retained = b.all_retained();
        retained.keys().filter(|t| t.ends_with("/config")).count()
    };
    assert_eq!(configs(&broker), 101);
    service.change(|view| view.zones.truncate(1));
    assert!(broker.until(SOON, |b| configs(b) == 2).await);
    let rest = |b: &TestBroker| b.all_retained().keys().any(|t| t.contains("/room_99/"));
    assert!(broker.until(SOON, |b| !rest(b)).await);
    service.stop().await;
}

#[tokio::test]
async fn a_broker_that_acknowledges_nothing_is_left_and_tried_again() {
    let test_broker = start_broker(capturing()).await;
    test_broker.mute(true);
    let mut service = Service::at(&test_broker, brisk());
    assert_eq!(service.health().await, Condition::Ok);
    let Condition::Degraded(sentence) = service.health().await else {
        panic!("silence is told");
    };
    assert!(sentence.contains("acknowledges nothing"), "{sentence}");
    test_broker.mute(false);
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&test_broker).await);
    service.stop().await;
}

#[tokio::test]
async fn it_stops_in_time_from_a_broker_that_acknowledges_nothing() {
    let test_broker = start_broker(capturing()).await;
    let service = Service::at(&test_broker, Pace::default());
    assert!(is_online(&test_broker).await);
    test_broker.mute(true);
    service.stop().await;
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(test_broker.until(SOON, offline).await);
}

#[tokio::test]
async fn it_stops_at_once_while_no_broker_answers() {
    let test_broker = start_broker(capturing()).await;
    test_broker.refuse(true);
    let mut service = Service::at(&test_broker, Pace::default());
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    service.stop().await;
}

/// The add-on of the generation before had neither availability nor last will,
/// and said nothing when Home Assistant started: after a crash it was idle for ever.
#[tokio::test]
async fn defect_13_a_crash_is_seen_and_home_assistants_start_is_answered() {
    let broker = start_broker(capturing()).await;
    let service = Service::at(&broker, brisk());
    assert!(is_online(&broker).await);
    assert!(broker.retained(KITCHEN_STATE).is_some());
    let config = broker.retained(KITCHEN_CONFIG).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["availability"][0]["topic"], ONLINE_TOPIC);

    broker.forget_published();
    broker.publish("homeassistant/status", "online", false);
    let answered = |b: &TestBroker| {
        let published = b.published();
        let said = |topic: &str| published.iter().any(|p| p.topic == topic);
        said(HUB_CONFIG) && said(KITCHEN_CONFIG) && said(KITCHEN_STATE)
    };
    assert!(broker.until(SOON, answered).await);

    // A crash: the process is gone without a word.
    service.task.abort();
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(broker.until(SOON, offline).await);
}
