//! Masks in the running engine: what a judge, a snapshot, a clean picture and a
//! preview show of it.

use super::*;
use crate::{
    domain::{
        mask::{Mask, Masks, Polygon},
        view::ZoneView,
    },
    imaging::mask::HIDDEN,
    ports::{Frame, NewOptions, Preview},
};

const KITCHEN: ZoneId = ZoneId(1);

fn left_half() -> Polygon {
    Polygon::try_from(vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]).unwrap()
}

fn masks(camera: &str) -> Masks {
    Masks::Drawn(vec![Mask {
        camera: camera.into(),
        areas: vec![left_half()],
        drawn_on: None,
    }])
}

/// Whether the left half shows nothing, and the right half something.
fn is_masked(frame: &Frame) -> bool {
    let row = frame.width as usize * 3;
    let half = row / 2;
    let is_hidden = |part: &[u8]| part.chunks_exact(3).all(|pixel| pixel == HIDDEN);
    let mut rows = frame.rgb.chunks_exact(row);
    let left = rows.clone().all(|row| is_hidden(&row[..half]));
    left && rows.any(|row| !is_hidden(&row[half..]))
}

fn jpeg_is_masked(jpeg: &[u8]) -> bool {
    let picture = image::load_from_memory(jpeg).unwrap().into_rgb8();
    let near = |v: u8| v.abs_diff(HIDDEN[0]) <= 2;
    (0..picture.height()).all(|y| picture.get_pixel(10, y).0.into_iter().all(near))
}

impl Life {
    async fn preview(&self, camera: usize, areas: Option<Vec<Polygon>>) -> Result<Bytes, String> {
        let (reply, answer) = oneshot::channel();
        let asked = Message::Preview(Preview {
            zone: KITCHEN,
            camera,
            mask: areas.map(|areas| Mask {
                camera: "camera.kitchen".into(),
                areas,
                drawn_on: None,
            }),
            reply,
        });
        self.inbox.send(asked).await.unwrap();
        answer.await.unwrap()
    }

    fn shown(&self) -> Vec<Frame> {
        self.oracle.frames.lock().unwrap().clone()
    }

    async fn look(&mut self) -> ZoneView {
        let since = self.view.borrow().zones[0].last_check;
        self.command(Command::CheckNow(KITCHEN)).await.unwrap();
        let view = self.until("a look", |v| {
            let done = [ZoneStatus::Waiting, ZoneStatus::Failed].contains(&v.zones[0].status);
            done && v.zones[0].last_check > since
        });
        view.await.zones[0].clone()
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_answer_on_nothing_shows_what_is_hidden() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    assert!(!is_masked(&life.shown()[0]));
    life.command(Command::ThisIsClean(KITCHEN)).await.unwrap();
    let clean = |v: &View| checked(v, None) && v.zones[0].clean_pictures == Some(1);
    life.until("clean", clean).await;

    let masks = masks("camera.kitchen");
    let told = life.command(Command::Mask(KITCHEN, masks.clone())).await;
    assert_eq!(told, Ok(()));
    let view = life.until("masks", |v| v.zones[0].masks == masks).await;
    assert_eq!(view.zones[0].snapshot, None);
    let refused = life.command(Command::ThisIsClean(KITCHEN)).await;
    assert!(refused.unwrap_err().contains("no picture of Kitchen yet"));

    // The schedule looks again: it knows no picture with this mask yet.
    let asked = life.asked();
    let since = view.zones[0].last_check;
    let view = life.until("look", |v| checked(v, since)).await;
    assert_eq!(life.asked(), asked + 1);
    assert_eq!(life.oracle.references.load(Ordering::SeqCst), 0);
    assert!(is_masked(&life.shown()[0]));
    let snapshot = view.zones[0].snapshot.clone().unwrap();
    assert!(jpeg_is_masked(&snapshot));
    // And the next time it finds nothing changed.
    let since = view.zones[0].last_check;
    life.until("look", |v| checked(v, since)).await;
    assert_eq!(life.asked(), asked + 1);

    // A new clean picture has the mask, too.
    life.command(Command::ThisIsClean(KITCHEN)).await.unwrap();
    life.look().await;
    let sent = life.oracle.references.load(Ordering::SeqCst);
    assert_eq!(sent, 1);
    let reference = life.oracle.clean.lock().unwrap().clone();
    assert!(jpeg_is_masked(&reference[0].jpeg));

    let saved = life.disk.saved.lock().unwrap();
    assert!(saved.iter().any(|change| matches!(change,
        Change::ZoneState(KITCHEN, state) if state.masks == masks)));
}

#[tokio::test(start_paused = true)]
async fn a_check_under_way_is_begun_again_with_the_mask() {
    let mut life = live().await;
    life.oracle.silent.store(true, Ordering::SeqCst);
    while life.asked() == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!is_masked(&life.shown()[0]));
    life.oracle.silent.store(false, Ordering::SeqCst);
    life.command(Command::Mask(KITCHEN, masks("camera.kitchen")))
        .await
        .unwrap();
    let view = life
        .until("a reading", |v| v.zones[0].reading.is_some())
        .await;
    assert_eq!(life.asked(), 2);
    assert!(is_masked(&life.shown()[0]));
    assert!(jpeg_is_masked(view.zones[0].snapshot.as_ref().unwrap()));
    assert_eq!(view.zones[0].problem, None);
}

#[tokio::test(start_paused = true)]
async fn a_preview_is_what_the_judge_gets() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    let whole = life.preview(0, None).await.unwrap();
    assert_eq!(whole, life.shown()[0].jpeg);
    let draft = life.preview(0, Some(vec![left_half()])).await.unwrap();
    assert!(jpeg_is_masked(&draft));
    // Trying out changed nothing.
    assert_eq!(life.preview(0, None).await, Ok(whole.clone()));

    life.command(Command::Mask(KITCHEN, masks("camera.kitchen")))
        .await
        .unwrap();
    let view = life.look().await;
    assert_eq!(draft, life.shown()[0].jpeg);
    assert_eq!(Some(draft.clone()), view.snapshot);
    assert_eq!(life.preview(0, None).await, Ok(draft));
    // Whoever draws sees what lies below.
    assert_eq!(life.preview(0, Some(vec![])).await, Ok(whole));
    let missing = life.preview(1, None).await.unwrap_err();
    assert!(missing.contains("no such camera"), "{missing}");
}

#[tokio::test(start_paused = true)]
async fn a_camera_whose_mask_is_missing_is_neither_looked_through_nor_judged() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    let (asked, looks) = (life.asked(), life.eye.looks.load(Ordering::SeqCst));
    for (masks, why) in [
        (masks("camera.former"), "none was drawn for camera.kitchen"),
        (Masks::Unreadable, "cannot be read any more"),
    ] {
        life.command(Command::Mask(KITCHEN, masks)).await.unwrap();
        let zone = life.look().await;
        let (sentence, _) = zone.problem.unwrap();
        assert!(sentence.contains(why), "{sentence}");
        assert!(sentence.contains("open Masks"), "{sentence}");
        assert_eq!(life.preview(0, None).await, Err(sentence));
    }
    assert_eq!(life.asked(), asked);
    assert_eq!(life.eye.looks.load(Ordering::SeqCst), looks);
    assert_eq!(life.view.borrow().zones[0].snapshot, None);

    // A picture of another shape is looked at and goes no further.
    let mut other = masks("camera.kitchen");
    if let Masks::Drawn(masks) = &mut other {
        masks[0].drawn_on = Some((576, 1024));
    }
    life.command(Command::Mask(KITCHEN, other)).await.unwrap();
    let (sentence, _) = life.look().await.problem.unwrap();
    assert!(sentence.contains("drawn on 576 by 1024"), "{sentence}");
    assert_eq!(life.asked(), asked);

    life.command(Command::Mask(KITCHEN, Masks::None))
        .await
        .unwrap();
    assert_eq!(life.look().await.problem, None);
    assert!(!is_masked(&life.shown()[0]));
}

#[tokio::test(start_paused = true)]
async fn a_second_camera_without_its_mask_stops_both() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    life.command(Command::Mask(KITCHEN, masks("camera.kitchen")))
        .await
        .unwrap();
    life.look().await;
    let asked = life.asked();
    let new = NewOptions {
        zones: vec![ZoneOptions {
            name: "Kitchen".into(),
            slug: "kitchen".into(),
            cameras: vec!["camera.kitchen".into(), "camera.second".into()],
            ..ZoneOptions::default()
        }],
        house: HouseOptions::default(),
        complete: true,
        problems: vec![],
        judge: None,
    };
    let (done, used) = oneshot::channel();
    life.inbox.send(Message::Options(new, done)).await.unwrap();
    used.await.unwrap();
    let (sentence, _) = life.look().await.problem.unwrap();
    assert!(sentence.contains("for camera.second"), "{sentence}");
    assert_eq!(life.asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_mask_that_could_not_be_saved_is_in_use_and_said() {
    let mut life = live().await;
    life.until("first look", |v| checked(v, None)).await;
    life.disk.full.store(true, Ordering::SeqCst);
    let masks = masks("camera.kitchen");
    let told = life.command(Command::Mask(KITCHEN, masks)).await;
    let told = told.unwrap_err();
    assert!(told.contains("could not be saved yet"), "{told}");
    life.look().await;
    assert!(is_masked(&life.shown()[0]));
}
