//! HTTP: the page and its API on one listener, the probes on the other.
//!
//! ```text
//! ingress   /                                  the page (assets/)
//!           GET  api/v1/zones                  everything the page shows
//!           GET  api/v1/events                 says when that has changed
//!           GET  api/v1/zones/{slug}/snapshot  the JPEG that was judged last
//!           GET  api/v1/zones/{slug}/history   readings, ?days=1..90
//!           POST api/v1/zones/{slug}/check     check this zone now
//!           GET  api/v1/zones/{slug}/ignore    what is no task; POST adds a rule, DELETE takes it back
//!           POST api/v1/zones/{slug}/ignore/test  which tasks a rule would name
//!           POST api/v1/zones/{slug}/reference the last picture shows it clean; DELETE: forget what did
//!           GET  api/v1/zones/{slug}/masks     what of its pictures nobody may see; PUT: change it
//!           POST api/v1/zones/{slug}/preview   a picture now, as a provider would get it
//!           POST api/v1/zones/{slug}/snooze    leave it alone: {"for": "2 hours"}, with an Idempotency-Key or without
//!           POST api/v1/check                  check all zones now
//!           POST api/v1/tasks/{id}/done        a person did it
//!           POST api/v1/tasks/{id}/dismiss     not a task
//!           GET  api/v1/options                the options, without keys
//!           PUT  api/v1/options                change them
//!           POST api/v1/options/use            use what was saved elsewhere
//!           GET  api/v1/providers              who judges, and the consent
//!           POST api/v1/providers/{i}/test     test one now
//!           POST api/v1/providers/consent      agree to an AI of Home Assistant's; DELETE: not any more
//!           POST api/v1/remove                 take all entities out of Home Assistant, until the next start
//!           POST api/v1/backup                 write a copy of the database for a backup
//!           GET  api/v1/openapi.json           all this as an OpenAPI document
//! probes    GET  /health /ready /metrics
//! ```
//!
//! Who may come in is decided in `guard`, how long they may take in `server`.

mod api;
mod assets;
mod attempts;
mod document;
mod events;
mod guard;
mod ignore;
mod masks;
mod openapi;
mod options;
mod page;
mod probes;
mod providers;
mod reply;
mod server;
mod snooze;
#[cfg(test)]
mod tests;

pub use openapi::markdown as endpoints;

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    domain::view::View,
    ports::{Farewell, Inbox, OptionsEditor, ProviderDesk, Store},
    settings::Secret,
    telemetry::{Metrics, Readiness},
};

/// What the two listeners show and whom they tell.
#[derive(Clone)]
pub struct Context {
    pub view: watch::Receiver<Arc<View>>,
    pub inbox: Inbox,
    /// Takes everything out of Home Assistant.
    pub farewell: Arc<dyn Farewell>,
    pub store: Arc<dyn Store>,
    pub metrics: Metrics,
    /// Trust the Supervisor's ingress proxy, and nobody else on the network.
    pub behind_supervisor: bool,
    /// Lets others than loopback in, outside the Supervisor.
    pub password: Option<Secret>,
    pub version: &'static str,
    pub clock: Clock,
    pub readiness: Readiness,
    /// The parts whose standstill means that we are not alive, by name.
    pub vital: Vec<(&'static str, Standstill)>,
    /// `None`: the options cannot be seen or changed here.
    pub options: Option<Arc<dyn OptionsEditor>>,
    /// Tests providers and hears what the household agrees to.
    pub providers: Arc<dyn ProviderDesk>,
}

/// Says for how long a part has not turned. Called for every `/health`: it must not block.
pub type Standstill = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Serves both listeners until `stop`, then lets answers under way finish for
/// a moment and returns.
pub async fn serve(
    context: Context,
    ingress: TcpListener,
    probes: TcpListener,
    stop: CancellationToken,
) {
    let guard = guard::Guard::new(context.behind_supervisor, context.password.clone());
    let page = page::router(context.clone(), guard);
    let probe = probes::router(context);
    tokio::join!(
        server::serve(page, ingress, stop.clone()),
        server::serve(probe, probes, stop),
    );
}
