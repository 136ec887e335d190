//! The user's options: loaded, checked, explained.
//!
//! `load` reads the file and the environment and never fails; `check` holds
//! the rules and names every problem at once; `options` is the document that
//! is edited and written back. What needs eyes rather than words lives in the
//! store.

mod check;
pub mod config_file;
pub mod explain;
mod file;
mod household;
pub mod judging;
pub mod keys;
pub mod known;
pub mod load;
pub mod model;
mod mqtt;
pub mod network;
pub mod options;
pub mod problem;
pub mod secret;
pub mod slug;
mod tariff;
mod timing;
mod tree;
mod zones;

pub use explain::check_config;
pub use load::{Loaded, Sources, load, load_document};
pub use model::Settings;
pub use options::Document;
pub use problem::{Notice, Problem};
pub use secret::Secret;
