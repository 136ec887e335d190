//! Leaving a room alone, over HTTP.

use super::*;
use crate::domain::snooze;

const SNOOZE: &str = "/api/v1/zones/kitchen/snooze";

async fn asked(world: &World, path: &str, body: &str, key: Option<&str>) -> Answer {
    let key = key.map_or(String::new(), |key| format!("idempotency-key: {key}\r\n"));
    let more = format!(
        "{key}content-type: application/json\r\nx-requested-with: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    ask(world.ingress, &format!("POST {path}"), &more).await
}

#[tokio::test]
async fn every_choice_of_the_entity_is_one_here() {
    let world = world().await;
    let house = ask(world.ingress, "GET /api/v1/zones", "").await.json();
    assert_eq!(house["snooze_choices"], json!(snooze::choices()));
    assert_eq!(house["zones"][0]["snooze"], "off");
    for choice in snooze::choices() {
        let body = json!({ "for": choice }).to_string();
        assert_eq!(asked(&world, SNOOZE, &body, None).await.status, 202);
    }
    let expected = snooze::CHOICES.map(|(minutes, _)| Command::Snooze(ZoneId(7), minutes));
    assert_eq!(*world.heard.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_request_that_is_sent_again_begins_nothing_anew() {
    let world = world().await;
    let (two, off) = (r#"{"for": "2 hours"}"#, r#"{"for": "off"}"#);
    for _ in 0..3 {
        assert_eq!(asked(&world, SNOOZE, two, Some("a")).await.status, 202);
    }
    assert_eq!(asked(&world, SNOOZE, off, Some("a")).await.status, 409);
    assert_eq!(asked(&world, SNOOZE, off, Some("b")).await.status, 202);
    assert_eq!(asked(&world, SNOOZE, two, Some("c")).await.status, 202);
    let minutes = [120, 0, 120].map(|minutes| Command::Snooze(ZoneId(7), minutes));
    assert_eq!(*world.heard.lock().unwrap(), minutes);
    // Only the latest are known again.
    for key in 0..64 {
        let key = key.to_string();
        assert_eq!(asked(&world, SNOOZE, off, Some(&key)).await.status, 202);
    }
    assert_eq!(asked(&world, SNOOZE, two, Some("a")).await.status, 202);
    assert_eq!(world.heard.lock().unwrap().len(), 3 + 64 + 1);
}

#[tokio::test]
async fn what_is_no_choice_is_refused_with_the_choices() {
    let world = world().await;
    for body in ["{}", r#"{"for": "forever"}"#, r#"{"for": 30}"#, "x"] {
        let answer = asked(&world, SNOOZE, body, None).await;
        assert_eq!(answer.status, 400, "{body}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains("30 minutes, 1 hour"), "{error}");
    }
    let attic = "/api/v1/zones/attic/snooze";
    let answer = asked(&world, attic, r#"{"for": "off"}"#, None).await;
    assert_eq!(answer.status, 404);
    let long = "k".repeat(129);
    let answer = asked(&world, SNOOZE, r#"{"for": "off"}"#, Some(&long)).await;
    assert_eq!(answer.status, 400);
    assert!(world.heard.lock().unwrap().is_empty());
}
