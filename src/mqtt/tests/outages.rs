//! Brokers that refuse, vanish or fall silent.

use super::*;

#[tokio::test]
async fn a_wrong_password_is_said_in_words_and_a_new_one_is_used() {
    /// The Supervisor: its answer changes.
    struct Source(watch::Receiver<Broker>);
    impl BrokerSource for Source {
        fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
            Box::pin(async { Ok(self.0.borrow().clone()) })
        }
    }
    let test_broker = start_broker(broker::Options {
        login: Some(("addons".into(), "new".into())),
        ..capturing()
    })
    .await;
    let with = |password: &str| Broker {
        username: Some("addons".into()),
        password: Some(password.to_owned().into()),
        ..at(test_broker.addr())
    };
    let (known, source) = watch::channel(with("old"));
    let mut service = Service::start(Source(source), sample::shared(&["kitchen"]), brisk());
    let Condition::Degraded(sentence) = service.health().await else {
        panic!("a refusal is told");
    };
    assert!(sentence.contains("user name or password"), "{sentence}");
    assert!(!sentence.contains("old"), "{sentence}");
    assert!(test_broker.until(SOON, |b| b.counts().refusals >= 3).await);
    // Told once, however often it happens.
    known.send(with("new")).unwrap();
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&test_broker).await);
    service.stop().await;
}

#[tokio::test]
async fn a_refusal_is_not_tried_again_at_once() {
    let test_broker = start_broker(broker::Options {
        login: Some(("a".into(), "b".into())),
        ..capturing()
    })
    .await;
    let mut service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen"]),
        Pace::default(),
    );
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    let again = |b: &TestBroker| b.counts().refusals > 1;
    assert!(!test_broker.until(Duration::from_secs(3), again).await);
    service.stop().await;
}

#[tokio::test]
async fn without_a_broker_the_service_says_so_and_takes_one_that_appears() {
    struct Source(watch::Receiver<Option<Broker>>);
    impl BrokerSource for Source {
        fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
            let known = self.0.borrow().clone();
            Box::pin(async { known.ok_or_else(|| "Install the Mosquitto app.".into()) })
        }
    }
    let (known, source) = watch::channel(None);
    let mut service = Service::start(Source(source), sample::shared(&["kitchen"]), brisk());
    let missing = Condition::Degraded("Install the Mosquitto app.".into());
    assert_eq!(service.health().await, missing);
    let test_broker = start_broker(capturing()).await;
    known.send(Some(at(test_broker.addr()))).unwrap();
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&test_broker).await);
    service.stop().await;
}

#[tokio::test]
async fn a_cut_connection_comes_back_and_the_last_will_spoke_meanwhile() {
    let test_broker = start_broker(capturing()).await;
    let service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen"]),
        Pace::default(),
    );
    assert!(is_online(&test_broker).await);
    test_broker.refuse(true);
    test_broker.kick_all();
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(test_broker.until(SOON, offline).await);
    // Changes meanwhile are not lost, and not queued one by one.
    test_broker.forget_published();
    for score in 0..50 {
        service.change(|view| view.calls_today = score);
    }
    test_broker.refuse(false);
    assert!(is_online(&test_broker).await);
    let calls: Vec<Bytes> = test_broker
        .published()
        .into_iter()
        .filter(|p| p.topic == "aicleaner_v3/hub/ai_calls_today/state")
        .map(|p| p.payload)
        .collect();
    assert_eq!(calls, ["49"]);
    service.stop().await;
}

#[tokio::test]
async fn publishes_and_reconnects_are_counted() {
    let test_broker = start_broker(capturing()).await;
    let view = sample::shared(&["kitchen"]);
    let service = Service::start(at(test_broker.addr()), view, brisk());
    let metrics = service.metrics.clone();
    assert!(is_online(&test_broker).await);
    assert_eq!(metrics.counted("mqtt_reconnects_total"), 0);

    test_broker.refuse(true);
    test_broker.kick_all();
    let offline = |b: &TestBroker| b.retained(ONLINE_TOPIC).is_some_and(|p| p == "offline");
    assert!(test_broker.until(SOON, offline).await);
    test_broker.refuse(false);
    assert!(is_online(&test_broker).await);
    assert_eq!(metrics.counted("mqtt_reconnects_total"), 1);

    // The farewell is the last of them. One was the last will, said by the broker.
    service.stop().await;
    let arrived = test_broker.counts().publishes;
    assert_eq!(metrics.counted("mqtt_publishes_total"), arrived - 1);
}

#[tokio::test]
async fn a_broker_that_acknowledges_nothing_is_left_and_tried_again() {
    let test_broker = start_broker(capturing()).await;
    test_broker.mute(true);
    let mut service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen"]),
        brisk(),
    );
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
    let service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen"]),
        Pace::default(),
    );
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
    let mut service = Service::start(
        at(test_broker.addr()),
        sample::shared(&["kitchen"]),
        Pace::default(),
    );
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    service.stop().await;
}
