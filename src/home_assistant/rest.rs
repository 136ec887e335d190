//! HTTP: bounded requests, and Home Assistant's REST API on top of them. What
//! the answers mean for cameras, lists and the Supervisor is decided there.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, RequestBuilder, Url, header, multipart, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    access::Access,
    counted::counted,
    error::{HaError, is_tls, root_cause},
};
use crate::telemetry::{Metrics, labels::Request};

/// Bytes of a response we are willing to hold.
pub(super) const MAX_RESPONSE: usize = 20_000_000;
pub(super) const CONNECT: Duration = Duration::from_secs(5);
/// Home Assistant gives a camera ten seconds; a slow Pi needs some more to pass the picture on.
pub(super) const WHOLE: Duration = Duration::from_secs(30);
/// Home Assistant closes idle connections after a while; we do it sooner.
const IDLE: Duration = Duration::from_secs(15);

/// A client with limits, without redirects and proxies. The error is a sentence.
pub(super) fn client() -> Result<Client, String> {
    client_within(CONNECT, WHOLE)
}

pub(super) fn client_within(connect: Duration, whole: Duration) -> Result<Client, String> {
    build(builder(connect, whole))
}

/// The client's settings before it is made, for those who add some.
pub(super) fn builder(connect: Duration, whole: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("AICleaner-V3/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect)
        .timeout(whole)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .no_proxy()
}

pub(super) fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|why| {
        format!(
            "no HTTP connection can be made: {}; install the system's CA certificates (package ca-certificates)",
            root_cause(&why)
        )
    })
}

/// A whole response, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Lower case, without parameters; empty if none was given.
    pub(super) content_type: String,
    /// Where a redirect points.
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What an unsuccessful answer says: `message` of a JSON object, else the text.
    fn message(&self) -> String {
        #[derive(serde::Deserialize)]
        struct Said {
            message: String,
        }
        serde_json::from_slice::<Said>(&self.body).map_or_else(
            |_| String::from_utf8_lossy(&self.body[..self.body.len().min(1000)]).into_owned(),
            |said| said.message,
        )
    }
}

/// Why there is no response. The words never hold the address: it may hold a key.
#[derive(Debug)]
pub(super) enum Fault {
    /// Refused, reset, not found, closed halfway.
    Unreachable(String),
    /// TLS or the protocol: waiting does not help.
    Broken(String),
    TooSlow,
    TooLarge,
}

/// Sends a request and reads the answer, at most [`MAX_RESPONSE`] bytes of it.
pub(super) async fn fetch(request: RequestBuilder) -> Result<Answer, Fault> {
    let mut response = request.send().await.map_err(fault)?;
    let text = |name: header::HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let content_type = text(header::CONTENT_TYPE)
        .and_then(|value| Some(value.split(';').next()?.trim().to_ascii_lowercase()))
        .unwrap_or_default();
    let location = text(header::LOCATION);
    let status = response.status().as_u16();

    // A stream never ends; its first picture would be a guess.
    if content_type == "multipart/x-mixed-replace" {
        return Ok(Answer {
            status,
            content_type,
            location,
            body: Bytes::new(),
        });
    }
    if response
        .content_length()
        .is_some_and(|length| length > MAX_RESPONSE as u64)
    {
        return Err(Fault::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(fault)? {
        if body.len() + chunk.len() > MAX_RESPONSE {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        content_type,
        location,
        body: body.freeze(),
    })
}

fn fault(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    if is_tls(&error) {
        Fault::Broken(root_cause(&error))
    } else if error.is_timeout() && !error.is_connect() {
        Fault::TooSlow
    } else if error.is_builder() || error.is_decode() {
        Fault::Broken(root_cause(&error))
    } else {
        Fault::Unreachable(root_cause(&error))
    }
}

/// Home Assistant's REST API, and the Supervisor's where there is one.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    client: Client,
    access: Arc<Access>,
    metrics: Metrics,
}

impl Rest {
    pub(super) fn new(client: Client, access: Arc<Access>, metrics: Metrics) -> Self {
        Self {
            client,
            access,
            metrics,
        }
    }

    /// `GET /api/<path>`: the answer if it is a success.
    pub(super) async fn get(&self, request: Request, path: &str) -> Result<Answer, HaError> {
        counted(&self.metrics, request, self.get_url(self.access.api(path))).await
    }

    pub(super) async fn get_json<T: DeserializeOwned>(
        &self,
        request: Request,
        path: &str,
    ) -> Result<T, HaError> {
        counted(&self.metrics, request, async {
            let answer = self.get_url(self.access.api(path)).await?;
            self.read(path, &answer)
        })
        .await
    }

    /// `GET` of the Supervisor's API: the `data` in its envelope.
    pub(super) async fn supervisor<T: DeserializeOwned>(&self, path: &str) -> Result<T, HaError> {
        #[derive(serde::Deserialize)]
        struct Envelope<T> {
            data: T,
        }
        counted(&self.metrics, Request::Supervisor, async {
            let answer = self.get_url(self.access.supervisor(path)).await?;
            let envelope: Envelope<T> = self.read(path, &answer)?;
            Ok(envelope.data)
        })
        .await
    }

    /// `POST` to the Supervisor's API.
    pub(super) async fn tell_supervisor(&self, path: &str, body: &Value) -> Result<(), HaError> {
        counted(&self.metrics, Request::Supervisor, async {
            let url = self.access.supervisor(path).map_err(HaError::Failed)?;
            self.send(self.client.post(url).json(body)).await?;
            Ok(())
        })
        .await
    }

    fn read<T: DeserializeOwned>(&self, path: &str, answer: &Answer) -> Result<T, HaError> {
        // Where and what kind, but not the text itself: it may hold a password.
        serde_json::from_slice(&answer.body).map_err(|why| {
            HaError::Failed(format!(
                "{} sent an unexpected answer for {path} (line {}, column {}); check that its version is supported",
                self.access.peer,
                why.line(),
                why.column()
            ))
        })
    }

    async fn get_url(&self, url: Result<Url, String>) -> Result<Answer, HaError> {
        self.send(self.client.get(url.map_err(HaError::Failed)?))
            .await
    }

    /// `POST /api/<path>` with a form, sent by another client than ours.
    pub(super) async fn post_form(
        &self,
        client: &Client,
        path: &str,
        form: multipart::Form,
    ) -> Result<(), HaError> {
        let url = self.access.api(path).map_err(HaError::Failed)?;
        let send = self.send(client.post(url).multipart(form));
        counted(&self.metrics, Request::Action, send)
            .await
            .map(drop)
    }

    /// Where requests go, and the address if it is one.
    pub(super) fn literal(&self) -> Option<std::net::IpAddr> {
        self.access
            .api("")
            .ok()?
            .host_str()?
            .trim_matches(['[', ']'])
            .parse()
            .ok()
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, HaError> {
        let request = request.bearer_auth(self.access.token());
        let peer = &self.access.peer;
        let answer = fetch(request).await.map_err(|fault| match fault {
            Fault::Unreachable(why) => {
                HaError::Away(format!("{peer} does not answer ({why}); waiting for it"))
            }
            Fault::Broken(why) => HaError::Failed(format!(
                "no connection to {peer}: {why}; check the address and its certificate"
            )),
            Fault::TooSlow => HaError::TooSlow(WHOLE),
            Fault::TooLarge => HaError::TooLarge(MAX_RESPONSE),
        })?;
        if answer.is_success() {
            return Ok(answer);
        }
        Err(self.refusal(&answer))
    }

    fn refusal(&self, answer: &Answer) -> HaError {
        let status = answer.status;
        let message = self.access.quote(&answer.message());
        match status {
            401 | 403 => HaError::Failed(self.access.denied()),
            502 | 504 => HaError::Away(self.starting(status)),
            // Home Assistant's own 503 is an answer (a camera that is off); any
            // other is a proxy's word for "nobody there".
            503 if !message.starts_with("503: ") => HaError::Away(self.starting(status)),
            300..=399 => HaError::Failed(format!(
                "{} redirects elsewhere; put the address it points to in the configuration",
                self.access.peer
            )),
            _ => HaError::Status { status, message },
        }
    }

    fn starting(&self, status: u16) -> String {
        format!(
            "Home Assistant is starting or stopped ({} answers {status}); waiting for it",
            self.access.peer
        )
    }
}
