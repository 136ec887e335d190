//! Every class of failure with its sentence.

mod ai_task;
mod lines;
mod machine;

use std::sync::Arc;

use bytes::Bytes;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::{home, *};
use crate::{
    domain::{
        check::{Assessment, CheckError, ErrorClass},
        standing::Standing,
        todo::{Features, Item, ItemStatus, ListId, Uid},
    },
    mqtt,
    ports::{Boxed, Camera, Judge, Question, TodoError, TodoLists},
    selftest::test_home::broker::{Broker as TestBroker, Options as BrokerOptions},
    settings::{
        Secret,
        model::{Broker, HomeAssistantAccess},
    },
};

const ROOM: &[u8] = include_bytes!("../../assets/rooms/living_room/day-00.jpg");

struct Eye(Result<&'static [u8], &'static str>);

impl Camera for Eye {
    fn capture<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<Bytes, CheckError>> {
        let seen = self.0.map(Bytes::from_static).map_err(|why| CheckError {
            class: ErrorClass::Camera,
            sentence: why.into(),
        });
        Box::pin(async { seen })
    }
}

#[tokio::test]
async fn a_camera_is_looked_through() {
    let look = async |eye: Eye| home::look("camera camera.x", &eye, "camera.x").await;
    let line = look(Eye(Ok(ROOM))).await;
    assert_eq!(line.verdict, Verdict::Ok, "{line:?}");
    assert!(
        line.sentence
            .starts_with("It shows a picture that can be judged: "),
        "{line:?}"
    );

    let said = "camera.x is switched off in Home Assistant; switch it on.";
    let line = look(Eye(Err(said))).await;
    assert_eq!((line.verdict, &*line.sentence), (Verdict::Wrong, said));
    let line = look(Eye(Ok(b"<html>"))).await;
    assert_eq!(line.verdict, Verdict::Wrong);
    assert!(
        line.sentence.contains("camera.x") && line.sentence.contains("picture"),
        "{line:?}"
    );
}

struct Desk(Features, Result<usize, TodoError>);

impl TodoLists for Desk {
    fn features<'a>(&'a self, _: &'a ListId) -> Boxed<'a, Result<Features, TodoError>> {
        Box::pin(async { Ok(self.0) })
    }

    fn items<'a>(&'a self, _: &'a ListId) -> Boxed<'a, Result<Vec<Item>, TodoError>> {
        let item = |n: usize| Item {
            uid: Uid(n.to_string()),
            summary: "Milk".into(),
            status: ItemStatus::NeedsAction,
            description: None,
        };
        let items = self.1.clone().map(|count| (0..count).map(item).collect());
        Box::pin(async { items })
    }

    fn add<'a>(
        &'a self,
        _: &'a ListId,
        _: &'a str,
        _: Option<&'a str>,
    ) -> Boxed<'a, Result<(), TodoError>> {
        unreachable!("a doctor changes nothing")
    }

    fn set_status<'a>(
        &'a self,
        _: &'a ListId,
        _: &'a Uid,
        _: ItemStatus,
    ) -> Boxed<'a, Result<(), TodoError>> {
        unreachable!("a doctor changes nothing")
    }

    fn rename<'a>(
        &'a self,
        _: &'a ListId,
        _: &'a Uid,
        _: &'a str,
    ) -> Boxed<'a, Result<(), TodoError>> {
        unreachable!("a doctor changes nothing")
    }

    fn remove<'a>(&'a self, _: &'a ListId, _: &'a Uid) -> Boxed<'a, Result<(), TodoError>> {
        unreachable!("a doctor changes nothing")
    }

    fn watch(&self, _: Vec<ListId>) {}
}

#[tokio::test]
async fn a_list_is_read_and_never_written() {
    let list = ListId("todo.x".into());
    let gone = TodoError::NoSuchList(list.clone());
    for (desk, verdict, sentence) in [
        (
            Desk(Features(127), Ok(3)),
            Verdict::Ok,
            "It can be written; 3 items are on it.",
        ),
        (
            Desk(Features(126), Ok(0)),
            Verdict::Wrong,
            "It cannot take new items, which AICleaner needs; choose another list in the options.",
        ),
        (
            Desk(Features(1), Ok(0)),
            Verdict::Wrong,
            "It cannot complete or remove items, which AICleaner needs; choose another list in the options.",
        ),
        (
            Desk(Features(127), Err(gone)),
            Verdict::Wrong,
            "the to-do list todo.x does not exist; choose another one in the options.",
        ),
        (
            Desk(
                Features(127),
                Err(TodoError::Paused("Home Assistant starts".into())),
            ),
            Verdict::Wrong,
            "It is away: Home Assistant starts.",
        ),
        (
            Desk(Features(127), Err(TodoError::Refused("no".into()))),
            Verdict::Wrong,
            "Home Assistant refused the change: no.",
        ),
    ] {
        let line = home::visit("list", &desk, &list).await;
        assert_eq!((line.verdict, &*line.sentence), (verdict, sentence));
    }
}

fn broker(port: u16, password: &str) -> Broker {
    let options = serde_json::json!({ "mqtt": {
        "host": "127.0.0.1", "port": port, "username": "me", "password": password
    }});
    let document = crate::settings::Document(options.as_object().unwrap().clone());
    let loaded = crate::settings::load_document(&Sources::default(), &document);
    loaded.settings.mqtt.broker.unwrap()
}

#[tokio::test]
async fn a_broker_is_knocked_at() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = BrokerOptions {
        login: Some(("me".into(), "right".into())),
        ..BrokerOptions::default()
    };
    let port = listener.local_addr().unwrap().port();
    let running = TestBroker::start(listener, options).unwrap();
    let at = format!("The MQTT broker at 127.0.0.1:{port}");
    assert_eq!(
        mqtt::knock(&broker(port, "right")).await,
        Ok(format!("The broker at 127.0.0.1:{port} lets us in."))
    );
    assert_eq!(
        mqtt::knock(&broker(port, "wrong")).await,
        Err(format!(
            "{at} refuses our user name or password; check both in the options, or restart the broker's app if the Supervisor gave them to us."
        ))
    );
    running.stop().await;
    let gone = mqtt::knock(&broker(port, "right")).await.unwrap_err();
    assert!(
        gone.starts_with(&format!("{at} cannot be reached (")),
        "{gone}"
    );
    assert!(
        gone.ends_with("); check that it runs, and host and port."),
        "{gone}"
    );

    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = other.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = other.accept().await {
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .ok();
        }
    });
    let odd = mqtt::knock(&broker(port, "right")).await.unwrap_err();
    assert!(odd.contains("check"), "{odd}");
}

/// A web server in Home Assistant's place that answers everything with this.
async fn web(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = (axum::http::StatusCode::from_u16(status).unwrap(), body);
    let app = axum::Router::new().fallback(async move || answer);
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

async fn visited(access: HomeAssistantAccess) -> Vec<Line> {
    crate::cli::install_tls();
    let mut settings = load(&Sources::default()).settings;
    settings.home_assistant = access;
    let home = home::Home::visit(&settings);
    let end = Instant::now() + WHOLE;
    let lines = home.lines(&settings, end).await;
    home.leave().await;
    lines
}

fn token() -> Secret {
    Secret::from("t".to_owned())
}

#[tokio::test]
async fn home_assistant_and_supervisor_are_asked() {
    let lines = Box::pin(visited(HomeAssistantAccess::None)).await;
    let verdicts: Vec<_> = lines
        .iter()
        .map(|line| (&*line.part, line.verdict))
        .collect();
    let off = Verdict::Off;
    assert_eq!(
        verdicts,
        [("supervisor", off), ("home assistant", off), ("mqtt", off)]
    );
    assert_eq!(
        lines[2].sentence,
        "No broker is set up, so Home Assistant shows no entities; name one in the option mqtt."
    );

    let base_url = web(401, "401: Unauthorized").await;
    let direct = HomeAssistantAccess::Direct {
        base_url: base_url.clone(),
        token: token(),
    };
    let lines = Box::pin(visited(direct)).await;
    assert_eq!(
        lines[1].sentence,
        format!(
            "Its API does not answer: Home Assistant at {base_url} does not accept the access token; create a new long-lived access token in your Home Assistant profile and put it in the configuration."
        )
    );

    let supervised = HomeAssistantAccess::Supervisor {
        base_url: web(502, "").await,
        token: token(),
    };
    let lines = Box::pin(visited(supervised)).await;
    let starting =
        "Home Assistant is starting or stopped (the Supervisor answers 502); waiting for it.";
    assert_eq!(
        lines[0].sentence,
        format!("It does not answer as it should: {starting}")
    );
    assert_eq!(
        lines[1].sentence,
        format!("Its API does not answer: {starting}")
    );
    assert_eq!(lines[2].verdict, Verdict::Wrong);
}

#[tokio::test]
async fn a_way_that_lets_no_websocket_through_is_named() {
    let config = r#"{"version": "2026.11.0", "time_zone": "Europe/Berlin"}"#;
    let base_url = web(200, config).await;
    let direct = HomeAssistantAccess::Direct {
        base_url,
        token: token(),
    };
    let line = Box::pin(visited(direct)).await.remove(1);
    assert_eq!(line.verdict, Verdict::Wrong);
    assert!(
        line.sentence
            .starts_with("Its API answers, its WebSocket does not: "),
        "{line:?}"
    );
}

struct Silent;

impl Judge for Silent {
    fn standing(&self) -> Standing {
        Standing::of("silent")
    }

    fn assess(
        &self,
        _: Arc<Question>,
        _: jiff::Timestamp,
    ) -> Boxed<'_, Result<Assessment, CheckError>> {
        Box::pin(async {
            Err(CheckError {
                class: ErrorClass::Provider,
                sentence: "The embedded network failed.".into(),
            })
        })
    }
}

#[tokio::test]
async fn a_judge_is_asked_about_a_room() {
    let judged = providers::judged(&Silent).await;
    assert_eq!(judged, Err("The embedded network failed.".into()));
    let judging = load(&Sources::default()).settings.judging;
    let lines = providers(&judging, &House::default(), Instant::now() + WHOLE).await;
    let [line] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!((&*line.part, line.verdict), ("provider local", Verdict::Ok));
    assert!(
        line.sentence.starts_with("It judges; the sample room got "),
        "{line:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_cut_off() {
    let end = Instant::now() + WHOLE;
    let line = by(end, "camera x", std::future::pending()).await;
    assert_eq!((line.verdict, &*line.part), (Verdict::Wrong, "camera x"));
    assert!(
        line.sentence.starts_with("There was no time left"),
        "{line:?}"
    );
}

#[test]
fn the_report_is_a_line_each_and_what_it_comes_to() {
    let mut report = Report {
        lines: vec![
            Line::ok("mqtt", "It works."),
            Line::off("supervisor", "None."),
        ],
    };
    assert!(report.is_well());
    assert_eq!(
        report.text(),
        "ok     mqtt        It works.\noff    supervisor  None.\n\nEverything works.\n"
    );
    report
        .lines
        .push(Line::wrong("store", "Full; free some space."));
    assert!(!report.is_well());
    assert!(
        report
            .text()
            .contains("WRONG  store       Full; free some space.\n\nThe database has trouble; not working: remembering across a restart; ")
    );
    assert!(report.text().ends_with("\n1 thing is wrong.\n"));
    assert_eq!(
        report.json()["degraded"]["does_not_work"],
        serde_json::json!(["memory"])
    );
    assert_eq!(report.json()["lines"][2]["verdict"], "wrong");
    assert_eq!(report.json()["well"], false);
}
