//! What may go wrong in a home: one file a family, one row a fault. For each:
//! it is told in words while it lasts, what changed meanwhile is right soon
//! after its end, nothing is lost or doubled, and the process is the same.

mod broker;
mod camera;
mod home_assistant;
mod limits;
pub mod pairs;
mod process;
mod provider;

use std::{
    path::Path,
    pin::Pin,
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::Rlimit;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use self::limits::SmallDisk;
use super::{
    criteria::Criterion,
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
    /// Two of one family cannot be at once.
    pub family: &'static str,
    /// The error says why it cannot be made here.
    pub allowed: fn(&Stage) -> Result<(), String>,
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
    limits::DISK_FULL,
    limits::NO_DESCRIPTORS,
    limits::STARVED,
    limits::PAUSED,
];

/// The home and the service that faults happen to.
pub struct Stage {
    pub home: TestHome,
    /// `None` only while a fault replaces it.
    pub service: Option<Service>,
    pub retained: Retained,
    /// What a fault itself saw that must not be.
    pub noted: Vec<String>,
    /// The limit of descriptors as it was.
    pub limit: Option<Rlimit>,
    /// Under the data folder; `None`: it is on the machine's disk.
    disk: Option<Result<SmallDisk, String>>,
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

/// What became of the faults.
pub struct Happened {
    pub borne: Vec<Borne>,
    /// Crashes and wrong ends.
    pub wrong: Vec<String>,
    /// Rows of those that cannot be made on this machine.
    pub impossible: Vec<Criterion>,
}

/// For the state before a fault, and for a look at every room.
const CALM: Duration = Duration::from_secs(30);

/// Lets each fault happen, one after another, in one home, and then pairs.
pub async fn run(
    names: &[&Fault],
    pairs: u32,
    seed: u64,
    progress: &Progress,
    stop: &CancellationToken,
) -> anyhow::Result<Happened> {
    let small = pairs > 0
        || names
            .iter()
            .any(|fault| fault.name == limits::DISK_FULL.name);
    let mut stage = Stage::start(small, stop.clone()).await?;
    let mut borne = Vec::new();
    let mut impossible = Vec::new();
    for fault in names {
        if stop.is_cancelled() {
            break;
        }
        if let Err(why) = (fault.allowed)(&stage) {
            impossible.push(Criterion::missing(fault.name, "borne", &why));
            continue;
        }
        progress.begins(&format!("fault: {}", fault.name));
        let one = stage.bear(fault).await.with_context(|| fault.name)?;
        if !stop.is_cancelled() {
            borne.push(one);
        }
    }
    let drawn = pairs::drawn(pairs, seed, |fault| (fault.allowed)(&stage).is_ok());
    for pair in &drawn {
        if stop.is_cancelled() {
            break;
        }
        let name = pairs::name(pair);
        progress.begins(&format!("faults: {name}"));
        let one = stage.bear_both(pair).await;
        if !stop.is_cancelled() {
            borne.push(one.unwrap_or_else(|why| pairs::failed(pair, &why)));
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
    Ok(Happened {
        borne,
        wrong,
        impossible,
    })
}

impl Stage {
    async fn start(small: bool, stop: CancellationToken) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder for the service's data")?;
        let disk = small.then(|| SmallDisk::over(folder.path()));
        let home = TestHome::start(household::baseline(), stop).await?;
        let service = Service::start(&home, folder.path()).await?;
        Ok(Self {
            home,
            service: Some(service),
            retained: Retained::new(),
            noted: Vec::new(),
            limit: None,
            disk,
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
        let after = fault.before.other();
        let mut discrepancies = self.before(fault.before).await;
        let pid = self.service()?.pid();
        (fault.breaks)(self).await.context("breaking it")?;
        let broken = Instant::now();
        self.change_behind(after).await;
        let (told_after, sentence) = self.told(fault.told, broken).await?;
        (fault.mends)(self).await.context("mending it")?;
        discrepancies.append(&mut self.noted);
        let mended = Instant::now();
        let within = fault.recovers_within;
        let (recovered_after, wrong) = self.recovers(after, mended, within).await?;
        discrepancies.extend(wrong);
        discrepancies.extend(self.is_the_same(pid, fault.replaces)?);
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

    /// Makes the household look like this; what is not calm then.
    async fn before(&mut self, truth: Truth) -> Vec<String> {
        let wrong = truth::comes_out(&self.home, truth).await.into_iter();
        let mut wrong: Vec<String> = wrong.map(|wrong| format!("before it: {wrong}")).collect();
        if !self.no_room_complains().await {
            wrong.push("before it: a room's problem entity was on".to_owned());
        }
        wrong
    }

    /// What the household does meanwhile must not be lost.
    async fn change_behind(&self, truth: Truth) {
        self.home.becomes_behind(truth);
        for room in &self.home.rooms {
            self.home.press(room, "check_now").await;
        }
    }

    /// Waits until all is right; after how many seconds it was, and what was not.
    async fn recovers(
        &mut self,
        truth: Truth,
        mended: Instant,
        within: Duration,
    ) -> anyhow::Result<(Option<f64>, Vec<String>)> {
        let mut wrong = Vec::new();
        while mended.elapsed() < within && !self.home.is_stopped() {
            wrong = truth::comes_out(&self.home, truth).await;
            if wrong.is_empty() && self.is_well().await? {
                return Ok((Some(mended.elapsed().as_secs_f64()), wrong));
            }
        }
        Ok((None, wrong))
    }

    /// Whether it is the process that it was.
    fn is_the_same(&mut self, pid: Option<i32>, replaced: bool) -> anyhow::Result<Vec<String>> {
        let mut wrong = Vec::new();
        if !replaced && self.service()?.pid() != pid {
            wrong.push("the process is another one".to_owned());
        }
        if !self.service()?.is_alive() {
            wrong.push("the process has ended".to_owned());
        }
        Ok(wrong)
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
