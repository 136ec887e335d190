//! What must hold always, and what a home comes to that is left in peace.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    ROOMS,
    life::Life,
    service::{CALLS_A_DAY, COOLDOWN_MINUTES, list_of, tz},
    steps::Act,
    words,
};
use crate::domain::{
    matching::is_ignored,
    notification::Kind,
    task::{By, Task, TaskId, TaskItem, TaskState},
    timing::QuietHours,
    todo::{ItemStatus, ListId, Uid},
    view::ZoneView,
    zone::ZoneId,
};

pub type Broken = Result<(), String>;

/// How long a check by hand may wait for others that are tried again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(2);

/// How long "not a task" holds, with an hour for what is under way.
const A_FORTNIGHT: SignedDuration = SignedDuration::from_hours(14 * 24 - 1);

/// What is known of people's wishes, and how far the notes have been read.
#[derive(Default)]
pub struct Laws {
    /// Not to be offered before then.
    dismissed: BTreeMap<(ZoneId, usize), Timestamp>,
    /// Ticked by a person, and the mess has been there ever since.
    ticked: BTreeSet<(ZoneId, usize)>,
    /// Items that a person opened again.
    pub(super) unticked: BTreeSet<(ListId, Uid)>,
    /// Wishes that were noted: a dismissal, or a tick and its time.
    noted: BTreeSet<(TaskId, Option<Timestamp>)>,
    /// Tasks whose items went with a list that was made anew: nobody's wish.
    swept: BTreeSet<TaskId>,
    asked_for: [Option<Timestamp>; ROOMS],
    /// Which rooms are watched, and until when they are snoozed, as they were
    /// at the last check.
    watched: [bool; ROOMS],
    snoozed: [Option<Timestamp>; ROOMS],
    quiet: bool,
    looks: usize,
    told: usize,
    last_told: BTreeMap<String, Timestamp>,
}

macro_rules! hold {
    ($holds:expr, $($said:tt)+) => {
        if !$holds {
            return Err(format!($($said)+));
        }
    };
}

pub(super) use hold;

impl Laws {
    /// At the beginning of a month, in which nobody has said anything.
    pub fn new() -> Self {
        Self {
            watched: [true; ROOMS],
            quiet: true,
            ..Self::default()
        }
    }

    /// Before something happens that changes what is to be expected.
    pub fn expect(&mut self, life: &Life, act: Act) {
        let now = life.home.clock.now();
        match act {
            Act::CheckNow(room) => self.asked_for[room] = Some(now),
            Act::CheckAll => self.asked_for = [Some(now); ROOMS],
            // Gone, so that it may come back as news.
            Act::Vanish(room, mess) => {
                if let Some(zone) = life.zone(room) {
                    self.ticked.remove(&(zone, mess));
                }
            }
            Act::Untick(list, n) if !life.home.with(|s| s.away) => {
                let list = list_of(list);
                let Some(item) = life.home.lists[&list].ours().into_iter().nth(n) else {
                    return;
                };
                let tasks = life.store.remembered().tasks;
                let is_its = |t: &&Task| {
                    t.item
                        .as_ref()
                        .is_some_and(|i| i.uid == item.uid && i.list == list)
                };
                if let Some(task) = tasks.iter().find(is_its) {
                    let mess = mess_of(life, &task.title);
                    self.ticked.remove(&(task.zone, mess));
                    self.dismissed.remove(&(task.zone, mess));
                }
                self.unticked.insert((list, item.uid));
            }
            Act::Recreate(list) => {
                let list = list_of(list);
                let tasks = life.store.remembered().tasks;
                let on_it =
                    |t: &&Task| t.is_open() && t.item.as_ref().is_some_and(|i| i.list == list);
                let on_it: BTreeSet<TaskId> = tasks.iter().filter(on_it).map(|t| t.id).collect();
                // One or two that vanish while Home Assistant tells of it may be a wish.
                if on_it.len() >= 3 || life.home.with(|s| s.away) {
                    self.swept = on_it;
                }
            }
            Act::Tick(..)
            | Act::Delete(..)
            | Act::PageDone(..)
            | Act::PageDismiss(..)
            | Act::MarkAllDone(_) => self.swept.clear(),
            _ => {}
        }
    }

    /// `after`: what has just been done; before the next step nothing has.
    pub fn check(&mut self, life: &Life, after: Option<Act>) -> Broken {
        let view = life.view.borrow().clone();
        for zone in &view.zones {
            self.check_tasks(life, zone)?;
        }
        self.check_lists(life)?;
        self.check_looks(life, after)?;
        self.check_told(life, after)?;
        check_budget(life)?;
        self.check_swept(life)?;
        self.note_wishes(life);
        for room in 0..ROOMS {
            let zone = life.zone(room);
            let shown = view.zones.iter().find(|z| Some(z.zone.id) == zone);
            self.watched[room] = view.enabled && shown.is_some_and(|z| z.monitoring);
            self.snoozed[room] = shown.and_then(|z| z.snooze).map(|(until, _)| until);
        }
        self.quiet = life.options.quiet;
        Ok(())
    }

    fn check_tasks(&self, life: &Life, zone: &ZoneView) -> Broken {
        let mut seen = BTreeSet::new();
        let id = zone.zone.id;
        let now = life.home.clock.now();
        let options = zone.zone.options.ignore.iter();
        let learnt = zone.rules.iter().map(|rule| &rule.text);
        let rules: Vec<String> = options.chain(learnt).cloned().collect();
        for task in &zone.tasks {
            let mess = mess_of(life, &task.title);
            hold!(
                seen.insert(mess),
                "doubled: {:?} in {:?}",
                task.title,
                zone.tasks
            );
            hold!(
                !self.ticked.contains(&(id, mess)),
                "ticked by a person, there ever since, and open again: {task:?}"
            );
            hold!(
                self.dismissed
                    .get(&(id, mess))
                    .is_none_or(|until| now > *until),
                "not a task, and offered again: {task:?}"
            );
            // Who opens an old item again means it.
            let again = |i: &TaskItem| self.unticked.contains(&(i.list.clone(), i.uid.clone()));
            let again = task.item.as_ref().is_some_and(again);
            hold!(
                again || !is_ignored(&task.title, &rules),
                "a rule names it: {task:?} {rules:?}"
            );
        }
        Ok(())
    }

    fn check_lists(&mut self, life: &Life) -> Broken {
        for (list, state) in &life.home.lists {
            let state = state.person(|s| {
                s.added.clear();
                s.clone()
            });
            for (uid, item) in &state.own {
                let kept = state.shelf.items.iter().find(|i| i.uid == *uid);
                hold!(
                    kept == Some(item),
                    "touched a person's own: {item:?} {kept:?}"
                );
            }
            let mut open: BTreeMap<&str, usize> = BTreeMap::new();
            for item in &state.shelf.items {
                let theirs = state.own.contains_key(&item.uid) || state.renamed.contains(&item.uid);
                let again = self.unticked.contains(&(list.clone(), item.uid.clone()));
                if !theirs && !again && item.status == ItemStatus::NeedsAction {
                    *open.entry(&item.summary).or_default() += 1;
                }
            }
            let doubled = open.iter().find(|(_, count)| **count > 1);
            hold!(
                doubled.is_none(),
                "doubled on {list}: {doubled:?} {:?}",
                state.shelf.items
            );
        }
        Ok(())
    }

    /// Nobody is looked at unasked who is not to be.
    fn check_looks(&mut self, life: &Life, after: Option<Act>) -> Broken {
        let looks = life.home.with(|s| s.looks[self.looks..].to_vec());
        self.looks += looks.len();
        let quiet = quiet_hours().filter(|_| self.quiet);
        // What was under way when it was forbidden may end.
        let exempt = |act: Act| {
            matches!(
                act,
                Act::Snooze(..)
                    | Act::Monitoring(..)
                    | Act::Enabled(_)
                    | Act::Quiet(_)
                    | Act::Stop
                    | Act::Kill(_)
                    | Act::Bedroom(_)
            )
        };
        if after.is_some_and(exempt) {
            return Ok(());
        }
        for (at, room) in looks {
            let asked =
                self.asked_for[room].is_some_and(|asked| at.duration_since(asked) <= PATIENCE);
            let at_night = quiet.is_some_and(|q| q.contains(at, &tz()));
            let off = !self.watched[room] || self.snoozed[room].is_some_and(|until| at < until);
            hold!(
                asked || !at_night,
                "looked at room {room} in quiet hours, {at}"
            );
            hold!(
                asked || !off,
                "looked at room {room} which is off or snoozed, {at}"
            );
        }
        Ok(())
    }

    #[allow(
        clippy::match_wildcard_for_single_variants,
        reason = "only these are about a room's tasks"
    )]
    fn check_told(&mut self, life: &Life, after: Option<Act>) -> Broken {
        let told = life.home.with(|s| s.told.clone());
        let quiet = quiet_hours().filter(|_| self.quiet && !matches!(after, Some(Act::Quiet(_))));
        for (at, notice) in &told[self.told..] {
            hold!(
                !quiet.is_some_and(|q| q.contains(*at, &tz())),
                "told in quiet hours, {at}: {notice:?}"
            );
            let day = at.to_zoned(tz()).date();
            let that_day = told
                .iter()
                .filter(|(t, _)| t.to_zoned(tz()).date() == day)
                .count();
            hold!(
                that_day <= life.options.cap as usize,
                "told {that_day} times on {day}"
            );
            let zones = match &notice.kind {
                Kind::NewTasks { zone, .. } | Kind::AllDone { zone } => vec![zone.clone()],
                Kind::Digest { zones } => zones.iter().map(|(zone, _)| zone.clone()).collect(),
                _ => vec![],
            };
            for zone in zones {
                let zone = if zone == "Galley" {
                    "Kitchen".to_owned()
                } else {
                    zone
                };
                let cooldown = SignedDuration::from_mins(i64::from(COOLDOWN_MINUTES));
                let before = self.last_told.insert(zone.clone(), *at);
                hold!(
                    before.is_none_or(|before| at.duration_since(before) >= cooldown),
                    "told of {zone} at {before:?} and {at}"
                );
            }
        }
        self.told = told.len();
        Ok(())
    }

    /// What vanished with its list was nobody's wish.
    fn check_swept(&self, life: &Life) -> Broken {
        let tasks = life.store.remembered().tasks;
        let wished = tasks.iter().find(|t| {
            let by_person = matches!(
                t.state,
                TaskState::Dismissed { .. } | TaskState::Done { by: By::Person, .. }
            );
            by_person && self.swept.contains(&t.id)
        });
        hold!(
            wished.is_none(),
            "a list made anew was taken for a wish: {wished:?}"
        );
        Ok(())
    }

    /// What the service itself has written down of people's wishes: it must
    /// never again act against it, whatever it forgets.
    fn note_wishes(&mut self, life: &Life) {
        let now = life.home.clock.now();
        let remembered = life.store.remembered();
        let zones: BTreeSet<ZoneId> = remembered.zones.iter().map(|(z, _)| z.id).collect();
        self.dismissed.retain(|(zone, _), _| zones.contains(zone));
        self.ticked.retain(|(zone, _)| zones.contains(zone));
        for task in &remembered.tasks {
            let mess = mess_of(life, &task.title);
            // Once for each time that the person said so.
            let said = match task.state {
                TaskState::Dismissed { .. } => (task.id, None),
                TaskState::Done {
                    by: By::Person, at, ..
                } => (task.id, Some(at)),
                _ => {
                    self.noted.retain(|(id, _)| *id != task.id);
                    continue;
                }
            };
            if !self.noted.insert(said) {
                continue;
            }
            if said.1.is_none() {
                self.dismissed.insert((task.zone, mess), now + A_FORTNIGHT);
            } else if (0..ROOMS).any(|room| {
                life.zone(room) == Some(task.zone)
                    && life.home.with(|s| s.messes.contains(&(room, mess)))
            }) {
                self.ticked.insert((task.zone, mess));
            }
        }
    }
}

fn quiet_hours() -> Option<QuietHours> {
    QuietHours::parse("22:00-07:00")
}

fn check_budget(life: &Life) -> Broken {
    let asks = life.home.with(|s| s.asks.clone());
    let mut days: BTreeMap<_, u32> = BTreeMap::new();
    for at in asks {
        *days.entry(at.to_zoned(tz()).date()).or_default() += 1;
    }
    let spent = days.iter().find(|(_, calls)| **calls > CALLS_A_DAY);
    hold!(spent.is_none(), "more calls than the day has: {spent:?}");
    Ok(())
}

pub(super) fn mess_of(life: &Life, title: &str) -> usize {
    let language = life.home.with(|s| s.language);
    words::mess_of(language, title).unwrap_or_else(|| panic!("whose words are {title:?}?"))
}
