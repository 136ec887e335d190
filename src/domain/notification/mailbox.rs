//! What waits to be told, and what was told when. Saved before anything of it
//! is sent: after a power cut a message may be missing, never doubled.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Kind, Notice, NotifyOptions};
use crate::domain::{
    check::ErrorClass,
    task::TaskId,
    timing::{self, QuietHours},
    zone::ZoneId,
};

/// A zone whose checks fail for so long is worth a message.
const FAILING_FOR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mailbox {
    /// The local day of the messages that are counted.
    day: Option<Date>,
    sent: u32,
    /// The last message about each zone's tasks.
    last: BTreeMap<ZoneId, Timestamp>,
    waiting: BTreeMap<ZoneId, Waiting>,
    /// Zones of which it was told that their checks fail.
    failing: BTreeSet<ZoneId>,
    /// The local day of which it was told that its budget is spent.
    spent: Option<Date>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Waiting {
    tasks: BTreeSet<TaskId>,
    all_done: bool,
    /// Quiet hours held it back.
    through_quiet: bool,
}

/// What the options say.
pub struct Rules<'a> {
    pub options: &'a NotifyOptions,
    pub quiet: Option<QuietHours>,
    pub tz: &'a TimeZone,
}

/// A zone as it is when messages are made.
#[derive(Debug, Clone)]
pub struct ZoneNow {
    pub id: ZoneId,
    pub name: String,
    /// Whether anybody wants to hear of it.
    pub notify: bool,
    pub open: Vec<(TaskId, String)>,
    pub failure: Option<FailureNow>,
}

/// How a zone's checks fail.
#[derive(Debug, Clone, Copy)]
pub struct FailureNow {
    pub class: ErrorClass,
    pub since: Timestamp,
    /// When the last of them ended.
    pub last: Timestamp,
}

impl Mailbox {
    /// Tasks were opened that the household does not know of.
    pub fn tasks_added(&mut self, zone: ZoneId, tasks: impl IntoIterator<Item = TaskId>) {
        let waiting = self.waiting.entry(zone).or_default();
        waiting.tasks.extend(tasks);
        waiting.all_done = false;
    }

    /// The last open task of a zone was done.
    pub fn all_done(&mut self, zone: ZoneId) {
        let waiting = self.waiting.entry(zone).or_default();
        waiting.all_done = true;
        waiting.tasks.clear();
    }

    /// The messages to send now; they count as sent. Save before sending.
    pub fn take(&mut self, zones: &[ZoneNow], rules: &Rules<'_>, now: Timestamp) -> Vec<Notice> {
        self.forget_what_is_past(zones);
        if rules
            .quiet
            .is_some_and(|quiet| quiet.contains(now, rules.tz))
        {
            for waiting in self.waiting.values_mut() {
                waiting.through_quiet = true;
            }
            return Vec::new();
        }
        self.turn_the_day(now.to_zoned(rules.tz.clone()).date());
        let mut notices = Vec::new();
        notices.extend(self.spent_budget(zones, rules, now));
        for zone in zones.iter().filter(|zone| zone.notify) {
            notices.extend(self.trouble(zone, rules, now));
        }
        let ready: Vec<&ZoneNow> = zones
            .iter()
            .filter(|zone| self.is_ready(zone, rules.options, now))
            .collect();
        let held_back = |zone: &&&ZoneNow| self.waiting[&zone.id].through_quiet;
        if ready.iter().filter(held_back).count() > 1 {
            if self.may_send(rules.options) {
                notices.push(self.digest(&ready, now));
            }
            return notices;
        }
        for zone in ready {
            if self.may_send(rules.options) {
                notices.push(self.about_tasks(zone, now));
            }
        }
        notices
    }

    fn forget_what_is_past(&mut self, zones: &[ZoneNow]) {
        let now: BTreeMap<ZoneId, &ZoneNow> = zones
            .iter()
            .filter(|z| z.notify)
            .map(|z| (z.id, z))
            .collect();
        self.waiting.retain(|id, waiting| {
            let Some(zone) = now.get(id) else {
                return false;
            };
            let open = |task: &TaskId| zone.open.iter().any(|(id, _)| id == task);
            waiting.tasks.retain(open);
            waiting.all_done &= zone.open.is_empty();
            waiting.all_done || !waiting.tasks.is_empty()
        });
        self.last.retain(|id, _| zones.iter().any(|z| z.id == *id));
        let failing = |id: &ZoneId| now.get(id).is_some_and(|z| z.failure.is_some());
        self.failing.retain(failing);
    }

    /// A day that lies further ahead than tomorrow was counted by a wrong clock.
    fn turn_the_day(&mut self, today: Date) {
        let counted = self
            .day
            .filter(|day| *day >= today && today.tomorrow().is_ok_and(|tomorrow| *day <= tomorrow));
        if counted.is_none() {
            self.day = Some(today);
            self.sent = 0;
        }
    }

    fn may_send(&self, options: &NotifyOptions) -> bool {
        self.sent < options.daily_cap
    }

    fn is_ready(&self, zone: &ZoneNow, options: &NotifyOptions, now: Timestamp) -> bool {
        let Some(waiting) = self.waiting.get(&zone.id) else {
            return false;
        };
        let worth = waiting.all_done || zone.open.len() >= options.min_tasks;
        worth && self.is_cool(zone.id, options, now)
    }

    fn is_cool(&self, zone: ZoneId, options: &NotifyOptions, now: Timestamp) -> bool {
        let cooldown = SignedDuration::from_mins(i64::from(options.cooldown_minutes));
        self.last.get(&zone).is_none_or(|last| {
            let gone = now.duration_since(*last);
            // A message from further ahead than that was dated by a wrong clock.
            gone >= cooldown || -gone > SignedDuration::from_hours(25)
        })
    }

    fn trouble(&mut self, zone: &ZoneNow, rules: &Rules<'_>, now: Timestamp) -> Option<Notice> {
        let failure = zone.failure?;
        // A limit that was set is no fault, and has a message of its own.
        if failure.class == ErrorClass::Budget {
            return None;
        }
        let gone = now.duration_since(failure.since);
        let may = gone >= FAILING_FOR && self.may_send(rules.options);
        if !may || !self.failing.insert(zone.id) {
            return None;
        }
        self.sent += 1;
        Some(Notice {
            id: format!("zone_{}_failing", zone.id),
            kind: Kind::Failing {
                zone: zone.name.clone(),
                hours: usize::try_from(gone.as_hours()).unwrap_or(1),
                class: failure.class,
            },
        })
    }

    /// Once for each day whose budget was found spent, for all zones.
    fn spent_budget(
        &mut self,
        zones: &[ZoneNow],
        rules: &Rules<'_>,
        now: Timestamp,
    ) -> Option<Notice> {
        let date = |at: Timestamp| at.to_zoned(rules.tz.clone()).date();
        let today = date(now);
        // What was spent yesterday is there again, though no check has seen it yet.
        let is_spent = |zone: &ZoneNow| {
            let failure = zone.failure.filter(|_| zone.notify);
            failure.is_some_and(|f| f.class == ErrorClass::Budget && date(f.last) == today)
        };
        let told = self.spent == Some(today);
        if told || !zones.iter().any(is_spent) || !self.may_send(rules.options) {
            return None;
        }
        self.spent = Some(today);
        self.sent += 1;
        let midnight = timing::tomorrow(now, rules.tz)?;
        let goes_on = rules.quiet.map_or(midnight, |q| q.end(midnight, rules.tz));
        Some(Notice {
            id: "budget".into(),
            kind: Kind::BudgetSpent {
                at: goes_on.to_zoned(rules.tz.clone()).time(),
            },
        })
    }

    fn about_tasks(&mut self, zone: &ZoneNow, now: Timestamp) -> Notice {
        let waiting = self.waiting.remove(&zone.id).unwrap_or_default();
        self.last.insert(zone.id, now);
        self.sent += 1;
        let name = zone.name.clone();
        let new = |(id, _): &&(TaskId, String)| waiting.tasks.contains(id);
        let kind = if waiting.all_done {
            Kind::AllDone { zone: name }
        } else {
            Kind::NewTasks {
                zone: name,
                zone_id: zone.id,
                tasks: zone.open.iter().filter(new).cloned().collect(),
            }
        };
        let id = format!("zone_{}", zone.id);
        Notice { id, kind }
    }

    fn digest(&mut self, ready: &[&ZoneNow], now: Timestamp) -> Notice {
        self.sent += 1;
        let zones = ready
            .iter()
            .map(|zone| {
                self.last.insert(zone.id, now);
                let waiting = self.waiting.remove(&zone.id).unwrap_or_default();
                (zone.name.clone(), waiting.tasks.len())
            })
            .collect();
        Notice {
            id: "digest".into(),
            kind: Kind::Digest { zones },
        }
    }
}
