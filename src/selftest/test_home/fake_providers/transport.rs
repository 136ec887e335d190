//! From a canned answer to what goes over the wire, with the faults of
//! connections: slow, endless, broken off, mislabelled.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, header},
};
use bytes::Bytes;
use futures_util::stream;

use super::scenario::Scenario;

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Canned {
    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".into())],
            body: body.to_string(),
        }
    }

    pub(super) fn html(status: u16) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/html".into())],
            body: format!(
                "<!DOCTYPE html><html><head><title>{status}</title></head><body>Welcome</body></html>"
            ),
        }
    }

    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

/// What every protocol shows alike: pages of proxies and redirects.
pub(super) fn common(scenario: Scenario) -> Option<Canned> {
    match scenario {
        Scenario::CaptivePortal => Some(Canned::html(200)),
        Scenario::WebPage(status) => Some(Canned::html(status)),
        Scenario::Redirect => {
            Some(Canned::html(307).with("location", "http://203.0.113.1/elsewhere"))
        }
        _ => None,
    }
}

const SLOW: Duration = Duration::from_mins(1);
const DRIP: Duration = Duration::from_millis(200);
const HUGE: usize = 100_000_000;

/// The response, with the scenario's fault of the connection.
pub(super) async fn sent(scenario: Scenario, canned: Canned) -> Response<Body> {
    let whole = Bytes::from(canned.body);
    let half = whole.slice(..whole.len() / 2);
    let mut length = None;
    let mut coding = None;
    let body = match scenario {
        Scenario::Silent => std::future::pending().await,
        Scenario::SlowFirstByte => {
            tokio::time::sleep(SLOW).await;
            Body::from(whole)
        }
        Scenario::Drip => Body::from_stream(stream::unfold((), |()| async {
            tokio::time::sleep(DRIP).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
        })),
        Scenario::BrokenOff => Body::from_stream(stream::iter([
            Ok(half),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ])),
        Scenario::WrongLength => {
            length = Some(whole.len());
            Body::from_stream(stream::iter([Ok::<_, Infallible>(half)]))
        }
        Scenario::BadGzip => {
            coding = Some("gzip");
            Body::from(whole)
        }
        Scenario::Huge => {
            let piece = Bytes::from(vec![b' '; 100_000]);
            let pieces = HUGE / piece.len();
            Body::from_stream(stream::iter(
                (0..pieces).map(move |_| Ok::<_, Infallible>(piece.clone())),
            ))
        }
        _ => Body::from(whole),
    };
    let mut response = Response::new(body);
    *response.status_mut() = canned
        .status
        .try_into()
        .expect("a canned status is a valid one");
    let headers = response.headers_mut();
    for (name, value) in canned.headers {
        let value = HeaderValue::try_from(value).expect("a canned header is a valid one");
        headers.append(HeaderName::from_static(name), value);
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}
