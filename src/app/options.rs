//! The options while the service runs: shown and changed for the page, used at
//! once, watched for changes made elsewhere.
//!
//! Nobody tells us when the Supervisor's form is saved, and a half-made change
//! there (a room taken away, to be added again under another name) must not
//! cost a room its history: what is saved elsewhere is shown, and used when a
//! person says so or at the next start. What is saved here is used at once.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, oneshot},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    ports::{
        Boxed, Inbox, Judge, Message, NewOptions, NotChanged, OptionsEditor, OptionsKeeper,
        OptionsShown,
    },
    settings::{
        Document, Loaded, Problem, Settings, Sources, config_file, load_document,
        options::{Edit, shown_to_the_page},
    },
    telemetry::logs::Logs,
};

/// Between two looks at what is saved.
const WATCH: Duration = Duration::from_secs(30);
/// For the keeper to answer.
const KEEPER: Duration = Duration::from_secs(4);
/// For the engine to use new options.
const ENGINE: Duration = Duration::from_secs(4);

/// What it takes to change options while the service runs.
pub struct Editing {
    pub keeper: Arc<dyn OptionsKeeper>,
    pub sources: Sources,
    pub logs: Logs,
}

/// Makes the judge that settings ask for.
pub type JudgeOf = Box<dyn Fn(&Settings) -> Arc<dyn Judge> + Send + Sync>;

/// The options of the running service.
pub struct Options {
    editing: Editing,
    judge_of: JudgeOf,
    inbox: Inbox,
    /// Held while anything is read or changed: one at a time.
    running: Mutex<Running>,
}

struct Running {
    /// What is in use.
    document: Document,
    problems: Vec<Problem>,
    /// Found at the start, and true until the next.
    of_start: Vec<Problem>,
    /// What was last told of options that are not in use.
    told: Option<String>,
}

impl Options {
    /// `loaded`: what the service starts with.
    pub fn new(editing: Editing, judge_of: JudgeOf, loaded: &Loaded, inbox: Inbox) -> Self {
        let listening = |problem: &&Problem| problem.path == "web";
        let running = Running {
            document: loaded.document.clone(),
            problems: loaded.problems.clone(),
            of_start: loaded.problems.iter().filter(listening).cloned().collect(),
            told: None,
        };
        Self {
            editing,
            judge_of,
            inbox,
            running: Mutex::new(running),
        }
    }

    /// Looks now and then for options that were saved elsewhere.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let wait = WATCH.mul_f64(0.9 + 0.2 * fastrand::f64());
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
            let look = async {
                let mut running = self.running.lock().await;
                self.compare(&mut running).await
            };
            tokio::select! {
                () = stop.cancelled() => return,
                // The link to the Supervisor says so itself when it is down.
                looked = look => if let Err(why) = looked {
                    debug!("looking for changed options: {why}");
                }
            }
        }
    }

    /// Reads what is to be used, and tells what of it is not.
    async fn compare(&self, running: &mut Running) -> Result<Document, String> {
        let saved = within(self.editing.keeper.effective()).await?;
        let unused = running.document.unused(&saved).sentence();
        if unused != running.told {
            info!(
                "{}",
                unused.as_deref().unwrap_or("All saved options are in use.")
            );
            // A full inbox is told at the next look.
            if self.inbox.try_send(Message::Unused(unused.clone())).is_ok() {
                running.told = unused;
            }
        }
        Ok(saved)
    }

    /// Uses what can be used without a restart.
    async fn use_now(&self, running: &mut Running, saved: &Document) -> Result<(), String> {
        let mut wanted = running.document.clone();
        wanted.use_live(saved);
        let mut loaded = load_document(&self.editing.sources, &wanted);
        loaded.problems.extend(running.of_start.iter().cloned());
        let new = NewOptions {
            zones: loaded.settings.zones.clone(),
            house: loaded.settings.house.clone(),
            complete: loaded.zones_complete,
            problems: loaded.problems.iter().map(ToString::to_string).collect(),
            judge: (!running.document.same_judge(&wanted))
                .then(|| (self.judge_of)(&loaded.settings)),
        };
        let (done, used) = oneshot::channel();
        let telling = async {
            self.inbox.send(Message::Options(new, done)).await.ok()?;
            used.await.ok()
        };
        if !matches!(timeout(ENGINE, telling).await, Ok(Some(()))) {
            return Err(
                "AICleaner did not take the new options over in time; restart it to use them."
                    .into(),
            );
        }
        for problem in loaded
            .problems
            .iter()
            .filter(|p| !running.problems.contains(p))
        {
            warn!("{problem}");
        }
        self.editing.logs.set_level(loaded.settings.log_level);
        info!(
            "The options are in use, {} zones.",
            loaded.settings.zones.len()
        );
        running.document = wanted;
        running.problems = loaded.problems;
        Ok(())
    }

    /// The options as they are written, for the page.
    async fn shown(&self, running: &Running) -> Result<OptionsShown, String> {
        let keeper = &self.editing.keeper;
        let written = within(keeper.written()).await?;
        Ok(OptionsShown {
            revision: written.revision(),
            place: keeper.place(),
            shown: shown_to_the_page(&written),
            problems: load_document(&self.editing.sources, &written).problems,
            locked: self.lock(&written),
            cost: keeper.cost().await,
            unused: running.told.clone(),
        })
    }

    /// Why this document cannot be changed here.
    fn lock(&self, written: &Document) -> Option<String> {
        let place = self.editing.keeper.place();
        if let Some(path) = written.secret_in_use() {
            return Some(format!(
                "{path} is a !secret, and saving from here would write its value into the options. Change them in {place}."
            ));
        }
        let zones = written.0.get("zones")?;
        let plain = zones
            .as_array()
            .is_some_and(|z| z.iter().all(serde_json::Value::is_object));
        (!plain && !zones.is_null()).then(|| {
            format!("zones is not a list of rooms, and saving from here would lose what it is. Correct it in {place}.")
        })
    }

    async fn changed(&self, edit: Edit) -> Result<OptionsShown, NotChanged> {
        let mut running = self.running.lock().await;
        let keeper = &self.editing.keeper;
        let written = within(keeper.written())
            .await
            .map_err(NotChanged::Unavailable)?;
        if let Some(why) = self.lock(&written) {
            return Err(NotChanged::Refused(why));
        }
        if written.revision() != edit.revision {
            return Err(NotChanged::Overtaken(format!(
                "The options were changed in {} since this page read them, so nothing was saved. Look at them again and repeat your change.",
                keeper.place()
            )));
        }
        let changed = edit.made_to(&written).map_err(NotChanged::Refused)?;
        let wrong: Vec<Problem> = load_document(&self.editing.sources, &changed)
            .problems
            .into_iter()
            .filter(|problem| edit.concerns(&problem.path))
            .collect();
        if !wrong.is_empty() {
            return Err(NotChanged::Invalid(wrong));
        }
        if changed != written {
            within(keeper.write(changed))
                .await
                .map_err(NotChanged::Unavailable)?;
            info!(
                "The options were changed on the page and saved in {}.",
                keeper.place()
            );
        }
        // Saved is saved: what fails from here on is told, not refused.
        let used = async {
            let saved = within(keeper.effective()).await?;
            self.use_now(&mut running, &saved).await?;
            self.compare(&mut running).await?;
            self.shown(&running).await
        };
        used.await
            .map_err(|why| NotChanged::Unavailable(format!("The options are saved. {why}")))
    }
}

impl OptionsEditor for Options {
    fn show(&self) -> Boxed<'_, Result<OptionsShown, String>> {
        Box::pin(async {
            let mut running = self.running.lock().await;
            self.compare(&mut running).await?;
            self.shown(&running).await
        })
    }

    fn change(&self, edit: Edit) -> Boxed<'_, Result<OptionsShown, NotChanged>> {
        Box::pin(self.changed(edit))
    }

    fn use_saved(&self) -> Boxed<'_, Result<OptionsShown, String>> {
        Box::pin(async {
            let mut running = self.running.lock().await;
            let saved = within(self.editing.keeper.effective()).await?;
            self.use_now(&mut running, &saved).await?;
            self.compare(&mut running).await?;
            self.shown(&running).await
        })
    }
}

async fn within<T>(asking: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    timeout(KEEPER, asking).await.unwrap_or_else(|_| {
        Err(format!(
            "The options were not read or saved within {} seconds; try again in a moment.",
            KEEPER.as_secs()
        ))
    })
}

/// A config file, outside the Supervisor.
pub struct ConfigFile(pub PathBuf);

impl ConfigFile {
    /// Disks may be slow; the worker threads stay free.
    fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(PathBuf) -> Result<T, String> + Send + 'static,
    ) -> Boxed<'_, Result<T, String>> {
        let path = self.0.clone();
        Box::pin(async move {
            tokio::task::spawn_blocking(move || work(path))
                .await
                .unwrap_or_else(|error| Err(format!("The config file was not reached: {error}.")))
        })
    }
}

impl OptionsKeeper for ConfigFile {
    fn place(&self) -> String {
        self.0.display().to_string()
    }

    fn written(&self) -> Boxed<'_, Result<Document, String>> {
        self.off_thread(|path| config_file::read(&path))
    }

    fn effective(&self) -> Boxed<'_, Result<Document, String>> {
        self.written()
    }

    fn write(&self, document: Document) -> Boxed<'_, Result<(), String>> {
        self.off_thread(move |path| config_file::write(&path, &document))
    }

    fn cost(&self) -> Boxed<'_, Option<String>> {
        let comments = self.off_thread(|path| Ok(config_file::has_comments(&path)));
        Box::pin(async {
            comments.await.is_ok_and(|has| has).then(|| {
                format!(
                    "Saving writes {0} anew: its comments are lost there, and kept in {0}.bak.",
                    self.place()
                )
            })
        })
    }
}

#[cfg(test)]
mod tests;
