//! What a fake provider can do to a client. Which scenarios a protocol can
//! show, and how, stands in its file.

use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scenario {
    Good,
    /// Thoughts before the answer.
    ThinkingFirst,
    /// The answer in several pieces.
    SeveralParts,
    /// The JSON in a Markdown fence.
    Fenced,
    /// The JSON among prose.
    Prose,
    /// `"score": "62/100"`.
    ScoreOfHundred,
    /// `"score": "rather tidy"`.
    ScoreInWords,
    NoTaskList,
    FiveHundredTasks,
    /// One task whose title has 20,000 characters.
    EndlessTitle,
    Truncated,
    Refused,
    /// Refused by a filter beside the model.
    Filtered,
    Empty,
    BadKey,
    /// Too many requests; seconds to wait.
    RateLimited(u32),
    /// Too many requests; the wait as an HTTP date.
    RateLimitedUntil(Timestamp),
    /// The quota of the day, or the credit, is used up.
    QuotaSpent,
    /// 429 without a word about waiting.
    TooManyBare,
    Overloaded,
    ModelGone,
    /// Another model answers than the one that was asked for.
    Rerouted,
    /// The model has a day on which it ends.
    Retiring,
    /// The newest parameter of the request is not known.
    ParameterRejected,
    /// Answers as if there were no picture.
    Blind,
    /// Says that the model cannot see.
    TextOnly,
    /// The first byte takes a minute.
    SlowFirstByte,
    /// A byte every 200 ms, for ever.
    Drip,
    /// Never a byte.
    Silent,
    /// The connection breaks in the middle of the body.
    BrokenOff,
    /// The header promises more bytes than come.
    WrongLength,
    /// `Content-Encoding: gzip`, and it is none.
    BadGzip,
    /// A web page with status 200, as a captive portal shows.
    CaptivePortal,
    /// A proxy's error page.
    WebPage(u16),
    /// Status 200 with an error in it.
    ErrorWithin,
    /// A body of 100 MB.
    Huge,
    /// An error that repeats the key in several forms.
    KeyEcho,
    /// Sends the client elsewhere.
    Redirect,
    /// A local server that loads its model.
    Loading,
    /// There is no Responses API under this address.
    NoResponses,
    /// The picture is said to be too large.
    TooLarge,
    ServerError,
    /// Says that asking again makes no sense.
    ServerErrorForGood,
}

impl Scenario {
    /// By the name it has here; figures are ordinary ones.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Good,
            Self::ThinkingFirst,
            Self::SeveralParts,
            Self::Fenced,
            Self::Prose,
            Self::ScoreOfHundred,
            Self::ScoreInWords,
            Self::NoTaskList,
            Self::FiveHundredTasks,
            Self::EndlessTitle,
            Self::Truncated,
            Self::Refused,
            Self::Filtered,
            Self::Empty,
            Self::BadKey,
            Self::RateLimited(30),
            Self::QuotaSpent,
            Self::TooManyBare,
            Self::Overloaded,
            Self::ModelGone,
            Self::Rerouted,
            Self::Retiring,
            Self::ParameterRejected,
            Self::Blind,
            Self::TextOnly,
            Self::SlowFirstByte,
            Self::Drip,
            Self::Silent,
            Self::BrokenOff,
            Self::WrongLength,
            Self::BadGzip,
            Self::CaptivePortal,
            Self::WebPage(502),
            Self::ErrorWithin,
            Self::Huge,
            Self::KeyEcho,
            Self::Redirect,
            Self::Loading,
            Self::NoResponses,
            Self::TooLarge,
            Self::ServerError,
            Self::ServerErrorForGood,
        ];
        // `RateLimited(30)` is asked for as `RateLimited`.
        all.into_iter()
            .find(|scenario| format!("{scenario:?}").split('(').next() == Some(name))
    }
}
