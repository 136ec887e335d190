//! What a household says about pictures changes how they are judged, for good.

use serde_json::Value;

use crate::program::{Service, room, send};

fn score(zone: &Value) -> i64 {
    zone["reading"]["score"].as_i64().unwrap()
}

/// Asks for something and gives status and answer.
fn ask(service: &Service, method: &str, what: &str) -> (u16, String) {
    send(service.page, method, &format!("/api/v1/{what}"), "{}")
}

/// Says something about the kitchen, and gives it as it was judged then: with
/// a score that is `right`. A check that was under way does not know of it yet.
fn say(service: &mut Service, method: &str, what: &str, right: impl Fn(i64) -> bool) -> Value {
    let before = service.zone().unwrap()["reading"]["at"].clone();
    let (status, told) = ask(service, method, &format!("zones/kitchen/{what}"));
    assert!(status < 300, "{method} {what}: {status} {told}");
    let mut zone = Value::Null;
    let page = service.page;
    service.until("judged again", || {
        let seen = crate::program::get(page, "/api/v1/zones").map(|(_, body)| body);
        let seen: Value = seen.map_or(Value::Null, |b| serde_json::from_str(&b).unwrap());
        zone = seen["zones"][0].clone();
        zone["reading"]["at"] != before && right(score(&zone))
    });
    zone
}

#[test]
fn a_household_is_believed_across_a_restart_until_it_takes_its_word_back() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    let shipped = service.until_judged();
    assert_eq!(shipped["lessons"], 0);
    let (status, told) = ask(&service, "DELETE", "zones/kitchen/lessons/last");
    assert!(
        status == 409 && told.contains("Nothing was learnt"),
        "{status} {told}"
    );

    let (low, any) = (score(&shipped), |_| true);
    assert!(low < 50, "{shipped}");
    let learnt = say(&mut service, "POST", "tidy", |score| score > 55);
    assert_eq!(learnt["lessons"], 1);
    let high = score(&learnt);

    service.signal("TERM");
    assert_eq!(service.ended(), Some(0));
    service.start();
    service.until_ready();
    assert_eq!(service.zone().unwrap()["lessons"], 1);
    let again = say(&mut service, "POST", "check", any);
    assert_eq!(score(&again), high);

    let torn = say(&mut service, "POST", "messy", |score| score < high);
    assert_eq!(torn["lessons"], 2);
    let back = say(&mut service, "DELETE", "lessons/last", |score| {
        score == high
    });
    assert_eq!(back["lessons"], 1);
    let reset = say(&mut service, "DELETE", "lessons", |score| score == low);
    assert_eq!(reset["lessons"], 0);
}

#[test]
fn what_is_no_task_is_a_lesson_as_well() {
    let mut service = Service::new();
    service.one_zone(&room("living_room/day-20.jpg"));
    service.start();
    service.until_judged();
    let confirmed = say(&mut service, "POST", "check", |_| true);
    let task = confirmed["tasks"][0]["id"].as_u64().unwrap();
    let (status, told) = ask(&service, "POST", &format!("tasks/{task}/dismiss"));
    assert!(status < 300, "{status} {told}");
    assert_eq!(service.zone().unwrap()["lessons"], 1);
    let before = score(&confirmed);
    say(&mut service, "POST", "check", |score| score > before);
}
