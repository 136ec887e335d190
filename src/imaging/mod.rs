//! Pictures in, frames out: decoding with limits, quality, likeness, shrinking, encoding.
