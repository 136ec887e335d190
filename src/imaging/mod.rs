//! Pictures in, frames out: decoding with limits, quality, likeness, shrinking,
//! encoding. `prepare` is the one door; the stages are public for `benches/`.
//! Nothing here waits or knows a camera: bytes in, values out, on the caller's
//! (blocking) thread.

pub mod decode;
pub mod encode;
pub mod fingerprint;
pub mod quality;
mod shrink;

use crate::{
    domain::gate::{Fingerprint, Unusable},
    ports::Frame,
};

/// A picture that may be judged.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub frame: Frame,
    pub fingerprint: Fingerprint,
}

/// Turns an encoded picture, as a camera gave it, into what a provider gets.
/// Takes some 30 ms for 1080p; run it on a blocking thread.
pub fn prepare(encoded: &[u8]) -> Result<Prepared, Unusable> {
    let picture = decode::decode(encoded)?.shrunk();
    quality::check(&picture)?;
    let fingerprint = fingerprint::of(&picture);
    Ok(Prepared {
        frame: encode::frame(picture)?,
        fingerprint,
    })
}

#[cfg(test)]
mod tests;
