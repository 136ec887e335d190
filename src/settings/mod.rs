//! The user's options: loaded, checked, explained.
//!
//! `load` reads the file and the environment and never fails; `check` holds
//! the rules and names every problem at once. What is written back to the
//! options does not live here yet; what needs eyes rather than words lives in
//! the store.

mod check;
pub mod explain;
mod file;
pub mod judging;
mod keys;
pub mod known;
pub mod load;
pub mod model;
pub mod problem;
pub mod secret;
pub mod slug;
mod tree;
mod zones;

pub use explain::check_config;
pub use load::{Loaded, Sources, load};
pub use model::Settings;
pub use problem::{Notice, Problem};
pub use secret::Secret;
