//! MQTT: one link to the broker, one table of entities.
//!
//! What the household may see is a `View`; it is rendered into the outbox
//! whenever it changes, and the link sends what the broker does not have yet.
//! What the broker has to say becomes commands for the engine.

mod bridge;
mod claim;
pub mod discovery;
pub mod entities;
pub mod entity;
mod identity;
mod lane;
mod link;
mod outbox;
mod render;
mod retire;
mod seldom;
#[cfg(test)]
mod tests;
pub mod topics;
mod trouble;

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    join, select,
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use self::{
    bridge::{Bridge, Former, Signals},
    claim::Claim,
    identity::Keeper,
    link::{Link, MAX_PACKET},
    outbox::SharedOutbox,
    render::Renderer,
    seldom::Seldom,
    topics::Topics,
    trouble::Retry,
};
pub use self::{claim::Patience, link::knock, trouble::Pace};
use crate::{
    domain::{announcement::Announcement, health::Condition, view::View},
    ports::{Boxed, BrokerSource, Farewell, Inbox},
    settings::model::Broker,
    telemetry::Metrics,
};

/// Messages from the broker that may wait for us: a start finds one for every
/// zone there ever was.
const RECEIVED: usize = 512;

/// Bytes of the largest of them; commands are words.
const LARGEST_COMMAND: usize = 4 * 1024;

/// Happenings that may wait for us.
const NEWS: usize = 64;

/// For everything to be taken out: Home Assistant is given five seconds to do
/// so before the topics it listens to are emptied.
const WITHDRAWING: Duration = Duration::from_secs(9);

pub struct Context {
    /// Prefix of our topics and ids, `^[a-z0-9_]{1,32}$`.
    pub device_id: String,
    /// Home Assistant's discovery prefix; no wildcards.
    pub discovery_prefix: String,
    pub broker: Arc<dyn BrokerSource>,
    /// The app's full slug, if we run as one: for the link from the device's page to ours.
    pub slug: Option<String>,
    /// Where it is written down who we are.
    pub data_dir: PathBuf,
    pub pace: Pace,
    pub metrics: Metrics,
    /// When this life began.
    pub started: Timestamp,
}

/// What comes to the household's MQTT side besides the view.
pub struct Mailbox {
    news: mpsc::Receiver<Announcement>,
    farewells: mpsc::Receiver<Request>,
}

/// A wish to take everything out, and where to say how it went.
type Request = oneshot::Sender<Result<(), String>>;

/// The other ends of a mailbox. Cheap to clone.
#[derive(Clone)]
pub struct Senders {
    /// Never waited for.
    pub news: mpsc::Sender<Announcement>,
    farewells: mpsc::Sender<Request>,
}

pub fn mailbox() -> (Senders, Mailbox) {
    let (news, of_news) = mpsc::channel(NEWS);
    let (farewells, of_farewells) = mpsc::channel(1);
    let senders = Senders { news, farewells };
    let mailbox = Mailbox {
        news: of_news,
        farewells: of_farewells,
    };
    (senders, mailbox)
}

impl Farewell for Senders {
    fn withdraw(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async {
            let (reply, answer) = oneshot::channel();
            let asked = async {
                // Without a broker nobody listens, and there is nothing to take out.
                if self.farewells.send(reply).await.is_err() {
                    return Ok(());
                }
                answer.await.unwrap_or_else(|_| Err(STOPPING.to_owned()))
            };
            timeout(WITHDRAWING, asked)
                .await
                .unwrap_or_else(|_| Err(UNCONFIRMED.to_owned()))
        })
    }
}

const STOPPING: &str = "AICleaner is stopping; nothing more was taken out of Home Assistant.";
const UNCONFIRMED: &str = "The MQTT broker did not confirm within 9 s that everything was taken out; look at the devices in Home Assistant, and try again once the broker works.";

/// The broker of the options: always the same.
impl BrokerSource for Broker {
    fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
        Box::pin(async { Ok(self.clone()) })
    }
}

/// Publishes the view and hears commands until `stop`; then says `offline`,
/// which takes half a second at most. The first view must be the real one: a
/// zone that is not in it is taken out of Home Assistant.
pub async fn run(
    context: Context,
    view: watch::Receiver<Arc<View>>,
    inbox: Inbox,
    mailbox: Mailbox,
    stop: CancellationToken,
) {
    Box::pin(work(context, view, inbox, mailbox, stop, false)).await;
}

/// Shows nothing: takes everything of ours out of the broker and of Home
/// Assistant and returns, within `limit`. The error is a sentence.
pub async fn remove(
    context: Context,
    view: watch::Receiver<Arc<View>>,
    limit: Duration,
) -> Result<(), String> {
    let (senders, mailbox) = mailbox();
    let (inbox, mut messages) = mpsc::channel(16);
    let stop = CancellationToken::new();
    let work = Box::pin(work(context, view, inbox, mailbox, stop.clone(), true));
    let (reply, answer) = oneshot::channel();
    let _ = senders.farewells.send(reply).await;
    let ((), answered) = join!(work, async {
        let listening = async { while messages.recv().await.is_some() {} };
        let answered = select! {
            answered = timeout(limit, answer) => answered,
            () = listening => Ok(Ok(Err(STOPPING.to_owned()))),
        };
        stop.cancel();
        answered
    });
    match answered {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(STOPPING.to_owned()),
        Err(_) => Err(format!(
            "The MQTT broker could not be reached, or did not confirm, within {} s; nothing or not everything was taken out. Check the broker and try again.",
            limit.as_secs()
        )),
    }
}

async fn work(
    context: Context,
    mut view: watch::Receiver<Arc<View>>,
    inbox: Inbox,
    mailbox: Mailbox,
    stop: CancellationToken,
    only_to_leave: bool,
) {
    let keeper = Keeper::open(&context.data_dir).await;
    let identity = keeper.get();
    let topics = Topics::new(&context.device_id, &context.discovery_prefix);
    let outbox = Arc::new(SharedOutbox::new(MAX_PACKET));
    let mut renderer = Renderer::new(topics.clone(), context.slug);
    if only_to_leave {
        renderer.stay_quiet();
    }
    outbox.edit(|outbox| renderer.render(&view.borrow_and_update(), outbox));
    let former = Former::of(&identity, &topics);
    let mut filters = topics.filters();
    filters.push(topics.availability());
    if let Some(former) = former.as_ref().filter(|f| f.is_elsewhere(&topics)) {
        filters.extend(former.filters());
    }
    let (received, messages) = mpsc::channel(RECEIVED);
    let (condition, conditions) = watch::channel(Condition::Starting);
    let (passive, passives) = watch::channel(false);
    let claim = Claim::new(
        topics.clone(),
        identity.instance,
        context.pace.patience,
        context.started,
    );
    let link = Link {
        client_id: context.device_id,
        availability: topics.availability(),
        filters,
        source: context.broker,
        outbox: outbox.clone(),
        claim: Some(claim),
        keeper: Some(keeper.clone()),
        received,
        dropped: Seldom::default(),
        largest: LARGEST_COMMAND,
        condition,
        passive,
        retry: Retry::new(context.pace),
        metrics: context.metrics,
    };
    let left = CancellationToken::new();
    let bridge = Bridge {
        topics,
        renderer,
        outbox,
        view,
        inbox,
        nonsense: Seldom::default(),
        keeper,
        former,
        only_to_leave,
        reply: None,
    };
    let signals = Signals {
        received: messages,
        conditions,
        passives,
        mailbox,
        left: left.clone(),
    };
    join!(
        async {
            link.run(stop.clone()).await;
            left.cancel();
        },
        async {
            select! {
                () = stop.cancelled() => {}
                () = bridge.run(signals) => {}
            }
        }
    );
}
