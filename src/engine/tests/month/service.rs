//! The service of a month: its options, its parts, its start.

use std::sync::{Arc, Mutex};

use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{
    home::{Ai, Ears, Eye, Home},
    words,
};
use crate::{
    clock::Clock,
    domain::{
        budget::{Budget, Limits},
        check::{Assessment, CheckError},
        health::{Component, Condition},
        house::HouseOptions,
        notification::NotifyOptions,
        standing::Standing,
        timing::QuietHours,
        todo::ListId,
        view::View,
        zone::ZoneOptions,
    },
    engine::{Engine, Parts, Plan, tests::living::parts::Shelf},
    ports::{Boxed, Inbox, Judge, Message, Question},
    selftest::test_home::states::Still,
    store::direct::DirectStore,
    telemetry::{Metrics, Pulse},
    vision::chain::{self, Chain, Counting, Link, Proven, Setup},
};

/// Minutes of the home in one second of the runtime.
pub const SPEED: f64 = 60.0;
pub const CALLS_A_DAY: u32 = 10;
pub const COOLDOWN_MINUTES: u32 = 90;
pub fn list_of(n: usize) -> ListId {
    ListId(format!("todo.{n}"))
}

pub fn tz() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// What the options say.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct Options {
    pub renamed: bool,
    pub shared: bool,
    pub bedroom: bool,
    pub interval: u32,
    pub pickiness: u8,
    pub ignore: Option<usize>,
    pub quiet: bool,
    /// Messages a day.
    pub cap: u32,
}

impl Options {
    pub fn zones(&self, language: usize) -> Vec<ZoneOptions> {
        let kitchen = if self.renamed { "Galley" } else { "Kitchen" };
        let rooms = [
            (kitchen, Some(0)),
            ("Hall", self.shared.then_some(0)),
            ("Bedroom", Some(1)),
        ];
        let rooms = rooms
            .iter()
            .enumerate()
            .take(if self.bedroom { 3 } else { 2 });
        rooms
            .map(|(room, (name, list))| ZoneOptions {
                name: (*name).into(),
                slug: name.to_lowercase(),
                cameras: vec![format!("camera.{room}")],
                todo_list: list.map(list_of),
                interval_minutes: self.interval,
                pickiness: self.pickiness,
                ignore: match self.ignore {
                    Some(mess) if room == 0 => vec![words::rule(language, mess).into()],
                    _ => vec![],
                },
                ..ZoneOptions::default()
            })
            .collect()
    }

    pub fn house(&self) -> HouseOptions {
        HouseOptions {
            quiet_hours: QuietHours::parse("22:00-07:00").filter(|_| self.quiet),
            notify: NotifyOptions {
                cooldown_minutes: COOLDOWN_MINUTES,
                daily_cap: self.cap,
                ..NotifyOptions::default()
            },
            ..HouseOptions::default()
        }
    }
}

/// A judge that is asked how it stands in every turn of the engine, and so
/// notices when the engine turns without end while no time passes.
struct Turning {
    chain: Chain,
    clock: Clock,
    turns: Mutex<(Timestamp, u32)>,
}

/// More turns than anything at one moment takes.
const MOST_TURNS: u32 = 5000;

impl Turning {
    fn new(chain: Chain, clock: Clock) -> Self {
        let turns = Mutex::new((clock.now(), 0));
        Self {
            chain,
            clock,
            turns,
        }
    }
}

impl Judge for Turning {
    fn assess(
        &self,
        question: Arc<Question>,
        until: Timestamp,
    ) -> Boxed<'_, Result<Assessment, CheckError>> {
        self.chain.assess(question, until)
    }

    fn standing(&self) -> Standing {
        let now = self.clock.now();
        let mut turns = self.turns.lock().unwrap();
        *turns = if turns.0 == now {
            (now, turns.1 + 1)
        } else {
            (now, 0)
        };
        assert!(
            turns.1 < MOST_TURNS,
            "the engine turns without end at {now}"
        );
        self.chain.standing()
    }
}

pub type Started = (
    JoinHandle<()>,
    watch::Receiver<Arc<View>>,
    Inbox,
    CancellationToken,
);

/// A start with what the store holds.
pub async fn start(home: &Arc<Home>, store: &Arc<DirectStore>, options: &Options) -> Started {
    let remembered = store.remembered();
    let (inbox, messages) = mpsc::channel(64);
    let (away, language) = home.with(|s| {
        s.inbox = Some(inbox.clone());
        (s.away, s.language)
    });
    let limits = Limits {
        calls: CALLS_A_DAY,
        cost: None,
    };
    let proven = Proven {
        sees: true,
        said: String::new(),
        version: None,
        at: home.clock.now(),
    };
    let ai = Arc::new(Ai(home.clone()));
    let metrics = Metrics::new(&["ai"]);
    let chain = Chain::new(
        chain::Parts {
            store: store.clone(),
            metrics: metrics.clone(),
            clock: home.clock,
            tz: tz(),
            draw: || unreachable!("it was proven before"),
        },
        Setup {
            links: vec![Link::new(ai, Counting::Calls, None, Some(proven))],
            limits,
            local_only: false,
        },
        Budget::new(limits, remembered.spending.clone()),
    );
    let parts = Parts {
        camera: Arc::new(Eye(home.clone())),
        judge: Arc::new(Turning::new(chain, home.clock)),
        lists: home.clone(),
        states: Arc::new(Still),
        herald: Arc::new(Ears(home.clone())),
        references: Arc::new(Shelf::default()),
        store: store.clone(),
        metrics,
        pulse: Pulse::new(),
        news: mpsc::channel(1).0,
        clock: home.clock,
        tz: tz(),
    };
    let plan = Plan {
        device_id: "aicleaner_v3".into(),
        zones: options.zones(language),
        house: options.house(),
        complete: true,
        problems: vec![],
        notices: vec![],
    };
    let (engine, view) = Engine::new(parts, remembered, plan).await;
    let stop = CancellationToken::new();
    let engine = tokio::spawn(engine.run(messages, stop.clone()));
    if !away {
        let back = Message::Health(Component::HomeAssistant, Condition::Ok);
        inbox.send(back).await.unwrap();
        for list in home.lists.keys() {
            home.push(list, true);
        }
    }
    (engine, view, inbox, stop)
}
