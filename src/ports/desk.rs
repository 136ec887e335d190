//! What a person can do about providers: look, test, agree.

use serde::Serialize;

use super::{AiTaskEntity, Boxed};

/// What the page shows besides the standing: the AI Task entities that could
/// judge, and what the household said to that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// The options leave the choice to us: agreeing makes a difference.
    pub asked: bool,
    /// The entity that the household agreed to.
    pub agreed: Option<String>,
    /// What would be used, if there is one.
    pub proposed: Option<AiTaskEntity>,
    pub entities: Vec<AiTaskEntity>,
    /// Why nothing can be proposed, in a sentence.
    pub obstacle: Option<String>,
}

/// For the page and for `doctor`.
pub trait ProviderDesk: Send + Sync {
    /// Tests the provider at this place of the chain now, with a test picture.
    /// A sentence either way: what works, or what is wrong and what to do.
    fn examine(&self, place: usize) -> Boxed<'_, Result<String, String>>;
    fn consent(&self) -> Boxed<'_, Consent>;
    /// From now on this AI Task entity judges. The error is a sentence.
    fn agree(&self, entity: String) -> Boxed<'_, Result<(), String>>;
    /// Takes the consent back.
    fn withdraw(&self) -> Boxed<'_, Result<(), String>>;
}
