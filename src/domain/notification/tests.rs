//! When the household is told, over random months.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::{check::ErrorClass, timing::QuietHours};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn task(id: u64) -> (TaskId, String) {
    (TaskId(id), format!("Task {id}"))
}

fn zone(id: u32, open: &[u64]) -> ZoneNow {
    ZoneNow {
        id: ZoneId(id),
        name: format!("Zone {id}"),
        notify: true,
        open: open.iter().map(|id| task(*id)).collect(),
        failure: None,
    }
}

fn failure(class: ErrorClass, since: Timestamp) -> FailureNow {
    FailureNow {
        class,
        since,
        last: since,
    }
}

struct Told {
    options: NotifyOptions,
    quiet: Option<QuietHours>,
    tz: TimeZone,
    mailbox: Mailbox,
}

impl Told {
    fn new(options: NotifyOptions) -> Self {
        Self {
            options,
            quiet: QuietHours::parse("22:00-07:00"),
            tz: TimeZone::UTC,
            mailbox: Mailbox::default(),
        }
    }

    fn take(&mut self, zones: &[ZoneNow], now: Timestamp) -> Vec<Notice> {
        let rules = Rules {
            options: &self.options,
            quiet: self.quiet,
            tz: &self.tz,
        };
        self.mailbox.take(zones, &rules, now)
    }
}

#[test]
fn new_tasks_are_one_message_and_the_next_waits_for_the_cooldown() {
    let mut told = Told::new(NotifyOptions::default());
    told.mailbox.tasks_added(ZoneId(1), [TaskId(1), TaskId(2)]);
    let noon = at("2027-01-15T12:00:00Z");
    let notices = told.take(&[zone(1, &[1, 2])], noon);
    let [
        Notice {
            id,
            kind: Kind::NewTasks { tasks, .. },
        },
    ] = &notices[..]
    else {
        panic!("{notices:?}")
    };
    assert_eq!((id.as_str(), tasks.len()), ("zone_1", 2));
    told.mailbox.tasks_added(ZoneId(1), [TaskId(3)]);
    assert_eq!(
        told.take(&[zone(1, &[1, 2, 3])], at("2027-01-15T12:29:59Z")),
        []
    );
    let later = told.take(&[zone(1, &[1, 2, 3])], at("2027-01-15T12:30:00Z"));
    assert!(matches!(&later[0].kind, Kind::NewTasks { tasks, .. } if tasks == &[task(3)]));
    assert_eq!(
        told.take(&[zone(1, &[1, 2, 3])], at("2027-01-15T14:00:00Z")),
        []
    );
}

#[test]
fn what_was_done_before_it_was_told_is_not_told() {
    let mut told = Told::new(NotifyOptions::default());
    told.mailbox.tasks_added(ZoneId(1), [TaskId(1)]);
    assert_eq!(told.take(&[zone(1, &[])], at("2027-01-15T12:00:00Z")), []);
    told.mailbox.all_done(ZoneId(1));
    let notices = told.take(&[zone(1, &[])], at("2027-01-15T12:01:00Z"));
    assert!(matches!(notices[0].kind, Kind::AllDone { .. }));
}

#[test]
fn few_tasks_wait_until_there_are_enough() {
    let mut told = Told::new(NotifyOptions {
        min_tasks: 3,
        ..NotifyOptions::default()
    });
    told.mailbox.tasks_added(ZoneId(1), [TaskId(1)]);
    assert_eq!(told.take(&[zone(1, &[1])], at("2027-01-15T12:00:00Z")), []);
    told.mailbox.tasks_added(ZoneId(1), [TaskId(2), TaskId(3)]);
    let notices = told.take(&[zone(1, &[1, 2, 3])], at("2027-01-15T12:10:00Z"));
    assert!(matches!(&notices[0].kind, Kind::NewTasks { tasks, .. } if tasks.len() == 3));
}

#[test]
fn quiet_hours_end_with_one_digest() {
    let mut told = Told::new(NotifyOptions::default());
    told.mailbox.tasks_added(ZoneId(1), [TaskId(1)]);
    told.mailbox.all_done(ZoneId(2));
    let zones = [zone(1, &[1]), zone(2, &[])];
    assert_eq!(told.take(&zones, at("2027-01-15T23:00:00Z")), []);
    assert_eq!(told.take(&zones, at("2027-01-16T06:59:59Z")), []);
    let notices = told.take(&zones, at("2027-01-16T07:00:00Z"));
    let digest = Kind::Digest {
        zones: vec![("Zone 1".into(), 1), ("Zone 2".into(), 0)],
    };
    assert_eq!(notices.len(), 1);
    assert_eq!(
        (notices[0].id.as_str(), &notices[0].kind),
        ("digest", &digest)
    );
}

#[test]
fn a_failure_is_told_once_when_it_lasts_and_again_only_if_it_begins_anew() {
    let mut told = Told::new(NotifyOptions::default());
    let since = at("2027-01-15T12:00:00Z");
    let failing = ZoneNow {
        failure: Some(failure(ErrorClass::Camera, since)),
        ..zone(1, &[])
    };
    let minutes = |n: i64| since + SignedDuration::from_mins(n);
    assert_eq!(told.take(std::slice::from_ref(&failing), minutes(59)), []);
    assert_eq!(
        told.take(std::slice::from_ref(&failing), minutes(60)).len(),
        1
    );
    assert_eq!(told.take(std::slice::from_ref(&failing), minutes(300)), []);
    assert_eq!(told.take(&[zone(1, &[])], minutes(301)), []);
    assert_eq!(told.take(&[failing], minutes(302)).len(), 1);
}

#[test]
fn nobody_hears_of_a_zone_they_do_not_want_to_hear_of() {
    let mut told = Told::new(NotifyOptions::default());
    told.mailbox.tasks_added(ZoneId(1), [TaskId(1)]);
    let silent = ZoneNow {
        notify: false,
        ..zone(1, &[1])
    };
    let now = at("2027-01-15T12:00:00Z");
    assert_eq!(told.take(&[silent], now), []);
    // Not even later, when they change their minds about the past.
    assert_eq!(told.take(&[zone(1, &[1])], now), []);
}

#[derive(Debug, Clone)]
enum Step {
    Added(u32, u64),
    Done(u32),
    Failing(u32, bool),
    Restart,
    Pass(i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1_u32..4, 1_u64..40).prop_map(|(z, t)| Step::Added(z, t)),
        2 => (1_u32..4).prop_map(Step::Done),
        1 => (1_u32..4, any::<bool>()).prop_map(|(z, on)| Step::Failing(z, on)),
        1 => Just(Step::Restart),
        6 => (1_i64..30_000).prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn any_month_keeps_quiet_cap_and_cooldown(
        steps in vec(any_step(), 1..400), cap in 0_u32..5, cooldown in 0_u32..300,
        min_tasks in 1_usize..4, zone_name in prop_oneof![Just("Europe/Berlin"), Just("UTC"), Just("Asia/Kolkata")],
    ) {
        let mut told = Told::new(NotifyOptions {
            daily_cap: cap, cooldown_minutes: cooldown, min_tasks, ..NotifyOptions::default()
        });
        told.tz = TimeZone::get(zone_name).unwrap();
        let mut now = at("2027-03-20T12:00:00Z");
        let mut zones: Vec<ZoneNow> = (1..4).map(|id| zone(id, &[])).collect();
        let mut sent: Vec<(Timestamp, Notice)> = Vec::new();
        for step in steps {
            match step {
                Step::Added(id, new) => {
                    let zone = &mut zones[id as usize - 1];
                    // Ids are never used twice, so each task belongs to one zone.
                    let new = new * 10 + u64::from(id);
                    if zone.open.iter().all(|(old, _)| old.0 != new) {
                        zone.open.push(task(new));
                        told.mailbox.tasks_added(ZoneId(id), [TaskId(new)]);
                    }
                }
                Step::Done(id) => {
                    let zone = &mut zones[id as usize - 1];
                    if !zone.open.is_empty() {
                        zone.open.clear();
                        told.mailbox.all_done(ZoneId(id));
                    }
                }
                Step::Failing(id, on) => {
                    zones[id as usize - 1].failure = on.then(|| failure(ErrorClass::Camera, now));
                }
                Step::Restart => {
                    let saved = serde_json::to_string(&told.mailbox).unwrap();
                    let read: Mailbox = serde_json::from_str(&saved).unwrap();
                    prop_assert_eq!(&read, &told.mailbox);
                    told.mailbox = read;
                }
                Step::Pass(seconds) => now += SignedDuration::from_secs(seconds),
            }
            let notices = told.take(&zones, now);
            prop_assert!(told.take(&zones, now).is_empty(), "told twice");
            for notice in notices {
                if let Kind::NewTasks { tasks, .. } = &notice.kind {
                    prop_assert!(!tasks.is_empty());
                }
                sent.push((now, notice));
            }
        }
        let quiet = told.quiet.unwrap();
        let mut days = std::collections::BTreeMap::new();
        for (at, _) in &sent {
            prop_assert!(!quiet.contains(*at, &told.tz));
            *days.entry(at.to_zoned(told.tz.clone()).date()).or_insert(0) += 1;
        }
        prop_assert!(days.values().all(|count| *count <= cap), "{days:?}");
        let cooldown = SignedDuration::from_mins(i64::from(cooldown));
        for id in ["zone_1", "zone_2", "zone_3"] {
            let times: Vec<_> = sent.iter().filter(|(_, n)| n.id == id).map(|(at, _)| *at).collect();
            for pair in times.windows(2) {
                prop_assert!(pair[1].duration_since(pair[0]) >= cooldown);
            }
        }
    }
}

#[test]
fn a_spent_budget_is_told_once_a_day_and_never_as_failing_checks() {
    let mut told = Told::new(NotifyOptions::default());
    let spent = |last: &str| FailureNow {
        last: at(last),
        ..failure(ErrorClass::Budget, at("2027-01-15T12:00:00Z"))
    };
    let zones = |last: &str| {
        [1, 2].map(|id| ZoneNow {
            failure: Some(spent(last)),
            ..zone(id, &[])
        })
    };
    let noon = at("2027-01-15T12:00:00Z");
    let budget = [Notice {
        id: "budget".into(),
        // After midnight it is quiet for some hours.
        kind: Kind::BudgetSpent {
            at: jiff::civil::time(7, 0, 0, 0),
        },
    }];
    let today = zones("2027-01-15T12:00:00Z");
    assert_eq!(told.take(&today, noon), budget);
    // However long it lasts, and over a restart.
    let saved = serde_json::to_string(&told.mailbox).unwrap();
    told.mailbox = serde_json::from_str(&saved).unwrap();
    assert_eq!(told.take(&today, at("2027-01-15T21:59:00Z")), []);
    // The next day it is there again, whatever the last check of yesterday said.
    let morning = at("2027-01-16T07:00:00Z");
    assert_eq!(told.take(&today, morning), []);
    let again = zones("2027-01-16T13:00:00Z");
    assert_eq!(told.take(&again, at("2027-01-16T13:00:00Z")), budget);
}

#[test]
fn a_spent_budget_without_quiet_hours_ends_at_midnight() {
    let mut told = Told::new(NotifyOptions {
        daily_cap: 1,
        ..NotifyOptions::default()
    });
    told.quiet = None;
    let noon = at("2027-01-15T12:00:00Z");
    let kitchen = ZoneNow {
        failure: Some(failure(ErrorClass::Budget, noon)),
        ..zone(1, &[])
    };
    let silent = ZoneNow {
        notify: false,
        ..kitchen.clone()
    };
    assert_eq!(told.take(&[silent], noon), []);
    let [notice] = &told.take(std::slice::from_ref(&kitchen), noon)[..] else {
        panic!("one message")
    };
    let text = words::message(notice, Personality::Zen, "de").text;
    assert!(text.contains("morgen um 00:00"), "{text}");
    told.mailbox.tasks_added(ZoneId(1), [TaskId(1)]);
    let busy = ZoneNow {
        failure: None,
        ..zone(1, &[1])
    };
    assert_eq!(told.take(&[busy], noon), [], "it counts for the cap");
}
