//! The whole product on embedded parts: a simulated home with pictures of
//! rooms, an embedded broker, the real engine, judge and page.

mod once;
mod rooms;

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, bail};
use clap::Args;
use tokio::{net::TcpListener, sync::watch};
use tracing::info;

use self::rooms::Room;
use crate::{
    app::{Home, Surroundings, World},
    cli,
    clock::Clock,
    domain::{
        health::{Component, Condition},
        house::HouseOptions,
        todo::ListId,
        zone::ZoneOptions,
    },
    ports::Message,
    selftest::test_home::{
        album::Album,
        broker::{Broker, Options as BrokerOptions},
        lists::MemoryLists,
        states::Still,
    },
    settings::{
        self, Loaded, Settings, judging,
        model::{self, HomeAssistantAccess, LogLevel, Mqtt, Web},
        slug,
    },
    telemetry::logs::Logs,
};

/// Looks a camera shows the same picture for: it takes two readings that agree
/// to add a task or to tick one off.
const LOOKS_PER_PICTURE: usize = 2;
/// Minutes between the demo's checks.
const INTERVAL_MINUTES: u32 = 1;

#[derive(Debug, Args)]
pub struct Options {
    /// Your own pictures: one sub-folder a zone, its files in name order are
    /// what the camera shows one after another.
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// Judge the last picture of each zone, print a table, end.
    #[arg(long)]
    once: bool,
    /// With --once: print JSON instead of a table.
    #[arg(long, requires = "once")]
    json: bool,
    /// The page's port on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 8099)]
    port: u16,
    /// The port of /health and /metrics on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 9464)]
    probes_port: u16,
}

pub fn demo(options: Options) -> anyhow::Result<ExitCode> {
    let rooms = match &options.images {
        Some(folder) => rooms::in_folder(folder)?,
        None => rooms::shipped(),
    };
    if rooms.is_empty() {
        bail!(
            "there are no pictures to show; give --images a folder with one sub-folder of JPEG, PNG or WebP files for each zone"
        );
    }
    if options.once {
        return cli::with_runtime(once::once(rooms, options.json));
    }
    Logs::start(LogLevel::Info);
    cli::with_runtime(live(rooms, options))
}

/// The service in its simulated home, until it is stopped.
async fn live(rooms: Vec<Room>, options: Options) -> anyhow::Result<ExitCode> {
    let loopback = |port| ([127, 0, 0, 1], port).into();
    let sockets = cli::bind(loopback(options.port), loopback(options.probes_port)).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let broker = Broker::start(listener, BrokerOptions::default())?;
    let state = tempfile::tempdir().context("cannot make a folder for the demo's state")?;
    let (page, mqtt) = (sockets.ingress.local_addr()?, broker.addr());
    let loaded = Loaded {
        settings: Settings {
            zones: zones(&rooms),
            judging: judging::built_in_alone(),
            house: HouseOptions::default(),
            interval_minutes: INTERVAL_MINUTES,
            mqtt: Mqtt {
                broker: Some(model::Broker {
                    host: mqtt.ip().to_string(),
                    port: mqtt.port(),
                    username: None,
                    password: None,
                    tls: None,
                }),
                discovery_prefix: "homeassistant".into(),
            },
            device_id: "aicleaner_v3".into(),
            log_level: LogLevel::Info,
            home_assistant: HomeAssistantAccess::None,
            web: Web {
                ingress: page,
                probes: sockets.probes.local_addr()?,
                password: None,
            },
            data_dir: state.path().to_owned(),
        },
        problems: Vec::new(),
        notices: Vec::new(),
        safe_mode: false,
        zones_complete: true,
        file: None,
        document: settings::Document::default(),
    };
    info!("The page is at http://{page}/ and the entities at mqtt://{mqtt}; stop with Ctrl-C.");
    let stop = cli::stop_on_signal()?;
    let home = |settings: &Settings, around: Surroundings| {
        let mut album = Album::default();
        for room in rooms {
            album.insert(room.name, room.pictures, LOOKS_PER_PICTURE);
        }
        let simulated = Condition::Off("The demo's home is simulated.".into());
        // The inbox is new and empty.
        let _ = around
            .inbox
            .try_send(Message::Health(Component::HomeAssistant, simulated));
        Home {
            camera: Arc::new(album),
            lists: Arc::new(MemoryLists::new(around.inbox)),
            states: Arc::new(Still),
            herald: Arc::new(Still),
            broker: settings.mqtt.broker.clone().map(|b| Arc::new(b) as _),
            supervisor: None,
            ai_tasks: None,
            language: watch::channel(None).1,
            editing: None,
        }
    };
    let world = World::start(loaded, home, sockets, Clock::wall(), stop).await;
    world.ended().await;
    broker.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Each room as a zone with a list of its own. Folders may differ where their
/// slugs do not: later ones are numbered.
fn zones(rooms: &[Room]) -> Vec<ZoneOptions> {
    let mut taken = BTreeSet::new();
    rooms
        .iter()
        .zip(1..)
        .map(|(room, position)| {
            let slug = slug::zone_slug(&room.name, position);
            let mut numbered = (2..).map(|n| format!("{slug}_{n}"));
            let mut unique = slug.clone();
            while !taken.insert(unique.clone()) {
                unique = numbered.next().unwrap_or_default();
            }
            zone(room, unique)
        })
        .collect()
}

fn zone(room: &Room, slug: String) -> ZoneOptions {
    ZoneOptions {
        name: room.name.clone(),
        todo_list: Some(ListId(format!("todo.{slug}"))),
        slug,
        cameras: vec![room.name.clone()],
        interval_minutes: INTERVAL_MINUTES,
        ..ZoneOptions::default()
    }
}
