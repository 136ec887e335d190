//! The machine itself: a full disk, no more descriptors, hardly any processor
//! time, a pause of everything. By the system's own means.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use procfs::process::{LimitValue, Process};
use rustix::{
    mount::{MountFlags, UnmountFlags, mount, unmount},
    process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit},
};
use tokio::time::sleep;

use super::{Fault, Stage, Told};
use crate::selftest::home::Truth;

/// How long what nobody is told of goes on.
const LASTS: Duration = Duration::from_secs(20);
/// Of each turn of a starved process: how long it stands still, and then runs.
const STILL: Duration = Duration::from_millis(190);
const SHARE: Duration = Duration::from_millis(10);
/// Between two presses.
const BETWEEN: Duration = Duration::from_secs(2);

pub const DISK_FULL: Fault = Fault {
    name: "the disk is full",
    breaks: |stage| Box::pin(async { fill(&stage.folder().join(FILLER)) }),
    told: Told::Component("store", Duration::from_mins(1)),
    mends: |stage| {
        Box::pin(async { fs::remove_file(stage.folder().join(FILLER)).context("the filler") })
    },
    recovers_within: Duration::from_mins(2),
    before: Truth::Tidy,
    replaces: false,
    family: "limits",
    allowed: |stage| match &stage.disk {
        Some(Err(why)) => Err(why.clone()),
        Some(Ok(_)) => Ok(()),
        None => Err("there is no small disk".into()),
    },
};

pub const NO_DESCRIPTORS: Fault = Fault {
    name: "no file or connection can be opened (descriptor limit)",
    breaks: |stage| {
        Box::pin(async {
            let pid = pid(stage)?;
            let open = Process::new(pid.as_raw_pid())?.fd_count()?;
            stage.limit = Some(limit(pid, Some(open as u64))?);
            Ok(())
        })
    },
    told: Told::Nowhere,
    mends: |stage| {
        Box::pin(async {
            goes_on(stage, sleep(LASTS)).await;
            let before = stage.limit.take().and_then(|limit| limit.current);
            limit(pid(stage)?, before).map(drop)
        })
    },
    allowed: |_| Ok(()),
    ..DISK_FULL
};

pub const STARVED: Fault = Fault {
    name: "hardly any processor time (one twentieth)",
    breaks: |_| Box::pin(async { Ok(()) }),
    told: Told::Nowhere,
    mends: |stage| {
        Box::pin(async {
            let pid = pid(stage)?;
            let begun = Instant::now();
            let turns = async {
                while begun.elapsed() < LASTS {
                    kill_process(pid, Signal::STOP)?;
                    sleep(STILL).await;
                    kill_process(pid, Signal::CONT)?;
                    sleep(SHARE).await;
                }
                Ok(())
            };
            goes_on(stage, turns).await
        })
    },
    allowed: |_| Ok(()),
    ..DISK_FULL
};

pub const PAUSED: Fault = Fault {
    name: "everything stands still for a while",
    breaks: |stage| Box::pin(async { kill_process(pid(stage)?, Signal::STOP).context("SIGSTOP") }),
    told: Told::Nowhere,
    mends: |stage| {
        Box::pin(async {
            sleep(LASTS).await;
            kill_process(pid(stage)?, Signal::CONT).context("SIGCONT")
        })
    },
    allowed: |_| Ok(()),
    ..DISK_FULL
};

/// People go on meanwhile.
async fn goes_on<T>(stage: &Stage, what: impl Future<Output = T>) -> T {
    let presses = async {
        loop {
            for room in &stage.home.rooms {
                stage.home.press(room, "check_now").await;
            }
            sleep(BETWEEN).await;
        }
    };
    tokio::select! {
        done = what => done,
        () = presses => unreachable!("people never end"),
    }
}

fn pid(stage: &mut Stage) -> anyhow::Result<Pid> {
    let pid = stage.service()?.pid().and_then(Pid::from_raw);
    pid.context("the service has no process id")
}

/// Sets how many descriptors a process may have; what it was before.
fn limit(pid: Pid, current: Option<u64>) -> anyhow::Result<Rlimit> {
    let limits = Process::new(pid.as_raw_pid())?.limits()?;
    let maximum = match limits.max_open_files.hard_limit {
        LimitValue::Value(number) => Some(number),
        LimitValue::Unlimited => None,
    };
    prlimit(Some(pid), Resource::Nofile, Rlimit { current, maximum })
        .context("the limit of descriptors cannot be set")
}

const FILLER: &str = "filler";

/// Takes all the room there is.
fn fill(path: &Path) -> anyhow::Result<()> {
    let mut file = File::create(path).context("cannot fill the disk")?;
    let block = [0; 4096];
    loop {
        match file.write(&block) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
            Err(error) => return Err(error).context("cannot fill the disk"),
        }
    }
}

/// A disk in memory, small enough to be filled. Gone with this.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Over this folder; the error says why it cannot be.
    pub fn over(folder: &Path) -> Result<Self, String> {
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        mount("tmpfs", folder, "tmpfs", flags, Some(c"size=16m"))
            .map_err(|error| format!("no small disk can be mounted here ({error})"))?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is left goes with the machine's next start.
        let _ = unmount(&self.0, UnmountFlags::DETACH);
    }
}
