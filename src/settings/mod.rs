//! The user's options: loaded, checked, explained.
//!
//! What is written back to them lives in `options`; what needs eyes rather
//! than words lives in the store.

pub mod model;
pub mod secret;

pub use model::Settings;
pub use secret::Secret;
