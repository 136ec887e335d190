//! The bridge alone, in paused time: Home Assistant starting again and again,
//! devices whose end it missed.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::time::{advance, sleep};

use super::*;
use crate::{
    domain::sample,
    mqtt::{link::MAX_PACKET, mailbox, outbox::Publish},
};

struct Stage {
    received: mpsc::Sender<Received>,
    view: watch::Sender<Arc<View>>,
    outbox: Arc<SharedOutbox>,
    ends: (
        watch::Sender<Condition>,
        watch::Sender<bool>,
        crate::mqtt::Senders,
        mpsc::Receiver<Message>,
        tempfile::TempDir,
    ),
}

async fn stage(zones: &[&str]) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let topics = Topics::new("aicleaner_v3", "homeassistant");
    let outbox = Arc::new(SharedOutbox::new(MAX_PACKET));
    let (view, views) = watch::channel(sample::shared(zones));
    let (inbox, messages) = mpsc::channel(10);
    let (received, of_broker) = mpsc::channel(100);
    let (condition, conditions) = watch::channel(Condition::Starting);
    let (passive, passives) = watch::channel(false);
    let (senders, mailbox) = mailbox();
    let mut renderer = Renderer::new(topics.clone(), None);
    outbox.edit(|outbox| renderer.render(&view.borrow(), outbox));
    let bridge = Bridge {
        topics,
        renderer,
        outbox: outbox.clone(),
        view: views,
        inbox,
        nonsense: Seldom::default(),
        keeper: Keeper::open(folder.path()).await,
        former: None,
        only_to_leave: false,
        reply: None,
    };
    let signals = Signals {
        received: of_broker,
        conditions,
        passives,
        mailbox,
        left: CancellationToken::new(),
    };
    tokio::spawn(bridge.run(signals));
    Stage {
        received,
        view,
        outbox,
        ends: (condition, passive, senders, messages, folder),
    }
}

impl Stage {
    async fn birth(&self) {
        let message = Received {
            topic: "homeassistant/status".into(),
            payload: Bytes::from_static(b"online"),
            retained: false,
            serving: true,
        };
        self.received.send(message).await.unwrap();
    }

    /// What would be sent now.
    fn sent(&self) -> Vec<Publish> {
        let now = Instant::now();
        std::iter::from_fn(|| self.outbox.take(|outbox| outbox.next(now))).collect()
    }

    /// What is sent within a time, as a link would.
    async fn sent_within(&self, time: Duration) -> Vec<Publish> {
        let end = Instant::now() + time;
        let mut all = vec![];
        while Instant::now() < end {
            all.extend(self.sent());
            self.outbox.take(Outbox::acknowledged);
            sleep(Duration::from_millis(100)).await;
        }
        all
    }
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_births_is_answered_seldom_and_the_last_one_always() {
    let stage = stage(&["kitchen", "bath"]).await;
    advance(Duration::from_mins(1)).await;
    let whole = stage.sent().len();
    assert!(whole > 30, "{whole}");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    // Ten starts in a minute.
    for _ in 0..10 {
        stage.birth().await;
        for publish in stage.sent_within(Duration::from_secs(6)).await {
            *counts.entry(publish.topic).or_default() += 1;
        }
    }
    let most = counts.values().max().copied().unwrap();
    assert!((2..=7).contains(&most), "{most}");
    // The last one is answered, within its pause.
    stage.birth().await;
    let last = stage.sent_within(Duration::from_secs(14)).await;
    assert!(last.len() >= whole, "{} of {whole}", last.len());
    assert!(
        last.iter()
            .any(|p| p.topic.ends_with("/image") && !p.retain)
    );
    // Then there is silence.
    assert_eq!(stage.sent_within(Duration::from_mins(5)).await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_device_whose_end_home_assistant_missed_is_buried_at_its_start() {
    let stage = stage(&["kitchen", "bath"]).await;
    advance(Duration::from_mins(1)).await;
    stage.sent();
    stage.view.send_modify(|view| {
        Arc::make_mut(view).zones.truncate(1);
    });
    let config = "homeassistant/device/aicleaner_v3_zone_bath/config";
    let of_bath = |all: Vec<Publish>| -> Vec<(usize, bool)> {
        let bath = all.into_iter().filter(|p| p.topic == config);
        bath.map(|p| (p.payload.len(), p.retain)).collect()
    };
    let first = of_bath(stage.sent_within(Duration::from_secs(20)).await);
    assert_eq!(first, [(0, true)]);

    stage.birth().await;
    let buried = of_bath(stage.sent_within(Duration::from_secs(40)).await);
    let [(shell, false), (0, true)] = buried[..] else {
        panic!("{buried:?}")
    };
    assert!(shell > 500, "all its entities are named");

    // Once is enough.
    advance(Duration::from_mins(1)).await;
    stage.birth().await;
    let later = of_bath(stage.sent_within(Duration::from_secs(40)).await);
    assert_eq!(later, []);
}

fn retained(topic: &str) -> Received {
    Received {
        topic: topic.to_owned(),
        payload: Bytes::from_static(b"online"),
        retained: true,
        serving: true,
    }
}

#[tokio::test(start_paused = true)]
async fn zones_that_somebody_invented_at_the_broker_cost_little_and_no_news() {
    let stage = stage(&["kitchen"]).await;
    stage.sent_within(Duration::from_mins(1)).await;
    for n in 0..3000 {
        let topic = format!("aicleaner_v3/zone/invented_{n}/availability");
        stage.received.send(retained(&topic)).await.unwrap();
    }
    let cleared = stage.sent_within(Duration::from_mins(1)).await.len();
    assert!((1..4000).contains(&cleared), "{cleared}");

    let news = Announcement {
        zone: "kitchen".into(),
        what: crate::domain::announcement::Happening::AllClean,
    };
    stage.ends.2.news.send(news).await.unwrap();
    sleep(Duration::from_millis(10)).await;
    stage.birth().await;
    sleep(Duration::from_secs(4)).await;
    let sent = stage.sent_within(Duration::from_mins(1)).await;
    let buried = sent.iter().filter(|p| p.topic.contains("invented"));
    assert!((1..1000).contains(&buried.count()));
    assert!(sent.iter().any(|p| p.topic.ends_with("/event/state")));
}

#[tokio::test(start_paused = true)]
async fn zones_do_not_point_at_a_hub_that_was_deleted() {
    let stage = stage(&["kitchen"]).await;
    stage.sent_within(Duration::from_mins(1)).await;
    let deleted = Received {
        topic: "homeassistant/device/aicleaner_v3_hub/config".into(),
        payload: Bytes::new(),
        retained: false,
        serving: true,
    };
    stage.received.send(deleted).await.unwrap();
    let mut sent = stage.sent_within(Duration::from_secs(30)).await;
    stage.birth().await;
    sent.extend(stage.sent_within(Duration::from_secs(30)).await);
    let mut kitchen = sent.iter().filter(|p| p.topic.ends_with("_kitchen/config"));
    let latest = kitchen.next_back().unwrap();
    assert!(!String::from_utf8_lossy(&latest.payload).contains("via_device"));
    let mut hub = sent.iter().filter(|p| p.topic.ends_with("_hub/config"));
    assert!(hub.all(|p| p.payload.is_empty()));
}
