//! From untrusted bytes to pixels. Formats are told by content, never by name;
//! size is checked before memory is spent; a codec that panics has found a
//! broken picture, not a broken service.

use std::{io::Cursor, panic::AssertUnwindSafe};

use image::{
    DynamicImage, ImageDecoder, ImageFormat, Limits, RgbImage,
    codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};

use super::shrink;
use crate::domain::gate::Unusable;

/// More encoded bytes than any picture of `MAX_PIXELS` needs.
const MAX_BYTES: usize = 20_000_000;
/// What cameras sell as "12 megapixels".
const MAX_PIXELS: u64 = 4032 * 3024;
/// What the pixels may take while decoding: `MAX_PIXELS` as RGB fit, and the
/// container's 64 MiB hold.
const MAX_DECODED: u64 = 40_000_000;

/// A decoded picture, full size, not yet turned upright.
pub struct Decoded {
    pixels: DynamicImage,
    orientation: Orientation,
}

impl Decoded {
    /// The picture upright and at most `shrink::LONG_EDGE` long. Consumes the
    /// full-size picture, and turns the small one, because that is cheaper.
    pub fn shrunk(self) -> RgbImage {
        let mut small = DynamicImage::ImageRgb8(shrink::to_long_edge(self.pixels));
        small.apply_orientation(self.orientation);
        small.into_rgb8()
    }
}

/// Decodes a JPEG, PNG or WebP picture. Metadata is dropped, except for the
/// orientation, which `Decoded::shrunk` applies.
pub fn decode(encoded: &[u8]) -> Result<Decoded, Unusable> {
    if encoded.len() > MAX_BYTES {
        return Err(Unusable::TooLarge(format!(
            "{:.0} MB, 20 MB are read",
            encoded.len() as f64 / 1e6
        )));
    }
    let bytes = || Cursor::new(encoded);
    guarded(|| match image::guess_format(encoded) {
        Ok(ImageFormat::Jpeg) => {
            let jpeg = Jpeg::scan(encoded);
            if !jpeg.complete {
                return Err(broken("the JPEG picture ends before its end"));
            }
            let cost = if jpeg.progressive {
                &PROGRESSIVE
            } else {
                &PLAIN
            };
            pixels(JpegDecoder::new(bytes()), cost)
        }
        Ok(ImageFormat::Png) => pixels(PngDecoder::new(bytes()), &PLAIN),
        Ok(ImageFormat::WebP) => pixels(WebPDecoder::new(bytes()), &WEBP),
        _ => Err(broken(&what_instead(encoded))),
    })
}

/// What decoding takes, as a multiple of the pixels' own size.
struct Cost {
    factor: f64,
    /// What to say of a picture that this makes too large.
    named: &'static str,
}

const PLAIN: Cost = Cost {
    factor: 1.0,
    named: "",
};
/// Held whole as 16-bit coefficients beside the pixels.
const PROGRESSIVE: Cost = Cost {
    factor: 3.0,
    named: " as progressive JPEG",
};
/// Its brightness and colours lie beside the pixels.
const WEBP: Cost = Cost {
    factor: 1.5,
    named: " as WebP",
};

fn pixels(
    decoder: image::ImageResult<impl ImageDecoder>,
    cost: &Cost,
) -> Result<Decoded, Unusable> {
    let mut decoder = decoder.map_err(|e| broken(&e.to_string()))?;
    let (width, height) = decoder.dimensions();
    let count = u64::from(width) * u64::from(height);
    let size = decoder.total_bytes();
    if count > MAX_PIXELS || size as f64 * cost.factor > MAX_DECODED as f64 {
        let kind = match size.div_ceil(count.max(1)) {
            4.. => " with transparency or 16-bit colours",
            _ => cost.named,
        };
        return Err(Unusable::TooLarge(format!(
            "{width}×{height}, {:.1} megapixels{kind}",
            count as f64 / 1e6
        )));
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(2 * MAX_DECODED);
    decoder
        .set_limits(limits)
        .map_err(|e| broken(&e.to_string()))?;
    // Unreadable metadata is no reason to refuse a readable picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).map_err(|e| broken(&e.to_string()))?;
    Ok(Decoded {
        pixels,
        orientation,
    })
}

/// Runs a codec; its panic becomes an error.
fn guarded<T>(codec: impl FnOnce() -> Result<T, Unusable>) -> Result<T, Unusable> {
    // Nothing of ours is left half-changed: a codec works on its own memory.
    std::panic::catch_unwind(AssertUnwindSafe(codec))
        .unwrap_or_else(|_| Err(broken("the decoder failed on it")))
}

fn broken(why: &str) -> Unusable {
    // A decoder may quote the picture's bytes.
    let printable = why.chars().filter(|c| !c.is_control()).take(120).collect();
    Unusable::NotAPicture(printable)
}

/// What the bytes are, when they are no picture that we read.
fn what_instead(bytes: &[u8]) -> String {
    let begin = bytes.trim_ascii_start();
    if begin.is_empty() {
        "it is empty".into()
    } else if begin.starts_with(b"<") {
        "it is a web page".into()
    } else if begin.starts_with(b"{") {
        "it is a JSON text".into()
    } else if let Ok(format) = image::guess_format(bytes) {
        format!("it is a {format:?} picture")
    } else {
        "it begins like no picture".into()
    }
}

/// What a JPEG's markers tell before it is decoded.
struct Jpeg {
    progressive: bool,
    /// Whether it has an end: the decoder would fill what a cut transfer lacks
    /// with grey, and grey floors look tidy.
    complete: bool,
}

impl Jpeg {
    fn scan(bytes: &[u8]) -> Self {
        const PROGRESSIVE: u8 = 0xC2;
        const START_OF_SCAN: u8 = 0xDA;
        let mut found = Self {
            progressive: false,
            complete: false,
        };
        let mut rest = bytes.get(2..).unwrap_or_default();
        // Segments: FF, marker, length (of itself and what follows it).
        while let [0xFF, marker, after @ ..] = rest {
            match (*marker, after) {
                (0xFF, _) => rest = &rest[1..],
                (START_OF_SCAN, _) => {
                    // In what follows, FF D9 occurs as the end of the picture only.
                    found.complete = after.windows(2).any(|pair| pair == [0xFF, 0xD9]);
                    return found;
                }
                (marker, [high, low, ..]) => {
                    found.progressive |= marker == PROGRESSIVE;
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    rest = after.get(length..).unwrap_or_default();
                }
                _ => return found,
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panicking_codec_has_found_a_broken_picture() {
        let result: Result<(), _> = guarded(|| panic!("index out of bounds"));
        assert_eq!(result.unwrap_err().name(), "not_a_picture");
    }

    #[test]
    fn what_is_no_picture_is_named() {
        for (bytes, named) in [
            (&b""[..], "empty"),
            (b"\r\n<html>login", "web page"),
            (b"{\"message\": \"401\"}", "JSON"),
            (b"GIF89a\x01\x00\x01\x00", "Gif"),
            (b"MZ\x90\x00", "no picture"),
        ] {
            let Err(Unusable::NotAPicture(why)) = decode(bytes) else {
                panic!("{bytes:?} was decoded");
            };
            assert!(why.contains(named), "{why}");
        }
    }

    #[test]
    fn too_many_bytes_are_refused_by_count() {
        let Err(Unusable::TooLarge(size)) = decode(&vec![0; 21_000_000]) else {
            panic!("21 MB were read");
        };
        assert!(size.starts_with("21 MB"), "{size}");
    }
}
