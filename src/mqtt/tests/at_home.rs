//! `local_only`: pictures go to a broker that is known to be in the home
//! network. That they go to no other is `outbox`'s test, and the end-to-end
//! tests' with an address outside.

use super::*;

/// By a name, which may lead anywhere.
fn named(broker: &TestBroker) -> Broker {
    Broker {
        host: "localhost".into(),
        ..at(broker.addr())
    }
}

async fn shows(broker: &TestBroker, picture: &'static str) -> bool {
    let shown = |b: &TestBroker| {
        let published = b.published();
        published
            .iter()
            .any(|p| p.topic == KITCHEN_IMAGE && p.payload == picture)
    };
    broker.until(SOON, shown).await
}

#[tokio::test]
async fn a_picture_goes_to_a_broker_at_home_whatever_its_name() {
    let mut view = sample::view(&["kitchen"]);
    view.judge.local_only = true;
    for by_name in [true, false] {
        let test_broker = start_broker(capturing()).await;
        let broker = if by_name {
            named(&test_broker)
        } else {
            at(test_broker.addr())
        };
        let mut service = Service::start(broker, Arc::new(view.clone()), brisk());
        assert_eq!(service.health().await, Condition::Ok);
        assert!(shows(&test_broker, "a picture").await);
        service.stop().await;
    }
}

#[tokio::test]
async fn the_option_switched_on_looks_where_the_name_led() {
    let test_broker = start_broker(capturing()).await;
    let view = sample::shared(&["kitchen"]);
    let service = Service::start(named(&test_broker), view, brisk());
    assert!(shows(&test_broker, "a picture").await);
    let connects = test_broker.counts().connects;
    service.change(|view| {
        view.judge.local_only = true;
        view.zones[0].snapshot = Some(Bytes::from_static(b"another picture"));
    });
    assert!(shows(&test_broker, "another picture").await);
    assert_eq!(test_broker.counts().connects, connects + 1);
    service.stop().await;
}
