//! Any change, any sequence of changes.

use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::domain::{
    budget::{Money, Spending},
    timing::Timing,
};

/// Within 300 days, so that nothing is old enough to be cleared away.
fn any_time() -> impl Strategy<Value = Timestamp> {
    (0_i64..300 * 24 * 3600, 0_i32..1_000_000_000)
        .prop_map(|(second, nano)| Timestamp::new(1_780_000_000 + second, nano).unwrap())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ]{0,8}", "(?s).{0,12}"]
}

fn any_fraction() -> impl Strategy<Value = f32> {
    prop_oneof![0_f32..=1.0, (0_u8..=100).prop_map(|c| f32::from(c) / 100.0)]
}

fn any_zone_id() -> impl Strategy<Value = ZoneId> {
    (1_u32..4).prop_map(ZoneId)
}

fn any_task_id() -> impl Strategy<Value = TaskId> {
    prop_oneof![(1_u64..8), 9_000_000_u64..9_000_003].prop_map(TaskId)
}

fn any_list() -> impl Strategy<Value = ListId> {
    prop_oneof![Just("todo.a"), Just("todo.b")].prop_map(|list| ListId(list.into()))
}

fn any_uid() -> impl Strategy<Value = Uid> {
    any_text().prop_map(Uid)
}

prop_compose! {
    fn any_zone()(
        id in any_zone_id(),
        name in any_text(),
        slug in "[a-z_]{1,6}",
        cameras in vec(any_text(), 1..3),
        todo_list in option::of(any_list()),
        purpose in option::of(any_text()),
        interval_minutes in any::<u32>(),
        icon in option::of(any_text()),
        ignore in vec(any_text(), 0..3),
        pickiness in any::<u8>(),
        times in vec((0_i8..24, 0_i8..60), 0..3),
        notify in any::<bool>(),
    ) -> Zone {
        let options = ZoneOptions {
            name, slug, cameras, todo_list, purpose, ignore, pickiness, interval_minutes, icon,
            notify,
            timing: Timing {
                times: times.into_iter().map(|(h, m)| jiff::civil::time(h, m, 0, 0)).collect(),
                ..Timing::default()
            },
        };
        Zone { id, options }
    }
}

prop_compose! {
    fn any_reading()(
        zone in any_zone_id(),
        at in any_time(),
        score in 0_i64..=100,
        confidence in any_fraction(),
        provider in any_text(),
        open_tasks in any::<u32>(),
    ) -> Reading {
        let score = Score::try_from(score).unwrap();
        Reading { zone, at, score, confidence, provider, open_tasks }
    }
}

fn any_masks() -> impl Strategy<Value = Masks> {
    let corner = || [0.0_f32..=0.4, 0.5_f32..=1.0];
    let area = (corner(), corner(), corner())
        .prop_map(|(a, b, [c, d])| Polygon::try_from(vec![a, b, [d, c], [1.0, 1.0]]).ok());
    let drawn_on = option::of((any::<u32>(), any::<u32>()));
    let mask = (any_text(), vec(area, 0..3), drawn_on).prop_map(|(camera, areas, drawn_on)| Mask {
        camera,
        areas: areas.into_iter().flatten().collect(),
        drawn_on,
    });
    prop_oneof![
        Just(Masks::None),
        Just(Masks::Unreadable),
        vec(mask, 0..3).prop_map(Masks::Drawn),
    ]
}

prop_compose! {
    fn any_rule()(text in any_text(), entity in any::<bool>(), since in any_time()) -> LearntRule {
        let from = if entity { RuleSource::Entity } else { RuleSource::Page };
        LearntRule { text, from, since }
    }
}

prop_compose! {
    fn any_state()(
        monitoring in any::<bool>(),
        interval in option::of((any::<u32>(), any::<u32>())),
        needs_cleaning in any::<Option<bool>>(),
        last in option::of((any_reading(), any_text(), any_text())),
        zone in any_zone_id(),
        last_check in option::of(any_time()),
        snooze in option::of((any_time(), any::<u32>())),
        rules in vec(any_rule(), 0..3),
        rules_replaced in option::of(vec(any_text(), 0..3)),
        pickiness in option::of((any::<u32>(), any::<u32>())),
        streak in option::of((0_i32..4000, any::<(u32, bool, bool)>())),
        masks in any_masks(),
    ) -> (ZoneId, ZoneState) {
        let set = |(value, replaced)| Override { value, replaced };
        let (interval, pickiness) = (interval.map(set), pickiness.map(set));
        let streak = streak.map(|(day, (days, looked, clear))| Streak {
            day: jiff::civil::date(2020, 1, 1) + jiff::Span::new().days(day),
            days,
            looked,
            clear,
        });
        let last = last.map(|(mut reading, summary, method)| {
            reading.zone = zone;
            LastReading { reading, summary, method }
        });
        (zone, ZoneState {
            monitoring, interval, pickiness, needs_cleaning, last, last_check, rules,
            rules_replaced, streak, masks,
            snoozed_until: snooze.map(|(until, _)| until),
            snoozed_for: snooze.map(|(_, minutes)| minutes),
        })
    }
}

fn any_task_state() -> impl Strategy<Value = TaskState> {
    prop_oneof![
        Just(TaskState::Candidate),
        Just(TaskState::Open),
        (any::<bool>(), any_time(), any::<bool>()).prop_map(|(camera, at, seen_gone)| {
            let by = if camera { By::Camera } else { By::Person };
            TaskState::Done { by, at, seen_gone }
        }),
        any_time().prop_map(|until| TaskState::Dismissed { until }),
    ]
}

fn any_item() -> impl Strategy<Value = TaskItem> {
    let listed = prop_oneof![
        Just(None),
        Just(Some(ItemStatus::NeedsAction)),
        Just(Some(ItemStatus::Completed)),
    ];
    let words = option::of(any_text());
    (any_list(), any_uid(), listed, words).prop_map(|(list, uid, listed, words)| TaskItem {
        list,
        uid,
        listed,
        words,
    })
}

prop_compose! {
    fn any_task()(
        (id, zone) in (any_task_id(), any_zone_id()),
        (title, provider) in (any_text(), any_text()),
        state in any_task_state(),
        confidence in any_fraction(),
        region in option::of([any_fraction(), any_fraction(), any_fraction(), any_fraction()]),
        (first_seen, last_seen) in (any_time(), any_time()),
        gone_readings in any::<u8>(),
        priority in proptest::sample::select(vec![Priority::Low, Priority::Normal, Priority::High]),
        item in option::of(any_item()),
    ) -> Task {
        let region = region.map(|[x, y, width, height]| Region { x, y, width, height });
        Task {
            id, zone, title, state, provider, confidence, priority, region, first_seen, last_seen,
            gone_readings, item,
        }
    }
}

prop_compose! {
    fn any_todo()(
        (task, zone, list) in (any_task_id(), any_zone_id(), any_list()),
        want in prop_oneof![Just(Want::Open), Just(Want::Completed), Just(Want::Removed)],
        summary in any_text(),
        uid in option::of(any_uid()),
        attempted in option::of(vec(any_uid(), 0..3)),
    ) -> TodoChange {
        let attempted = attempted.map(|uids| uids.into_iter().collect());
        TodoChange { task, zone, list, want, summary, uid, attempted }
    }
}

prop_compose! {
    fn any_house()(
        enabled in any::<bool>(),
        day in option::of(0_i32..4000),
        (calls, saved, checks, failures) in any::<(u32, u32, u32, u32)>(),
    ) -> HouseState {
        let day = day.map(|day| {
            jiff::civil::date(2020, 1, 1) + jiff::Span::new().days(day)
        });
        HouseState { enabled, day, calls, saved, checks, failures }
    }
}

prop_compose! {
    fn any_spending()(
        day in 0_i32..4,
        (provider, model) in ("[ab]", "[ab]"),
        calls in any::<u32>(),
        (cost, tokens_in, tokens_out) in any::<(u64, u64, u64)>(),
    ) -> Spending {
        let day = jiff::civil::date(2026, 11, 25) + jiff::Span::new().days(day);
        Spending { day, provider, model, calls, cost: Money(cost), tokens_in, tokens_out }
    }
}

fn any_note() -> impl Strategy<Value = Change> {
    ("[a-c]", option::of(any_text())).prop_map(|(name, value)| Change::Note(name, value))
}

pub(super) fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => any_zone().prop_map(Change::Zone),
        3 => any_state().prop_map(|(zone, state)| Change::ZoneState(zone, state)),
        1 => any_zone_id().prop_map(Change::RemoveZone),
        4 => any_task().prop_map(Change::Task),
        1 => any_task_id().prop_map(Change::ForgetTask),
        4 => any_todo().prop_map(Change::Todo),
        2 => (any_task_id(), any_list()).prop_map(|(task, list)| Change::TodoApplied(task, list)),
        4 => any_reading().prop_map(Change::Reading),
        1 => any_house().prop_map(Change::House),
        2 => any_spending().prop_map(Change::Spent),
        2 => any_note(),
        1 => (any_list(), any::<bool>()).prop_map(|(list, drops)| Change::ListDrops(list, drops)),
    ]
}
