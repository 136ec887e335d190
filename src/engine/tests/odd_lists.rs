//! Lists of every kind, each fault one by one: what is learnt, what is proven,
//! whose words they are.

use super::edges::home::{Home, l, own, zone};
use crate::domain::{
    command::Command,
    household::Event,
    task::TaskState,
    todo::{Features, ItemStatus, Seen, Uid},
};

const A: &str = "todo.home";

fn messy(features: u32) -> Home {
    let mut home = Home::new(features, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes", "Make the bed"], &[]);
    home.visits(A);
    home
}

fn words(home: &Home) -> Vec<String> {
    let mut words: Vec<String> = home.items().into_iter().map(|i| i.summary).collect();
    words.sort();
    words
}

#[test]
fn that_a_list_drops_ticked_items_survives_a_restart() {
    let mut home = messy(127);
    home.list.person(|s| s.shelf.drops = true);
    home.does(Event::Command(Command::TaskDone(home.task(0).id)));
    home.visits(A);
    assert_eq!(home.items().len(), 1);
    home.reboot(vec![zone("Kitchen", A)]);
    home.seen(A, home.items(), Seen::First);
    // A person ticks the other one: it is dropped, too.
    home.seen(A, vec![], Seen::Pushed);
    let state = home.task(1).state;
    assert!(matches!(state, TaskState::Done { .. }), "{state:?}");
}

#[test]
fn a_change_that_a_list_only_seems_to_take_is_made_again() {
    let mut home = messy(127);
    home.does(Event::Command(Command::TaskDone(home.task(0).id)));
    // What went away in the same moment: success, and nothing happened.
    home.list.person(|s| s.deaf = true);
    home.visits(A);
    assert_eq!(home.h.waiting(&l(A)).len(), 1, "taken for done");
    home.list.person(|s| s.deaf = false);
    home.visits(A);
    let ticked = |i: &&crate::domain::todo::Item| i.status == ItemStatus::Completed;
    assert_eq!(home.items().iter().filter(ticked).count(), 1);
    assert_eq!(home.h.waiting(&l(A)), []);
}

#[test]
fn words_follow_the_zone_but_never_a_persons() {
    let mut home = messy(127);
    let theirs = home.items()[0].uid.clone();
    home.list
        .person(|s| s.shelf.items[0].summary = "Dishes!".into());
    home.reboot(vec![zone("Kitchen", A), zone("Hall", A)]);
    home.visits(A);
    assert_eq!(words(&home), ["Dishes!", "Kitchen: Make the bed"]);
    let mut galley = zone("Galley", A);
    galley.cameras = vec!["camera.kitchen".into()];
    home.reboot(vec![galley.clone(), zone("Hall", A)]);
    home.visits(A);
    assert_eq!(words(&home), ["Dishes!", "Galley: Make the bed"]);
    home.reboot(vec![galley]);
    home.visits(A);
    assert_eq!(words(&home), ["Dishes!", "Make the bed"]);
    assert_eq!(home.items()[0].uid, theirs);
    assert_eq!(home.h.waiting(&l(A)), []);
}

#[test]
fn a_stop_between_new_words_and_their_answer_leaves_them_ours() {
    let mut home = messy(127);
    home.reboot(vec![zone("Kitchen", A), zone("Hall", A)]);
    // Renamed, and nobody wrote it down.
    let _ = home.visit_raw(A);
    assert!(words(&home)[0].starts_with("Kitchen: "));
    home.reboot(vec![zone("Kitchen", A)]);
    home.visits(A);
    home.visits(A);
    assert_eq!(words(&home), ["Make the bed", "Wash the dishes"]);
}

#[test]
fn a_list_that_cannot_rename_keeps_its_words_and_is_left_in_peace() {
    let mut home = messy(1 | 2 | 64);
    home.reboot(vec![zone("Kitchen", A), zone("Hall", A)]);
    home.visits(A);
    assert_eq!(words(&home), ["Make the bed", "Wash the dishes"]);
    assert_eq!(home.h.waiting(&l(A)), []);
}

/// Bound, in no listing yet, and then an older listing, or a deletion.
fn bound_just_now() -> Home {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.list.person(|s| s.shelf.items.push(own("x")));
    home.seen(A, home.items(), Seen::First);
    home.sees(&["Wash the dishes"], &[]);
    for _ in 0..2 {
        for event in home.visit_raw(A).events {
            home.does(event);
        }
    }
    assert!(home.task(0).item.is_some_and(|i| i.listed.is_none()));
    home
}

#[test]
fn a_deletion_right_after_the_adding_is_a_wish() {
    let mut home = bound_just_now();
    home.list
        .person(|s| s.shelf.items.retain(|i| i.uid.0 == "x"));
    home.seen(A, home.items(), Seen::Pushed);
    assert!(home.task(0).is_open(), "a push alone may be old");
    home.visits(A);
    let state = home.task(0).state;
    assert!(matches!(state, TaskState::Dismissed { .. }), "{state:?}");
}

#[test]
fn an_older_listing_right_after_the_adding_is_no_wish() {
    let mut home = bound_just_now();
    home.seen(A, vec![own("x")], Seen::Pushed);
    home.visits(A);
    assert!(home.task(0).is_open());
    assert!(home.task(0).item.is_some_and(|i| i.listed.is_some()));
}

#[test]
fn a_list_made_anew_right_after_the_adding_is_no_wish() {
    let mut home = bound_just_now();
    home.list.person(|s| s.shelf.items.clear());
    home.seen(A, vec![], Seen::First);
    home.list.person(|s| s.shelf.items.push(own("y")));
    home.seen(A, home.items(), Seen::Pushed);
    home.visits(A);
    assert!(home.task(0).is_open(), "{:?}", home.task(0).state);
}

#[test]
fn a_list_that_goes_on_after_an_outage_can_say_that_an_item_was_deleted() {
    let mut home = messy(127);
    home.list.person(|s| s.shelf.items.remove(0));
    home.seen(A, home.items(), Seen::First);
    let states: Vec<TaskState> = home.tasks().iter().map(|t| t.state).collect();
    assert!(
        matches!(states[0], TaskState::Dismissed { .. }),
        "{states:?}"
    );
    assert!(home.task(1).is_open());
}

#[test]
fn a_list_replaced_during_an_outage_says_nothing_of_wishes() {
    let mut home = messy(127);
    home.seen(A, vec![own("x"), own("y")], Seen::First);
    assert!(home.tasks().iter().all(crate::domain::task::Task::is_open));
}

#[test]
fn an_item_under_another_uid_is_known_by_its_mark() {
    let mut home = messy(127);
    home.list.person(|s| {
        for (n, item) in s.shelf.items.iter_mut().enumerate() {
            item.uid = Uid(format!("restored {n}"));
        }
    });
    home.seen(A, home.items(), Seen::Pushed);
    assert!(home.tasks().iter().all(crate::domain::task::Task::is_open));
    home.does(Event::Command(Command::MarkAllDone(home.task(0).zone)));
    home.visits(A);
    let done = |i: &crate::domain::todo::Item| i.status == ItemStatus::Completed;
    assert!(home.items().iter().all(done) && home.items().len() == 2);
}

#[test]
fn a_list_that_lost_its_features_says_so_and_takes_nothing() {
    let mut home = messy(127);
    home.list.person(|s| s.shelf.features = Features(1));
    home.does(Event::Command(Command::TaskDone(home.task(0).id)));
    let visited = home.visit_raw(A);
    assert!(visited.error.is_some());
    assert_eq!(home.items().len(), 2);
}

#[test]
fn an_item_deleted_between_our_look_and_our_tick_is_no_trouble() {
    let mut home = messy(127);
    home.does(Event::Command(Command::TaskDone(home.task(0).id)));
    home.list.person(|s| s.snatched = true);
    let visited = home.visit_raw(A);
    assert_eq!(visited.error, None);
    for event in visited.events {
        home.does(event);
    }
    assert_eq!(home.h.waiting(&l(A)), []);
}

#[test]
fn what_waited_for_hours_is_applied_in_the_order_in_which_it_was_wished() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.list.person(|s| s.away = true);
    home.sees(&["Wash the dishes", "Make the bed"], &[]);
    home.visits(A);
    home.now += jiff::SignedDuration::from_hours(5);
    home.sees(&["Fold the blanket"], &[]);
    home.visits(A);
    home.reboot(vec![zone("Kitchen", A)]);
    home.does(Event::Command(Command::TaskDone(home.task(1).id)));
    home.list.person(|s| s.away = false);
    home.visits(A);
    let added = home.list.person(|s| s.added.clone());
    // What was done before it could be added is not added at all.
    assert_eq!(added, ["Wash the dishes", "Fold the blanket"]);
    assert_eq!(home.h.waiting(&l(A)), []);
}

#[test]
fn a_list_that_does_not_keep_our_mark_gets_each_item_once() {
    for kept in [
        None,
        Some("Seen by AICleaner [aicl"),
        Some("Seen by AICleaner \\[aicleaner"),
    ] {
        let mut home = Home::new(127, vec![zone("Kitchen", A)]);
        home.list.person(|s| s.shelf.items.push(own("milk")));
        home.sees(&["Wash the dishes"], &[]);
        // Each visit as after a restart, or when it was patient for long enough.
        for _ in 0..4 {
            for event in home.visit_raw(A).events {
                home.does(event);
            }
            home.list.person(|s| {
                for item in s.shelf.items.iter_mut().filter(|i| i.uid.0 != "milk") {
                    item.description = kept.map(str::to_owned);
                }
            });
        }
        assert_eq!(home.items().len(), 2, "{kept:?}: {:?}", home.items());
        assert_eq!(home.h.waiting(&l(A)), [], "{kept:?}");
    }
}

#[test]
fn another_installation_s_item_with_our_words_is_not_ours_on_a_list_with_marks() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes"], &[]);
    for event in home.visit_raw(A).events {
        home.does(event);
    }
    // Between our saying so and our adding.
    home.list.person(|s| {
        let mut theirs = own("theirs");
        theirs.summary = "Wash the dishes".into();
        theirs.description = Some("Seen by AICleaner [aicleaner attic 1]".into());
        s.shelf.items.push(theirs);
    });
    home.visits(A);
    assert_eq!(home.items().len(), 2, "{:?}", home.items());
}
