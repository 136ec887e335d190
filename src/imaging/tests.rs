mod masked;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

use super::*;
use crate::domain::change::changed;

/// A plain room with a window, a table, a carpet and things on a shelf.
fn room() -> RgbImage {
    let mut grain = fastrand::Rng::with_seed(7);
    RgbImage::from_fn(1024, 576, |x, y| {
        let plank = ((x / 64 + y / 24) % 3 * 9) as i32;
        let (r, g, b) = match (x, y) {
            (120..360, 60..240) => (205, 222, 238),
            (700..1000, 96..104) => (90, 60, 40),
            (700..980, 40..96) => {
                [(150, 40, 40), (50, 80, 120), (200, 180, 90)][(x / 13 % 3) as usize]
            }
            (300..760, 330..352) => (130, 90, 55),
            (320..340 | 720..740, 352..520) => (100, 68, 40),
            (_, 0..300) => (188, 182, 170),
            (420..900, 440..560) => (96 + plank, 40, 48),
            _ => (150 + plank, 118 + plank, 84 + plank),
        };
        let grain = grain.i32(-6..=6);
        Rgb([r, g, b].map(|v| (v + grain).clamp(0, 255) as u8))
    })
}

/// A cup, 26 pixels wide, standing on `y`.
fn with_cup(mut picture: RgbImage, x: u32, y: u32, colour: [u8; 3]) -> RgbImage {
    for (dx, dy) in (0..26).flat_map(|dx| (0..28).map(move |dy| (dx, dy))) {
        let shade = 1.05 - dx as f32 / 80.0;
        picture.put_pixel(
            x + dx,
            y - dy,
            Rgb(colour.map(|v| (f32::from(v) * shade) as u8)),
        );
    }
    picture
}

fn each(picture: &RgbImage, mut f: impl FnMut(u32, u32, f32) -> f32) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        Rgb(picture
            .get_pixel(x, y)
            .0
            .map(|v| f(x, y, f32::from(v)).round().clamp(0.0, 255.0) as u8))
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .unwrap();
    bytes
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn blurred(picture: &RgbImage, sigma: f32) -> RgbImage {
    DynamicImage::from(picture.clone()).blur(sigma).into_rgb8()
}

type Seen = fn(&RgbImage) -> Vec<u8>;

/// What light, sensor, wind and a camera's encoder do to the same room.
const SEEN_OTHERWISE: [(&str, Seen); 11] = [
    ("again", |room| jpeg(room, 90)),
    ("darker", |room| jpeg(&each(room, |_, _, v| v * 0.74), 80)),
    ("brighter", |room| jpeg(&each(room, |_, _, v| v * 1.35), 80)),
    ("gamma down", |room| {
        jpeg(&each(room, |_, _, v| 255.0 * (v / 255.0).powf(0.85)), 80)
    }),
    ("gamma up", |room| {
        jpeg(&each(room, |_, _, v| 255.0 * (v / 255.0).powf(1.18)), 80)
    }),
    ("light from the left", |room| {
        jpeg(
            &each(room, |x, _, v| v * (1.3 - 0.6 * x as f32 / 1024.0)),
            80,
        )
    }),
    ("light from above", |room| {
        jpeg(
            &each(room, |_, y, v| v * (1.3 - 0.6 * y as f32 / 576.0)),
            80,
        )
    }),
    ("noise", |room| jpeg(&noisy(room, 12.0), 85)),
    ("coarse jpeg", |room| jpeg(room, 60)),
    ("moved a pixel", |room| jpeg(&moved_a_pixel(room), 85)),
    ("dusk and noise", |room| {
        let dusk = each(room, |x, _, v| v * (0.85 - 0.2 * x as f32 / 1024.0));
        jpeg(&noisy(&dusk, 8.0), 75)
    }),
];

fn noisy(picture: &RgbImage, strength: f32) -> RgbImage {
    let mut random = fastrand::Rng::with_seed(3);
    each(picture, |_, _, v| v + normal(&mut random, strength))
}

fn moved_a_pixel(room: &RgbImage) -> RgbImage {
    let (right, bottom) = (room.width() - 1, room.height() - 1);
    RgbImage::from_fn(room.width(), room.height(), |x, y| {
        *room.get_pixel((x + 1).min(right), (y + 1).min(bottom))
    })
}

/// About normal noise, without a crate for it.
fn normal(random: &mut fastrand::Rng, strength: f32) -> f32 {
    (random.f32() + random.f32() + random.f32() - 1.5) * 2.0 * strength
}

fn likeness(encoded: &[u8]) -> Fingerprint {
    prepare(encoded, None).unwrap().fingerprint
}

#[test]
fn other_light_is_no_change() {
    let room = room();
    let before = likeness(&jpeg(&room, 85));
    for (what, seen) in SEEN_OTHERWISE {
        assert!(
            !changed(&before, &likeness(&seen(&room))),
            "{what} was taken for a change"
        );
    }
}

#[test]
fn one_cup_is_noticed_in_any_light() {
    let room = room();
    let before = likeness(&jpeg(&room, 85));
    let places = [
        ("table", 500, 330),
        ("floor", 80, 500),
        ("carpet", 600, 520),
        ("shelf", 740, 96),
    ];
    // The blue is as bright as the carpet: only its colour gives it away there.
    let colours = [[235, 232, 225], [40, 60, 110], [30, 30, 30]];
    let cups = places
        .iter()
        .flat_map(|place| colours.iter().map(move |colour| (place, colour)));
    for (i, ((place, x, y), colour)) in cups.enumerate() {
        let cup = with_cup(room.clone(), *x, *y, *colour);
        let (light, seen) = SEEN_OTHERWISE[i % SEEN_OTHERWISE.len()];
        assert!(
            changed(&before, &likeness(&seen(&cup))),
            "cup {colour:?} on the {place} missed, {light}"
        );
    }
}

/// The rendered rooms that ship with the program.
fn rendered(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/rooms")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn in_rendered_rooms_one_thing_is_noticed_and_a_cloud_is_not() {
    for room in ["bedroom", "kitchen", "living_room"] {
        let likeness = |name: &str| likeness(&rendered(&format!("{room}/{name}.jpg")));
        let day = likeness("day-00");
        assert!(!changed(&day, &likeness("day-00b")), "{room}");
        assert!(changed(&day, &likeness("day-01")), "{room} by day");
        assert!(
            changed(&likeness("evening-00"), &likeness("evening-01")),
            "{room} in the evening"
        );
    }
    assert_eq!(
        prepare(&rendered("living_room/night-00.jpg"), None).unwrap_err(),
        Unusable::Black
    );
}

#[test]
fn a_picture_is_shrunk_but_never_enlarged_and_the_frame_is_its_jpeg() {
    for (size, expected) in [
        ((1920, 1080), (1024, 576)),
        ((640, 480), (640, 480)),
        ((1200, 1600), (768, 1024)),
    ] {
        let picture = image::imageops::resize(&room(), size.0, size.1, image::imageops::Triangle);
        let frame = prepare(&jpeg(&picture, 85), None).unwrap().frame;
        assert_eq!((frame.width, frame.height), expected);
        assert_eq!(frame.rgb.len() as u32, expected.0 * expected.1 * 3);
        let again = image::load_from_memory(&frame.jpeg).unwrap();
        assert_eq!((again.width(), again.height()), expected);
    }
}

#[test]
fn png_and_webp_are_read_as_jpeg_is() {
    let room = room();
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let prepared = prepare(&encoded(&room, format), None).unwrap();
        assert_eq!(prepared.frame.rgb, room.as_raw()[..], "{format:?}");
    }
    let mut transparent = Cursor::new(Vec::new());
    let rgba = DynamicImage::from(room.clone()).into_rgba8();
    rgba.write_to(&mut transparent, ImageFormat::Png).unwrap();
    assert!(prepare(transparent.get_ref(), None).is_ok());
    let grey = DynamicImage::from(room).into_luma8();
    let mut bytes = Cursor::new(Vec::new());
    grey.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!(
        prepare(bytes.get_ref(), None).unwrap().frame.rgb.len(),
        1024 * 576 * 3
    );
}

/// The picture's JPEG with an Exif segment that gives its orientation.
fn turned_by_exif(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let plain = jpeg(picture, 90);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 52.52N 13.40E");
    let mut turned = vec![0xFF, 0xD8, 0xFF, 0xE1];
    turned.extend((exif.len() as u16 + 2).to_be_bytes());
    turned.extend(exif);
    turned.extend(&plain[2..]);
    turned
}

#[test]
fn orientation_is_honoured_and_metadata_dropped() {
    let upright = prepare(&jpeg(&room(), 90), None).unwrap().frame;
    let turned = image::imageops::rotate270(&room());
    let encoded = turned_by_exif(&turned, 6);
    let frame = prepare(&encoded, None).unwrap().frame;
    assert_eq!((frame.width, frame.height), (1024, 576));
    let off: u64 = frame
        .rgb
        .iter()
        .zip(&upright.rgb)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    assert!(
        (off as f64) < 4.0 * frame.rgb.len() as f64,
        "not upright: {off}"
    );
    assert!(!frame.jpeg.windows(4).any(|w| w == b"Exif" || w == b"GPS "));
}

#[test]
fn a_cut_transfer_is_refused() {
    for (name, whole) in [
        ("jpeg", jpeg(&room(), 85)),
        ("jpeg with exif", turned_by_exif(&room(), 1)),
        ("png", encoded(&room(), ImageFormat::Png)),
        ("webp", encoded(&room(), ImageFormat::WebP)),
    ] {
        for part in [2, 5, 9] {
            let cut = &whole[..whole.len() * part / 10];
            let error = prepare(cut, None).unwrap_err();
            assert_eq!(error.name(), "not_a_picture", "{name}, {part}/10");
        }
    }
}

#[test]
fn damaged_pictures_never_panic() {
    let mut random = fastrand::Rng::with_seed(11);
    let small = image::imageops::thumbnail(&room(), 96, 54);
    for whole in [
        jpeg(&small, 85),
        encoded(&small, ImageFormat::Png),
        encoded(&small, ImageFormat::WebP),
    ] {
        for _ in 0..200 {
            let mut damaged = whole.clone();
            for _ in 0..random.usize(1..9) {
                let at = random.usize(..damaged.len());
                damaged[at] = random.u8(..);
            }
            let _ = prepare(&damaged, None);
        }
    }
}

#[test]
fn too_many_pixels_are_refused_before_they_are_decoded() {
    // A header alone: nothing behind it was looked at.
    let mut header = jpeg(&RgbImage::new(8, 8), 80);
    let frame = header.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    header[frame + 5..frame + 9].copy_from_slice(&[0x10, 0xE0, 0x1E, 0x00]);
    let Err(Unusable::TooLarge(size)) = prepare(&header, None) else {
        panic!("8K was read");
    };
    assert!(
        size.contains("7680×4320") && size.contains("33.2 megapixels"),
        "{size}"
    );
}

#[test]
fn black_burnt_out_and_blurred_are_refused() {
    let room = room();
    let black = noisy(&RgbImage::new(1024, 576), 6.0);
    let clock = {
        let mut black = black.clone();
        image::imageops::replace(
            &mut black,
            &*image::imageops::crop_imm(&room, 700, 40, 200, 24),
            8,
            8,
        );
        black
    };
    for (what, picture, expected) in [
        ("black", &black, Unusable::Black),
        ("black with a clock", &clock, Unusable::Black),
        (
            "a twentieth of daylight",
            &each(&room, |_, _, v| v * 0.05),
            Unusable::Black,
        ),
        (
            "white",
            &each(&room, |_, _, _| 255.0),
            Unusable::Overexposed,
        ),
        (
            "burnt out",
            &each(&room, |_, _, v| v * 3.0),
            Unusable::Overexposed,
        ),
        (
            "fog",
            &each(&room, |_, _, v| 120.0 + v / 50.0),
            Unusable::Blurred,
        ),
        ("blurred", &blurred(&room, 24.0), Unusable::Blurred),
    ] {
        assert_eq!(
            prepare(&jpeg(picture, 85), None).unwrap_err(),
            expected,
            "{what}"
        );
    }
}

#[test]
fn a_dim_evening_and_infrared_pass() {
    let room = room();
    for (what, picture) in [
        ("day", room.clone()),
        ("evening", noisy(&each(&room, |_, _, v| v * 0.15), 5.0)),
        (
            "one lamp",
            each(&room, |x, y, v| {
                let far = (x.abs_diff(500).pow(2) + y.abs_diff(300).pow(2)) as f32;
                v * (0.04 + 0.5 * (-far / 40_000.0).exp())
            }),
        ),
        (
            "infrared",
            DynamicImage::from(room.clone()).grayscale().into_rgb8(),
        ),
        ("soft lens", blurred(&room, 4.0)),
    ] {
        assert!(
            prepare(&jpeg(&picture, 85), None).is_ok(),
            "{what} was refused"
        );
    }
}
