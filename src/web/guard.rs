//! Who may come in, and from which page.
//!
//! Behind the Supervisor only its ingress proxy and loopback; outside it
//! loopback, and others with the password. The Host header keeps out pages that
//! rebind a name to loopback, the Origin keeps out other sites' pages.

use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::time::{Instant, sleep};

use super::{
    attempts::{Attempts, Verdict},
    reply::Refusal,
    server::Peer,
};
use crate::settings::{Secret, secret::ExposeSecret as _};

/// The Supervisor's address on the network of the apps.
const SUPERVISOR: IpAddr = IpAddr::V4(Ipv4Addr::new(172, 30, 32, 2));

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Cheap to clone.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    behind_supervisor: bool,
    password: Option<Secret>,
    attempts: Attempts,
}

/// Which way an admitted request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// The Supervisor, which has asked who it is.
    Ingress,
    /// This very machine, by a name that can only mean it.
    Loopback,
    /// Anybody who knows the password.
    Password,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum No {
    Stranger,
    WrongHost,
    PasswordMissing,
    PasswordWrong,
    TooManyAttempts(Duration),
    ForeignOrigin,
    NotJson,
}

/// Middleware: lets a request pass or answers it with a sentence.
pub async fn check(
    State(guard): State<Guard>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let now = Instant::now();
    match guard.admit(peer, request.method(), request.headers(), now) {
        Ok(_) => next.run(request).await,
        Err(no) => {
            if no == No::PasswordWrong {
                tracing::warn!("a wrong password for the web page came from {peer}");
                sleep(Duration::from_millis(fastrand::u64(300..600))).await;
            } else {
                tracing::debug!("turned a web request from {peer} away: {no:?}");
            }
            no.into_response()
        }
    }
}

impl Guard {
    pub fn new(behind_supervisor: bool, password: Option<Secret>) -> Self {
        Self(Arc::new(Inner {
            behind_supervisor,
            password: password.filter(|_| !behind_supervisor),
            attempts: Attempts::default(),
        }))
    }

    fn admit(
        &self,
        peer: IpAddr,
        method: &Method,
        headers: &HeaderMap,
        now: Instant,
    ) -> Result<Door, No> {
        let host = only(headers, &header::HOST).ok_or(No::WrongHost)?;
        let door = self.door(peer, host, headers, now)?;
        let safe = matches!(*method, Method::GET | Method::HEAD);
        same_page(door, host, headers, safe)?;
        if !safe && !is_json(headers) {
            return Err(No::NotJson);
        }
        Ok(door)
    }

    fn door(
        &self,
        peer: IpAddr,
        host: &str,
        headers: &HeaderMap,
        now: Instant,
    ) -> Result<Door, No> {
        if self.0.behind_supervisor && peer == SUPERVISOR {
            return Ok(Door::Ingress);
        }
        // A proxy on this machine speaks for somebody else.
        let forwarded =
            headers.contains_key(FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
        if peer.is_loopback() && !forwarded && is_local(host) {
            return Ok(Door::Loopback);
        }
        let Some(password) = &self.0.password else {
            return Err(if peer.is_loopback() && !forwarded {
                No::WrongHost
            } else {
                No::Stranger
            });
        };
        let given = only(headers, &header::AUTHORIZATION)
            .and_then(password_given)
            .ok_or(No::PasswordMissing)?;
        let right = || same(given.as_bytes(), password.expose_secret().as_bytes());
        match self.0.attempts.attempt(peer, now, right) {
            Verdict::Right => Ok(Door::Password),
            Verdict::Wrong => Err(No::PasswordWrong),
            Verdict::TooMany(wait) => Err(No::TooManyAttempts(wait)),
        }
    }
}

/// Whether our own page asks, as far as a browser tells.
fn same_page(door: Door, host: &str, headers: &HeaderMap, safe: bool) -> Result<(), No> {
    // Only a browser can say this, and no page can make it say so falsely.
    let browser_vouches =
        headers.get(FETCH_SITE).is_some_and(|v| v == "same-origin") && door != Door::Loopback;
    if browser_vouches {
        return Ok(());
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        // Not from a page, or a plain GET of our own. A custom header cannot be
        // sent by another site's page without being asked for first.
        return if safe || headers.contains_key(REQUESTED_WITH) {
            Ok(())
        } else {
            Err(No::ForeignOrigin)
        };
    };
    let origin = origin.to_str().map_err(|_| No::ForeignOrigin)?;
    let (scheme, authority) = origin.split_once("://").ok_or(No::ForeignOrigin)?;
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return Err(No::ForeignOrigin),
    };
    let bare = |s: &str| s.trim().trim_end_matches(port).to_ascii_lowercase();
    let forwarded = headers
        .get(FORWARDED_HOST)
        .filter(|_| door != Door::Loopback)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let ours = std::iter::once(host).chain(forwarded.split(','));
    let asked = bare(authority);
    if !asked.is_empty() && ours.into_iter().any(|name| bare(name) == asked) {
        Ok(())
    } else {
        Err(No::ForeignOrigin)
    }
}

/// A header's text if it is there exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// A name that can only mean this machine, with or without a port.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(v6, _)| v6),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn is_json(headers: &HeaderMap) -> bool {
    only(headers, &header::CONTENT_TYPE).is_some_and(|value| {
        let essence = value.split_once(';').map_or(value, |(essence, _)| essence);
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}

/// The password of `Basic <user:password>`; any user name will do.
fn password_given(authorization: &str) -> Option<String> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    pair.split_once(':')
        .map(|(_, password)| password.to_owned())
}

/// Compares in a time that does not tell how much was right.
fn same(given: &[u8], right: &[u8]) -> bool {
    let mut difference = usize::from(given.len() != right.len());
    for (i, byte) in given.iter().enumerate() {
        let other = right.get(i % right.len().max(1)).copied().unwrap_or(0);
        difference |= usize::from(black_box(byte ^ other));
    }
    black_box(difference) == 0
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let (status, sentence) = match self {
            Self::Stranger => (
                StatusCode::FORBIDDEN,
                "This page is open to Home Assistant only; open it from Home Assistant's sidebar. \
                 Outside Home Assistant OS, set web.password to open it to your network.",
            ),
            Self::WrongHost => (
                StatusCode::FORBIDDEN,
                "This page does not answer to this name; use localhost or 127.0.0.1, \
                 or set web.password.",
            ),
            Self::PasswordMissing | Self::PasswordWrong => (
                StatusCode::UNAUTHORIZED,
                "This page asks for the password set as web.password; any user name will do.",
            ),
            Self::TooManyAttempts(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong passwords; wait a minute and try again.",
            ),
            Self::ForeignOrigin => (
                StatusCode::FORBIDDEN,
                "The request did not come from this page. If you use a reverse proxy, let it pass \
                 the Host header on.",
            ),
            Self::NotJson => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send JSON (Content-Type: application/json).",
            ),
        };
        let mut response = Refusal::new(status, sentence).into_response();
        let headers = response.headers_mut();
        match self {
            Self::PasswordMissing | Self::PasswordWrong => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(r#"Basic realm="AICleaner", charset="UTF-8""#),
                );
            }
            Self::TooManyAttempts(wait) => {
                headers.insert(
                    header::RETRY_AFTER,
                    HeaderValue::from(wait.as_secs().max(1)),
                );
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests;
