//! The only sender: one call, one reply, within a time, without redirects and
//! proxies, to addresses that are allowed, with the key in a header and nowhere
//! else. What the reply means is the dialect's; when to call is not decided here.

use std::{error::Error, io, net::IpAddr, time::Duration};

use bytes::BytesMut;
use reqwest::{
    Client, RequestBuilder, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{self, HeaderName, HeaderValue},
    redirect,
};
use tokio::{sync::OnceCell, time::timeout};

use super::{
    body,
    dialect::{Auth, Call, Card, Fault, Reply},
    redaction::Redaction,
};
use crate::{
    domain::{provider::Class, zone::shown},
    settings::secret::{ExposeSecret, Secret},
};

/// Bytes of a reply that are read; an answer has a few thousand, a gateway's list
/// of its models some hundred thousand.
const LONGEST_REPLY: usize = 1 << 20;
/// For name, connection and TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// A connection that is not used is closed: calls are minutes apart.
const IDLE: Duration = Duration::from_secs(15);
/// Once a reply has begun, the next piece comes within this time.
const NEXT_PIECE: Duration = Duration::from_secs(20);

/// Which addresses may be connected to.
pub type Allowed = fn(IpAddr) -> bool;

/// Sends calls to one provider.
#[derive(Debug)]
pub struct Caller {
    base: Url,
    key: Option<(HeaderName, HeaderValue)>,
    headers: &'static [(&'static str, &'static str)],
    redaction: Redaction,
    allowed: Option<Allowed>,
    /// Made with the first call: reading the certificates takes memory.
    client: OnceCell<Client>,
}

impl Caller {
    /// The error is what is wrong with the address or the key, without either.
    pub fn new(
        card: &'static Card,
        base_url: &str,
        key: Option<&Secret>,
        allowed: Option<Allowed>,
    ) -> Result<Self, String> {
        let base = Url::parse(base_url).map_err(|why| format!("it is no address ({why})"))?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err("it must begin with http:// or https:// and name a host".into());
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(
                "it must not hold a user, a password or a query; a key has an option of its own"
                    .into(),
            );
        }
        let key = key.filter(|key| !key.expose_secret().trim().is_empty());
        Ok(Self {
            base,
            redaction: Redaction::of(key),
            key: key.map(|key| header_of(card.auth, key)).transpose()?,
            headers: card.headers,
            allowed,
            client: OnceCell::new(),
        })
    }

    /// The address as people and logs may see it.
    pub fn address(&self) -> String {
        shown(self.base.as_str()).trim_end_matches('/').to_owned()
    }

    /// A text without the key.
    pub fn redacted(&self, text: String) -> String {
        self.redaction.apply(text)
    }

    /// One exchange. Unless a connection was refused, a fault leaves in doubt
    /// whether the provider works on the call.
    pub async fn call(&self, call: &Call, within: Duration) -> Result<Reply, Fault> {
        timeout(within, self.exchange(call))
            .await
            .unwrap_or_else(|_| Err(Fault::new(Class::Timeout, "").in_doubt()))
            .map_err(|mut fault| {
                fault.said = self.redacted(fault.said);
                fault
            })
    }

    async fn exchange(&self, call: &Call) -> Result<Reply, Fault> {
        let request = self.request(call).await?;
        let response = request.send().await.map_err(|why| fault(&why))?;
        // The resolver has let nothing else through; this would be our own mistake.
        if let (Some(allowed), Some(peer)) = (self.allowed, response.remote_addr())
            && !allowed(peer.ip().to_canonical())
        {
            return Err(not_allowed(peer.ip()).in_doubt());
        }
        self.reply(response).await
    }

    async fn request(&self, call: &Call) -> Result<RequestBuilder, Fault> {
        // A host that is an address does not pass the resolver.
        if let (Some(allowed), Some(ip)) = (self.allowed, literal(&self.base))
            && !allowed(ip)
        {
            return Err(not_allowed(ip));
        }
        let client = self
            .client
            .get_or_try_init(|| async { client(self.allowed) })
            .await
            .map_err(|why| Fault::new(Class::Network, why))?;
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}{}",
            self.base.path().trim_end_matches('/'),
            call.path
        ));
        let mut request = match &call.body {
            None => client.get(url),
            Some(body) => client.post(url).json(body),
        };
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        if let Some((name, value)) = &self.key {
            request = request.header(name, value);
        }
        Ok(request)
    }

    async fn reply(&self, mut response: Response) -> Result<Reply, Fault> {
        let too_long = || {
            Fault::new(
                Class::Malformed,
                format!("it is longer than {LONGEST_REPLY} bytes"),
            )
        };
        let status = response.status().as_u16();
        let coded = response.headers().get(header::CONTENT_ENCODING);
        if coded.is_some_and(|coding| coding != "identity") {
            return Err(Fault::new(
                Class::Network,
                "the answer is compressed, which was not asked for",
            )
            .in_doubt());
        }
        if response
            .content_length()
            .is_some_and(|length| length > LONGEST_REPLY as u64)
        {
            return Err(too_long());
        }
        let headers = response.headers().iter().filter_map(|(name, value)| {
            let value = self.redacted(value.to_str().ok()?.to_owned());
            Some((name.as_str().to_owned(), value))
        });
        let headers = headers.collect();
        let mut body = BytesMut::new();
        loop {
            let piece = timeout(NEXT_PIECE, response.chunk())
                .await
                .map_err(|_| Fault::new(Class::Timeout, "the answer stopped halfway").in_doubt())?;
            let Some(piece) = piece.map_err(|why| fault(&why))? else {
                break;
            };
            if body.len() + piece.len() > LONGEST_REPLY {
                return Err(too_long());
            }
            body.extend_from_slice(&piece);
        }
        let text = self.redacted(String::from_utf8_lossy(&body).into_owned());
        let json =
            body::json(&text).map_err(|why| Fault::new(Class::Malformed, why.to_string()))?;
        Ok(Reply {
            status,
            headers,
            text,
            json,
        })
    }
}

fn header_of(auth: Auth, key: &Secret) -> Result<(HeaderName, HeaderValue), String> {
    let key = key.expose_secret().trim();
    let (name, value) = match auth {
        Auth::Bearer => (header::AUTHORIZATION, format!("Bearer {key}")),
        Auth::Header(name) => (HeaderName::from_static(name), key.to_owned()),
    };
    let mut value = HeaderValue::from_str(&value)
        .ok()
        .filter(|value| value.to_str().is_ok())
        .ok_or("it has characters that no key has; copy it again")?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn client(allowed: Option<Allowed>) -> Result<Client, String> {
    let builder = Client::builder()
        .user_agent(concat!("aicleaner/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1)
        .redirect(redirect::Policy::none())
        .no_proxy();
    let builder = match allowed {
        Some(allowed) => builder.dns_resolver(AtHome(allowed)),
        None => builder,
    };
    builder.build().map_err(|why| {
        let why = causes(&why).last().map(ToString::to_string);
        format!(
            "no connection can be made: {}; install the system's CA certificates (package ca-certificates)",
            why.unwrap_or_default()
        )
    })
}

/// Resolves names to allowed addresses only: to any other no connection is made.
#[derive(Clone)]
struct AtHome(Allowed);

impl Resolve for AtHome {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let first = found.first().map(std::net::SocketAddr::ip);
            let at_home: Vec<_> = found
                .into_iter()
                .filter(|address| allowed(address.ip().to_canonical()))
                .collect();
            match first {
                Some(ip) if at_home.is_empty() => Err(NotAtHome(ip).into()),
                _ => Ok(Box::new(at_home.into_iter()) as Addrs),
            }
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("its address is {0}")]
struct NotAtHome(IpAddr);

fn not_allowed(ip: IpAddr) -> Fault {
    Fault::new(Class::NotLocal, NotAtHome(ip).to_string())
}

fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let ip: IpAddr = host.trim_matches(['[', ']']).parse().ok()?;
    Some(ip.to_canonical())
}

/// Why there is no reply. The words never hold the address' path or query.
fn fault(error: &reqwest::Error) -> Fault {
    let refused = causes(error).find_map(|cause| cause.downcast_ref::<NotAtHome>());
    if let Some(NotAtHome(ip)) = refused {
        return not_allowed(*ip);
    }
    // The root cause is the system's or TLS's word, such as "connection refused".
    let said = causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    if error.is_connect() {
        return Fault::new(Class::Network, said);
    }
    if error.is_timeout() {
        return Fault::new(Class::Timeout, "").in_doubt();
    }
    if error.is_builder() {
        return Fault::new(Class::BadRequest, "the address is not usable");
    }
    Fault::new(Class::Network, said).in_doubt()
}

/// An error and what is behind it, also behind the errors of the system.
fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> + 'a {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
        Some(error)
    })
}
