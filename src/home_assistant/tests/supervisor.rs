//! What the Supervisor knows.

use super::*;
use crate::{
    home_assistant::HaError,
    ports::BrokerSource,
    settings::{model::Broker, secret::ExposeSecret},
};

async fn broker(fake: &FakeHome, status: u16, body: &str) -> Result<Broker, String> {
    fake.answer("/services/mqtt", status, "application/json", body);
    let world = World::start(&supervised(fake), LIMITS);
    let supervisor = world.home.supervisor.unwrap();
    let broker = supervisor.broker().await;
    let (_, headers) = fake.model().requests.last().cloned().unwrap();
    assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
    broker
}

#[tokio::test]
async fn the_broker_is_read_with_either_kind_of_port() {
    let fake = FakeHome::start().await.unwrap();
    for port in ["1884", "\"1884\""] {
        let body = format!(
            r#"{{"result": "ok", "data": {{"addon": "core_mosquitto", "host": "core-mosquitto",
                "port": {port}, "ssl": false, "username": "addons", "password": "pa55",
                "protocol": "3.1.1"}}}}"#
        );
        let found = broker(&fake, 200, &body).await.unwrap();
        assert_eq!((found.host.as_str(), found.port), ("core-mosquitto", 1884));
        assert_eq!(found.username.as_deref(), Some("addons"));
        assert_eq!(found.password.as_ref().unwrap().expose_secret(), "pa55");
        assert!(!format!("{found:?}").contains("pa55"));
    }
    let tls = r#"{"result": "ok", "data": {"host": "b", "port": 8883, "ssl": true}}"#;
    let found = broker(&fake, 200, tls).await.unwrap();
    assert_eq!(found.tls.unwrap().ca_file, None);
    let bare = r#"{"result": "ok", "data": {"host": "broker", "port": 1883}}"#;
    let found = broker(&fake, 200, bare).await.unwrap();
    assert!(found.username.is_none() && found.password.is_none());
}

#[tokio::test]
async fn no_usable_broker_is_a_sentence() {
    let fake = FakeHome::start().await.unwrap();
    let odd = r#"{"result": "ok", "data": {"host": "b", "port": "pa55"}}"#;
    for (status, body, words) in [
        (
            400,
            r#"{"result": "error", "message": "Service not enabled"}"#,
            "Mosquitto broker app",
        ),
        (
            400,
            r#"{"result": "error", "message": "System is not ready with state: setup"}"#,
            "still starting",
        ),
        (403, "", "restart the app"),
        (502, "", "starting or stopped"),
        (200, odd, "unexpected answer for services/mqtt"),
    ] {
        let why = broker(&fake, status, body).await.unwrap_err();
        assert!(why.contains(words), "{why}");
        assert!(why.ends_with('.') && !why.contains("pa55"), "{why}");
    }
}

#[tokio::test]
async fn app_house_and_home_are_described() {
    let fake = FakeHome::start().await.unwrap();
    fake.answer(
        "/addons/self/info",
        200,
        "application/json",
        r#"{"result": "ok", "data": {"slug": "1a2b3c4d_aicleaner_v3", "version": "3.0.0",
            "ingress_entry": "/api/hassio_ingress/1ngress", "options": {"api_key": "k3y"}, "x": 1}}"#,
    );
    fake.answer(
        "/info",
        200,
        "application/json",
        r#"{"result": "ok", "data": {"supervisor": "2026.08.0", "timezone": "Europe/Berlin"}}"#,
    );
    let config = r#"{"version": "2026.11.0", "time_zone": "Europe/Berlin", "language": "de", "state": "RUNNING"}"#;
    fake.answer("/core/api/config", 200, "application/json", config);
    fake.answer("/api/config", 200, "application/json", config);

    let world = World::start(&supervised(&fake), LIMITS);
    let supervisor = world.home.supervisor.as_ref().unwrap();
    let app = supervisor.app_info().await.unwrap();
    assert_eq!(app.slug, "1a2b3c4d_aicleaner_v3");
    assert_eq!(app.options["api_key"], "k3y");
    let shown = format!("{app:?}");
    assert!(
        !shown.contains("k3y") && !shown.contains("1ngress"),
        "{shown}"
    );
    let house = supervisor.house_info().await.unwrap();
    assert_eq!(house.timezone.as_deref(), Some("Europe/Berlin"));
    let inside = world.home.config().await.unwrap();
    assert_eq!(inside.language.as_deref(), Some("de"));

    let world = World::start(&direct(&fake), LIMITS);
    assert!(world.home.supervisor.is_none());
    assert_eq!(world.home.config().await, Ok(inside));
    let nowhere = World::start(&HomeAssistantAccess::None, LIMITS);
    let config = nowhere.home.config().await;
    assert!(matches!(config, Err(HaError::Failed(_))), "{config:?}");
}

#[tokio::test]
async fn options_are_read_raw_and_resolved_and_written_whole() {
    use serde_json::json;

    use crate::ports::OptionsKeeper;

    let fake = FakeHome::start().await.unwrap();
    let info = r#"{"result": "ok", "data": {"slug": "x", "version": "1", "options": {"api_key": "!secret k"}}}"#;
    fake.answer("/addons/self/info", 200, "application/json", info);
    let resolved = r#"{"result": "ok", "data": {"api_key": "k3y"}}"#;
    fake.answer(
        "/addons/self/options/config",
        200,
        "application/json",
        resolved,
    );
    let world = World::start(&supervised(&fake), LIMITS);
    let supervisor = world.home.supervisor.as_ref().unwrap();
    let written = supervisor.written().await.unwrap();
    assert_eq!(written.0["api_key"], "!secret k");
    assert_eq!(supervisor.effective().await.unwrap().0["api_key"], "k3y");

    fake.answer(
        "/addons/self/options",
        200,
        "application/json",
        r#"{"result": "ok", "data": {}}"#,
    );
    supervisor.write(written.clone()).await.unwrap();
    let bodies = fake.model().bodies.clone();
    assert_eq!(
        bodies.last().unwrap(),
        &json!({ "options": { "api_key": "!secret k" } })
    );

    let refusal = r#"{"result": "error", "message": "expected int for interval"}"#;
    fake.answer("/addons/self/options", 400, "application/json", refusal);
    let why = supervisor.write(written).await.unwrap_err();
    assert_eq!(
        why,
        "The Supervisor does not take these options: expected int for interval."
    );
    fake.answer("/addons/self/info", 502, "text/plain", "");
    let why = supervisor.written().await.unwrap_err();
    assert!(
        why.starts_with("The options could not be read from the Supervisor: "),
        "{why}"
    );
}
