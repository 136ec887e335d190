//! One zone's tasks: what a reading or a listing does to them.
//!
//! The ledger decides about tasks only; what the zones share (lists, ids,
//! counters, saving) is decided by `household`.

mod people;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    check::{Assessment, Finding, KnownTask},
    matching::{is_ignored, same_task},
    task::{By, Task, TaskId, TaskState},
    zone::ZoneId,
};

/// Readings that must agree before a camera settles a task.
const AGREEING_READINGS: u8 = 2;
/// One reading is enough if it is as sure as this of the room as a whole and
/// of the task; a model that says so of the task alone says it too easily.
const SURE: f32 = 0.95;
/// New tasks taken from one answer.
const MOST_FINDINGS: usize = 12;
/// Tasks that wait or are open in one zone; a judge that never stops finding
/// things must not fill the household's list.
const MOST_OPEN: usize = 24;
/// How long "not a task" holds.
const DISMISSED_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A task that the camera ticked off and that is back within this time was
/// ticked off wrongly: its old item is opened again.
const REOPEN_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How long settled tasks are remembered.
const REMEMBER_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The tasks of one zone by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    tasks: BTreeMap<TaskId, Task>,
}

/// What a decision did to the ledger.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// Tasks that differ from before.
    pub touched: BTreeSet<TaskId>,
    /// Tasks that are gone from the ledger.
    pub forgotten: Vec<TaskId>,
    /// Tasks whose to-do item must follow.
    pub relist: Vec<TaskId>,
    /// Forgotten tasks that were on the list: their items must go.
    pub withdrawn: Vec<Task>,
}

impl Ledger {
    pub fn new(tasks: impl IntoIterator<Item = Task>) -> Self {
        Self {
            tasks: tasks.into_iter().map(|t| (t.id, t)).collect(),
        }
    }

    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    pub fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        self.tasks.get_mut(&id)
    }

    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    pub fn tasks_mut(&mut self) -> impl Iterator<Item = &mut Task> {
        self.tasks.values_mut()
    }

    pub fn open(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter(|t| t.is_open())
    }

    /// What a provider is told: open tasks, and candidates it may confirm.
    pub fn known(&self) -> Vec<KnownTask> {
        self.tasks
            .values()
            .filter(|t| matches!(t.state, TaskState::Open | TaskState::Candidate))
            .map(|t| KnownTask {
                id: t.id,
                title: t.title.clone(),
                provider: t.provider.clone(),
                region: t.region,
            })
            .collect()
    }

    /// Whether something waits for a second reading.
    pub fn awaits_confirmation(&self) -> bool {
        self.tasks.values().any(|t| match t.state {
            TaskState::Candidate => true,
            TaskState::Open => t.gone_readings > 0,
            _ => false,
        })
    }

    /// Takes a reading in. `rules` name what is no task, whatever the provider
    /// was told; `next_id` gives ids for new tasks.
    pub fn read(
        &mut self,
        zone: ZoneId,
        answer: &Assessment,
        rules: &[String],
        now: Timestamp,
        mut next_id: impl FnMut() -> TaskId,
    ) -> Changes {
        let mut changes = Changes::default();
        let mut remain: BTreeSet<TaskId> = answer.remain.iter().copied().collect();
        let mut fresh: Vec<&Finding> = Vec::new();
        let mut still_there: BTreeSet<TaskId> = BTreeSet::new();

        for finding in answer.new.iter().take(MOST_FINDINGS) {
            match self.recognise(&finding.title, now) {
                Some(Known::Current(id)) => {
                    remain.insert(id);
                    self.take_evidence(id, finding);
                }
                // Somebody settled it and the mess has not gone since.
                Some(Known::Settled(id)) => {
                    still_there.insert(id);
                }
                None if is_ignored(&finding.title, rules) => {}
                None if fresh.iter().any(|f| same_task(&f.title, &finding.title)) => {}
                None => fresh.push(finding),
            }
        }

        self.shorten_dismissals(now, &mut changes);
        self.settle(answer, &remain, now, &mut changes);
        self.note_ticked_mess(answer, &still_there, &mut changes);
        for finding in fresh {
            if self.known().len() >= MOST_OPEN {
                break;
            }
            let id = next_id();
            let task = Task {
                id,
                zone,
                title: finding.title.clone(),
                state: TaskState::Candidate,
                provider: answer.provider.clone(),
                confidence: finding.confidence,
                priority: finding.priority,
                region: finding.region,
                first_seen: now,
                last_seen: now,
                gone_readings: 0,
                item: None,
            };
            self.tasks.insert(id, task);
            changes.touched.insert(id);
            if !answer.needs_second_look {
                self.open_candidate(id, now, &mut changes);
            }
        }
        self.forget_old(now, &mut changes);
        changes
    }

    /// Open tasks and candidates after an answer that says which remain and which are done.
    fn settle(
        &mut self,
        answer: &Assessment,
        remain: &BTreeSet<TaskId>,
        now: Timestamp,
        changes: &mut Changes,
    ) {
        // Ids that the answer made up are simply not in the ledger.
        for id in remain {
            let Some(task) = self.tasks.get_mut(id) else {
                continue;
            };
            task.last_seen = now;
            task.gone_readings = 0;
            changes.touched.insert(*id);
            if task.state == TaskState::Candidate {
                self.open_candidate(*id, now, changes);
            }
        }
        // An id named twice is still one reading.
        let done: BTreeMap<TaskId, f32> = answer.done.iter().copied().collect();
        for (id, confidence) in &done {
            let Some(task) = self.tasks.get_mut(id) else {
                continue;
            };
            if remain.contains(id) || !task.is_open() {
                continue;
            }
            task.gone_readings = task.gone_readings.saturating_add(1);
            changes.touched.insert(*id);
            let sure = *confidence >= SURE && answer.confidence >= SURE;
            if task.gone_readings >= AGREEING_READINGS || sure {
                task.state = TaskState::Done {
                    by: By::Camera,
                    at: now,
                    seen_gone: true,
                };
                changes.relist.push(*id);
            }
        }
        let unconfirmed: Vec<TaskId> = self
            .tasks
            .values()
            .filter(|t| t.state == TaskState::Candidate && !remain.contains(&t.id))
            .filter(|t| speaks_of(answer, t))
            .map(|t| t.id)
            .collect();
        for id in unconfirmed {
            self.forget(id, changes);
        }
    }

    /// A known task was found anew: what this reading says of it is the latest.
    fn take_evidence(&mut self, id: TaskId, finding: &Finding) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.confidence = finding.confidence;
            task.priority = finding.priority;
            task.region = finding.region.or(task.region);
        }
    }

    /// A person's tick holds until the mess was seen gone, in as many readings
    /// as it takes a camera to tick a task off itself.
    fn note_ticked_mess(
        &mut self,
        answer: &Assessment,
        still_there: &BTreeSet<TaskId>,
        changes: &mut Changes,
    ) {
        for task in self.tasks.values_mut() {
            let seen = still_there.contains(&task.id);
            let told = seen || speaks_of(answer, task);
            let TaskState::Done { seen_gone, .. } = &mut task.state else {
                continue;
            };
            if *seen_gone || !told {
                continue;
            }
            let gone = if seen { 0 } else { task.gone_readings + 1 };
            if gone != task.gone_readings {
                task.gone_readings = gone;
                changes.touched.insert(task.id);
            }
            *seen_gone = gone >= AGREEING_READINGS;
        }
    }

    /// No dismissal ends later than one made now would: the clock that made it was wrong.
    fn shorten_dismissals(&mut self, now: Timestamp, changes: &mut Changes) {
        let latest = dismissed_until(now);
        for task in self.tasks.values_mut() {
            if let TaskState::Dismissed { until } = &mut task.state
                && *until > latest
            {
                *until = latest;
                changes.touched.insert(task.id);
            }
        }
    }

    /// The task a title speaks of, if it is one we know and must not list again.
    fn recognise(&self, title: &str, now: Timestamp) -> Option<Known> {
        let same = || self.tasks.values().filter(|t| same_task(&t.title, title));
        let current = same().find(|t| matches!(t.state, TaskState::Open | TaskState::Candidate));
        if let Some(task) = current {
            return Some(Known::Current(task.id));
        }
        same()
            .find(|t| match t.state {
                TaskState::Done { seen_gone, .. } => !seen_gone,
                TaskState::Dismissed { until } => now < until,
                _ => false,
            })
            .map(|t| Known::Settled(t.id))
    }

    /// A candidate proved real. If the camera ticked off the same thing a short
    /// while ago, that was wrong: the old task (and its item) opens again.
    fn open_candidate(&mut self, id: TaskId, now: Timestamp, changes: &mut Changes) {
        let Some(title) = self.tasks.get(&id).map(|t| t.title.clone()) else {
            return;
        };
        let ticked_wrongly = self.tasks.values().find(|t| {
            // In the future only by a clock that was wrong.
            matches!(t.state, TaskState::Done { by: By::Camera, at, .. }
                if at <= now && now.duration_since(at) < REOPEN_WITHIN)
                && same_task(&t.title, &title)
        });
        let opened = ticked_wrongly.map_or(id, |t| t.id);
        if opened != id {
            self.forget(id, changes);
        }
        if let Some(task) = self.tasks.get_mut(&opened) {
            task.state = TaskState::Open;
            task.last_seen = now;
            task.gone_readings = 0;
            changes.touched.insert(opened);
            changes.relist.push(opened);
        }
    }

    fn forget(&mut self, id: TaskId, changes: &mut Changes) {
        self.tasks.remove(&id);
        changes.touched.remove(&id);
        changes.relist.retain(|r| *r != id);
        changes.forgotten.push(id);
    }

    /// Settled long ago and of no more use. A tick whose mess never went away
    /// is remembered as long as that mess is there to be recognised.
    fn forget_old(&mut self, now: Timestamp, changes: &mut Changes) {
        let old: Vec<TaskId> = self
            .tasks
            .values()
            .filter(|t| match t.state {
                TaskState::Done { at, seen_gone, .. } => {
                    seen_gone && now.duration_since(at) > REMEMBER_FOR
                }
                TaskState::Dismissed { until } => now.duration_since(until) > REMEMBER_FOR,
                _ => false,
            })
            .map(|t| t.id)
            .collect();
        for id in old {
            self.forget(id, changes);
        }
    }
}

/// Whether an answer that does not name a task says that it is not there: a
/// judge that looks twice only speaks of its own tasks.
fn speaks_of(answer: &Assessment, task: &Task) -> bool {
    !answer.needs_second_look || task.provider == answer.provider
}

fn dismissed_until(now: Timestamp) -> Timestamp {
    now.checked_add(DISMISSED_FOR).unwrap_or(Timestamp::MAX)
}

enum Known {
    /// Open, or a candidate.
    Current(TaskId),
    /// Ticked by a person while the mess is still there, or dismissed.
    Settled(TaskId),
}
