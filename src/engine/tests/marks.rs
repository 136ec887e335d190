//! Whose an item is: several installations on one list, whose tasks have the
//! same ids, and items that an earlier version has put there.

use super::edges::home::{Home, l, own, zone};
use crate::domain::{
    command::Command,
    household::Event,
    mark::Marks,
    task::TaskState,
    todo::{Item, ItemStatus, Seen, Uid},
};

const A: &str = "todo.home";

fn installation(device_id: &str, room: &str) -> Home {
    let mut home = Home::new(127, vec![zone(room, A)]);
    home.h = home.h.clone().marking(Marks::of(device_id));
    home
}

/// The list of another one, as it is now.
fn shares_the_list(home: &mut Home, with: &Home) {
    let theirs = with.items();
    home.list.person(|s| {
        s.shelf.last = theirs.len() as u64;
        s.shelf.items = theirs;
    });
    home.seen(A, home.items(), Seen::First);
}

fn one_task() -> Home {
    let mut home = installation("aicleaner_v3", "Kitchen");
    home.list.person(|s| s.shelf.items.push(own("milk")));
    home.seen(A, home.items(), Seen::First);
    home.sees(&["Wash the dishes"], &[]);
    home.visits(A);
    home
}

/// What an earlier version wrote, and under uids that the list has given anew.
fn made_old(items: &mut [Item], home: &Home) {
    for item in items.iter_mut().filter(|i| i.description.is_some()) {
        item.uid = Uid(format!("{} again", item.uid.0));
        item.description = Some(format!("Seen by AICleaner [aicleaner {}]", home.task(0).id));
    }
}

#[test]
fn another_installation_s_item_is_not_taken_for_ours() {
    for (device_id, room) in [("attic", "Hall"), ("aicleaner_v3", "Hall")] {
        let kitchen = one_task();
        let mut hall = installation(device_id, room);
        shares_the_list(&mut hall, &kitchen);
        hall.sees(&["Sweep the hall"], &[]);
        hall.visits(A);
        assert_eq!(hall.task(0).id, kitchen.task(0).id);
        assert_eq!(hall.items().len(), 3, "{device_id}: {:?}", hall.items());
    }
}

#[test]
fn what_becomes_of_our_item_is_not_read_from_another_installation_s() {
    let kitchen = one_task();
    let mut attic = installation("attic", "Attic");
    shares_the_list(&mut attic, &kitchen);
    attic.sees(&["Sweep the attic"], &[]);
    attic.visits(A);
    attic.person(A, |items| items.retain(|i| i.summary != "Sweep the attic"));
    let state = attic.task(0).state;
    assert!(matches!(state, TaskState::Dismissed { .. }), "{state:?}");
    assert_eq!(attic.items(), kitchen.items());
}

#[test]
fn another_installation_s_old_item_beside_ours_is_not_ours() {
    let kitchen = one_task();
    let mut attic = installation("attic", "Attic");
    shares_the_list(&mut attic, &kitchen);
    attic
        .list
        .person(|s| made_old(&mut s.shelf.items, &kitchen));
    attic.seen(A, attic.items(), Seen::First);
    attic.sees(&["Sweep the attic"], &[]);
    attic.visits(A);
    assert_eq!(attic.items().len(), 3, "{:?}", attic.items());
    attic.person(A, |items| items.retain(|i| i.summary != "Sweep the attic"));
    let state = attic.task(0).state;
    assert!(matches!(state, TaskState::Dismissed { .. }), "{state:?}");
}

#[test]
fn an_item_with_an_old_mark_is_still_known_also_in_a_person_s_words() {
    for words in ["Wash the dishes", "Wash up, please"] {
        let mut home = one_task();
        home.list.person(|s| {
            for item in s.shelf.items.iter_mut().filter(|i| i.description.is_some()) {
                item.description = Some("Seen by AICleaner [aicleaner 1]".into());
            }
        });
        assert_eq!(home.task(0).id.0, 1);
        home.seen(A, home.items(), Seen::Pushed);
        let old = home.h.clone();
        home.person(A, |items| {
            for item in items.iter_mut().filter(|i| i.description.is_some()) {
                item.uid = Uid("another".into());
                item.summary = words.into();
            }
        });
        assert!(home.task(0).is_open(), "{words}: {:?}", home.task(0).state);
        assert_ne!(old.bound_items(&l(A)), home.h.bound_items(&l(A)));
        home.does(Event::Command(Command::TaskDone(home.task(0).id)));
        home.visits(A);
        let ours = home.items().into_iter().find(|i| i.uid.0 == "another");
        assert_eq!(ours.map(|i| i.status), Some(ItemStatus::Completed));
    }
}

#[test]
fn what_an_earlier_version_was_about_to_learn_is_learnt() {
    let mut home = installation("attic", "Kitchen");
    home.sees(&["Wash the dishes"], &[]);
    // It said that it is about to add, added, and was replaced by this one.
    for event in home.visit_raw(A).events {
        home.does(event);
    }
    let _ = home.visit_raw(A);
    let added = home.items();
    assert_eq!(added.len(), 1);
    home.list
        .person(|s| s.shelf.items[0].description = Some("[aicleaner 1]".into()));
    home.visits(A);
    assert_eq!(home.items().len(), 1, "{:?}", home.items());
    assert_eq!(home.task(0).item.map(|i| i.uid), Some(added[0].uid.clone()));
}

#[test]
fn an_item_that_a_restored_copy_has_not_added_itself_is_taken_by_words_and_mark() {
    let kitchen = one_task();
    let mut restored = installation("aicleaner_v3", "Kitchen");
    shares_the_list(&mut restored, &kitchen);
    restored.sees(&["Wash the dishes"], &[]);
    restored.visits(A);
    assert_eq!(restored.items(), kitchen.items());
    assert!(restored.h.waiting(&l(A)).is_empty());
}
