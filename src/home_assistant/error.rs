//! What can go wrong between us and Home Assistant.

use std::{error::Error, io, time::Duration};

/// Why Home Assistant did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HaError {
    /// It is away (restarting, unreachable) and comes back by itself: wait.
    #[error("{0}")]
    Away(String),
    /// It cannot be used until somebody does what the sentence says.
    #[error("{0}")]
    Failed(String),
    /// An HTTP status that is not a success, and what came with it.
    #[error("Home Assistant answered with status {status}: {message}")]
    Status { status: u16, message: String },
    /// A WebSocket command was refused: Home Assistant's code, such as
    /// `not_found`, and its words.
    #[error("Home Assistant refused ({code}): {message}")]
    Refused { code: String, message: String },
    /// No answer within this time.
    #[error("Home Assistant did not answer within {} seconds", .0.as_secs())]
    TooSlow(Duration),
    /// The answer has more bytes than this.
    #[error("the answer is larger than {} MB", .0 / 1_000_000)]
    TooLarge(usize),
}

/// The innermost cause: what the operating system or TLS said.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// Whether the peer's certificate or TLS itself is the trouble: no waiting helps.
pub(super) fn is_tls(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| {
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause.is::<rustls::Error>()
            || inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
    })
}

fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> + 'a {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
