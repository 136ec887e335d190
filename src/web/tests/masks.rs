//! Masks by HTTP, with a stand-in for the engine.

use super::{super::*, world::*};
use crate::domain::{
    command::Command,
    mask::{Mask, Masks, Polygon},
    zone::ZoneId,
};

const CAMERA: &str = "http://user:secret@camera/pic";

async fn write(world: &World, method: &str, path: &str, body: &str) -> Answer {
    let more = format!(
        "content-type: application/json\r\nx-requested-with: test\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let what = format!("{method} /api/v1/zones/kitchen/{path}");
    ask(world.ingress, &what, &more).await
}

fn corner() -> Polygon {
    Polygon::try_from(vec![[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]).unwrap()
}

fn drawn() -> Masks {
    Masks::Drawn(vec![Mask {
        camera: CAMERA.into(),
        areas: vec![corner()],
        drawn_on: Some((1024, 576)),
    }])
}

const CORNER: &str = "[[[0,0],[0.5,0],[0,0.5]]]";

#[tokio::test]
async fn masks_reach_the_engine_under_their_cameras_and_are_shown_without() {
    let world = world().await;
    let shown = ask(world.ingress, "GET /api/v1/zones/kitchen/masks", "").await;
    let before = shown.json();
    assert_eq!(before["cameras"][0]["areas"], serde_json::json!([]));
    assert!(!String::from_utf8_lossy(&shown.body).contains("secret"));

    let revision = before["revision"].as_str().unwrap();
    let body = format!(
        r#"{{"revision":"{revision}","cameras":[{{"areas":{CORNER},"drawn_on":[1024,576]}}]}}"#
    );
    let answer = write(&world, "PUT", "masks", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let heard = world.heard.lock().unwrap().clone();
    assert_eq!(heard, [Command::Mask(ZoneId(7), drawn())]);

    let mut masked = kitchen();
    masked.masks = drawn();
    world.view.send_replace(Arc::new(view(vec![masked])));
    let shown = ask(world.ingress, "GET /api/v1/zones/kitchen/masks", "").await;
    let areas = &shown.json()["cameras"][0]["areas"];
    assert_eq!(
        *areas,
        serde_json::json!([[[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]])
    );
    let house = ask(world.ingress, "GET /api/v1/zones", "").await.json();
    assert_eq!(house["zones"][0]["masked_areas"], 1);

    let mut lost = kitchen();
    lost.masks = Masks::Unreadable;
    world.view.send_replace(Arc::new(view(vec![lost])));
    let shown = ask(world.ingress, "GET /api/v1/zones/kitchen/masks", "").await;
    let problem = shown.json()["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains("cannot be read any more"), "{problem}");
}

#[tokio::test]
async fn areas_of_a_camera_that_was_not_looked_at_stay_on_their_picture() {
    let world = world().await;
    let mut masked = kitchen();
    masked.masks = drawn();
    world.view.send_replace(Arc::new(view(vec![masked])));
    let moved = "[[[0,0],[0.4,0],[0,0.4]]]";
    for areas in [CORNER, moved] {
        let body = format!(r#"{{"cameras":[{{"areas":{areas}}}]}}"#);
        assert_eq!(write(&world, "PUT", "masks", &body).await.status, 202);
    }
    let heard = world.heard.lock().unwrap().clone();
    assert_eq!(heard[0], Command::Mask(ZoneId(7), drawn()));
    let Command::Mask(_, Masks::Drawn(masks)) = &heard[1] else {
        panic!("{heard:?}")
    };
    assert_eq!(masks[0].drawn_on, None);
}

#[tokio::test]
async fn what_makes_no_mask_is_refused_in_words() {
    let world = world().await;
    for (body, status, why) in [
        (
            r#"{"cameras":[]}"#.into(),
            409,
            "has 1 cameras and masks came for 0",
        ),
        (
            format!(r#"{{"revision":"0","cameras":[{{"areas":{CORNER}}}]}}"#),
            409,
            "cameras of this room changed",
        ),
        (
            r#"{"cameras":[{"areas":[[[0,0],[2,0],[0,1]]]}]}"#.into(),
            400,
            "a corner of a mask lies at 2",
        ),
        (r#"{"cameras":[{"polygons":[]}]}"#.into(), 400, "polygons"),
        (
            r#"{"cameras":[{"areas":[[[0,0],[1,0],[1,1],[0,1]]]}]}"#.into(),
            422,
            "hides nearly the whole picture",
        ),
    ] {
        let answer = write(&world, "PUT", "masks", &body).await;
        let said = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, status, "{said}");
        assert!(said.contains(why), "{said}");
    }
    assert!(world.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn masks_are_as_well_guarded_as_everything_that_changes_something() {
    let world = world().await;
    let body = format!(r#"{{"cameras":[{{"areas":{CORNER}}}]}}"#);
    let length = body.len();
    let foreign = format!(
        "content-type: application/json\r\norigin: http://evil.example\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let form = format!("content-type: text/plain\r\ncontent-length: {length}\r\n\r\n{body}");
    for more in [foreign, form] {
        let answer = ask(world.ingress, "PUT /api/v1/zones/kitchen/masks", &more).await;
        assert!([403, 415].contains(&answer.status), "{}", answer.status);
        let answer = ask(world.ingress, "POST /api/v1/zones/kitchen/preview", &more).await;
        assert!([403, 415].contains(&answer.status), "{}", answer.status);
    }
    assert!(world.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_preview_is_asked_with_the_areas_as_they_are_drawn() {
    let world = world().await;
    let answer = write(&world, "POST", "preview", "{}").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"0 None"[..]));
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let draft = format!(r#"{{"camera":0,"areas":{CORNER}}}"#);
    let answer = write(&world, "POST", "preview", &draft).await;
    let shown = String::from_utf8(answer.body).unwrap();
    assert!(shown.contains("Polygon"), "{shown}");
    let answer = write(&world, "POST", "preview", r#"{"camera":1}"#).await;
    assert_eq!(answer.status, 404);
}
