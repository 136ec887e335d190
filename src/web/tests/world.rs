//! A household to show, a stand-in for engine and store, and a client of few words.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    domain::{
        check::Reading,
        command::Command,
        effect::Change,
        health::{Component, Condition, Health},
        ignore::Named,
        mask::Masks,
        score::Score,
        standing::Standing,
        task::{Priority, Task, TaskId, TaskState},
        view::{ReadingView, View, ZoneStatus, ZoneView},
        zone::{Zone, ZoneId, ZoneOptions},
    },
    ports::{Boxed, Consent, Farewell, Message, ProviderDesk, Store},
    telemetry::{Hold, Metrics, Readiness},
    web::{Context, Standstill, serve},
};

pub const JPEG: &[u8] = b"\xff\xd8 a picture";

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub fn kitchen() -> ZoneView {
    let score = Score::try_from(64_u8).unwrap();
    ZoneView {
        zone: Zone {
            id: ZoneId(7),
            options: ZoneOptions {
                name: "Kitchen <b>".into(),
                slug: "kitchen".into(),
                cameras: vec!["http://user:secret@camera/pic".into()],
                ..ZoneOptions::default()
            },
        },
        status: ZoneStatus::Waiting,
        monitoring: true,
        interval_minutes: 60,
        pickiness: 3,
        snooze: None,
        rules: vec![],
        streak_days: None,
        reading: Some(ReadingView {
            at: at(0),
            score,
            label: score.label(),
            summary: "Cups on the table.".into(),
            confidence: 0.5,
            provider: "local".into(),
            method: "network".into(),
            old: false,
        }),
        needs_cleaning: Some(false),
        tasks: vec![Task {
            id: TaskId(41),
            zone: ZoneId(7),
            title: "Put the cups away".into(),
            state: TaskState::Open,
            provider: "local".into(),
            confidence: 0.5,
            priority: Priority::Normal,
            region: None,
            first_seen: at(0),
            last_seen: at(0),
            gone_readings: 0,
            item: None,
        }],
        last_check: Some(at(0)),
        next_check: Some(at(3600)),
        problem: None,
        snapshot: Some(Bytes::from_static(JPEG)),
        clean_pictures: Some(1),
        masks: Masks::None,
        lessons: 0,
    }
}

pub fn view(zones: Vec<ZoneView>) -> View {
    let mut health = Health::default();
    health.note(Component::Store, Condition::Ok, at(0));
    View {
        started: at(0),
        enabled: true,
        health,
        degraded: None,
        config_problems: vec![],
        unused_options: None,
        judge: Standing::of("local"),
        provider: "local".into(),
        calls_today: 0,
        saved_today: 0,
        queue: 0,
        error_rate: 0.0,
        memory_mib: 0.0,
        zones,
    }
}

/// Takes nothing out, and says why.
pub struct Stay;

impl Farewell for Stay {
    fn withdraw(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Err("The broker is away.".to_owned()) })
    }
}

/// Knows one provider, which works, and asks for consent.
pub struct Desk;

impl ProviderDesk for Desk {
    fn examine(&self, place: usize) -> Boxed<'_, Result<String, String>> {
        Box::pin(async move {
            match place {
                0 => Ok("It works.".into()),
                _ => Err("It does not work; mend it.".into()),
            }
        })
    }

    fn consent(&self) -> Boxed<'_, Consent> {
        Box::pin(async {
            Consent {
                asked: true,
                ..Consent::default()
            }
        })
    }

    fn agree(&self, entity: String) -> Boxed<'_, Result<(), String>> {
        Box::pin(async move {
            match entity.as_str() {
                "ai_task.x" => Ok(()),
                _ => Err("There is no such entity.".into()),
            }
        })
    }

    fn withdraw(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

struct Shelf;

impl Store for Shelf {
    fn commit(&self, _: Vec<Change>) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn history(
        &self,
        zone: ZoneId,
        since: Timestamp,
        _: u32,
    ) -> Boxed<'_, Result<Vec<Reading>, String>> {
        Box::pin(async move {
            Ok(vec![Reading {
                zone,
                at: since,
                score: Score::SPOTLESS,
                confidence: 1.0,
                provider: "local".into(),
                open_tasks: 0,
            }])
        })
    }

    fn copy(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Err("The disk is full.".into()) })
    }
}

/// A context that shows `shown` and whose engine is not there.
pub fn context(shown: Arc<View>, vital: Vec<(&'static str, Standstill)>) -> Context {
    Context {
        view: watch::channel(shown).1,
        inbox: mpsc::channel(1).0,
        farewell: Arc::new(Stay),
        store: Arc::new(Shelf),
        metrics: Metrics::new(&["local"]),
        behind_supervisor: true,
        password: None,
        version: "3.0.0-test",
        clock: Clock::wall(),
        readiness: Readiness::default(),
        vital,
        options: None,
        providers: Arc::new(Desk),
    }
}

/// What the stand-in engine says a rule names.
fn named(rule: &str) -> Named {
    Named {
        id: TaskId(41),
        title: format!("Something with {rule}"),
        state: TaskState::Open,
    }
}

/// A service with a stand-in engine that notes commands; it refuses to check
/// all zones and never answers about dismissed tasks.
pub struct World {
    pub ingress: SocketAddr,
    pub probes: SocketAddr,
    pub view: watch::Sender<Arc<View>>,
    pub heard: Arc<Mutex<Vec<Command>>>,
    pub hold: Hold,
    pub stop: CancellationToken,
    pub served: JoinHandle<()>,
}

pub async fn world() -> World {
    let (view, shown) = watch::channel(Arc::new(view(vec![kitchen()])));
    let (inbox, mut messages) = mpsc::channel(4);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut unanswered = Vec::new();
        while let Some(message) = messages.recv().await {
            let (command, reply) = match message {
                Message::Command(command, Some(reply)) => (command, reply),
                Message::TestRule { rule, reply, .. } => {
                    reply.send(Ok(vec![named(&rule)])).unwrap();
                    continue;
                }
                // What is hidden of it, in words.
                Message::Preview(asked) => {
                    let shown = format!("{} {:?}", asked.camera, asked.mask);
                    asked.reply.send(Ok(shown.into())).unwrap();
                    continue;
                }
                other => panic!("only commands with a reply, and questions: {other:?}"),
            };
            notes.lock().unwrap().push(command.clone());
            match command {
                Command::CheckAll => reply.send(Err("Not now.".into())).unwrap(),
                Command::DismissTask(_) => unanswered.push(reply),
                _ => reply.send(Ok(())).unwrap(),
            }
        }
    });
    let (readiness, [hold]) = Readiness::awaiting(["engine"]);
    let context = Context {
        view: shown,
        inbox,
        readiness,
        ..context(Arc::new(self::view(vec![])), vec![])
    };
    let ingress = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let probes = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (ingress_at, probes_at) = (ingress.local_addr().unwrap(), probes.local_addr().unwrap());
    let stop = CancellationToken::new();
    World {
        ingress: ingress_at,
        probes: probes_at,
        view,
        heard,
        hold,
        served: tokio::spawn(serve(context, ingress, probes, stop.clone())),
        stop,
    }
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

/// One request on a connection of its own; `more` are header lines and the body.
pub async fn ask(to: SocketAddr, what: &str, more: &str) -> Answer {
    let (lines, body) = more.split_once("\r\n\r\n").unwrap_or((more, ""));
    let gap = if lines.is_empty() { "" } else { "\r\n" };
    let request =
        format!("{what} HTTP/1.1\r\nhost: {to}\r\nconnection: close{gap}{lines}\r\n\r\n{body}");
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    Answer {
        status: head[9..12].parse().unwrap(),
        head,
        body: answer.split_off(end + 4),
    }
}

pub async fn post(to: SocketAddr, path: &str) -> Answer {
    let more =
        "content-type: application/json\r\nx-requested-with: test\r\ncontent-length: 2\r\n\r\n{}";
    ask(to, &format!("POST {path}"), more).await
}
