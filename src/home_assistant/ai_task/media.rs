//! Our pictures in Home Assistant's media folder: there for as long as a call
//! takes. What a crash left behind is found by its name and taken away.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use reqwest::Client;
use serde_json::json;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::{
    super::{
        error::HaError,
        rest::Rest,
        websocket::{LinkState, Socket},
    },
    classes::failure,
    upload,
};
use crate::domain::provider::{Class, Failure};

/// Where they lie: a folder of ours, so that nobody's own pictures are near.
const FOLDER: &str = "media-source://media_source/local/aicleaner";
/// For Home Assistant to take one away, or to say what is there.
const LIMIT: Duration = Duration::from_secs(15);

/// The folder, and which of its files are in use.
#[derive(Debug)]
pub struct Media {
    /// `None`: no Home Assistant.
    rest: Option<Rest>,
    /// How our files begin; another AICleaner's begin otherwise.
    mark: String,
    in_use: Mutex<BTreeSet<String>>,
    client: OnceCell<Client>,
    /// Connects to addresses in the home network only.
    client_at_home: OnceCell<Client>,
}

/// Pictures of one call. Dropped without `remove` (because the service stops)
/// they stay until the next sweep.
pub(super) struct Uploads {
    media: Arc<Media>,
    socket: Socket,
    names: Vec<String>,
}

impl Media {
    pub(super) fn new(rest: Option<Rest>, device_id: &str) -> Self {
        Self {
            rest,
            mark: format!("{device_id}."),
            in_use: Mutex::default(),
            client: OnceCell::new(),
            client_at_home: OnceCell::new(),
        }
    }

    fn in_use(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uploads pictures under names that nobody can guess; with `at_home` to
    /// addresses in the home network only.
    pub(super) async fn put(
        self: &Arc<Self>,
        socket: &Socket,
        pictures: &[Bytes],
        at_home: bool,
        about: &str,
    ) -> Result<Uploads, Failure> {
        let mut uploads = Uploads {
            media: Arc::clone(self),
            socket: socket.clone(),
            names: Vec::new(),
        };
        let rest = self
            .rest
            .as_ref()
            .ok_or_else(|| Failure::new(Class::ModelMissing, "Home Assistant is not set up."))?;
        let client = if at_home {
            &self.client_at_home
        } else {
            &self.client
        };
        let client = client
            .get_or_try_init(|| async { upload::client(at_home) })
            .await
            .map_err(|why| Failure::new(Class::Network, why))?;
        for picture in pictures {
            let name = format!("{}{:032x}.jpg", self.mark, fastrand::u128(..));
            self.in_use().insert(name.clone());
            uploads.names.push(name.clone());
            let sent = upload::upload(rest, client, at_home, FOLDER, &name, picture.clone()).await;
            if let Err(why) = sent {
                uploads.remove().await;
                return Err(refused(&why, about));
            }
        }
        Ok(uploads)
    }
}

impl Uploads {
    pub(super) fn ids(&self) -> impl Iterator<Item = String> + '_ {
        self.names.iter().map(|name| format!("{FOLDER}/{name}"))
    }

    /// Takes them away; what cannot be taken away now is swept later.
    pub(super) async fn remove(mut self) {
        for name in std::mem::take(&mut self.names) {
            remove(&self.socket, &name).await;
            self.media.in_use().remove(&name);
        }
    }
}

impl Drop for Uploads {
    fn drop(&mut self) {
        for name in &self.names {
            self.media.in_use().remove(name);
        }
    }
}

/// Why a picture could not be laid down.
fn refused(why: &HaError, about: &str) -> Failure {
    let mut failure = failure(why, about, false);
    match why {
        // The one thing that is refused before anything is sent.
        HaError::Failed(said) if said.contains("local_only") => failure.class = Class::NotLocal,
        HaError::Status { status: 400, .. } => {
            failure = Failure::new(
                Class::BadRequest,
                format!(
                    "{about}: Home Assistant took no picture into its media folder; it needs one named local (the default), see media_dirs in its configuration."
                ),
            );
        }
        _ => {}
    }
    failure
}

async fn remove(socket: &Socket, name: &str) {
    let command = json!({
        "type": "media_source/local_source/remove",
        "media_content_id": format!("{FOLDER}/{name}"),
    });
    if let Err(why) = socket.call_within(command, LIMIT).await {
        debug!("a picture stays in Home Assistant's media folder for now: {why}");
    }
}

/// Takes away what a crash left behind, whenever Home Assistant is (again)
/// there, until `stop`.
pub async fn sweep(media: Arc<Media>, socket: Socket, stop: CancellationToken) {
    let mut link = socket.link();
    loop {
        let up = link.wait_for(|state| *state == LinkState::Up);
        tokio::select! {
            () = stop.cancelled() => return,
            up = up => if up.is_err() { return },
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sweep_once(&media, &socket) => {}
        }
        let down = link.wait_for(|state| *state != LinkState::Up);
        tokio::select! {
            () = stop.cancelled() => return,
            down = down => if down.is_err() { return },
        }
    }
}

async fn sweep_once(media: &Media, socket: &Socket) {
    let command = json!({"type": "media_source/browse_media", "media_content_id": FOLDER});
    // Without the folder there is nothing of ours.
    let Ok(listing) = socket.call_within(command, LIMIT).await else {
        return;
    };
    let left: Vec<String> = listing["children"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|child| child["title"].as_str())
        .filter(|name| name.starts_with(&media.mark))
        .filter(|name| !media.in_use().contains(*name))
        .map(str::to_owned)
        .collect();
    for name in &left {
        remove(socket, name).await;
    }
    if !left.is_empty() {
        info!(
            "{} pictures of an interrupted check were taken out of Home Assistant's media folder.",
            left.len()
        );
    }
}
