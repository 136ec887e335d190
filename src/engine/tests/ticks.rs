//! What a tick says: of the mess under other judges, of a list that shows it
//! or does not, and after a clock that was wrong.

use jiff::SignedDuration;

use super::edges::home::{Home, l, own, zone};
use crate::domain::{
    command::Command,
    household::Event,
    task::{Task, TaskState},
    todo::{Item, ItemStatus, Seen},
};

const A: &str = "todo.home";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A kitchen whose list holds a person's item.
fn kitchen() -> Home {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.list.person(|s| s.shelf.items.push(own("milk")));
    home.seen(A, home.items(), Seen::First);
    home
}

/// A kitchen with two tasks; the first is ticked on our page.
fn one_of_two_ticked() -> Home {
    let mut home = kitchen();
    home.is_judged("ai", &["Wash the dishes", "Make the bed"], false);
    home.visits(A);
    home.does(Event::Command(Command::TaskDone(home.task(0).id)));
    home
}

fn without(home: &Home, task: usize) -> impl FnOnce(&mut Vec<Item>) + use<> {
    let uid = home.task(task).item.map(|item| item.uid);
    move |items| items.retain(|item| Some(&item.uid) != uid.as_ref())
}

fn a_tick_ends_when_another_judge_sees_the_mess_gone(found_by: &str, judged_by: &str) {
    let mut home = kitchen();
    home.is_judged(found_by, &["Wash the dishes"], false);
    home.visits(A);
    let uid = home.task(0).item.map(|item| item.uid);
    home.person(A, |items| {
        for item in items.iter_mut().filter(|i| Some(&i.uid) == uid.as_ref()) {
            item.status = ItemStatus::Completed;
        }
    });
    // It holds while the mess is there, whoever sees it.
    home.is_judged(judged_by, &[], false);
    home.is_judged(judged_by, &["Wash the dishes"], false);
    home.is_judged(judged_by, &[], false);
    home.is_judged(judged_by, &["Wash the dishes"], false);
    assert_eq!(home.open(), [""; 0]);
    for _ in 0..2 {
        home.is_judged(judged_by, &[], false);
    }
    home.is_judged(judged_by, &["Wash the dishes"], false);
    assert_eq!(home.open(), ["Wash the dishes"]);
}

#[test]
fn a_tick_ends_when_the_mess_was_seen_gone_by_the_next_provider() {
    a_tick_ends_when_another_judge_sees_the_mess_gone("gemini", "openai");
    a_tick_ends_when_another_judge_sees_the_mess_gone("local", "openai");
}

#[test]
fn a_judge_that_looks_twice_says_nothing_of_a_mess_that_others_found() {
    let mut home = kitchen();
    home.is_judged("gemini", &["Wash the dishes"], false);
    home.does(Event::Command(Command::TaskDone(home.task(0).id)));
    for _ in 0..5 {
        home.is_judged("local", &[], true);
    }
    home.is_judged("gemini", &["Wash the dishes"], false);
    assert_eq!(home.open(), [""; 0]);
}

#[test]
fn ticks_of_a_former_provider_do_not_pile_up() {
    let mut home = kitchen();
    for n in 0..100 {
        home.is_judged("openai", &[&format!("Thing{n} away")], false);
        let open = home.tasks().into_iter().find(Task::is_open);
        home.does(Event::Command(Command::TaskDone(open.unwrap().id)));
    }
    for _ in 0..40 {
        home.now += DAY;
        home.is_judged("gemini", &[], false);
    }
    assert_eq!(home.tasks(), []);
}

#[test]
fn a_list_that_showed_our_tick_while_we_made_it_keeps_what_is_ticked() {
    let mut home = one_of_two_ticked();
    let visited = home.visit_raw(A);
    // Home Assistant is quicker than our visit's end.
    home.seen(A, home.items(), Seen::Pushed);
    for event in visited.events {
        home.does(event);
    }
    home.seen(A, home.items(), Seen::Read);
    // "Clear completed", and then something else is deleted.
    let cleared = without(&home, 0);
    home.person(A, cleared);
    let deleted = without(&home, 1);
    home.person(A, deleted);
    let state = home.task(1).state;
    assert!(matches!(state, TaskState::Dismissed { .. }), "{state:?}");
}

#[test]
fn what_is_cleared_long_after_our_tick_says_nothing_of_the_list() {
    for looked_at_meanwhile in [true, false] {
        let mut home = one_of_two_ticked();
        home.visits(A);
        home.now += DAY;
        if looked_at_meanwhile {
            home.visits(A);
        }
        let cleared = without(&home, 0);
        home.person(A, cleared);
        assert!(!home.disk.dropping.contains(&l(A)));
        let deleted = without(&home, 1);
        home.person(A, deleted);
        let state = home.task(1).state;
        assert!(matches!(state, TaskState::Dismissed { .. }), "{state:?}");
    }
}

/// A kitchen whose three tasks a person ticks on our page one after another;
/// their list drops each half an hour after it has shown it ticked.
fn dropped_late(times: usize) -> Home {
    let mut home = kitchen();
    let mess = ["Wash the dishes", "Make the bed", "Sweep the floor"];
    home.is_judged("ai", &mess, false);
    home.visits(A);
    for n in 0..times {
        home.does(Event::Command(Command::TaskDone(home.task(n).id)));
        home.visits(A);
        home.now += SignedDuration::from_mins(30);
        let dropped = without(&home, n);
        home.person(A, dropped);
    }
    home
}

#[test]
fn a_list_that_drops_our_ticks_a_little_later_is_known_by_the_second() {
    let mut home = dropped_late(2);
    assert!(home.disk.dropping.contains(&l(A)));
    let ticked = without(&home, 2);
    home.person(A, ticked);
    let state = home.task(2).state;
    assert!(matches!(state, TaskState::Done { .. }), "{state:?}");
}

#[test]
fn one_item_cleared_within_the_hour_of_our_tick_says_nothing_of_the_list() {
    let mut home = dropped_late(1);
    assert!(!home.disk.dropping.contains(&l(A)));
    let deleted = without(&home, 1);
    home.person(A, deleted);
    let state = home.task(1).state;
    assert!(matches!(state, TaskState::Dismissed { .. }), "{state:?}");
}

#[test]
fn several_items_cleared_at_once_are_one_sign() {
    let mut home = one_of_two_ticked();
    home.does(Event::Command(Command::TaskDone(home.task(1).id)));
    home.visits(A);
    home.person(A, |items| items.retain(|item| item.uid.0 == "milk"));
    assert!(!home.disk.dropping.contains(&l(A)));
}

#[test]
fn a_list_that_shows_other_ticked_items_does_not_drop_them() {
    for kept in [false, true] {
        let mut home = one_of_two_ticked();
        home.list.person(|s| {
            let milk = s.shelf.items.iter_mut().find(|item| item.uid.0 == "milk");
            milk.unwrap().status = if kept {
                ItemStatus::Completed
            } else {
                ItemStatus::NeedsAction
            };
        });
        for event in home.visit_raw(A).events {
            home.does(event);
        }
        // Cleared before any listing has shown it.
        let gone = without(&home, 0);
        home.person(A, gone);
        assert_eq!(home.disk.dropping.contains(&l(A)), !kept);
    }
}

#[test]
fn an_older_listing_after_our_tick_does_not_say_that_the_list_keeps_it() {
    let mut home = one_of_two_ticked();
    let before = home.items();
    for event in home.visit_raw(A).events {
        home.does(event);
    }
    home.seen(A, before, Seen::Pushed);
    let gone = without(&home, 0);
    home.person(A, gone);
    assert!(home.disk.dropping.contains(&l(A)));
}

#[test]
fn items_that_went_astray_under_a_wrong_clock_come_back_once_it_is_right() {
    let mut home = kitchen();
    home.now += 365 * DAY;
    let mess = ["Wash the dishes", "Make the bed", "Sweep the floor"];
    home.is_judged("ai", &mess, false);
    home.visits(A);
    home.person(A, |items| items.retain(|item| item.uid.0 == "milk"));
    home.now -= 365 * DAY;
    for _ in 0..3 {
        home.now += SignedDuration::from_hours(1);
        home.is_judged("ai", &mess, false);
        home.visits(A);
    }
    assert_eq!(home.items().len(), 4);
}

#[test]
fn what_a_camera_ticked_under_a_wrong_clock_is_not_ticked_wrongly_for_ever() {
    let mut home = kitchen();
    home.now += 365 * DAY;
    home.sees(&["Wash the dishes"], &[]);
    home.visits(A);
    let id = home.task(0).id;
    home.sees(&[], &[(id, 0.99)]);
    home.visits(A);
    home.now -= 305 * DAY;
    home.sees(&["Wash the dishes"], &[]);
    let open: Vec<_> = home.tasks().into_iter().filter(Task::is_open).collect();
    assert_eq!(open.len(), 1);
    assert_ne!(open[0].id, id, "a new mess is a new task");
}
