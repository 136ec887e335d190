//! A small Home Assistant: entities, cameras, to-do lists, REST and WebSocket
//! on one port, with the Supervisor's paths in front, and faults on demand.
//!
//! What it leaves out: users, registries, services of other integrations
//! (calling one succeeds and does nothing), AI Task.

mod connection;
mod todo;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use tokio::{
    io::DuplexStream,
    net::{TcpListener, TcpStream},
    sync::{broadcast, mpsc},
    time,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

pub const TOKEN: &str = "t0ken-of-the-fake-h0me";

/// Events that may wait for a client; the real one, too, cuts a slower one off.
const EVENTS: usize = 4096;
const LARGEST_BODY: usize = 1 << 20;
/// How long `until` waits: generous, for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The running home. Dropping it ends it.
#[derive(Debug)]
pub struct FakeHome {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    // A std mutex: never held across an await.
    model: Mutex<Model>,
    /// What happens to all connections.
    events: broadcast::Sender<Happening>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug, Clone)]
enum Happening {
    Cut,
    /// An entity's state, or its items, changed.
    State(String),
    Items(String),
}

/// What there is, and what was asked.
#[derive(Debug)]
pub struct Model {
    pub token: String,
    /// The status the WebSocket's upgrade, and everything else, is refused with.
    pub upgrade: Option<u16>,
    /// `get_config`'s state.
    pub state: &'static str,
    /// Nothing is answered, the connections stay open.
    pub mute: bool,
    pub entities: BTreeMap<String, Entity>,
    /// Canned HTTP answers by path.
    pub answers: HashMap<String, (u16, String, Vec<u8>)>,
    /// Whether what is asked is kept below; without an end, so not in long runs.
    pub records: bool,
    /// Commands received, in order, over all connections.
    pub commands: Vec<Value>,
    pub connections: usize,
    /// HTTP requests: path with query, and headers.
    pub requests: Vec<(String, HeaderMap)>,
    /// The JSON bodies among them.
    pub bodies: Vec<Value>,
    /// How often each path was asked for, with a good answer or a bad one.
    pub asked: BTreeMap<String, u64>,
    /// Items ever added: the source of uids.
    added: u64,
}

#[derive(Debug, Clone)]
pub struct Entity {
    pub state: String,
    pub features: u32,
    /// `None`: not loaded yet, or no to-do list.
    pub items: Option<Vec<Value>>,
}

impl FakeHome {
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            model: Mutex::new(Model {
                token: TOKEN.into(),
                upgrade: None,
                state: "RUNNING",
                mute: false,
                entities: BTreeMap::new(),
                answers: HashMap::new(),
                records: true,
                commands: vec![],
                connections: 0,
                requests: vec![],
                bodies: vec![],
                asked: BTreeMap::new(),
                added: 0,
            }),
            events: broadcast::channel(EVENTS).0,
            stop: stop.clone(),
            tasks: TaskTracker::new(),
        });
        tokio::spawn(serve(listener, address, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            _stop: stop.drop_guard(),
        })
    }

    /// A connection without a network.
    pub fn connect(&self) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        self.shared
            .tasks
            .spawn(connection::converse(ours, Arc::clone(&self.shared)));
        theirs
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.shared.lock()
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.shared.tell(Happening::Cut);
    }

    pub fn answer(&self, path: &str, status: u16, kind: &str, body: impl Into<Vec<u8>>) {
        let answer = (status, kind.to_owned(), body.into());
        self.model().answers.insert(path.into(), answer);
    }

    pub fn put_list(&self, entity: &str, state: &str, items: Option<Vec<Value>>) {
        let list = Entity {
            state: state.into(),
            features: 127,
            items,
        };
        self.model().entities.insert(entity.into(), list);
        self.shared.tell(Happening::State(entity.into()));
    }

    /// An entity that is no list is in this state from now on.
    pub fn put_state(&self, entity: &str, state: &str) {
        self.put_list(entity, state, None);
    }

    pub fn set_items(&self, entity: &str, items: Vec<Value>) {
        self.shared.set_items(entity, items);
    }

    /// None if there is no such list.
    pub fn items(&self, entity: &str) -> Vec<Value> {
        let model = self.model();
        let list = model.entities.get(entity);
        list.and_then(|e| e.items.clone()).unwrap_or_default()
    }

    /// Waits until a condition holds; `false` if it did not in 20 s.
    pub async fn comes_to(&self, holds: impl Fn(&Model) -> bool) -> bool {
        let wait = async {
            while !holds(&self.model()) {
                time::sleep(Duration::from_millis(2)).await;
            }
        };
        time::timeout(PATIENCE, wait).await.is_ok()
    }

    pub fn received(&self, kind: &str) -> Vec<Value> {
        let model = self.model();
        let commands = model.commands.iter();
        commands.filter(|c| c["type"] == kind).cloned().collect()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, happening: Happening) {
        // Nobody may be connected.
        let _ = self.events.send(happening);
    }

    fn set_items(&self, entity: &str, items: Vec<Value>) {
        let open = items.iter().filter(|i| i["status"] == "needs_action");
        let open = open.count().to_string();
        if let Some(list) = self.lock().entities.get_mut(entity) {
            list.state = open;
            list.items = Some(items);
        }
        self.tell(Happening::State(entity.into()));
        self.tell(Happening::Items(entity.into()));
    }
}

/// Upgrades go to the WebSocket, the rest to axum.
async fn serve(listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let (plain, streams) = mpsc::channel(16);
    let app = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&shared));
    let http = axum::serve(Streams(streams, address), app)
        .with_graceful_shutdown(shared.stop.clone().cancelled_owned());
    let sort = async {
        // It ends with the stop; a listener on loopback that fails has nothing to serve.
        while let Some(Ok((stream, _))) = shared.stop.run_until_cancelled(listener.accept()).await {
            let (plain, shared) = (plain.clone(), Arc::clone(&shared));
            let stop = shared.stop.clone();
            shared.tasks.clone().spawn(async move {
                let sorted = async move {
                    let mut head = [0; 256];
                    let read = stream.peek(&mut head).await.unwrap_or(0);
                    if String::from_utf8_lossy(&head[..read]).contains("/websocket ") {
                        connection::converse(stream, shared).await;
                    } else {
                        let _ = plain.send(stream).await;
                    }
                };
                stop.run_until_cancelled(sorted).await;
            });
        }
    };
    let (_, ()) = tokio::join!(http, sort);
}

struct Streams(mpsc::Receiver<TcpStream>, SocketAddr);

impl axum::serve::Listener for Streams {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        match self.0.recv().await {
            Some(stream) => (stream, self.1),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.1)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    let (request, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return reply(413, "text/plain", b"413: too large".into());
    };
    let path = request.uri.path().to_owned();
    let mut model = shared.lock();
    *model.asked.entry(path.clone()).or_default() += 1;
    if model.records {
        model
            .requests
            .push((request.uri.to_string(), request.headers.clone()));
        if let Ok(body) = serde_json::from_slice(&body) {
            model.bodies.push(body);
        }
    }
    if let Some((status, kind, body)) = model.answers.get(&path) {
        return reply(*status, kind, body.clone());
    }
    let bearer = format!("Bearer {}", model.token);
    let given = request.headers.get(header::AUTHORIZATION);
    if given.is_none_or(|given| given != bearer.as_str()) {
        return reply(401, "text/plain", b"401: Unauthorized".into());
    }
    let entity = path.rsplit('/').next().unwrap_or_default();
    match model.entities.get(entity) {
        Some(e) => {
            let attributes = json!({"supported_features": e.features});
            let state = json!({"entity_id": entity, "state": e.state, "attributes": attributes});
            reply(200, "application/json", state.to_string().into())
        }
        None => reply(
            404,
            "application/json",
            b"{\"message\": \"Entity not found.\"}".into(),
        ),
    }
}

fn reply(status: u16, kind: &str, body: Vec<u8>) -> Response {
    let mut response = Response::builder().header(header::CONTENT_TYPE, kind);
    if (300..400).contains(&status) {
        response = response.header(header::LOCATION, body.as_slice());
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .status(status)
        .body(Body::from(body))
        .unwrap_or_default()
}
