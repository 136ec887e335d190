//! What a provider's reply means, apart from the assessment in it: why it
//! failed, how long it asks us to wait, what it cost, what became of its model.
//!
//! Here are the words and the arithmetic; who waits, and whom to ask instead,
//! is decided by the chain. What one provider's wire says is its dialect's.

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Why one exchange gave no assessment. The same for every provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The key is wrong, missing or not allowed to do this.
    Auth,
    /// No credit, or a spending cap was reached.
    Billing,
    /// The quota of the day (or month) is used up.
    QuotaDaily,
    /// Too many requests a minute.
    RateLimited,
    /// The server says that it is busy.
    Overloaded,
    /// No answer in time, ours or the server's.
    Timeout,
    /// Not reached: name, connection, TLS.
    Network,
    /// The server failed in another way.
    Server,
    /// The request was not understood.
    BadRequest,
    /// The request asked for something this server or model does not know. The
    /// provider has noted it: asking again is another, simpler request.
    UnsupportedParameter,
    /// There is no such model (any more).
    ModelMissing,
    /// The model cannot see pictures.
    NotMultimodal,
    /// The request or a picture in it is too large.
    TooLarge,
    /// The model does not want to judge this picture. Not the provider's fault.
    Refused,
    /// The answer broke off at the token limit.
    Truncated,
    /// An answer without a text.
    Empty,
    /// The text is not what was asked for.
    Malformed,
    /// A local server is still loading the model.
    Loading,
    /// The provider is not in the home network, and pictures must not leave it.
    NotLocal,
}

impl Class {
    pub const ALL: [Self; 19] = [
        Self::Auth,
        Self::Billing,
        Self::QuotaDaily,
        Self::RateLimited,
        Self::Overloaded,
        Self::Timeout,
        Self::Network,
        Self::Server,
        Self::BadRequest,
        Self::UnsupportedParameter,
        Self::ModelMissing,
        Self::NotMultimodal,
        Self::TooLarge,
        Self::Refused,
        Self::Truncated,
        Self::Empty,
        Self::Malformed,
        Self::Loading,
        Self::NotLocal,
    ];

    /// As in metrics and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Billing => "billing",
            Self::QuotaDaily => "quota_daily",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Server => "server",
            Self::BadRequest => "bad_request",
            Self::UnsupportedParameter => "unsupported_parameter",
            Self::ModelMissing => "model_missing",
            Self::NotMultimodal => "not_multimodal",
            Self::TooLarge => "too_large",
            Self::Refused => "refused",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::Loading => "loading",
            Self::NotLocal => "not_local",
        }
    }
}

/// When a provider says that it may be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// So long from the moment of the reply.
    For(SignedDuration),
    Until(Timestamp),
    /// Whichever of these two is later.
    Later(SignedDuration, Timestamp),
    /// At the next midnight in a time zone, such as `America/Los_Angeles`.
    Midnight(&'static str),
    /// At the first of the next month, midnight UTC.
    NextMonth,
}

impl Wait {
    /// The end of the wait for a reply that came at `now`; never before `now`.
    pub fn ends(self, now: Timestamp) -> Timestamp {
        let end = match self {
            Self::For(span) => now.checked_add(span).unwrap_or(Timestamp::MAX),
            Self::Until(at) => at,
            Self::Later(span, at) => at.max(Self::For(span).ends(now)),
            Self::Midnight(zone) => {
                // Without the zone's data UTC is at most a working day off.
                let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
                now.to_zoned(zone)
                    .tomorrow()
                    .and_then(|day| day.start_of_day())
                    .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
            }
            Self::NextMonth => now
                .to_zoned(TimeZone::UTC)
                .first_of_month()
                .and_then(|first| first.checked_add(1.month()))
                .and_then(|first| first.start_of_day())
                .map_or(Timestamp::MAX, |first| first.timestamp()),
        };
        end.max(now)
    }
}

/// Why an exchange gave no assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub class: Class,
    /// For the household: what is wrong, where, and what to do. Never a key.
    pub sentence: String,
    /// What the provider said about asking again; `None`: nothing.
    pub wait: Option<Wait>,
    /// Whether it said that asking again makes sense; `None`: it did not say.
    pub retry: Option<bool>,
    /// The provider may still be working on it, and may charge for it.
    pub in_doubt: bool,
    /// What it cost nevertheless: a cut or useless answer is paid for, too.
    pub usage: Usage,
}

impl Failure {
    pub fn new(class: Class, sentence: impl Into<String>) -> Self {
        Self {
            class,
            sentence: sentence.into(),
            wait: None,
            retry: None,
            in_doubt: false,
            usage: Usage::default(),
        }
    }
}

/// Tokens of one exchange as the provider counted them; `None`: it did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub input: Option<u64>,
    /// Thinking included.
    pub output: Option<u64>,
}

/// What is known about a model, from its answers or from questions that cost
/// nothing. `None`: not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelFacts {
    /// Whether it sees pictures.
    pub sees: Option<bool>,
    /// Whether its answers can be held to a schema.
    pub structured: Option<bool>,
    /// When it is switched off.
    pub retires: Option<Timestamp>,
    /// The model that really answers, where it is not the one asked for.
    pub served_by: Option<String>,
    /// The version of the model or of the server, as far as told: with
    /// another one the picture test is due again.
    pub version: Option<String>,
    /// Tokens that fit into a question and its answer.
    pub context: Option<u64>,
    /// What the provider itself asks for it.
    pub price: Option<Price>,
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    pub input: f64,
    pub output: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_ones_that_are_stored() {
        for (i, class) in Class::ALL.iter().enumerate() {
            assert!(Class::ALL[..i].iter().all(|c| c.name() != class.name()));
            let stored = serde_json::to_string(class).unwrap();
            assert_eq!(stored, format!("\"{}\"", class.name()));
        }
    }

    #[test]
    fn a_wait_ends_where_the_provider_said() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let pacific = Wait::Midnight("America/Los_Angeles");
        for (wait, now, end) in [
            (
                Wait::For(SignedDuration::from_secs(37)),
                "2026-11-25T10:00:00Z",
                "2026-11-25T10:00:37Z",
            ),
            (
                Wait::For(SignedDuration::from_secs(-5)),
                "2026-11-25T10:00:00Z",
                "2026-11-25T10:00:00Z",
            ),
            (
                Wait::For(SignedDuration::MAX),
                "2026-11-25T10:00:00Z",
                "9999-12-30T22:00:00.999999999Z",
            ),
            (
                Wait::Until(at("2026-11-25T11:00:00Z")),
                "2026-11-25T10:00:00Z",
                "2026-11-25T11:00:00Z",
            ),
            // A date in the past is no wait.
            (
                Wait::Until(at("2020-01-01T00:00:00Z")),
                "2026-11-25T10:00:00Z",
                "2026-11-25T10:00:00Z",
            ),
            (pacific, "2026-11-25T07:59:00Z", "2026-11-25T08:00:00Z"),
            (pacific, "2026-11-25T08:00:00Z", "2026-11-26T08:00:00Z"),
            // The night in which summer time begins.
            (pacific, "2027-03-14T12:00:00Z", "2027-03-15T07:00:00Z"),
            (
                Wait::NextMonth,
                "2026-11-25T10:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            (
                Wait::NextMonth,
                "2026-12-31T23:59:59Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(wait.ends(at(now)), at(end), "{wait:?} at {now}");
        }
    }
}
