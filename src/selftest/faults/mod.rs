//! What may go wrong in a home: one file a family, one row a fault. For each:
//! it is told in words while it lasts, what changed meanwhile is right soon
//! after its end, nothing is lost or doubled, and the process is the same.

mod broker;
mod camera;
mod home_assistant;
mod process;
mod provider;

use std::{
    path::Path,
    pin::Pin,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{
    home::{TestHome, Truth},
    household,
    observer::Seen,
    progress::Progress,
    run::warnings,
    service::Service,
    test_home::broker::Retained,
    truth,
};

type Boxed<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>>;

/// One thing that goes wrong.
pub struct Fault {
    pub name: &'static str,
    pub breaks: for<'a> fn(&'a mut Stage) -> Boxed<'a>,
    pub told: Told,
    pub mends: for<'a> fn(&'a mut Stage) -> Boxed<'a>,
    /// From the mending until all is right.
    pub recovers_within: Duration,
    /// What the household is like before it; afterwards it is the other way round.
    pub before: Truth,
    /// Another process goes on in the service's place.
    pub replaces: bool,
}

/// Where a household reads that something is wrong.
#[derive(Debug, Clone, Copy)]
pub enum Told {
    /// In the sentence of this component in `/health`, which is not `ok` then.
    Component(&'static str, Duration),
    /// Each room's problem entity says so.
    Rooms(Duration),
    /// It is over before anybody could read it.
    Nowhere,
}

pub const FAULTS: &[Fault] = &[
    broker::STOPPED,
    broker::FORGETS,
    broker::HALF_OPEN,
    broker::CUT,
    home_assistant::RESTARTS,
    home_assistant::UNREACHABLE,
    home_assistant::CUT,
    home_assistant::SILENT,
    provider::UNREACHABLE,
    provider::SERVER_ERRORS,
    provider::NONSENSE,
    provider::BREAKS_OFF,
    provider::WANTS_A_PAUSE,
    camera::OFF,
    camera::WEB_PAGE,
    process::KILLED,
    process::KILLED_WITH_TASKS,
    process::STOPPED,
];

/// The home and the service that faults happen to.
pub struct Stage {
    pub home: TestHome,
    /// `None` only while a fault replaces it.
    pub service: Option<Service>,
    pub retained: Retained,
    /// What a fault itself saw that must not be.
    pub noted: Vec<String>,
    folder: TempDir,
}

/// How a fault was borne.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Borne {
    pub fault: String,
    /// Seconds until it was told; `None` if it never was.
    pub told_after: Option<f64>,
    /// The words, where there are some.
    pub sentence: Option<String>,
    /// Whether it is a fault that must be told.
    pub must_be_told: bool,
    /// Seconds from its end until all was right; `None` if it never was.
    pub recovered_after: Option<f64>,
    pub recovers_within: f64,
    /// What was wrong at the end, and anything else that must not be.
    pub discrepancies: Vec<String>,
}

impl Borne {
    pub fn is_fine(&self) -> bool {
        self.discrepancies.is_empty()
            && self.recovered_after.is_some()
            && (self.told_after.is_some() || !self.must_be_told)
    }
}

/// For the state before a fault, and for a look at every room.
const CALM: Duration = Duration::from_secs(30);

/// Lets each fault happen, one after another, in one home.
pub async fn run(
    names: &[&Fault],
    progress: &Progress,
    stop: &CancellationToken,
) -> anyhow::Result<(Vec<Borne>, Vec<String>)> {
    let mut stage = Stage::start(stop.clone()).await?;
    let mut borne = Vec::new();
    for fault in names {
        if stop.is_cancelled() {
            break;
        }
        progress.begins(&format!("fault: {}", fault.name));
        let one = stage.bear(fault).await.with_context(|| fault.name)?;
        if !stop.is_cancelled() {
            borne.push(one);
        }
    }
    let mut wrong = Vec::new();
    let service = stage.service.take().context("there is no service")?;
    let log = service.log();
    wrong.extend(
        warnings(&log)
            .into_iter()
            .filter(|line| line.contains("panicked")),
    );
    let ended = service.stop().await?;
    if ended.code != Some(0) {
        wrong.push(format!(
            "the service ended with {:?} instead of 0",
            ended.code
        ));
    }
    Ok((borne, wrong))
}

impl Stage {
    async fn start(stop: CancellationToken) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder for the service's data")?;
        let home = TestHome::start(household::baseline(), stop).await?;
        let service = Service::start(&home, folder.path()).await?;
        Ok(Self {
            home,
            service: Some(service),
            retained: Retained::new(),
            noted: Vec::new(),
            folder,
        })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn service(&mut self) -> anyhow::Result<&mut Service> {
        self.service.as_mut().context("there is no service")
    }

    async fn bear(&mut self, fault: &Fault) -> anyhow::Result<Borne> {
        let mut discrepancies: Vec<String> = truth::comes_out(&self.home, fault.before)
            .await
            .into_iter()
            .map(|wrong| format!("before it: {wrong}"))
            .collect();
        let after = fault.before.other();
        if !self.no_room_complains().await {
            discrepancies.push("before it: a room's problem entity was on".to_owned());
        }
        let pid = self.service()?.pid();
        (fault.breaks)(self).await.context("breaking it")?;
        let broken = Instant::now();
        // What the household does meanwhile must not be lost.
        self.home.becomes_behind(after);
        for room in 0..self.home.rooms.len() {
            let room = self.home.rooms[room].clone();
            self.home.press(&room, "check_now").await;
        }
        let (told_after, sentence) = self.told(fault.told, broken).await?;
        (fault.mends)(self).await.context("mending it")?;
        discrepancies.append(&mut self.noted);
        let mended = Instant::now();
        let mut recovered_after = None;
        let mut wrong = Vec::new();
        while mended.elapsed() < fault.recovers_within && !self.home.is_stopped() {
            wrong = truth::comes_out(&self.home, after).await;
            if wrong.is_empty() && self.is_well().await? {
                recovered_after = Some(mended.elapsed().as_secs_f64());
                break;
            }
        }
        discrepancies.extend(wrong);
        if !fault.replaces && self.service()?.pid() != pid {
            discrepancies.push("the process is another one".to_owned());
        }
        if !self.service()?.is_alive() {
            discrepancies.push("the process has ended".to_owned());
        }
        Ok(Borne {
            fault: fault.name.to_owned(),
            told_after,
            sentence,
            must_be_told: !matches!(fault.told, Told::Nowhere),
            recovered_after,
            recovers_within: fault.recovers_within.as_secs_f64(),
            discrepancies,
        })
    }

    /// Waits until it is told.
    async fn told(
        &mut self,
        told: Told,
        broken: Instant,
    ) -> anyhow::Result<(Option<f64>, Option<String>)> {
        match told {
            Told::Nowhere => Ok((None, None)),
            Told::Component(component, within) => {
                while broken.elapsed() < within && !self.home.is_stopped() {
                    let health = self.service()?.health().await;
                    let part = &health["components"][component];
                    let fine = matches!(part["state"].as_str(), Some("ok" | "starting") | None);
                    if let (false, Some(sentence)) = (fine, part["sentence"].as_str()) {
                        let after = broken.elapsed().as_secs_f64();
                        return Ok((Some(after), Some(sentence.to_owned())));
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok((None, None))
            }
            Told::Rooms(within) => {
                let topics: Vec<String> = self
                    .home
                    .rooms
                    .iter()
                    .map(|room| TestHome::topic(room, "problem"))
                    .collect();
                let told = self.home.observer.until(within, |seen| {
                    topics.iter().all(|topic| seen.text(topic) == Some("ON"))
                });
                let told = told.await.then(|| broken.elapsed().as_secs_f64());
                Ok((told, None))
            }
        }
    }

    async fn no_room_complains(&self) -> bool {
        let fine = |seen: &Seen, room| seen.text(&TestHome::topic(room, "problem")) == Some("OFF");
        let rooms = &self.home.rooms;
        let all = |seen: &Seen| rooms.iter().all(|room| fine(seen, room));
        self.home.observer.until(CALM, all).await
    }

    /// Whether no part complains.
    async fn is_well(&mut self) -> anyhow::Result<bool> {
        let within = Instant::now();
        while within.elapsed() < CALM && !self.home.is_stopped() {
            let health = self.service()?.health().await;
            if health["status"] == "ok" {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(false)
    }
}
