//! Both listeners on real sockets, with a stand-in for engine and store.

mod events;
mod ignore;
mod masks;
mod options;
mod providers;
mod snooze;
pub mod world;

use std::{
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension,
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use self::world::*;
use super::*;
use crate::domain::{
    command::Command,
    health::{Component, Condition},
    task::TaskId,
    zone::ZoneId,
};

#[tokio::test]
async fn the_page_and_what_it_shows() {
    let world = world().await;
    let page = ask(world.ingress, "GET /", "").await;
    assert_eq!(page.status, 200);
    assert!(
        String::from_utf8(page.body.clone())
            .unwrap()
            .contains("AICleaner")
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );

    let zones = ask(world.ingress, "GET /api/v1/zones", "").await;
    let house = zones.json();
    assert_eq!(house["version"], "3.0.0-test");
    assert_eq!(house["health"]["store"]["state"], "ok");
    let zone = &house["zones"][0];
    assert_eq!(zone["name"], "Kitchen <b>");
    assert_eq!(zone["reading"]["score"], 64);
    assert_eq!(zone["tasks"][0]["title"], "Put the cups away");
    assert!(house["now"].is_string());
    assert!(!String::from_utf8_lossy(&zones.body).contains("secret"));

    let picture = format!("GET /{}", zone["snapshot"].as_str().unwrap());
    let picture = ask(world.ingress, &picture, "").await;
    assert_eq!(picture.body, JPEG);
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert_eq!(picture.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let world = world().await;
    let first = ask(world.ingress, "GET /api/v1/zones", "").await;
    let tag = first.header("etag").unwrap().to_owned();
    let known = format!("if-none-match: {tag}");
    let again = ask(world.ingress, "GET /api/v1/zones", &known).await;
    assert_eq!((again.status, again.body.len()), (304, 0));

    let mut other = kitchen();
    other.snapshot = Some(Bytes::from_static(b"\xff\xd8 another one"));
    world.view.send_replace(Arc::new(view(vec![other])));
    let changed = ask(world.ingress, "GET /api/v1/zones", &known).await;
    assert_eq!(changed.status, 200);
    let address = |answer: &Answer| answer.json()["zones"][0]["snapshot"].clone();
    assert_ne!(address(&changed), address(&first));

    let page = ask(world.ingress, "GET /app.js", "").await;
    let known = format!("if-none-match: {}", page.header("etag").unwrap());
    assert_eq!(ask(world.ingress, "GET /app.js", &known).await.status, 304);
}

#[tokio::test]
async fn what_a_person_asks_for_reaches_the_engine() {
    let world = world().await;
    for path in ["/api/v1/zones/kitchen/check", "/api/v1/tasks/41/done"] {
        assert_eq!(post(world.ingress, path).await.status, 202, "{path}");
    }
    let refused = post(world.ingress, "/api/v1/check").await;
    assert_eq!(
        (refused.status, refused.json()),
        (409, json!({ "error": "Not now." }))
    );
    assert_eq!(
        *world.heard.lock().unwrap(),
        [
            Command::CheckNow(ZoneId(7)),
            Command::TaskDone(TaskId(41)),
            Command::CheckAll
        ]
    );
}

#[tokio::test]
async fn removing_everything_says_why_it_cannot() {
    let world = world().await;
    let answer = post(world.ingress, "/api/v1/remove").await;
    let said = (answer.status, answer.json());
    assert_eq!(said, (409, json!({ "error": "The broker is away." })));
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_does_not_answer_is_not_waited_for() {
    let (inbox, mut unanswered) = mpsc::channel(1);
    let context = Context {
        inbox,
        ..context(Arc::new(view(vec![kitchen()])), vec![])
    };
    let router = page::router(context, guard::Guard::new(true, None))
        .layer(Extension(server::Peer(Ipv4Addr::LOCALHOST.into())));
    let service = TowerToHyperService::new(router);
    // The first waits for its reply, the second for a place in the inbox.
    for _ in 0..2 {
        let begun = tokio::time::Instant::now();
        let request = Request::post("/api/v1/zones/kitchen/check")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("x-requested-with", "test")
            .body(Body::empty())
            .unwrap();
        let answer = service.call(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(begun.elapsed() < Duration::from_secs(8));
    }
    assert!(unanswered.try_recv().is_ok());
}

#[tokio::test]
async fn every_refusal_is_a_sentence() {
    let world = world().await;
    for (path, status) in [
        ("/api/v1/zones/attic/check", 404),
        ("/api/v1/tasks/40/done", 404),
        ("/api/v1/tasks/nonsense/done", 404),
        ("/api/v1/zones", 405),
        ("/nowhere", 404),
    ] {
        let answer = post(world.ingress, path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer.json()["error"].as_str().unwrap().ends_with('.'),
            "{path}"
        );
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
    for (path, status) in [
        ("/api/v1/zones/attic/snapshot", 404),
        ("/api/v1/zones/kitchen/history?days=0", 400),
        ("/api/v1/zones/kitchen/history?days=91", 400),
        ("/api/v1/zones/kitchen/history?days=week", 400),
    ] {
        let answer = ask(world.ingress, &format!("GET {path}"), "").await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.json()["error"].is_string(), "{path}");
    }
    assert!(world.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_zones_history() {
    let world = world().await;
    let answer = ask(
        world.ingress,
        "GET /api/v1/zones/kitchen/history?days=2",
        "",
    )
    .await;
    let history = answer.json();
    assert_eq!(history["days"], 2);
    assert_eq!(history["readings"][0]["score"], 100);
    let since: Timestamp = history["readings"][0]["at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let hours = Clock::wall().now().duration_since(since).as_secs_f64() / 3600.0;
    assert!((47.9..48.1).contains(&hours), "{hours}");
}

#[tokio::test]
async fn another_sites_page_is_turned_away_with_the_same_protection() {
    let world = world().await;
    let foreign = "origin: http://evil.example\r\ncontent-type: text/plain\r\ncontent-length: 0";
    let answer = ask(world.ingress, "POST /api/v1/check", foreign).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.header("access-control-allow-origin").is_none());
    assert!(world.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let world = world().await;
    let head = "content-type: application/json\r\nx-requested-with: test";
    let body = " ".repeat(65 * 1024);
    let more = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let answer = ask(world.ingress, "POST /api/v1/check", &more).await;
    assert_eq!(answer.status, 413);
    assert!(world.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn ready_when_the_last_hold_is_released() {
    let world = world().await;
    let answer = ask(world.probes, "GET /ready", "").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({ "ready": false, "awaiting": ["engine"] })
    );
    world.hold.release();
    let answer = ask(world.probes, "GET /ready", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "ready": true, "awaiting": [] }));
}

#[tokio::test]
async fn a_missing_broker_is_degraded_and_alive() {
    let world = world().await;
    let answer = ask(world.probes, "GET /health", "").await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (200, &json!("ok"))
    );
    let mut ill = view(vec![]);
    let sentence = "The broker is gone; start Mosquitto.";
    ill.health
        .note(Component::Mqtt, Condition::Degraded(sentence.into()), at(5));
    world.view.send_replace(Arc::new(ill));
    let answer = ask(world.probes, "GET /health", "").await;
    let health = answer.json();
    assert_eq!(
        (answer.status, &health["status"]),
        (200, &json!("degraded"))
    );
    assert_eq!(health["components"]["mqtt"]["sentence"], sentence);
    assert_eq!(health["components"]["mqtt"]["state"], "degraded");
}

#[tokio::test]
async fn metrics_are_prometheus_text() {
    let world = world().await;
    let answer = ask(world.probes, "GET /metrics", "").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4")
    );
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        text.contains("aicleaner_score{zone=\"kitchen\"} 64\n"),
        "{text}"
    );
}

#[tokio::test]
async fn nothing_of_the_page_is_on_the_probes_and_the_other_way_round() {
    let world = world().await;
    assert_eq!(ask(world.probes, "GET /api/v1/zones", "").await.status, 404);
    assert_eq!(ask(world.probes, "GET /", "").await.status, 404);
    assert_eq!(ask(world.ingress, "GET /metrics", "").await.status, 404);
}

#[tokio::test]
async fn clients_that_hang_do_not_hold_up_the_stop() {
    let world = world().await;
    let mut halfway = TcpStream::connect(world.ingress).await.unwrap();
    halfway.write_all(b"GET / HTTP/1.1\r\nho").await.unwrap();
    let _idle = TcpStream::connect(world.probes).await.unwrap();
    let waiting = tokio::spawn({
        let ingress = world.ingress;
        async move {
            let mut stream = TcpStream::connect(ingress).await.unwrap();
            let request = format!(
                "POST /api/v1/tasks/41/dismiss HTTP/1.1\r\nhost: {ingress}\r\ncontent-type: application/json\r\nx-requested-with: x\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    let patience = Instant::now();
    while world.heard.lock().unwrap().is_empty() {
        assert!(patience.elapsed() < Duration::from_secs(5));
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    world.stop.cancel();
    world.served.await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_millis(600),
        "{:?}",
        begun.elapsed()
    );
    waiting.await.unwrap();
    assert!(TcpStream::connect(world.ingress).await.is_err());
}

#[tokio::test]
async fn a_crowd_is_turned_away_at_once() {
    let world = world().await;
    let mut crowd = Vec::new();
    for _ in 0..40 {
        crowd.push(TcpStream::connect(world.probes).await.unwrap());
    }
    let mut away = 0;
    for client in &mut crowd {
        // Whoever has a seat is waited for; the others see the end.
        let mut byte = [0; 1];
        let read = client.read(&mut byte);
        let read = tokio::time::timeout(Duration::from_millis(50), read).await;
        away += usize::from(read.is_ok());
    }
    assert_eq!(away, 8);
    drop(crowd);
    let patience = Instant::now();
    loop {
        let mut client = TcpStream::connect(world.probes).await.unwrap();
        let sent = client
            .write_all(b"GET /ready HTTP/1.1\r\nhost: x\r\n\r\n")
            .await;
        if sent.is_ok() && client.read(&mut [0; 1]).await.is_ok_and(|n| n == 1) {
            break;
        }
        assert!(
            patience.elapsed() < Duration::from_secs(5),
            "seats are never free again"
        );
    }
}
