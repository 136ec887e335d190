//! What must work with any broker.

use super::{observer::Observer, *};

/// `restart` brings it back on the same port
/// without its retained messages.
pub async fn main_flow(broker: Broker, restart: impl AsyncFnOnce()) {
    let mut observer = Observer::start(broker.clone(), &["aicleaner_v3/#", "homeassistant/#"]);
    observer.connected().await;
    let mut service = Service::start(
        broker.clone(),
        sample::shared(&["kitchen", "bath"]),
        brisk(),
    );
    assert_eq!(service.health().await, Condition::Ok);

    // Everything arrives, in order.
    observer.until(ONLINE_TOPIC, "online").await;
    let order = observer.topics();
    let last = |part: &str| order.iter().rposition(|t| t.ends_with(part)).unwrap();
    let first = |part: &str| order.iter().position(|t| t.ends_with(part)).unwrap();
    assert!(last("/config") < first("/state"), "{order:#?}");
    assert!(last("/state") < order.len() - 1, "{order:#?}");
    assert_eq!(order.last().unwrap(), ONLINE_TOPIC);
    assert!(!order.iter().any(|t| t == KITCHEN_IMAGE), "too early");
    observer.until(KITCHEN_STATE, "62").await;
    observer.until(KITCHEN_IMAGE, "a picture").await;

    // Commands arrive, nonsense does not, and the new state comes back.
    for (topic, payload) in [
        ("aicleaner_v3/zone/kitchen/interval_minutes/set", "0"),
        ("aicleaner_v3/zone/attic/check_now/set", "PRESS"),
        ("aicleaner_v3/zone/kitchen/status/set", "off"),
        ("aicleaner_v3/hub/enabled/set", "OFF"),
    ] {
        observer.say(topic, payload);
    }
    assert_eq!(service.command().await, Command::SetEnabled(false));
    observer.forget();
    service.change(|view| view.enabled = false);
    observer
        .until("aicleaner_v3/hub/enabled/state", "OFF")
        .await;
    observer.say("aicleaner_v3/zone/kitchen/check_now/set", "PRESS");
    assert_eq!(service.command().await, Command::CheckNow(ZoneId(1)));
    // Nothing but what changed was sent (and the status, which follows it).
    assert!(!observer.topics().iter().any(|t| t == KITCHEN_STATE));

    // Home Assistant comes up and is told everything again.
    observer.forget();
    observer.say("homeassistant/status", "online");
    observer.until_any(HUB_CONFIG).await;
    observer.until(KITCHEN_STATE, "62").await;
    observer.until(ONLINE_TOPIC, "online").await;
    observer.until(KITCHEN_IMAGE, "a picture").await;

    // The broker restarts and has forgotten everything.
    observer.forget();
    restart().await;
    let Condition::Degraded(sentence) = service.health().await else {
        panic!("the loss of the broker is told");
    };
    assert!(sentence.contains("MQTT broker at "), "{sentence}");
    assert_eq!(service.health().await, Condition::Ok);
    observer.connected().await;
    observer.until(ONLINE_TOPIC, "online").await;
    let mut late = Observer::start(broker.clone(), &["aicleaner_v3/#", "homeassistant/#"]);
    late.until(ONLINE_TOPIC, "online").await;
    late.until(KITCHEN_STATE, "62").await;
    late.until_any(KITCHEN_CONFIG).await;
    assert!(late.retained(KITCHEN_STATE));
    late.stop().await;

    // A clean stop leaves `offline` behind, and no picture was ever kept.
    observer.until(KITCHEN_IMAGE, "a picture").await;
    observer.stop().await;
    service.stop().await;
    let mut after = Observer::start(broker, &["aicleaner_v3/#"]);
    after.until(ONLINE_TOPIC, "offline").await;
    // Brokers tell retained messages in their own order: hear several.
    after.until(KITCHEN_STATE, "62").await;
    after
        .until("aicleaner_v3/zone/kitchen/tasks/state", "1")
        .await;
    assert!(after.retained(ONLINE_TOPIC));
    assert!(!after.topics().iter().any(|t| t == KITCHEN_IMAGE));
    after.stop().await;
}

#[tokio::test]
async fn the_main_flow_with_our_own_broker() {
    let test_broker = start_broker(capturing()).await;
    let addr = test_broker.addr();
    let mut running = Some(test_broker);
    main_flow(at(addr), async || {
        running.take().unwrap().stop().await;
        let listener = TcpListener::bind(addr).await.unwrap();
        running = Some(TestBroker::start(listener, capturing()).unwrap());
    })
    .await;
}
