//! Pictures in, frames out: decoding with limits, quality, likeness, shrinking,
//! encoding. `prepare` is the one door; the stages are public for `benches/`.
//! Nothing here waits or knows a camera: bytes in, values out, on the caller's
//! (blocking) thread.

pub mod canary;
pub mod decode;
pub mod encode;
pub mod fingerprint;
pub mod mask;
pub mod quality;
mod shrink;

use crate::{
    domain::{change::Fingerprint, gate::Unusable, mask::Mask},
    ports::Frame,
};

/// A picture that may be judged.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub frame: Frame,
    pub fingerprint: Fingerprint,
}

/// Turns an encoded picture, as a camera gave it, into what a provider gets.
/// What the mask hides is blanked before anything looks at it.
/// Takes some 30 ms for 1080p; run it on a blocking thread.
pub fn prepare(encoded: &[u8], mask: Option<&Mask>) -> Result<Prepared, Unusable> {
    let mut picture = decode::decode(encoded)?.shrunk();
    let hidden = mask::Hidden::blank(&mut picture, mask)?;
    quality::check(&picture, hidden.as_ref())?;
    let fingerprint = fingerprint::of(&picture, hidden.as_ref());
    Ok(Prepared {
        frame: encode::frame(picture)?,
        fingerprint,
    })
}

/// The same picture with half its edges, for a provider to which it was too
/// large. The error is a sentence.
pub fn smaller(frame: &Frame) -> Result<Frame, String> {
    let from = (frame.width, frame.height);
    let to = shrink::fitted(from.0, from.1, from.0.max(from.1).div_ceil(2));
    let pixels = shrink::by_area::<3>(&frame.rgb, from, to);
    let picture = image::RgbImage::from_raw(to.0, to.1, pixels)
        .expect("by_area returns width × height × 3 bytes");
    encode::frame(picture).map_err(|why| why.sentence("The picture"))
}

#[cfg(test)]
mod tests;
