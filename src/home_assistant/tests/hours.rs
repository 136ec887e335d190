//! Hours of trouble, in paused time and without a network: how often we knock,
//! what is said, and how soon we are back.

use std::{io, sync::Mutex};

use serde_json::json;
use tokio::{sync::oneshot, task::JoinHandle, time::Instant};
use tracing::Level;

use super::{log::Log, *};
use crate::{
    domain::todo::ListId,
    home_assistant::websocket::dial::Stream,
    ports::{Boxed, TodoLists},
};

/// What stands between us and Home Assistant.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Road {
    Open,
    /// Nobody listens.
    Refused,
    /// Nothing comes back.
    Gone,
}

struct Line {
    home: FakeHome,
    road: Mutex<Road>,
    dials: Mutex<Vec<Instant>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl Dial for Line {
    fn dial<'a>(&'a self, _: &'a str, _: u16) -> Boxed<'a, io::Result<Stream>> {
        self.dials.lock().unwrap().push(Instant::now());
        let road = *self.road.lock().unwrap();
        Box::pin(async move {
            match road {
                Road::Open => Ok(Box::new(self.home.connect()) as Stream),
                Road::Refused => Err(io::ErrorKind::ConnectionRefused.into()),
                Road::Gone => std::future::pending().await,
            }
        })
    }
}

impl Line {
    async fn new() -> Arc<Self> {
        Arc::new(Self {
            home: FakeHome::start().await.unwrap(),
            road: Mutex::new(Road::Open),
            dials: Mutex::default(),
        })
    }

    fn set(&self, road: Road) {
        *self.road.lock().unwrap() = road;
    }

    /// The waits between knocks since the last call.
    fn waits(&self) -> Vec<Duration> {
        let dials = std::mem::take(&mut *self.dials.lock().unwrap());
        dials.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// The service's side with an engine that hears everything.
struct Evening {
    home: HomeAssistant,
    heard: JoinHandle<Vec<(Instant, Message)>>,
    done: oneshot::Sender<()>,
    stop: CancellationToken,
}

impl Evening {
    async fn begin(line: Arc<Line>) -> Self {
        let access = supervised(&line.home);
        let World {
            home,
            mut inbox,
            stop,
            ..
        } = World::start_on(&access, Limits::default(), line);
        let (done, mut end) = oneshot::channel();
        let heard = tokio::spawn(async move {
            let mut all = Vec::new();
            loop {
                tokio::select! {
                    _ = &mut end => return all,
                    Some(message) = inbox.recv() => all.push((Instant::now(), message)),
                }
            }
        });
        time::sleep(Duration::from_secs(1)).await;
        Self {
            home,
            heard,
            done,
            stop,
        }
    }

    fn link(&self) -> LinkState {
        self.home.socket.as_ref().unwrap().link().borrow().clone()
    }

    async fn up_again(&self) -> Duration {
        let begun = Instant::now();
        let mut link = self.home.socket.as_ref().unwrap().link();
        let up = link.wait_for(|state| *state == LinkState::Up);
        time::timeout(Duration::from_hours(1), up)
            .await
            .expect("back at last")
            .unwrap();
        begun.elapsed()
    }

    async fn end(self) -> Vec<(Instant, Message)> {
        time::sleep(Duration::from_secs(30)).await;
        self.stop.cancel();
        let _ = self.done.send(());
        self.heard.await.unwrap()
    }
}

fn lines(log: &Log) -> Vec<String> {
    let text = log.text();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn an_update_of_an_hour_is_said_once_and_ends_by_itself() {
    let (log, _guard) = Log::listen(Level::INFO);
    let line = Line::new().await;
    line.home.put_list("todo.x", "0", Some(vec![]));
    let evening = Evening::begin(line.clone()).await;
    evening.home.lists.watch(vec![ListId("todo.x".into())]);
    time::sleep(Duration::from_mins(1)).await;
    assert_eq!(evening.link(), LinkState::Up);
    line.waits();

    let limits = Limits::default();
    let twenty = Duration::from_mins(20);
    line.home.model().upgrade = Some(502);
    line.home.cut();
    time::sleep(twenty).await;
    line.set(Road::Refused);
    time::sleep(twenty).await;
    let waits = line.waits();
    assert!(waits.iter().all(|w| *w <= limits.retry.1), "{waits:?}");
    // Half of the longest at least, once it has come to that.
    assert!(
        waits[4..].iter().all(|w| *w >= limits.retry.1 / 2),
        "{waits:?}"
    );
    line.set(Road::Gone);
    time::sleep(twenty).await;
    let longest = limits.retry.1 + limits.connect;
    let waits = line.waits();
    assert!(waits.iter().all(|w| *w <= longest), "{waits:?}");

    line.home
        .set_items("todo.x", vec![json!({"uid": "1", "summary": "Cup"})]);
    line.home.model().upgrade = None;
    line.set(Road::Open);
    let back = evening.up_again().await;
    assert!(back <= longest, "{back:?}");

    let said = lines(&log);
    assert_eq!(said.len(), 3, "{said:#?}");
    assert!(said[0].contains("connected"), "{said:#?}");
    assert!(
        said[1].contains("INFO") && said[1].contains("closed"),
        "{said:#?}"
    );
    let fault = "away for more than 5 minutes";
    assert!(
        said[2].contains("WARN") && said[2].contains(fault),
        "{said:#?}"
    );

    let heard = evening.end().await;
    let said = lines(&log);
    assert!(
        said[3].contains("connected") && said.len() == 4,
        "{said:#?}"
    );
    assert!(said.iter().all(|line| !line.contains("..")), "{said:#?}");
    let (last, fresh) = heard
        .iter()
        .rev()
        .find_map(|(_, message)| match message {
            Message::ListSeen { items, fresh, .. } => Some((items.len(), *fresh)),
            _ => None,
        })
        .unwrap();
    assert_eq!((last, fresh), (1, true), "what was missed is told");
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_is_noticed_within_forty_seconds() {
    let line = Line::new().await;
    let evening = Evening::begin(line.clone()).await;
    assert_eq!(evening.link(), LinkState::Up);
    time::sleep(Duration::from_mins(10)).await;
    let mut state = evening.home.socket.as_ref().unwrap().link();
    line.home.model().mute = true;
    let begun = Instant::now();
    let away = state.wait_for(|state| *state != LinkState::Up);
    time::timeout(Duration::from_mins(5), away)
        .await
        .expect("noticed")
        .unwrap();
    let noticed = begun.elapsed();
    assert!(noticed <= Duration::from_secs(40), "{noticed:?}");
    line.home.model().mute = false;
    let back = evening.up_again().await;
    assert!(back <= Duration::from_secs(18), "{back:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_tried_ever_more_slowly_and_works_once_mended() {
    let (log, _guard) = Log::listen(Level::INFO);
    let line = Line::new().await;
    line.home.model().token = "another".into();
    let evening = Evening::begin(line.clone()).await;
    time::sleep(Duration::from_hours(6)).await;
    let waits = line.waits();
    // Six hours of ten minutes, each shortened by up to half.
    assert!((36..80).contains(&waits.len()), "{}", waits.len());
    assert!(waits[0] <= Duration::from_secs(31), "{waits:?}");
    line.home.model().token = TOKEN.into();
    let back = evening.up_again().await;
    assert!(back <= Limits::default().retry_failed.1, "{back:?}");
    evening.end().await;
    let said = lines(&log);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(
        said[0].contains("does not accept the app's token"),
        "{said:#?}"
    );
    assert!(said[1].contains("connected"), "{said:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_comes_and_goes_fills_no_log_and_does_not_hammer() {
    let (log, _guard) = Log::listen(Level::INFO);
    let line = Line::new().await;
    let evening = Evening::begin(line.clone()).await;
    time::sleep(Duration::from_mins(1)).await;
    line.waits();
    let end = Instant::now() + Duration::from_hours(1);
    while Instant::now() < end {
        line.home.cut();
        time::sleep(Duration::from_millis(500)).await;
    }
    let waits = line.waits();
    assert!(waits.len() < 1000, "{} knocks in an hour", waits.len());
    evening.up_again().await;
    evening.end().await;
    let said = lines(&log);
    assert_eq!(said.len(), 4, "{said:#?}");
}
