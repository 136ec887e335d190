//! Secrets: never printed, never serialised.

pub use secrecy::ExposeSecret;

/// A key or password. `Debug` shows `[REDACTED]`; reading it takes `expose_secret`.
pub type Secret = secrecy::SecretString;
