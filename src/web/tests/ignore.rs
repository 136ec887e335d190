//! What is no task, over HTTP.

use super::*;
use crate::domain::ignore::{LearntRule, RuleSource};

async fn said(world: &World, what: &str, rule: &str) -> Answer {
    let body = json!({ "rule": rule }).to_string();
    let more = format!(
        "content-type: application/json\r\nx-requested-with: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    ask(world.ingress, what, &more).await
}

const RULES: &str = "/api/v1/zones/kitchen/ignore";

#[tokio::test]
async fn rules_are_shown_with_where_they_come_from() {
    let world = world().await;
    let mut kitchen = kitchen();
    kitchen.zone.options.ignore = vec!["shoes".into()];
    kitchen.rules = vec![LearntRule {
        text: "the dog bed".into(),
        from: RuleSource::Page,
        since: at(0),
    }];
    world.view.send_replace(Arc::new(view(vec![kitchen])));
    let shown = ask(world.ingress, &format!("GET {RULES}"), "").await.json();
    assert_eq!(
        shown["rules"][0],
        json!({ "rule": "shoes", "from": "options" })
    );
    assert_eq!(shown["rules"][1]["rule"], "the dog bed");
    assert_eq!(shown["rules"][1]["from"], "page");
}

#[tokio::test]
async fn a_rule_is_tested_added_and_taken_back() {
    let world = world().await;
    let tested = said(&world, &format!("POST {RULES}/test"), " the  dog bed").await;
    assert_eq!(tested.status, 200);
    let tested = tested.json();
    assert_eq!(tested["rule"], "the dog bed");
    assert_eq!(tested["tasks"][0]["title"], "Something with the dog bed");
    assert_eq!(tested["tasks"][0]["state"]["is"], "open");
    assert!(
        world.heard.lock().unwrap().is_empty(),
        "a test changes nothing"
    );

    assert_eq!(
        said(&world, &format!("POST {RULES}"), "shoes").await.status,
        202
    );
    assert_eq!(
        said(&world, &format!("DELETE {RULES}"), "shoes")
            .await
            .status,
        202
    );
    assert_eq!(
        *world.heard.lock().unwrap(),
        [
            Command::AddRule(ZoneId(7), "shoes".into(), RuleSource::Page),
            Command::ForgetRule(ZoneId(7), "shoes".into()),
        ]
    );
}

#[tokio::test]
async fn what_is_no_rule_is_refused_in_a_sentence() {
    let world = world().await;
    for (what, rule, status) in [
        (format!("POST {RULES}"), "", 400),
        (format!("POST {RULES}"), "the", 400),
        (format!("POST {RULES}/test"), "...", 400),
        ("POST /api/v1/zones/attic/ignore".into(), "shoes", 404),
    ] {
        let answer = said(&world, &what, rule).await;
        assert_eq!(answer.status, status, "{what} {rule}");
        assert!(answer.json()["error"].as_str().unwrap().ends_with('.'));
    }
    let answer = post(world.ingress, RULES).await;
    assert_eq!(answer.status, 400);
    assert!(world.heard.lock().unwrap().is_empty());
}
