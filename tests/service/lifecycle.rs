//! Start, stop and start again, whatever the options and whenever the signal.

use std::{fs, time::Duration};

use aicleaner::selftest::test_home::broker::{Broker, Options};
use serde_json::{Value, json};

use crate::program::{Service, get, room, send};

#[test]
fn a_reading_survives_a_restart_and_the_stop_is_clean() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    service.until_ready();
    let judged = service.until_judged();
    assert_eq!(judged["name"], "Kitchen");
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));

    // Nothing to look at now, so what is shown can only be remembered.
    service.one_zone(&service.folder.path().join("no-such-picture.jpg"));
    service.start();
    service.until_ready();
    let remembered = service.zone().unwrap();
    assert_eq!(remembered["reading"]["score"], judged["reading"]["score"]);
    assert_eq!(remembered["reading"]["at"], judged["reading"]["at"]);
}

#[test]
fn nothing_is_lost_by_sudden_death() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    let judged = service.until_judged();
    service.signal("KILL");
    assert_eq!(service.ended(), None);
    service.start();
    service.until_ready();
    let remembered = service.zone().unwrap();
    assert_eq!(remembered["reading"]["score"], judged["reading"]["score"]);
}

#[test]
fn a_signal_at_any_moment_ends_it_with_zero() {
    // From before the listeners are bound to the middle of the first check.
    for milliseconds in [30, 60, 120, 250, 500, 1000] {
        for signal in ["TERM", "INT"] {
            let mut service = Service::new();
            service.one_zone(&room("living_room/day-20.jpg"));
            service.start();
            if milliseconds > 30 {
                service.until_ready();
            } else {
                // Before the handler stands, a signal ends any process: wait for the socket.
                let probes = service.probes;
                service.until("bound", || {
                    std::net::TcpStream::connect(("127.0.0.1", probes)).is_ok()
                });
            }
            std::thread::park_timeout(Duration::from_millis(milliseconds));
            service.signal(signal);
            assert_eq!(service.ended(), Some(0), "{signal} after {milliseconds} ms");
        }
    }
}

/// A message of the broker's, handled in a thread of its own, and a signal
/// handler each killed a generation before at its start.
#[tokio::test(flavor = "multi_thread")]
async fn original_9_messages_and_signals_during_the_start_do_no_harm() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let broker = Broker::start(listener, Options::default()).unwrap();
    let port = broker.addr().port();
    let flood = tokio::spawn(async move {
        loop {
            broker.publish("aicleaner_v3/hub/check_all/set", "PRESS", false);
            broker.publish("homeassistant/status", "online", false);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let lives = tokio::task::spawn_blocking(move || {
        for signal in [None, Some(0), Some(40), Some(150)] {
            let mut service = Service::new();
            service.options(
                &json!({
                    "zones": [{
                        "name": "Kitchen",
                        "cameras": [format!("file:{}", room("living_room/day-20.jpg").display())],
                    }],
                    "provider": "local",
                    "mqtt": { "host": "127.0.0.1", "port": port },
                })
                .to_string(),
            );
            service.start();
            if let Some(milliseconds) = signal {
                let probes = service.probes;
                service.until("bound", || {
                    std::net::TcpStream::connect(("127.0.0.1", probes)).is_ok()
                });
                std::thread::park_timeout(Duration::from_millis(milliseconds));
            } else {
                service.until_ready();
                let probes = service.probes;
                service.until("a command was heard", || {
                    let (_, metrics) = get(probes, "/metrics").unwrap();
                    let mut lines = metrics.lines();
                    lines.any(|l| {
                        l.starts_with("aicleaner_checks_total")
                            && l.contains("manual")
                            && !l.ends_with(" 0")
                    })
                });
            }
            service.signal("TERM");
            assert_eq!(service.ended(), Some(0), "{signal:?}");
        }
    });
    lives.await.unwrap();
    flood.abort();
}

#[test]
fn bad_options_give_a_service_that_says_so() {
    for (options, expected) in [
        ("{ not json", "options.json"),
        (
            r#"{"zones": [{"name": "Kitchen", "cameras": [], "interval_minutes": 0}]}"#,
            "zones[0].interval_minutes",
        ),
        (r#"{"provider": "oracle"}"#, "provider"),
    ] {
        let mut service = Service::new();
        service.options(options);
        service.start();
        service.until_ready();
        let (code, body) = get(service.probes, "/health").unwrap();
        assert_eq!(code, 200);
        let health: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(health["status"], "degraded", "{options}");
        let (_, page) = get(service.page, "/api/v1/zones").unwrap();
        let view: Value = serde_json::from_str(&page).unwrap();
        let problems = view["config_problems"].to_string();
        assert!(problems.contains(expected), "{options}: {problems}");
        service.signal("TERM");
        assert_eq!(service.ended(), Some(0));
    }
}

#[test]
fn unreadable_options_do_not_take_a_zone_away() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    let judged = service.until_judged();
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    service.options("{ not json");
    service.start();
    service.until_ready();
    assert_eq!(service.zone(), None);
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    service.one_zone(&service.folder.path().join("no-such-picture.jpg"));
    service.start();
    service.until_ready();
    assert_eq!(
        service.zone().unwrap()["reading"]["at"],
        judged["reading"]["at"]
    );
}

#[test]
fn a_config_file_that_is_gone_takes_no_zone_away() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("aicleaner.yaml");
    let picture = room("living_room/day-20.jpg");
    let with_zone = format!(
        "zones: [{{name: Kitchen, cameras: ['file:{}']}}]\n",
        picture.display(),
    );
    fs::write(&config, &with_zone).unwrap();
    let start = |service: &mut Service| {
        service.start_outside(folder.path());
        service.until_ready();
    };
    let mut service = Service::new();
    start(&mut service);
    let judged = service.until_judged();
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    fs::remove_file(&config).unwrap();
    start(&mut service);
    assert_eq!(service.zone(), None);
    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    fs::write(&config, with_zone.replace("day-20", "no-such-picture")).unwrap();
    start(&mut service);
    assert_eq!(
        service.zone().unwrap()["reading"]["at"],
        judged["reading"]["at"]
    );
}

#[test]
fn an_address_that_is_not_here_leaves_the_page_on_loopback() {
    let mut service = Service::new();
    service.options("{}");
    service.start_at("192.0.2.7");
    service.until_ready();
    let (_, page) = get(service.page, "/api/v1/zones").unwrap();
    assert!(page.contains("addresses of this computer"), "{page}");
}

#[test]
fn a_ruined_database_is_set_aside_and_the_service_comes_up() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-00.jpg"));
    fs::write(service.folder.path().join("aicleaner.db"), "not a database").unwrap();
    service.start();
    service.until_ready();
    let (_, body) = get(service.probes, "/health").unwrap();
    assert!(body.contains("aicleaner.db.corrupt-"), "{body}");
    service.until_judged();
    let names = fs::read_dir(service.folder.path()).unwrap();
    let aside = names
        .filter_map(|e| e.unwrap().file_name().into_string().ok())
        .any(|name| name.starts_with("aicleaner.db.corrupt-"));
    assert!(aside);
}

#[test]
fn a_messy_room_gets_tasks_and_a_picture() {
    let mut service = Service::new();
    let picture = service.folder.path().join("camera.jpg");
    fs::copy(room("living_room/day-00.jpg"), &picture).unwrap();
    service.one_zone(&picture);
    service.start();
    let tidy = service.until_judged();
    assert_eq!(tidy["tasks"], Value::Array(Vec::new()));
    fs::copy(room("living_room/day-20.jpg"), &picture).unwrap();
    // Two readings that agree.
    let page = service.page;
    for _ in 0..2 {
        let last = service.zone().unwrap()["last_check"].clone();
        let (code, _) = send(page, "POST", "/api/v1/zones/kitchen/check", "{}");
        assert_eq!(code, 202);
        service.until("checked", || {
            let (_, body) = get(page, "/api/v1/zones").unwrap();
            let view: Value = serde_json::from_str(&body).unwrap();
            view["zones"][0]["last_check"] != last
        });
    }
    let messy = service.zone().unwrap();
    let score = |zone: &Value| zone["reading"]["score"].as_i64().unwrap();
    assert!(score(&messy) + 10 <= score(&tidy), "{messy}");
    assert!(!messy["tasks"].as_array().unwrap().is_empty(), "{messy}");
    let (code, _) = get(page, "/api/v1/zones/kitchen/snapshot").unwrap();
    assert_eq!(code, 200);
}
