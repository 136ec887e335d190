//! Twelve hours in a room that nobody touches: from noon through dusk into the
//! evening, a picture every half hour.

use std::{path::Path, sync::Arc, time::Duration};

use aicleaner::{
    domain::{
        change::{ChangeMap, Fingerprint, changed},
        check::Assessment,
    },
    imaging::{Prepared, prepare},
    ports::{Provider, Question, Reference, Terms},
    vision::local::Local,
};
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};

const LOOKS: u32 = 24;

fn shipped(room: &str, name: &str) -> RgbImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/rooms")
        .join(room)
        .join(name);
    let picture = image::open(&path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .into_rgb8();
    image::imageops::thumbnail(&picture, 640, 360)
}

fn taken(picture: &RgbImage) -> Prepared {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 80)
        .encode_image(picture)
        .unwrap();
    prepare(&jpeg, None).unwrap()
}

/// The room at a look: daylight fades into lamplight, clouds pass, a sunlit
/// patch wanders over the floor, the sensor's noise is never the same.
fn at(look: u32, day: &RgbImage, evening: &RgbImage) -> RgbImage {
    let hour = look as f32 / LOOKS as f32 * 12.0;
    let lamplight = ((hour - 5.0) / 2.5).clamp(0.0, 1.0);
    let cloud = [1.0, 0.8, 1.1, 0.95, 0.75, 1.05][look as usize % 6];
    let mut random = fastrand::Rng::with_seed(u64::from(look));
    let patch_x = 130.0 + 20.0 * look as f32;
    RgbImage::from_fn(day.width(), day.height(), |x, y| {
        let (day, evening) = (day.get_pixel(x, y).0, evening.get_pixel(x, y).0);
        let in_patch = hour < 4.0 && (x as f32 - patch_x).abs() < 46.0 && (226..286).contains(&y);
        let sun = if in_patch { 1.3 } else { 1.0 };
        let grain = random.f32() * 6.0 - 3.0;
        Rgb(std::array::from_fn(|c| {
            let light = f32::from(day[c]) * cloud * sun * (1.0 - lamplight);
            (light + f32::from(evening[c]) * lamplight + grain).clamp(0.0, 255.0) as u8
        }))
    })
}

/// What the local judge says of a picture beside clean ones.
async fn judged(judge: &Local, now: Prepared, references: &[Prepared]) -> Assessment {
    let map = ChangeMap::of(&now.fingerprint, references.iter().map(|r| &r.fingerprint));
    let question = Question {
        frames: vec![now.frame],
        changes: vec![Some(map)],
        references: references
            .iter()
            .map(|r| Reference {
                of: 0,
                frame: r.frame.clone(),
            })
            .collect(),
        ..Question::default()
    };
    let terms = Terms {
        within: Duration::from_mins(2),
        after: None,
    };
    let answer = judge.ask(Arc::new(question), terms).await.unwrap();
    answer.assessment
}

/// Somebody in a red shirt and dark trousers stands in the room, feet at the
/// given height of the picture.
fn with_somebody(room: &RgbImage, x: i32, feet: i32) -> RgbImage {
    let mut picture = room.clone();
    for (dx, up) in (-40..40).flat_map(|dx: i32| (0..210).map(move |up: i32| (dx, up))) {
        let colour = match up {
            0..95 if (6..24).contains(&dx.abs()) => [35, 38, 52],
            95..175 if dx.abs() < 34 => [176, 44, 48],
            175..210 if dx * dx + (up - 192) * (up - 192) < 17 * 17 => [214, 170, 142],
            _ => continue,
        };
        picture.put_pixel((x + dx) as u32, (feet - up) as u32, Rgb(colour));
    }
    picture
}

async fn day_of(room: &str) -> (usize, usize) {
    let (day, evening) = (shipped(room, "day-00.jpg"), shipped(room, "evening-00.jpg"));
    let references = [taken(&day), taken(&evening)];
    let judge = Local::new();
    let mut baseline: Option<Fingerprint> = None;
    let (mut calls, mut tasks) = (0, 0);
    for look in 0..LOOKS {
        let now = taken(&at(look, &day, &evening));
        if baseline
            .as_ref()
            .is_none_or(|before| changed(before, &now.fingerprint))
        {
            calls += 1;
            baseline = Some(now.fingerprint.clone());
        }
        // The local judge is asked every time, as if there were no gate.
        tasks += judged(&judge, now, &references).await.new.len();
    }
    (calls, tasks)
}

#[tokio::test]
async fn costs_two_calls_at_most_and_brings_no_task() {
    for room in ["living_room", "kitchen", "bedroom"] {
        let (calls, tasks) = day_of(room).await;
        assert!(calls <= 2, "{room}: {calls} calls");
        assert_eq!(tasks, 0, "{room}");
    }
}

#[tokio::test]
async fn somebody_passing_is_waited_for_rather_than_judged() {
    let judge = Local::new();
    for room in ["living_room", "kitchen", "bedroom"] {
        let clean = shipped(room, "day-00.jpg");
        let references = [taken(&clean), taken(&shipped(room, "evening-00.jpg"))];
        for (x, feet) in [(150, 330), (320, 345), (500, 320)] {
            let passing = taken(&with_somebody(&clean, x, feet));
            let answer = judged(&judge, passing, &references).await;
            assert!(!answer.new.is_empty(), "{room}, {x}: nobody was seen");
            assert!(
                answer.needs_second_look,
                "{room}, {x}: a task at once, {:?}",
                answer.new
            );
        }
        let gone = judged(&judge, taken(&clean), &references).await;
        assert_eq!(gone.new, [], "{room}");
    }
}
