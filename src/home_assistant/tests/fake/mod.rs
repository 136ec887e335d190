//! A small Home Assistant: entities, to-do lists, REST and WebSocket on one
//! port, with the Supervisor's paths in front, and faults on demand.

mod connection;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
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

use super::super::websocket::dial::Stream;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{broadcast, mpsc},
    task::AbortHandle,
    time,
};

pub(super) const TOKEN: &str = "t0ken-of-the-fake-h0me";

pub(super) struct FakeHome {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    server: AbortHandle,
}

struct Shared {
    model: Mutex<Model>,
    /// What happens to all connections.
    events: broadcast::Sender<Happening>,
}

#[derive(Debug, Clone)]
enum Happening {
    Cut,
    /// An entity's state, or its items, changed.
    State(String),
    Items(String),
}

pub(super) struct Model {
    pub(super) token: String,
    /// The status the WebSocket's upgrade is refused with.
    pub(super) upgrade: Option<u16>,
    /// `get_config`'s state.
    pub(super) state: &'static str,
    /// Nothing is answered, the connections stay open.
    pub(super) mute: bool,
    pub(super) entities: BTreeMap<String, Entity>,
    /// Canned HTTP answers by path.
    pub(super) answers: HashMap<String, (u16, String, Vec<u8>)>,
    /// Commands received, in order, over all connections.
    pub(super) commands: Vec<Value>,
    pub(super) connections: usize,
    /// HTTP requests: path with query, and headers.
    pub(super) requests: Vec<(String, HeaderMap)>,
    /// The JSON bodies among them.
    pub(super) bodies: Vec<Value>,
}

#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub(super) state: String,
    pub(super) features: u32,
    /// `None`: not loaded yet.
    pub(super) items: Option<Vec<Value>>,
}

impl FakeHome {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            model: Mutex::new(Model {
                token: TOKEN.into(),
                upgrade: None,
                state: "RUNNING",
                mute: false,
                entities: BTreeMap::new(),
                answers: HashMap::new(),
                commands: vec![],
                connections: 0,
                requests: vec![],
                bodies: vec![],
            }),
            events: broadcast::channel(256).0,
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared))).abort_handle();
        Self {
            address,
            shared,
            server,
        }
    }

    /// A connection without a network.
    pub(super) fn connect(&self) -> Stream {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(connection::converse(
            Box::new(ours),
            Arc::clone(&self.shared),
        ));
        Box::new(theirs)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn model(&self) -> MutexGuard<'_, Model> {
        self.shared.model.lock().unwrap()
    }

    /// Cuts all connections.
    pub(super) fn cut(&self) {
        let _ = self.shared.events.send(Happening::Cut);
    }

    pub(super) fn answer(&self, path: &str, status: u16, kind: &str, body: impl Into<Vec<u8>>) {
        let answer = (status, kind.to_owned(), body.into());
        self.model().answers.insert(path.into(), answer);
    }

    pub(super) fn put_list(&self, entity: &str, state: &str, items: Option<Vec<Value>>) {
        let list = Entity {
            state: state.into(),
            features: 127,
            items,
        };
        self.model().entities.insert(entity.into(), list);
        let _ = self.shared.events.send(Happening::State(entity.into()));
    }

    pub(super) fn set_items(&self, entity: &str, items: Vec<Value>) {
        self.shared.set_items(entity, items);
    }

    pub(super) fn items(&self, entity: &str) -> Vec<Value> {
        self.model().entities[entity].items.clone().unwrap()
    }

    /// Waits until a condition holds.
    pub(super) async fn until(&self, holds: impl Fn(&Model) -> bool) {
        time::timeout(super::PATIENCE, async {
            while !holds(&self.model()) {
                time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await
        .expect("the fake home sees it in time");
    }

    pub(super) fn received(&self, kind: &str) -> Vec<Value> {
        let model = self.model();
        let commands = model.commands.iter();
        commands.filter(|c| c["type"] == kind).cloned().collect()
    }
}

impl Drop for FakeHome {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn set_items(&self, entity: &str, items: Vec<Value>) {
        let open = items.iter().filter(|i| i["status"] == "needs_action");
        let open = open.count().to_string();
        if let Some(list) = self.model.lock().unwrap().entities.get_mut(entity) {
            list.state = open;
            list.items = Some(items);
        }
        let _ = self.events.send(Happening::State(entity.into()));
        let _ = self.events.send(Happening::Items(entity.into()));
    }
}

/// Upgrades go to the WebSocket, the rest to axum.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let (plain, streams) = mpsc::channel(16);
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&shared));
    let http = async { axum::serve(Streams(streams, address), app).await.unwrap() };
    let sort = async {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (plain, shared) = (plain.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                let mut head = [0; 256];
                let read = stream.peek(&mut head).await.unwrap_or(0);
                if String::from_utf8_lossy(&head[..read]).contains("/websocket ") {
                    connection::converse(Box::new(stream), shared).await;
                } else {
                    let _ = plain.send(stream).await;
                }
            });
        }
    };
    tokio::join!(http, sort);
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
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = request.uri.path().to_owned();
    let mut model = shared.model.lock().unwrap();
    let asked = request.uri.path_and_query().unwrap().to_string();
    model.requests.push((asked, request.headers.clone()));
    if let Ok(body) = serde_json::from_slice(&body) {
        model.bodies.push(body);
    }
    let reply = |status: u16, kind: &str, body: Vec<u8>| {
        let mut response = Response::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .header(header::CONTENT_TYPE, kind);
        if (300..400).contains(&status) {
            response = response.header(header::LOCATION, String::from_utf8(body.clone()).unwrap());
        }
        response.body(Body::from(body)).unwrap()
    };
    if let Some((status, kind, body)) = model.answers.get(&path) {
        return reply(*status, kind, body.clone());
    }
    let bearer = format!("Bearer {}", model.token);
    let given = request.headers.get(header::AUTHORIZATION);
    if given.is_none_or(|given| given != bearer.as_str()) {
        return reply(401, "text/plain", b"401: Unauthorized".into());
    }
    let entity = path.rsplit('/').next().unwrap();
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
