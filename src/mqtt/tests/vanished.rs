//! Zones that are no longer there, or only left out.

use super::*;

#[tokio::test]
async fn a_vanished_zone_is_removed_even_if_it_vanished_while_we_were_away() {
    let test_broker = start_broker(capturing()).await;
    let service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen", "bath", "attic"]),
        brisk(),
    );
    assert!(is_online(&test_broker).await);
    let holds = |b: &TestBroker, zone: &str| b.all_retained().keys().any(|t| t.contains(zone));
    // While we run …
    service.change(|view| view.zones.retain(|z| z.zone.options.slug != "attic"));
    assert!(test_broker.until(SOON, |b| !holds(b, "attic")).await);
    service.stop().await;
    // … and between two lives.
    let service = Service::at(&test_broker, brisk());
    assert!(test_broker.until(SOON, |b| !holds(b, "bath")).await);
    assert!(holds(&test_broker, "kitchen"));
    service.stop().await;
}

#[tokio::test]
async fn a_zone_left_out_for_a_mistake_in_the_options_is_unavailable_not_removed() {
    let test_broker = start_broker(capturing()).await;
    let service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen", "bath"]),
        brisk(),
    );
    assert!(is_online(&test_broker).await);
    service.change(|view| {
        view.zones.truncate(1);
        view.config_problems = vec!["zones[1].cameras: …".into()];
    });
    let gone = |b: &TestBroker| {
        let bath = b.retained("aicleaner_v3/zone/bath/availability");
        bath.is_some_and(|p| p == "offline")
    };
    assert!(test_broker.until(SOON, gone).await);
    let config = test_broker.retained("homeassistant/device/aicleaner_v3_zone_bath/config");
    assert!(config.is_some());
    service.change(|view| *view = sample::view(&["kitchen", "bath"]));
    assert!(test_broker.until(SOON, |b| !gone(b)).await);
    service.stop().await;
}
