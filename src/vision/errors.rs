//! From what a server said to a class, a stated wait, and a sentence for the
//! household: what is wrong, where, and what to do.

use std::time::Duration;

use jiff::{
    SignedDuration, Timestamp,
    fmt::{rfc2822, strtime},
    tz::TimeZone,
};

use super::{
    dialect::{Card, Fault, Place, Reply},
    reply::clean,
};
use crate::domain::provider::{Class, Failure, Wait};

/// Characters of a server's words that are repeated.
const LONGEST_QUOTE: usize = 200;

/// The class of an unsuccessful status when its body does not say more.
pub fn by_status(status: u16) -> Class {
    match status {
        401 | 403 | 407 => Class::Auth,
        402 => Class::Billing,
        404 | 410 => Class::ModelMissing,
        408 | 504 | 522 | 524 => Class::Timeout,
        413 => Class::TooLarge,
        429 => Class::RateLimited,
        503 | 529 => Class::Overloaded,
        400..=499 if status != 409 && status != 425 => Class::BadRequest,
        // A redirect is never followed: what answers is not the provider.
        200..=399 => Class::Network,
        _ => Class::Server,
    }
}

/// A fault for a reply that is not the provider's: an error page of a proxy, a
/// captive portal, a redirect. `None` for what the dialect should read.
pub fn not_the_provider(reply: &Reply) -> Option<Fault> {
    if reply.json.is_some() && !(300..400).contains(&reply.status) {
        return None;
    }
    let class = by_status(reply.status);
    if (300..400).contains(&reply.status) {
        let said = format!("it redirects ({}), which is not followed", reply.status);
        return Some(Fault::new(class, said));
    }
    let begin = reply.text.trim_start();
    if begin.starts_with('<') {
        let said = format!(
            "something on the way answered with a web page ({})",
            reply.status
        );
        // A page without a JSON error says nothing about models or keys.
        let class = if matches!(class, Class::ModelMissing | Class::Auth) {
            Class::BadRequest
        } else {
            class
        };
        return Some(Fault::new(class, said).waiting(stated_wait(reply)));
    }
    if reply.is_success() {
        let class = if begin.is_empty() {
            Class::Empty
        } else {
            Class::Malformed
        };
        return Some(Fault::new(class, "the answer is not JSON"));
    }
    None
}

/// The wait in the headers that several providers share.
pub fn stated_wait(reply: &Reply) -> Option<Wait> {
    let stated = |name: &str, in_a_second: f64| {
        let number: f64 = reply.header(name)?.trim().parse().ok()?;
        seconds(number / in_a_second)
    };
    stated("retry-after-ms", 1000.0)
        .or_else(|| stated("retry-after", 1.0))
        .or_else(|| date(reply.header("retry-after")?.trim()))
}

/// The header with which several providers say whether asking again makes sense.
pub fn stated_retry(reply: &Reply) -> Option<bool> {
    reply.header("x-should-retry")?.trim().parse().ok()
}

/// A date of HTTP's, also in the two forms of old.
fn date(text: &str) -> Option<Wait> {
    if let Ok(at) = rfc2822::parse(text) {
        return Some(Wait::Until(at.timestamp()));
    }
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    forms.iter().find_map(|form| {
        let at = strtime::parse(form, text).ok()?.to_datetime().ok()?;
        let at = TimeZone::UTC.to_timestamp(at).ok()?;
        Some(Wait::Until(at))
    })
}

/// The latest of some reset headers; each is an RFC 3339 time or a span like `6m0s`.
pub fn latest_reset(reply: &Reply, is_one: impl Fn(&str) -> bool) -> Option<Wait> {
    let resets = reply.headers.iter().filter(|(name, _)| is_one(name));
    let (mut longest, mut latest) = (None, None);
    for (_, value) in resets {
        if let Ok(at) = value.trim().parse::<Timestamp>() {
            latest = latest.max(Some(at));
        } else if let Some(Wait::For(span)) = span(value) {
            longest = longest.max(Some(span));
        }
    }
    match (longest, latest) {
        // Which is later shows when the moment of the reply is known.
        (Some(span), Some(at)) => Some(Wait::Later(span, at)),
        (Some(span), None) => Some(Wait::For(span)),
        (None, at) => at.map(Wait::Until),
    }
}

/// A span as providers write it: `37s`, `18.5s`, `6m0s`, `1h2m3s`, `120ms`.
pub fn span(text: &str) -> Option<Wait> {
    let mut total = 0.0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = rest[end..].find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, after) = rest[end..].split_at(unit.unwrap_or(rest.len() - end));
        total += number
            * match unit.trim() {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => return None,
            };
        rest = after;
    }
    if text.trim().is_empty() {
        None
    } else {
        seconds(total)
    }
}

/// The span that follows some words: `Please retry in 37.2s.`
pub fn span_after(text: &str, words: &str) -> Option<Wait> {
    let at = text.find(words)? + words.len();
    let rest = text[at..].trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .unwrap_or(rest.len());
    span(rest[..end].trim_end_matches('.'))
}

fn seconds(seconds: f64) -> Option<Wait> {
    let span = SignedDuration::try_from_secs_f64(seconds).ok()?;
    Some(Wait::For(span.max(SignedDuration::ZERO)))
}

/// Where a provider stands in the options and in the network.
#[derive(Debug, Clone)]
pub struct Standing {
    pub card: &'static Card,
    pub model: String,
    /// The address without user, password and query.
    pub address: String,
    /// What stands before an option's name: `fallback_providers[0].`, or nothing.
    pub option: String,
}

impl Standing {
    /// A fault as the household reads it. `within`: how long the exchange had.
    pub fn failure(&self, fault: &Fault, within: Duration) -> Failure {
        let sentence = self.sentence(fault.class, &fault.said, within);
        Failure {
            class: fault.class,
            sentence,
            wait: fault.wait,
            retry: fault.retry,
            in_doubt: fault.in_doubt,
            usage: fault.usage,
        }
    }

    fn sentence(&self, class: Class, said: &str, within: Duration) -> String {
        let Card {
            title,
            key_help,
            billing_help,
            model_help,
            ..
        } = self.card;
        let Self {
            model,
            address,
            option,
            ..
        } = self;
        let said = clean(said, LONGEST_QUOTE);
        let said = said.trim_end_matches('.');
        let because = if said.is_empty() {
            String::new()
        } else {
            format!(" ({said})")
        };
        match class {
            Class::Auth => format!(
                "{title} does not accept the key{because}. {key_help} and put it into the option {option}api_key."
            ),
            Class::Billing => format!(
                "{title} gives no more answers until it is paid{because}. {billing_help}, or choose another provider."
            ),
            Class::QuotaDaily => format!(
                "The quota of {title} is used up{because}. It works again after the reset; {}, or add another provider to fallback_providers.",
                lowered(billing_help)
            ),
            Class::RateLimited => format!(
                "{title} gets too many requests{because}. It is asked again later; if this happens often, check less often."
            ),
            Class::Overloaded => format!(
                "{title} is overloaded{because}. It is asked again later; there is nothing to do."
            ),
            Class::Timeout => format!(
                "{title} gave no answer within {} seconds{because}. It is asked again later; if this happens often, choose a faster model.",
                within.as_secs()
            ),
            Class::Network => match self.card.place {
                Place::Cloud => format!(
                    "{title} cannot be reached at {address}{because}. Check the internet connection."
                ),
                Place::Own => format!(
                    "{title} cannot be reached at {address}{because}. Check that the server runs, and the option {option}base_url."
                ),
            },
            Class::Server => format!(
                "{title} failed{because}. It is asked again later; if this goes on, {}.",
                match self.card.place {
                    Place::Cloud => "look at the provider's status page",
                    Place::Own => "look at the log of the server",
                }
            ),
            Class::BadRequest => format!(
                "{title} did not understand the question{because}. Check the options {option}model and {option}base_url."
            ),
            Class::UnsupportedParameter => format!(
                "{title} does not know a part of the question{because}. It is asked again without it."
            ),
            Class::ModelMissing => format!(
                "{title} has no model {model}{because}. {model_help}, or choose another one in the option {option}model."
            ),
            Class::NotMultimodal => format!(
                "The model {model} of {title} cannot see pictures{because}. Choose one that can in the option {option}model."
            ),
            Class::TooLarge => {
                format!("The picture is too large for {title}{because}. It is sent smaller.")
            }
            Class::Refused => format!(
                "{title} does not want to judge this picture{because}. If this happens often, mask what is private or choose another provider."
            ),
            Class::Truncated => format!(
                "The answer of {title} broke off{because}. It is asked again with more room."
            ),
            Class::Empty => format!(
                "{title} gave an empty answer{because}. If this happens often, choose another model in the option {option}model."
            ),
            Class::Malformed => format!(
                "The answer of {title} cannot be read: {}. If this happens often, choose another model in the option {option}model.",
                if said.is_empty() {
                    "it is not what was asked for"
                } else {
                    said
                }
            ),
            Class::Loading => format!(
                "{title} is still loading the model {model}{because}. It is asked again when that is done."
            ),
            Class::NotLocal => format!(
                "{title} at {address} is not in the home network{because}, and local_only forbids sending pictures out of it. Choose a server at home, or switch local_only off."
            ),
        }
    }
}

/// A help sentence in the middle of another one.
fn lowered(sentence: &str) -> String {
    let mut signs = sentence.chars();
    let first = signs.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(signs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&str, &str)]) -> Reply {
        let headers = headers.iter().map(|(n, v)| ((*n).into(), (*v).into()));
        Reply {
            status: 429,
            headers: headers.collect(),
            text: String::new(),
            json: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_stated_wait_is_found_in_all_its_forms() {
        let after = |span| Some(Wait::For(SignedDuration::from_secs(span)));
        let until = Some(Wait::Until(at("1994-11-06T08:49:37Z")));
        for (headers, expected) in [
            (
                &[("retry-after-ms", "nan"), ("retry-after", "30")][..],
                after(30),
            ),
            (
                &[("retry-after-ms", "2000"), ("retry-after", "30")],
                after(2),
            ),
            (&[("retry-after", "-5")], after(0)),
            (&[("retry-after", "inf")], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], until),
            (&[("retry-after", "Sunday, 06-Nov-94 08:49:37 GMT")], until),
            (&[("retry-after", "Sun Nov  6 08:49:37 1994")], until),
            (&[], None),
        ] {
            assert_eq!(stated_wait(&reply(headers)), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_latest_reset_is_the_latest_whatever_its_form() {
        let now = at("2026-11-01T10:00:00Z");
        for (one, other, expected) in [
            ("2026-11-01T10:00:01Z", "2h", "2026-11-01T12:00:00Z"),
            ("2026-11-01T13:00:00Z", "2h", "2026-11-01T13:00:00Z"),
            ("6m0s", "7s", "2026-11-01T10:06:00Z"),
            (
                "2026-11-01T10:00:01Z",
                "2026-11-01T10:00:02Z",
                "2026-11-01T10:00:02Z",
            ),
            ("2026-11-01T10:00:01Z", "?", "2026-11-01T10:00:01Z"),
        ] {
            let reply = reply(&[("x-a", one), ("x-b", other), ("y", "9h")]);
            let wait = latest_reset(&reply, |name| name.starts_with("x-")).unwrap();
            assert_eq!(wait.ends(now), at(expected), "{one} {other}");
        }
        assert_eq!(latest_reset(&reply(&[("x-a", "?")]), |_| true), None);
    }
}
