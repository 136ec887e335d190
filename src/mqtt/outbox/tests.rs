//! What is sent, when, and what is not sent again.

use super::*;
use crate::settings::network::is_at_home;

fn outbox() -> Outbox {
    Outbox::new(1024)
}

fn topics(outbox: &mut Outbox, now: Instant) -> Vec<String> {
    std::iter::from_fn(|| outbox.next(now))
        .map(|publish| publish.topic)
        .collect()
}

#[test]
fn the_latest_value_counts_and_an_unchanged_one_is_not_sent_again() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::State, "a", "1");
    outbox.set(Stage::State, "a", "2");
    assert_eq!(outbox.next(now).unwrap().payload, "2");
    outbox.set(Stage::State, "a", "2");
    assert_eq!(outbox.next(now), None);
    outbox.republish();
    assert_eq!(outbox.next(now).unwrap().payload, "2");
}

#[test]
fn discovery_comes_first_availability_last() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::Availability, "a", "online");
    outbox.set(Stage::State, "b", "1");
    outbox.set(Stage::Discovery, "c", "{}");
    assert_eq!(topics(&mut outbox, now), ["c", "b", "a"]);
}

#[test]
fn an_oversize_value_is_refused_and_the_old_one_stays() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::State, "a", "small");
    outbox.set(Stage::State, "a", vec![b'x'; 1024]);
    assert_eq!(outbox.next(now).unwrap().payload, "small");
    assert_eq!(outbox.next(now), None);
}

#[test]
fn two_payloads_for_one_device_keep_their_distance() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::Discovery, "c", "one");
    assert!(outbox.next(now).is_some());
    outbox.set(Stage::Discovery, "c", "two");
    assert_eq!(outbox.next(now), None);
    let due = outbox.due(now).unwrap();
    assert!(due >= now + Duration::from_secs(1));
    assert_eq!(outbox.next(due).unwrap().payload, "two");
    // The same payload may be repeated at once: Home Assistant ignores it.
    outbox.republish();
    assert!(outbox.next(due).is_some());
}

#[test]
fn pictures_wait_for_listeners_and_are_not_retained() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::Picture, "p", "jpeg");
    outbox.set(Stage::Discovery, "c", "{}");
    assert_eq!(topics(&mut outbox, now), ["c"]);
    let picture = outbox.next(outbox.due(now).unwrap()).unwrap();
    assert_eq!((picture.topic.as_str(), picture.retain), ("p", false));
    // Later pictures go at once.
    let later = now + Duration::from_mins(1);
    outbox.set(Stage::Picture, "p", "jpeg 2");
    assert!(outbox.next(later).is_some());
}

#[test]
fn what_is_out_of_the_broker_is_not_taken_out_again() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::State, "s", "1");
    outbox.clear(Stage::State, "s");
    outbox.acknowledged();
    assert!(outbox.next(now).is_some(), "not before it was said");
    // The connection broke before anybody confirmed it.
    outbox.republish();
    assert!(outbox.next(now).is_some());
    outbox.acknowledged();
    outbox.republish();
    assert_eq!(outbox.next(now), None);
}

#[test]
fn a_start_of_home_assistant_does_not_take_out_again_what_is_on_its_way() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::State, "kept", "1");
    outbox.clear(Stage::State, "gone");
    let later = now + Duration::from_mins(1);
    assert_eq!(topics(&mut outbox, later), ["gone", "kept"]);
    outbox.say_again();
    assert_eq!(topics(&mut outbox, later), ["kept"]);
    // Only one that has not been said yet still is.
    outbox.clear(Stage::State, "kept");
    outbox.say_again();
    assert_eq!(topics(&mut outbox, later), ["kept"]);
}

#[test]
fn a_cleared_state_goes_after_the_device_is_gone() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.set(Stage::Discovery, "c", "{}");
    outbox.set(Stage::State, "s", "1");
    topics(&mut outbox, now);
    let later = now + Duration::from_mins(1);
    outbox.clear(Stage::Discovery, "c");
    outbox.clear(Stage::State, "s");
    let config = outbox.next(later).unwrap();
    assert_eq!((config.topic.as_str(), config.payload.len()), ("c", 0));
    assert_eq!(outbox.next(later), None);
    let state = outbox.next(outbox.due(later).unwrap()).unwrap();
    assert!(state.payload.is_empty() && state.retain);
}

#[test]
fn a_picture_stays_here_unless_the_broker_is_known_to_be_at_home() {
    let (mut outbox, now) = (outbox(), Instant::now());
    outbox.keep_at_home(true);
    outbox.set(Stage::State, "a", "1");
    outbox.set(Stage::Picture, "p", "jpeg");
    assert_eq!(
        topics(&mut outbox, now),
        ["a"],
        "nobody knows where the broker is"
    );

    let outside = "203.0.113.7".parse().unwrap();
    outbox.broker_is_at_home(is_at_home(outside));
    assert!(outbox.withholds());
    outbox.republish();
    outbox.say_again();
    outbox.resend("p");
    outbox.set(Stage::Picture, "p", "another jpeg");
    assert_eq!(topics(&mut outbox, now), ["a"]);
    assert_eq!(outbox.due(now), None, "nothing waits");

    let home = "172.30.33.2".parse().unwrap();
    outbox.broker_is_at_home(is_at_home(home));
    assert_eq!(outbox.next(now).unwrap().payload, "another jpeg");
    // Another connection, and the option switched off.
    outbox.broker_is_at_home(is_at_home(outside));
    outbox.republish();
    assert_eq!(topics(&mut outbox, now), ["a"]);
    outbox.keep_at_home(false);
    assert_eq!(topics(&mut outbox, now), ["p"]);
    outbox.set(Stage::Picture, "p", "a third");
    outbox.keep_at_home(true);
    assert_eq!(outbox.next(now), None, "what waited stays as well");
}
