//! Servers that speak the providers' protocols, each on a port of its own: for
//! the self-test, which breaks them, and for tests. They look closely at every
//! request, keep it, and answer as the scenario of the moment says.
//!
//! What a protocol's answers look like stands in its file, written from the
//! vendors' documentation, not from our dialects.

mod anthropic;
mod chat;
mod content;
mod gemini;
mod ollama;
mod request;
mod responses;
mod scenario;
mod transport;

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, Response, Uri},
};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

pub use request::Request;
pub use scenario::Scenario;
use transport::Canned;

/// Requests that are remembered; the oldest are forgotten first.
const REMEMBERED: usize = 200;
const LARGEST_BODY: usize = 32_000_000;

/// A provider's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Gemini,
    /// OpenAI's Responses.
    Responses,
    /// Chat Completions.
    Chat,
    Anthropic,
    Ollama,
}

impl Protocol {
    pub const ALL: [Self; 5] = [
        Self::Gemini,
        Self::Responses,
        Self::Chat,
        Self::Anthropic,
        Self::Ollama,
    ];

    /// What stands between the server's address and the paths of the protocol.
    fn prefix(self) -> &'static str {
        match self {
            Self::Gemini => "/v1beta",
            Self::Responses | Self::Chat | Self::Anthropic => "/v1",
            Self::Ollama => "",
        }
    }
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct FakeProvider {
    address: SocketAddr,
    protocol: Protocol,
    house: Arc<House>,
    _server: AbortOnDropHandle<()>,
}

/// What a request is answered from.
#[derive(Debug)]
struct House {
    protocol: Protocol,
    key: Option<String>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    scenes: VecDeque<Scenario>,
    /// What is played when nothing is queued.
    always: Scenario,
    room: Value,
    requests: VecDeque<Request>,
    /// Ollama: whether the model is in memory, and how long it takes to get there.
    loaded: bool,
    load_takes: Duration,
}

impl FakeProvider {
    /// Starts on a free port of this computer. With a key it answers nobody
    /// who does not send it.
    pub async fn start(protocol: Protocol, key: Option<&str>) -> io::Result<Self> {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).await?, protocol, key)
    }

    /// Starts on a listener of the caller's.
    pub fn on(listener: TcpListener, protocol: Protocol, key: Option<&str>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let house = Arc::new(House {
            protocol,
            key: key.map(str::to_owned),
            inner: Mutex::new(Inner {
                scenes: VecDeque::new(),
                always: Scenario::Good,
                room: content::ordinary_room(),
                requests: VecDeque::new(),
                loaded: true,
                load_takes: Duration::ZERO,
            }),
        });
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .with_state(house.clone());
        let server = tokio::spawn(async move {
            // It ends with its handle; an error of one connection ends that one only.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            protocol,
            house,
            _server: AbortOnDropHandle::new(server),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What goes into the option `base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.address, self.protocol.prefix())
    }

    /// The next questions meet these scenarios, one each.
    pub fn play(&self, scenes: impl IntoIterator<Item = Scenario>) {
        self.house.lock().scenes.extend(scenes);
    }

    /// From now on all questions meet this scenario, after those that are queued.
    pub fn always(&self, scenario: Scenario) {
        self.house.lock().always = scenario;
    }

    /// What the model says about rooms: an object as in `vision::schema`.
    /// Without `known` all open tasks remain; as a word it is said of each.
    pub fn sees_room(&self, report: Value) {
        self.house.lock().room = report;
    }

    /// Ollama: the model is not in memory, and takes so long to get there.
    pub fn unload(&self, load_takes: Duration) {
        let mut inner = self.house.lock();
        inner.loaded = false;
        inner.load_takes = load_takes;
    }

    /// The latest requests, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.house.lock().requests.iter().cloned().collect()
    }

    /// Questions with pictures among them.
    pub fn questions(&self) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| !request.pictures.is_empty());
        requests
    }

    /// Everything that was wrong with any request.
    pub fn complaints(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .flat_map(|request| request.complaints)
            .collect()
    }
}

impl House {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(
    State(house): State<Arc<House>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut request = Request::new(method, uri, headers, &body);
    match house.protocol {
        Protocol::Gemini => gemini::read(&mut request, house.key.as_deref()),
        Protocol::Responses => responses::read(&mut request, house.key.as_deref()),
        Protocol::Chat => chat::read(&mut request, house.key.as_deref()),
        Protocol::Anthropic => anthropic::read(&mut request, house.key.as_deref()),
        Protocol::Ollama => ollama::read(&mut request, house.key.as_deref()),
    }
    let is_load = house.protocol == Protocol::Ollama && ollama::is_load(&request);
    // What is asked about a model, and what has no picture, is not a question.
    let is_question = request.method == Method::POST && !is_load && request.path() != "/api/show";
    let (scenario, room, loaded) = {
        let mut inner = house.lock();
        let scenario = if is_question {
            inner.scenes.pop_front()
        } else {
            inner.scenes.front().copied()
        };
        if inner.requests.len() == REMEMBERED {
            inner.requests.pop_front();
        }
        inner.requests.push_back(request.clone());
        (
            scenario.unwrap_or(inner.always),
            inner.room.clone(),
            inner.loaded,
        )
    };
    if is_load {
        let takes = house.lock().load_takes;
        tokio::time::sleep(takes).await;
        house.lock().loaded = true;
    }
    let text = content::answer(scenario, &request.prompt, &request.pictures, &room);
    let scene = Scene {
        scenario,
        text,
        request: &request,
        key: house.key.as_deref(),
        loaded,
    };
    let canned = transport::common(scenario).unwrap_or_else(|| match house.protocol {
        Protocol::Gemini => gemini::reply(&scene),
        Protocol::Responses => responses::reply(&scene),
        Protocol::Chat => chat::reply(&scene),
        Protocol::Anthropic => anthropic::reply(&scene),
        Protocol::Ollama => ollama::reply(&scene),
    });
    transport::sent(scenario, canned).await
}

/// One request on its way to an answer.
struct Scene<'a> {
    scenario: Scenario,
    /// What the model would write.
    text: String,
    request: &'a Request,
    key: Option<&'a str>,
    loaded: bool,
}

impl Scene<'_> {
    fn model(&self) -> &str {
        self.request.body["model"].as_str().unwrap_or_default()
    }

    /// The key in the forms in which a careless server repeats it.
    fn echo(&self) -> String {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let key = self.key.unwrap_or("none");
        let code = BASE64_STANDARD.encode(format!("Bearer {key}"));
        format!("key {key} of https://example.org/?key={key} ({code}) is wrong")
    }

    /// The text in three pieces, where a protocol can send several.
    fn pieces(&self) -> Vec<&str> {
        if self.scenario != Scenario::SeveralParts {
            return vec![&self.text];
        }
        let cut = |at: usize| {
            (0..=at)
                .rev()
                .find(|at| self.text.is_char_boundary(*at))
                .unwrap_or(0)
        };
        let (a, b) = (cut(self.text.len() / 3), cut(self.text.len() / 2));
        vec![&self.text[..a], &self.text[a..b], &self.text[b..]]
    }
}

/// `Wed, 25 Nov 2026 10:00:00 GMT`
fn http_date(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

fn not_found(request: &Request) -> Canned {
    Canned::json(
        404,
        &serde_json::json!({"error": {"message": format!("no such path {}", request.path())}}),
    )
}
