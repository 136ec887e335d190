//! The user's options: where they are kept, and how they are changed while the
//! service runs.

use serde::Serialize;

use super::Boxed;
use crate::settings::{Document, Problem, options::Edit};

/// Keeps the user's options: the Supervisor with its form, or a config file.
/// Errors are sentences for the household.
pub trait OptionsKeeper: Send + Sync {
    /// Where a person finds them, as a sentence names it.
    fn place(&self) -> String;
    /// As the user wrote them, a `!secret` as such.
    fn written(&self) -> Boxed<'_, Result<Document, String>>;
    /// As they are to be used.
    fn effective(&self) -> Boxed<'_, Result<Document, String>>;
    /// Replaces all of them, or nothing.
    fn write(&self, document: Document) -> Boxed<'_, Result<(), String>>;
    /// What writing would cost, if it costs anything.
    fn cost(&self) -> Boxed<'_, Option<String>>;
}

/// What the page is told of the options.
#[derive(Debug, Clone, Serialize)]
pub struct OptionsShown {
    /// Goes back with a change, so that nobody overwrites what they have not seen.
    pub revision: String,
    pub place: String,
    /// Zones and single options, without keys: see `settings::options`.
    #[serde(flatten)]
    pub shown: serde_json::Value,
    pub problems: Vec<Problem>,
    /// Why they cannot be changed here, if they cannot.
    pub locked: Option<String>,
    /// What saving would cost, if it costs anything.
    pub cost: Option<String>,
    /// What is saved and not in use.
    pub unused: Option<String>,
}

/// Why options were not changed. Nothing was saved.
#[derive(Debug, Clone, PartialEq)]
pub enum NotChanged {
    /// They would make no sense.
    Invalid(Vec<Problem>),
    /// Somebody else changed them since they were shown.
    Overtaken(String),
    /// Cannot be done here.
    Refused(String),
    /// Cannot be done now.
    Unavailable(String),
}

/// Shows the options and changes them while the service runs.
pub trait OptionsEditor: Send + Sync {
    fn show(&self) -> Boxed<'_, Result<OptionsShown, String>>;
    /// Saves and uses them; what needs a restart is in `unused` then.
    fn change(&self, edit: Edit) -> Boxed<'_, Result<OptionsShown, NotChanged>>;
    /// Uses what was saved elsewhere.
    fn use_saved(&self) -> Boxed<'_, Result<OptionsShown, String>>;
}
