//! Durable state: one SQLite file, one thread that owns it.
//!
//! Here: the thread and its queue. What a change does to the tables is in
//! `database` and a file for each table; what happens to a file that is no use,
//! in `opening`. Pictures never come here.

mod copies;
mod database;
#[cfg(test)]
pub mod direct;
mod examination;
mod history;
mod house;
mod lists;
mod masks;
mod migrations;
mod opening;
mod outbox;
mod providers;
mod schema;
mod tasks;
mod values;
mod words;
mod zones;

#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc as std_mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{
    domain::{check::Reading, effect::Change, zone::ZoneId},
    ports::{Boxed, Remembered, Store},
};
use database::Database;

pub use examination::{examine, note};

/// Jobs that may wait; whoever brings more waits with them.
const QUEUE: usize = 64;
/// How long a job may take with its time in the queue. A disk that is this slow is broken.
const LIMIT: Duration = Duration::from_secs(30);
/// How long dropping the store may take when nobody closed it.
const LIMIT_OF_DROP: Duration = Duration::from_secs(5);

type Reply<T> = oneshot::Sender<Result<T, String>>;

enum Job {
    Commit(Vec<Change>, Reply<()>),
    History {
        zone: ZoneId,
        since: Timestamp,
        limit: u32,
        reply: Reply<Vec<Reading>>,
    },
    /// Write the copy for backups.
    Copy(Reply<()>),
    Close,
}

/// The store on SQLite. Dropping it finishes what is queued, as `close` does.
pub struct SqliteStore {
    jobs: mpsc::Sender<Job>,
    pulse: Arc<Pulse>,
    /// Until it is closed.
    writer: Mutex<Option<Writer>>,
}

struct Writer {
    thread: JoinHandle<()>,
    /// Closed by the thread's end; nothing is ever sent.
    ended: std_mpsc::Receiver<()>,
}

impl SqliteStore {
    /// Opens the database in the folder (made if missing) and says what it held.
    /// Blocking, for up to a few seconds if another program holds the file.
    ///
    /// Never fails. A file that is of no use is set aside as
    /// `aicleaner.db.corrupt-TIME` or `.newer-TIME`; where nothing can be
    /// written the state is kept in memory. Each notice is a sentence for the
    /// household that says what happened, where and what to do.
    pub fn open(dir: &Path, now: Timestamp) -> (Self, Remembered, Vec<String>) {
        let (database, remembered, mut notices) = opening::open(dir, now);
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (end, ended) = std_mpsc::channel();
        let pulse = Arc::new(Pulse::new());
        let of_thread = Arc::clone(&pulse);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                work(database, queue, &of_thread);
                drop(end);
            });
        // Without the thread nobody takes from the queue, and every commit says so.
        if let Err(error) = &thread {
            notices.push(format!(
                "Nothing can be saved: the system gave no thread ({error}). Give it more memory and restart AICleaner."
            ));
        }
        let writer = thread.ok().map(|thread| Writer { thread, ended });
        let store = Self {
            jobs,
            pulse,
            writer: Mutex::new(writer),
        };
        (store, remembered, notices)
    }

    /// Finishes what is queued, refuses what comes later, folds the write-ahead log into
    /// the file and ends the thread. The error says that it took longer than
    /// `deadline`; the thread then goes on by itself. Safe to call twice.
    pub async fn close(&self, deadline: Duration) -> Result<(), String> {
        let writer = self.writer.lock().ok().and_then(|mut writer| writer.take());
        let Some(writer) = writer else {
            return Ok(());
        };
        let begun = Instant::now();
        let end = async {
            self.jobs.send(Job::Close).await.ok();
            let left = deadline.saturating_sub(begun.elapsed());
            tokio::task::spawn_blocking(move || writer.wait(left)).await
        };
        match timeout(deadline, end).await {
            Ok(Ok(true)) => Ok(()),
            _ => Err(format!(
                "The database was not closed within {deadline:?}; the last changes may be missing at the next start."
            )),
        }
    }

    /// How long the thread has been at its present job; zero while it waits for
    /// one. Grows for ever if the thread died at it.
    pub fn busy_for(&self) -> Duration {
        self.pulse.busy_for()
    }

    /// Queues a job and waits for its reply, both together no longer than `LIMIT`.
    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, String> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.jobs.send(job(reply)).await.ok()?;
            answer.await.ok()
        };
        match timeout(LIMIT, asked).await {
            Ok(Some(result)) => result,
            Ok(None) => Err(
                "The database is closed: AICleaner is stopping. If it is not, restart it."
                    .to_owned(),
            ),
            Err(_) => Err(format!(
                "The disk has not answered for {} seconds. Changes wait in memory and are tried again; look whether the disk is healthy.",
                LIMIT.as_secs()
            )),
        }
    }
}

impl Store for SqliteStore {
    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<(), String>> {
        Box::pin(self.ask(|reply| Job::Commit(changes, reply)))
    }

    fn history(
        &self,
        zone: ZoneId,
        since: Timestamp,
        limit: u32,
    ) -> Boxed<'_, Result<Vec<Reading>, String>> {
        Box::pin(self.ask(move |reply| Job::History {
            zone,
            since,
            limit,
            reply,
        }))
    }

    fn copy(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(self.ask(Job::Copy))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        let writer = self.writer.lock().ok().and_then(|mut writer| writer.take());
        if let Some(writer) = writer {
            // The last sender goes, and the thread ends after what is queued.
            self.jobs = mpsc::channel(1).0;
            writer.wait(LIMIT_OF_DROP);
        }
    }
}

impl Writer {
    /// Whether the thread ended in time.
    fn wait(self, limit: Duration) -> bool {
        let ended = self.ended.recv_timeout(limit);
        ended == Err(std_mpsc::RecvTimeoutError::Disconnected) && self.thread.join().is_ok()
    }
}

/// The thread. Whoever asked may be gone by the time of the reply; what they
/// asked is done all the same.
fn work(mut database: Database, mut jobs: mpsc::Receiver<Job>, pulse: &Pulse) {
    while let Some(job) = jobs.blocking_recv() {
        pulse.begin();
        match job {
            #[cfg(feature = "mutants")]
            Job::Commit(_, reply)
                if crate::mutants::lives(crate::mutants::Mutant::ForgetsWrites) =>
            {
                pulse.rest();
                reply.send(Ok(())).ok();
            }
            Job::Commit(changes, reply) => {
                let saved = database.commit(&changes);
                pulse.rest();
                reply.send(saved).ok();
            }
            Job::History {
                zone,
                since,
                limit,
                reply,
            } => {
                let readings = database.history(zone, since, limit);
                pulse.rest();
                reply.send(readings).ok();
            }
            Job::Copy(reply) => {
                let copied = database.copy();
                pulse.rest();
                reply.send(copied).ok();
            }
            // Nobody was promised what came after.
            Job::Close => break,
        }
    }
    database.close();
    pulse.rest();
}

/// When the thread began its present job.
struct Pulse {
    origin: Instant,
    /// Milliseconds since `origin`; 0: at rest.
    begun: AtomicU64,
}

impl Pulse {
    fn new() -> Self {
        Self {
            origin: Instant::now(),
            begun: AtomicU64::new(0),
        }
    }

    fn begin(&self) {
        self.begun.store(self.now(), Relaxed);
    }

    fn rest(&self) {
        self.begun.store(0, Relaxed);
    }

    fn busy_for(&self) -> Duration {
        match self.begun.load(Relaxed) {
            0 => Duration::ZERO,
            begun => Duration::from_millis(self.now().saturating_sub(begun)),
        }
    }

    fn now(&self) -> u64 {
        self.origin.elapsed().as_millis() as u64 + 1
    }
}
