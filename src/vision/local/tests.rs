use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};

use super::*;
use crate::{
    domain::{check::KnownTask, task::TaskId},
    ports::Frame,
};

/// A room at the size the network sees it; `things` lie on its floor, at the right.
fn room(things: usize) -> RgbImage {
    let mut room = RgbImage::from_fn(288, 160, |x, y| match (x, y) {
        (30..90, 15..60) => Rgb([205, 222, 238]),
        (_, 0..90) => Rgb([188, 182, 170]),
        _ => Rgb([150, 118, 84]),
    });
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..things {
        let colour = Rgb([random.u8(..), random.u8(..), random.u8(..)]);
        let (x, y) = (random.i64(120..280), random.i64(80..150));
        let (width, height, turn) = (
            random.f32() * 14.0 + 3.0,
            random.f32() * 9.0 + 2.0,
            random.f32() * 3.0,
        );
        for (dx, dy) in (-20..=20).flat_map(|dx| (-20..=20).map(move |dy| (dx, dy))) {
            let (a, b) = (dx as f32, dy as f32);
            let (along, across) = (
                a * turn.cos() + b * turn.sin(),
                b * turn.cos() - a * turn.sin(),
            );
            let fold = (along * 1.3).sin() * 25.0;
            if along.abs() < width
                && across.abs() < height
                && room
                    .get_pixel_checked((x + dx) as u32, (y + dy) as u32)
                    .is_some()
            {
                let shade = |v: u8| (f32::from(v) + fold).clamp(0.0, 255.0) as u8;
                room.put_pixel((x + dx) as u32, (y + dy) as u32, Rgb(colour.0.map(shade)));
            }
        }
    }
    room
}

fn frame(picture: RgbImage) -> Frame {
    Frame {
        width: picture.width(),
        height: picture.height(),
        rgb: picture.into_raw().into(),
        jpeg: Vec::new().into(),
    }
}

fn ask(frames: Vec<Frame>, known: Vec<KnownTask>) -> Arc<Question> {
    Arc::new(Question {
        zone_name: "Kitchen".into(),
        frames,
        known,
        ..Question::default()
    })
}

async fn answer(judge: &Local, picture: &RgbImage, known: &[KnownTask]) -> Assessment {
    let question = ask(vec![frame(picture.clone())], known.to_vec());
    judge.assess(question, Timestamp::MAX).await.unwrap()
}

fn titles(assessment: &Assessment) -> Vec<String> {
    assessment
        .new
        .iter()
        .map(|finding| finding.title.clone())
        .collect()
}

fn known(titles: &[String]) -> Vec<KnownTask> {
    let task = |(id, title): (u64, &String)| KnownTask {
        id: TaskId(id),
        title: title.clone(),
        provider: NAME.into(),
        region: None,
    };
    (1..).zip(titles).map(task).collect()
}

/// The picture as another camera setting would have delivered it.
fn otherwise(picture: &RgbImage) -> [(&'static str, RgbImage); 3] {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 75)
        .encode_image(picture)
        .unwrap();
    let decoded = image::load_from_memory(&jpeg).unwrap().into_rgb8();
    [
        ("as a coarse jpeg", decoded),
        ("brighter", imageops::brighten(picture, 12)),
        ("darker", imageops::brighten(picture, -12)),
    ]
}

#[tokio::test]
async fn mess_lowers_the_score_and_is_found_where_it_lies() {
    let judge = Local::new();
    let (bare, some, many) = (room(0), room(10), room(60));
    let bare = answer(&judge, &bare, &[]).await;
    let some = answer(&judge, &some, &[]).await;
    let many = answer(&judge, &many, &[]).await;
    assert!(bare.score.value() >= some.score.value() + 10);
    assert!(some.score.value() >= many.score.value() + 10);
    assert!(bare.new.is_empty() && !some.new.is_empty());
    // Everything lies from the middle to the right, from half height down.
    for title in titles(&many) {
        assert!(
            !title.contains("left") && !title.contains("top") && !title.contains("upper"),
            "{title}"
        );
    }
}

#[tokio::test]
async fn rendered_rooms_get_tasks_when_messy_and_lose_them_when_tidied() {
    let judge = Local::new();
    for scene in [
        "bedroom/day",
        "bedroom/evening",
        "kitchen/day",
        "kitchen/evening",
        "living_room/day",
        "living_room/evening",
    ] {
        let picture = |things| {
            let path = format!(
                "{}/assets/rooms/{scene}-{things}.jpg",
                env!("CARGO_MANIFEST_DIR")
            );
            image::open(&path)
                .unwrap_or_else(|e| panic!("{path}: {e}"))
                .into_rgb8()
        };
        let (tidy, messy) = (picture("00"), picture("20"));
        let before = answer(&judge, &tidy, &[]).await;
        assert!(before.new.is_empty(), "{scene}: {:?}", titles(&before));
        let mess = answer(&judge, &messy, &[]).await;
        assert!(mess.score.value() + 10 <= before.score.value(), "{scene}");
        assert!(!mess.new.is_empty(), "{scene}");
        let after = answer(&judge, &tidy, &known(&titles(&mess))).await;
        assert_eq!(after.done.len(), mess.new.len(), "{scene}");
        assert!(after.new.is_empty() && after.remain.is_empty(), "{scene}");
    }
}

#[tokio::test]
async fn tasks_are_the_same_in_other_light_and_encoding() {
    let judge = Local::new();
    for things in [10, 30, 60] {
        let picture = room(things);
        let first = answer(&judge, &picture, &[]).await;
        let expected = titles(&first);
        for (what, picture) in otherwise(&picture) {
            let again = answer(&judge, &picture, &known(&expected)).await;
            assert_eq!(
                again.remain.len(),
                expected.len(),
                "{things} things, {what}"
            );
            assert_eq!(titles(&again), [""; 0], "{things} things, {what}");
            // Without memory, a place near a limit may fall on its other side.
            let fresh = titles(&answer(&judge, &picture, &[]).await);
            assert!(
                fresh.contains(&expected[0]),
                "{things} things, {what}: {fresh:?}"
            );
        }
    }
}

#[tokio::test]
async fn questions_at_once_are_answered_one_after_another() {
    let judge = Local::new();
    let question = || ask(vec![frame(room(10))], Vec::new());
    let (a, b, c) = tokio::join!(
        judge.assess(question(), Timestamp::MAX),
        judge.assess(question(), Timestamp::MAX),
        // Asked, and forgotten before the answer.
        tokio::time::timeout(Duration::ZERO, judge.assess(question(), Timestamp::MAX)),
    );
    assert!(a.is_ok() && a == b && c.is_err());
    assert_eq!(judge.assess(question(), Timestamp::MAX).await, a);
}

#[tokio::test]
async fn no_picture_is_an_error_and_not_a_tidy_room() {
    let error = Local::new()
        .assess(ask(Vec::new(), Vec::new()), Timestamp::MAX)
        .await
        .unwrap_err();
    assert_eq!(error.class, ErrorClass::Provider);
    assert_eq!(
        error.sentence,
        "The built-in judge gave no answer: it was given no picture."
    );
}
