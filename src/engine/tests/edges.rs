//! Edges of the household, each found by attacking it: late answers, lists in
//! trouble, odd lists, options that change meanwhile.

pub mod home;

use std::collections::BTreeSet;

use jiff::SignedDuration;

use self::home::{Home, l, own, zone};
use super::household_world::disk::boot;
use crate::domain::{
    command::Command,
    household::Event,
    task::TaskState,
    todo::{ItemStatus, Seen, Uid, Want},
    zone::ZoneId,
};

const A: &str = "todo.home";

fn one_task() -> Home {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes"], &[]);
    home.visits(A);
    assert_eq!(home.items().len(), 1);
    assert!(home.task(0).is_open());
    home
}

#[test]
fn an_item_astray_is_not_dismissed_by_the_next_push() {
    let mut home = one_task();
    home.seen(A, vec![], Seen::First); // outage: list empty, unknown
    assert!(home.task(0).is_open());
    home.seen(A, vec![own("x")], Seen::Pushed); // the person adds milk
    assert!(
        home.task(0).is_open(),
        "dismissed: {:?}",
        home.task(0).state
    );
}

#[test]
fn an_item_astray_is_not_dismissed_after_a_restart() {
    let mut home = one_task();
    home.seen(A, vec![], Seen::First);
    home.reboot(vec![zone("Kitchen", A)]);
    home.seen(A, vec![own("x")], Seen::First);
    assert!(
        home.task(0).is_open(),
        "dismissed: {:?}",
        home.task(0).state
    );
}

#[test]
fn mass_vanishing_then_one_ticked_elsewhere_dismisses_the_rest() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(
        &["Wash the dishes", "Make the bed", "Fold the blanket"],
        &[],
    );
    home.visits(A);
    home.seen(A, vec![own("x")], Seen::Pushed); // three at once: in trouble
    assert_eq!(home.tasks().iter().filter(|t| t.is_open()).count(), 3);
    let id = home.task(0).id;
    home.does(Event::Command(Command::TaskDone(id)));
    home.list.person(|s| s.shelf.items = vec![own("x")]);
    home.visits(A);
    home.seen(A, vec![own("x")], Seen::Pushed);
    let open = home.tasks().iter().filter(|t| t.is_open()).count();
    assert_eq!(
        open,
        2,
        "{:?}",
        home.tasks().iter().map(|t| t.state).collect::<Vec<_>>()
    );
}

#[test]
fn an_empty_list_after_an_outage_read_by_a_visit_is_no_wish() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes", "Make the bed"], &[]);
    home.visits(A);
    // Home Assistant away; the page ticks one; HA comes back with an empty list.
    let id = home.task(0).id;
    home.does(Event::Command(Command::TaskDone(id)));
    home.list.person(|s| s.shelf.items.clear());
    home.visits(A); // engine gives fresh: false always (lists.rs, visited())
    assert!(home.task(1).is_open(), "settled: {:?}", home.task(1).state);
}

#[test]
fn an_item_that_comes_back_was_not_deleted() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes", "Make the bed"], &[]);
    home.visits(A);
    let all = home.items();
    home.seen(A, vec![all[0].clone()], Seen::Pushed); // a glitch, or an undo
    home.seen(A, all, Seen::Pushed);
    assert!(
        home.task(1).is_open(),
        "orphan item on the list, task {:?}",
        home.task(1).state
    );
}

#[test]
fn a_tick_on_an_item_whose_adding_was_not_answered_stays() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes"], &[]);
    let v = home.visit_raw(A); // attempted
    for e in v.events {
        home.does(e);
    }
    home.list.person(|s| s.lost_in = Some(2)); // items, features, then add: lost
    let v = home.visit_raw(A);
    assert!(v.error.is_some());
    for e in v.events {
        home.does(e);
    }
    home.list.person(|s| {
        s.lost_in = None;
        s.shelf.items[0].status = ItemStatus::Completed;
    });
    assert_eq!(home.items().len(), 1);
    home.visits(A);
    assert_eq!(
        home.items()[0].status,
        ItemStatus::Completed,
        "took a person's tick back"
    );
}

#[test]
fn a_late_binding_on_the_old_list_does_not_steal_the_task() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes"], &[]);
    let id = home.task(0).id;
    // added on A, answer lost
    home.does(Event::TodoAttempted {
        task: id,
        list: l(A),
        before: BTreeSet::new(),
    });
    // options: another list; restart
    home.reboot(vec![zone("Kitchen", "todo.b")]);
    // the new list answers first …
    home.does(Event::ItemBound {
        task: id,
        list: l("todo.b"),
        uid: Uid("b1".into()),
        words: None,
    });
    home.does(Event::TodoApplied {
        task: id,
        list: l("todo.b"),
        want: Want::Open,
        found: true,
    });
    // … the old one is back later: its item is found by the mark and removed
    home.does(Event::ItemBound {
        task: id,
        list: l(A),
        uid: Uid("a1".into()),
        words: None,
    });
    home.does(Event::TodoApplied {
        task: id,
        list: l(A),
        want: Want::Removed,
        found: true,
    });
    let item = home.task(0).item.unwrap();
    assert_eq!(item.list, l("todo.b"), "bound to {item:?}");
}

#[test]
fn a_reopened_task_goes_to_the_zones_list_of_today() {
    let mut home = one_task();
    let id = home.task(0).id;
    home.sees(&[], &[(id, 0.99)]);
    home.visits(A);
    home.reboot(vec![zone("Kitchen", "todo.b")]);
    home.now += SignedDuration::from_hours(2);
    home.sees(&["Wash the dishes"], &[]);
    assert!(
        !home.h.waiting(&l("todo.b")).is_empty(),
        "waiting: A {:?}",
        home.h.waiting(&l(A))
    );
}

#[test]
fn one_answer_that_names_an_id_twice_is_one_reading() {
    let mut home = one_task();
    let id = home.task(0).id;
    home.sees(&[], &[(id, 0.5), (id, 0.5)]);
    assert!(home.task(0).is_open(), "{:?}", home.task(0).state);
}

#[test]
fn a_deletion_that_crosses_our_tick_does_not_teach_that_the_list_drops() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes", "Make the bed"], &[]);
    home.visits(A);
    let (one, two) = (home.task(0).id, home.task(1));
    // the camera ticks off, at the same time the person deletes that item
    home.sees(&[], &[(one, 0.99)]);
    let gone = home.task(0).item.unwrap().uid;
    home.list
        .person(|s| s.shelf.items.retain(|i| i.uid != gone));
    home.visits(A);
    // now the person deletes the other: "not a task"
    let uid = two.item.unwrap().uid;
    home.list.person(|s| s.shelf.items.retain(|i| i.uid != uid));
    let items = home.items();
    home.seen(A, items, Seen::Pushed);
    assert!(
        matches!(home.task(1).state, TaskState::Dismissed { .. }),
        "{:?}",
        home.task(1).state
    );
}

/// A list that drops ticked items; the visit's own listing is read before the
/// push, as a person's deletion would have it: so it is believed the second time.
#[test]
fn dropping_is_learnt_when_visits_end_before_the_push() {
    let mut home = Home::new(127, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes", "Make the bed", "Sweep the floor"], &[]);
    home.visits(A);
    for n in 0..2 {
        home.sees(&[], &[(home.task(n).id, 0.99)]);
        let v = home.visit_raw(A);
        for e in v.events {
            home.does(e);
        }
        home.seen(A, v.items.unwrap(), Seen::Read); // the visit's, with its own tick in it
        home.person(A, |items| {
            items.retain(|i| i.status == ItemStatus::NeedsAction);
        });
    }
    home.person(A, Vec::clear); // a person ticks the last
    let state = home.task(2).state;
    assert!(matches!(state, TaskState::Done { .. }), "{state:?}");
}

#[test]
fn a_list_that_can_never_be_cleared_is_not_filled() {
    let mut home = Home::new(1 | 64, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes"], &[]);
    home.visits(A);
    let id = home.task(0).id;
    home.sees(&[], &[(id, 0.99)]);
    home.visits(A);
    home.now += SignedDuration::from_hours(30);
    home.sees(&["Wash the dishes"], &[]);
    home.visits(A);
    let open = home
        .items()
        .iter()
        .filter(|i| i.status == ItemStatus::NeedsAction)
        .count();
    assert_eq!(open, 0, "{:?}", home.items());
}

#[test]
fn a_list_that_can_delete_but_not_update_gets_done_items_removed() {
    let mut home = Home::new(1 | 2 | 64, vec![zone("Kitchen", A)]);
    home.sees(&["Wash the dishes"], &[]);
    home.visits(A);
    let id = home.task(0).id;
    home.sees(&[], &[(id, 0.99)]);
    home.visits(A);
    assert!(
        home.h.waiting(&l(A)).is_empty(),
        "stuck for ever: {:?}",
        home.h.waiting(&l(A))
    );
}

#[test]
fn a_clock_set_back_does_not_make_a_dismissal_last_for_years() {
    let mut home = one_task();
    let id = home.task(0).id;
    home.now += SignedDuration::from_hours(24 * 365 * 5); // wrong clock
    home.does(Event::Command(Command::DismissTask(id)));
    home.visits(A);
    home.now -= SignedDuration::from_hours(24 * 365 * 5); // NTP
    for _ in 0..2 {
        home.now += SignedDuration::from_hours(24 * 15);
        home.sees(&["Wash the dishes"], &[]);
    }
    assert_eq!(home.tasks().len(), 2, "still dismissed");
}

#[test]
fn a_broken_zone_and_a_new_one_with_its_camera_is_no_rename() {
    let mut home = one_task();
    // "Kitchen" has a broken option (left out), and a new zone looks through the same camera
    let mut new = zone("Pantry", "todo.pantry");
    new.cameras = vec!["camera.kitchen".into()];
    home.h = boot(&home.disk);
    home.does(Event::Configured {
        zones: vec![new.clone()],
        complete: false,
    });
    let pantry = home.h.zones().next().unwrap().zone.clone();
    assert_ne!(
        pantry.id,
        ZoneId(1),
        "Pantry took Kitchen's history; its items move: {:?}",
        home.h.waiting_lists()
    );
}

#[test]
fn a_deleted_item_with_two_zones_of_one_list_same_words() {
    let mut home = Home::new(7, vec![zone("Kitchen", A), zone("Hall", A)]);
    home.sees(&["Tidy up: left"], &[]);
    home.visits(A);
    let item = home.task(0).item.unwrap();
    // one zone goes (shared → not shared), restart
    home.reboot(vec![zone("Kitchen", A)]);
    home.visits(A);
    assert_eq!(home.task(0).item.unwrap().uid, item.uid);
    assert_eq!(home.items().len(), 1);
}

/// No marks; the sharing changes between the adding and its answer.
#[test]
fn sharing_changes_while_an_adding_is_unanswered() {
    let mut home = Home::new(7, vec![zone("Kitchen", A)]);
    home.sees(&["Tidy up: left"], &[]);
    let v = home.visit_raw(A);
    for e in v.events {
        home.does(e);
    }
    home.list.person(|s| s.lost_in = Some(2));
    let _ = home.visit_raw(A);
    home.list.person(|s| s.lost_in = None);
    assert_eq!(home.items().len(), 1);
    home.reboot(vec![zone("Kitchen", A), zone("Hall", A)]);
    let id = home.task(0).id;
    home.does(Event::Command(Command::TaskDone(id))); // queued anew, with the zone's name
    home.visits(A);
    let open = home
        .items()
        .iter()
        .filter(|i| i.status == ItemStatus::NeedsAction)
        .count();
    assert_eq!(
        open,
        0,
        "our item is left open for ever: {:?}",
        home.items()
    );
}

#[test]
fn untick_where_the_mess_was_seen_again_leaves_no_orphan() {
    let mut home = one_task();
    let id = home.task(0).id;
    home.does(Event::Command(Command::TaskDone(id)));
    home.visits(A);
    home.sees(&[], &[]);
    home.sees(&[], &[]); // seen gone
    home.sees(&["Wash the dishes"], &[]); // and back: a new task, a new item
    home.visits(A);
    // the person un-ticks the old item
    home.list
        .person(|s| s.shelf.items[0].status = ItemStatus::NeedsAction);
    let items = home.items();
    home.seen(A, items, Seen::Pushed);
    let ids: Vec<_> = home
        .tasks()
        .iter()
        .filter(|t| t.is_open())
        .map(|t| (t.id, 0.99))
        .collect();
    home.sees(&[], &ids);
    home.visits(A);
    let open = home
        .items()
        .iter()
        .filter(|i| i.status == ItemStatus::NeedsAction)
        .count();
    assert_eq!(open, 0, "all done, yet on the list: {:?}", home.items());
}
