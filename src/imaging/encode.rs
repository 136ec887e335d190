//! From pixels to the frame that providers get: a JPEG without metadata.

use bytes::Bytes;
use image::{ExtendedColorType, RgbImage, codecs::jpeg::JpegEncoder};

use crate::{domain::gate::Unusable, ports::Frame};

/// Good enough for a judge, small enough for a household's uplink.
const QUALITY: u8 = 80;

/// The picture as a frame, its pixels moved, not copied.
pub fn frame(picture: RgbImage) -> Result<Frame, Unusable> {
    let (width, height) = picture.dimensions();
    // About 0.2 bytes a pixel in real rooms; growing in doublings would leave holes.
    let mut jpeg = Vec::with_capacity((width * height / 4) as usize);
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(&picture, width, height, ExtendedColorType::Rgb8)
        .map_err(|e| Unusable::NotAPicture(format!("it could not be encoded: {e}")))?;
    jpeg.shrink_to_fit();
    Ok(Frame {
        width,
        height,
        rgb: Bytes::from(picture.into_raw()),
        jpeg: Bytes::from(jpeg),
    })
}
