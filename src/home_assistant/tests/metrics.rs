//! What an operator sees of all this.

use serde_json::json;

use super::*;
use crate::{
    domain::todo::{ItemStatus, ListId, Uid},
    ports::{Camera, TodoLists},
};

impl World {
    fn requests(&self, kind: &str, class: &str) -> u64 {
        let labels = format!("{{class=\"{class}\",kind=\"{kind}\"}}");
        self.metrics
            .counted(&format!("home_assistant_requests_total{labels}"))
    }
}

#[tokio::test]
async fn requests_are_counted_by_kind_and_answer() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    let world = World::up(&fake).await;
    for (status, body) in [(200, "a room"), (404, "404: Not Found"), (502, "")] {
        let path = "/core/api/camera_proxy/camera.x";
        fake.answer(path, status, "image/jpeg", body);
        let _ = world.home.cameras.capture("camera.x").await;
    }
    for class in ["ok", "refused", "paused"] {
        assert_eq!(world.requests("camera", class), 1, "{class}");
    }
    // Addresses are not Home Assistant's.
    let elsewhere = fake.url("/core/api/camera_proxy/camera.x");
    let _ = world.home.cameras.capture(&elsewhere).await;
    assert_eq!(world.requests("camera", "paused"), 1);

    let supervisor = world.home.supervisor.as_ref().unwrap();
    fake.answer("/info", 200, "application/json", "not JSON");
    supervisor.house_info().await.unwrap_err();
    assert_eq!(world.requests("supervisor", "failed"), 1);
    fake.answer("/info", 200, "application/json", r#"{"data": {}}"#);
    supervisor.house_info().await.unwrap();
    assert_eq!(world.requests("supervisor", "ok"), 1);

    // The list's state is asked for before each action.
    let (lists, list) = (&world.home.lists, ListId("todo.x".into()));
    lists.add(&list, "Cup", None).await.unwrap();
    let gone = Uid("gone".into());
    let ticked = lists.set_status(&list, &gone, ItemStatus::Completed).await;
    ticked.unwrap_err();
    assert_eq!(world.requests("todo", "ok"), 1);
    assert_eq!(world.requests("todo", "refused"), 1);
    assert_eq!(world.requests("state", "ok"), 2);

    let socket = world.socket();
    let light = json!({"type": "call_service", "domain": "light", "service": "x",
        "service_data": {}, "target": {"entity_id": "light.x"}});
    socket.call(light).await.unwrap();
    assert_eq!(world.requests("action", "ok"), 1);
    let subscribe = json!({"type": "todo/item/subscribe", "entity_id": "todo.x"});
    socket.subscribe(subscribe).await.next().await.unwrap();
    assert_eq!(world.requests("todo", "ok"), 2);
}

#[tokio::test]
async fn a_request_nobody_waits_for_any_more_is_counted() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let silent = json!({"type": "silent"});
    let limit = Duration::from_millis(10);
    let late = world.socket().call_within(silent.clone(), limit).await;
    late.unwrap_err();
    assert_eq!(world.requests("state", "failed"), 1);
    let dropped = time::timeout(limit, world.socket().call(silent)).await;
    dropped.unwrap_err();
    assert_eq!(world.requests("state", "failed"), 2);
}

#[tokio::test]
async fn only_connections_made_again_are_reconnects() {
    let fake = FakeHome::start().await.unwrap();
    fake.model().upgrade = Some(502);
    let mut world = World::start(&supervised(&fake), LIMITS);
    let reconnects = |world: &World| world.metrics.counted("home_assistant_reconnects_total");
    assert!(matches!(world.condition().await, Condition::Paused(_)));
    fake.model().upgrade = None;
    assert_eq!(world.condition().await, Condition::Ok);
    assert_eq!(reconnects(&world), 0);
    for lost in 1..=2 {
        fake.cut();
        let mut link = world.socket().link();
        wait_for(&mut link, |s| *s != LinkState::Up).await;
        wait_for(&mut link, |s| *s == LinkState::Up).await;
        assert_eq!(reconnects(&world), lost);
    }
}
