//! Who serves, and what is left behind: two instances, another device id,
//! devices that were deleted, the end.

use std::collections::BTreeSet;

use super::*;
use crate::ports::Farewell;

const CLAIM: &str = "aicleaner_v3/claim";

fn view(zones: &[&str]) -> Arc<View> {
    sample::shared(zones)
}

fn holds(broker: &TestBroker, part: &str) -> bool {
    broker
        .all_retained()
        .keys()
        .any(|topic| topic.contains(part))
}

async fn until_gone(broker: &TestBroker, part: &str) {
    let gone = broker.until(SOON, |b| !holds(b, part)).await;
    assert!(gone, "{part}: {:?}", broker.all_retained().keys());
}

/// Lets everybody say what they want to say.
async fn a_while(broker: &TestBroker) {
    broker.until(Duration::from_millis(700), |_| false).await;
}

#[tokio::test]
async fn two_instances_with_one_device_id_do_not_fight() {
    let broker = start_broker(capturing()).await;
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = |folder: &TempDir, zones: &[&str]| {
        Service::of(
            folder.path(),
            "aicleaner_v3",
            at(broker.addr()),
            view(zones),
            brisk(),
        )
    };
    let mut first = start(&one, &["kitchen"]);
    assert_eq!(first.health().await, Condition::Ok);
    assert!(is_online(&broker).await);

    let mut second = start(&two, &["bath"]);
    let Condition::Degraded(sentence) = second.health().await else {
        panic!("the second says that it is one too many");
    };
    assert!(sentence.contains("device_id"), "{sentence}");
    // It checks nothing by itself.
    second.until_passive(true).await;
    a_while(&broker).await;
    // Not a word of the second's, not even a last will.
    assert!(!holds(&broker, "/zone/bath/") && is_online(&broker).await);
    let said: BTreeSet<String> = broker
        .published()
        .into_iter()
        .filter(|p| p.topic.contains("bath"))
        .map(|p| p.topic)
        .collect();
    assert!(said.is_empty(), "{said:?}");
    // A command is for the first alone.
    broker.publish("aicleaner_v3/hub/check_all/set", "PRESS", false);
    assert_eq!(first.command().await, Command::CheckAll);
    assert!(second.inbox.try_recv().is_err());

    // The first restarts and serves again.
    first.stop().await;
    let mut first = start(&one, &["kitchen"]);
    assert_eq!(first.health().await, Condition::Ok);
    a_while(&broker).await;
    assert!(!holds(&broker, "/zone/bath/"));

    // It is cut off: the last will of neither stays in the other's way.
    broker.kick_all();
    assert!(is_online(&broker).await);

    // Really gone.
    first.stop().await;
    while second.health().await != Condition::Ok {}
    second.until_passive(false).await;
    assert!(is_online(&broker).await);
    assert!(holds(&broker, "/zone/bath/"));
    // What was the first's is not the second's.
    until_gone(&broker, "/zone/kitchen/").await;
    second.stop().await;
}

#[tokio::test]
async fn what_a_lost_installation_claimed_is_taken_over_after_a_while() {
    let broker = start_broker(capturing()).await;
    let old = Service::at(&broker, brisk());
    assert!(is_online(&broker).await);
    old.stop().await;
    // Installed anew, with another data folder.
    let mut anew = Service::at(&broker, brisk());
    let Condition::Paused(sentence) = anew.health().await else {
        panic!("the wait is told");
    };
    assert!(sentence.contains("does not answer"), "{sentence}");
    assert_eq!(anew.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    anew.stop().await;
}

#[tokio::test]
async fn a_late_last_will_does_not_stay() {
    let broker = start_broker(capturing()).await;
    let service = Service::at(&broker, brisk());
    assert!(is_online(&broker).await);
    broker.publish(ONLINE_TOPIC, "offline", true);
    assert!(is_online(&broker).await);
    service.stop().await;
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(broker.until(SOON, offline).await);
}

#[tokio::test]
async fn a_new_device_id_leaves_nothing_of_the_old_one() {
    let broker = start_broker(capturing()).await;
    let folder = tempfile::tempdir().unwrap();
    let start = |id: &str| {
        Service::of(
            folder.path(),
            id,
            at(broker.addr()),
            view(&["kitchen"]),
            brisk(),
        )
    };
    let mut old = start("attic");
    assert_eq!(old.health().await, Condition::Ok);
    assert!(
        broker
            .until(SOON, |b| holds(b, "attic/zone/kitchen/"))
            .await
    );
    assert!(written(&folder, "attic").await);
    old.stop().await;

    let mut new = start("aicleaner_v3");
    assert_eq!(new.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    until_gone(&broker, "attic").await;
    assert!(holds(&broker, "aicleaner_v3/zone/kitchen/"));
    new.stop().await;
}

/// Whether the installation's file names this device id, soon.
async fn written(folder: &TempDir, id: &str) -> bool {
    let file = folder.path().join("mqtt.json");
    let reads = async {
        while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains(id)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, reads).await.is_ok()
}

#[tokio::test]
async fn a_device_id_given_up_to_another_instance_is_left_alone() {
    let broker = start_broker(capturing()).await;
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = |folder: &TempDir, id: &str| {
        Service::of(
            folder.path(),
            id,
            at(broker.addr()),
            view(&["kitchen"]),
            brisk(),
        )
    };
    let moving = start(&one, "aicleaner_v3");
    assert!(is_online(&broker).await);
    assert!(written(&one, "aicleaner_v3").await);
    moving.stop().await;
    let mut other = start(&two, "aicleaner_v3");
    while other.health().await != Condition::Ok {}
    assert!(is_online(&broker).await);

    let mut moved = start(&one, "attic");
    assert_eq!(moved.health().await, Condition::Ok);
    assert!(
        broker
            .until(SOON, |b| holds(b, "attic/zone/kitchen/"))
            .await
    );
    a_while(&broker).await;
    assert!(holds(&broker, "aicleaner_v3_zone_kitchen") && is_online(&broker).await);
    moved.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn another_discovery_prefix_moves_the_announcements_alone() {
    let broker = start_broker(capturing()).await;
    let folder = tempfile::tempdir().unwrap();
    let identity = r#"{"instance":"0123abcd","served":["aicleaner_v3","ha"]}"#;
    std::fs::write(folder.path().join("mqtt.json"), identity).unwrap();
    broker.publish("ha/device/aicleaner_v3_hub/config", "{}", true);
    broker.publish("ha/device/aicleaner_v3_zone_kitchen/config", "{}", true);
    let service = Service::of(
        folder.path(),
        "aicleaner_v3",
        at(broker.addr()),
        view(&["kitchen"]),
        brisk(),
    );
    assert!(is_online(&broker).await);
    until_gone(&broker, "ha/device/").await;
    assert!(holds(&broker, KITCHEN_CONFIG) && holds(&broker, KITCHEN_STATE));
    service.stop().await;
}

#[tokio::test]
async fn a_device_deleted_in_home_assistant_is_not_fought() {
    let broker = start_broker(capturing()).await;
    let service = Service::start(at(broker.addr()), view(&["kitchen", "bath"]), brisk());
    assert!(is_online(&broker).await);
    // As Home Assistant does it.
    broker.publish(KITCHEN_CONFIG, "", true);
    until_gone(&broker, "/zone/kitchen/").await;
    broker.forget_published();
    // Neither a change, nor Home Assistant's start, nor a reconnect brings it back.
    service.change(|view| view.zones[0].interval_minutes = 7);
    broker.publish("homeassistant/status", "online", false);
    broker.kick_all();
    assert!(is_online(&broker).await);
    let bath = |b: &TestBroker| {
        let published = b.published();
        published
            .iter()
            .any(|p| p.topic.contains("zone_bath/config"))
    };
    assert!(broker.until(SOON, bath).await);
    a_while(&broker).await;
    let again = |p: &broker::Published| p.topic.contains("kitchen") && !p.payload.is_empty();
    assert!(!broker.published().iter().any(again));
    service.stop().await;
    // The next start does.
    let service = Service::start(at(broker.addr()), view(&["kitchen", "bath"]), brisk());
    assert!(broker.until(SOON, |b| holds(b, KITCHEN_CONFIG)).await);
    service.stop().await;
}

#[tokio::test]
async fn a_zone_removed_and_added_again_is_no_deletion() {
    let broker = start_broker(capturing()).await;
    let service = Service::start(at(broker.addr()), view(&["kitchen", "bath"]), brisk());
    assert!(is_online(&broker).await);
    for _ in 0..3 {
        service.change(|view| *view = sample::view(&["bath"]));
        assert!(
            broker
                .until(SOON, |b| b.retained(KITCHEN_CONFIG).is_none())
                .await
        );
        service.change(|view| *view = sample::view(&["kitchen", "bath"]));
        assert!(
            broker
                .until(SOON, |b| b.retained(KITCHEN_CONFIG).is_some())
                .await
        );
    }
    assert!(
        broker
            .until(SOON, |b| b.retained(KITCHEN_STATE).is_some())
            .await
    );
    service.stop().await;
}

#[tokio::test]
async fn remove_takes_everything_out_and_stays_quiet() {
    let broker = start_broker(capturing()).await;
    let mut service = Service::start(at(broker.addr()), view(&["kitchen", "bath"]), brisk());
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    broker.publish("elsewhere/x", "1", true);
    assert_eq!(service.senders.withdraw().await, Ok(()));
    let left: Vec<String> = broker.all_retained().into_keys().collect();
    assert_eq!(left, ["elsewhere/x"]);
    assert!(matches!(service.health().await, Condition::Off(_)));
    service.until_passive(true).await;
    // Nothing comes back, whatever happens.
    service.change(|view| view.calls_today = 99);
    assert_eq!(service.senders.withdraw().await, Ok(()));
    a_while(&broker).await;
    assert_eq!((broker.clients(), broker.all_retained().len()), (0, 1));
    service.stop().await;
    assert_eq!(broker.all_retained().len(), 1);
}

#[tokio::test]
async fn remove_without_a_broker_says_so_at_once() {
    let broker = start_broker(capturing()).await;
    broker.refuse(true);
    let mut service = Service::at(&broker, Pace::default());
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    let refused = service.senders.withdraw().await.unwrap_err();
    assert!(refused.contains("cannot be reached"), "{refused}");
    service.stop().await;
}

fn context(folder: &Path, broker: &TestBroker) -> Context {
    Context {
        device_id: "aicleaner_v3".into(),
        discovery_prefix: "homeassistant".into(),
        broker: Arc::new(at(broker.addr())),
        slug: None,
        data_dir: folder.into(),
        pace: brisk(),
        metrics: Metrics::new(&[]),
        started: Clock::wall().now(),
    }
}

#[tokio::test]
async fn what_a_service_left_is_removed_without_it() {
    let broker = start_broker(capturing()).await;
    let folder = tempfile::tempdir().unwrap();
    let zones: Vec<String> = (0..100).map(|n| format!("room_{n}")).collect();
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let service = Service::of(
        folder.path(),
        "aicleaner_v3",
        at(broker.addr()),
        view(&zones),
        brisk(),
    );
    assert!(is_online(&broker).await);
    service.stop().await;
    assert!(broker.all_retained().len() > 1000);
    let nothing = watch::channel(view(&[])).1;
    let removed = crate::mqtt::remove(context(folder.path(), &broker), nothing, SOON * 3).await;
    assert_eq!(removed, Ok(()));
    assert_eq!(broker.all_retained(), Retained::new());
}

#[tokio::test]
async fn what_another_instance_shows_is_not_removed() {
    let broker = start_broker(capturing()).await;
    let service = Service::at(&broker, brisk());
    assert!(is_online(&broker).await);
    let folder = tempfile::tempdir().unwrap();
    let nothing = watch::channel(view(&[])).1;
    let removed = crate::mqtt::remove(context(folder.path(), &broker), nothing, SOON).await;
    let refused = removed.unwrap_err();
    assert!(refused.contains("Another AICleaner"), "{refused}");
    assert!(broker.retained(CLAIM).is_some() && broker.retained(KITCHEN_CONFIG).is_some());
    service.stop().await;
}
