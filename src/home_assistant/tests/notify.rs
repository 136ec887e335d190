//! Notifications through Home Assistant's actions.

use serde_json::{Value, json};

use super::*;
use crate::{
    domain::{
        notification::{Kind, Notice, NotifyOptions},
        task::TaskId,
        zone::ZoneId,
    },
    ports::Herald as _,
};

fn notice(tasks: &[(u64, &str)]) -> Notice {
    let title = |(id, title): &(u64, &str)| (TaskId(*id), (*title).to_owned());
    Notice {
        id: "zone_1".into(),
        kind: Kind::NewTasks {
            zone: "Kitchen".into(),
            zone_id: ZoneId(1),
            tasks: tasks.iter().map(title).collect(),
        },
    }
}

fn through(service: Option<&str>) -> NotifyOptions {
    NotifyOptions {
        service: service.map(str::to_owned),
        language: Some("de".into()),
        ..NotifyOptions::default()
    }
}

/// Sends one and gives back the calls it took.
async fn calls(fake: &FakeHome, world: &World, how: NotifyOptions, count: usize) -> Vec<Value> {
    let (inbox, _messages) = mpsc::channel(8);
    let notifier = world.home.notifier("house", inbox, world.stop.clone());
    let before = fake.received("call_service").len();
    notifier.tell(notice(&[(7, "Wash *up*")]), &how);
    fake.until(|model| {
        let calls = model
            .commands
            .iter()
            .filter(|c| c["type"] == "call_service");
        calls.count() >= before + count
    })
    .await;
    fake.received("call_service").split_off(before)
}

#[tokio::test]
async fn each_kind_of_service_gets_what_it_understands() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let own = calls(&fake, &world, through(None), 1).await;
    let text = "In Kitchen gibt es etwas zu tun.\n- Wash *up*";
    // It alone shows Markdown.
    let escaped = "In Kitchen gibt es etwas zu tun.\n- Wash \\*up\\*";
    assert_eq!(own[0]["domain"], "persistent_notification");
    assert_eq!(
        own[0]["service_data"],
        json!({"notification_id": "house_zone_1", "title": "Kitchen", "message": escaped})
    );

    let phone = calls(&fake, &world, through(Some("notify.mobile_app_phone")), 1).await;
    assert_eq!(
        (&phone[0]["domain"], &phone[0]["service"]),
        (&json!("notify"), &json!("mobile_app_phone"))
    );
    let data = &phone[0]["service_data"]["data"];
    assert_eq!(data["tag"], "house_zone_1");
    let actions: Vec<_> = data["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["action"].clone())
        .collect();
    assert_eq!(actions, ["house:done:7", "house:not:7", "house:later:1"]);

    fake.answer(
        "/core/api/states/notify.screen",
        200,
        "application/json",
        "{\"state\": \"unknown\"}",
    );
    let entity = calls(&fake, &world, through(Some("notify.screen")), 1).await;
    assert_eq!(entity[0]["service"], "send_message");
    assert_eq!(entity[0]["target"]["entity_id"], "notify.screen");

    let service = calls(&fake, &world, through(Some("notify.everyone")), 1).await;
    assert_eq!(service[0]["service"], "everyone");
    assert_eq!(
        service[0]["service_data"],
        json!({"title": "Kitchen", "message": text})
    );
}

#[tokio::test]
async fn a_service_that_is_gone_does_not_swallow_the_message() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let calls = calls(&fake, &world, through(Some("notify.gone")), 2).await;
    assert_eq!(calls[0]["service"], "gone");
    assert_eq!(calls[1]["domain"], "persistent_notification");
}
