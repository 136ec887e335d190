//! The chain under paused time: providers that answer as they are told, and
//! notes of when each was asked.

mod asking;
mod full_disk;
mod rescoring;
mod testing;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::*;
use crate::{
    domain::{
        budget::{Budget, Limits, Money, Spending},
        check::{Assessment, Reading},
        provider::{Failure, ModelFacts, Price, Usage, Wait},
        score::Score,
        zone::ZoneId,
    },
    ports::{Answered, Boxed, Canary, Frame, Proof, Provider, Question, Rescored, Store, Terms},
    telemetry::Metrics,
};

/// What a scripted provider does next.
#[derive(Clone)]
enum Act {
    Answer,
    Fail(Failure),
    /// Answers after this time.
    Slow(Duration),
}

/// Answers as its script says, then always.
struct Scripted {
    name: &'static str,
    script: Mutex<VecDeque<Act>>,
    /// When it was asked.
    asked: Mutex<Vec<(Timestamp, Terms)>>,
    /// What its exchanges for a better score come to; none are made without.
    rescores: Mutex<VecDeque<Result<i64, Failure>>>,
    proofs: Mutex<VecDeque<bool>>,
    proved: Mutex<Vec<Timestamp>>,
    version: Mutex<Option<String>>,
    facts: Mutex<Result<ModelFacts, Failure>>,
    clock: Clock,
}

impl Scripted {
    fn new(name: &'static str, clock: Clock, script: impl Into<VecDeque<Act>>) -> Arc<Self> {
        Arc::new(Self {
            name,
            script: Mutex::new(script.into()),
            asked: Mutex::default(),
            rescores: Mutex::default(),
            proofs: Mutex::default(),
            proved: Mutex::default(),
            version: Mutex::default(),
            facts: Mutex::new(Ok(ModelFacts::default())),
            clock,
        })
    }

    /// Seconds from the origin at which it was asked.
    fn times(&self) -> Vec<i64> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|(at, _)| seconds(*at)).collect()
    }

    fn calls(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn model_facts(&self) -> ModelFacts {
        ModelFacts {
            version: self.version.lock().unwrap().clone(),
            ..ModelFacts::default()
        }
    }
}

const USAGE: Usage = Usage {
    input: Some(1000),
    output: Some(100),
};

impl Provider for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    fn model(&self) -> &'static str {
        "m-1"
    }

    fn patience(&self) -> Duration {
        Duration::from_mins(2)
    }

    fn ask(&self, _: Arc<Question>, terms: Terms) -> Boxed<'_, Result<Answered, Failure>> {
        self.asked.lock().unwrap().push((self.clock.now(), terms));
        let act = self.script.lock().unwrap().pop_front();
        Box::pin(async move {
            match act.unwrap_or(Act::Answer) {
                Act::Answer => {}
                Act::Slow(time) => tokio::time::sleep(time).await,
                Act::Fail(failure) => return Err(failure),
            }
            Ok(Answered {
                assessment: assessment(),
                usage: USAGE,
                model: self.model_facts(),
            })
        })
    }

    fn rescore(&self, _: Arc<Question>, _: Terms) -> Option<Boxed<'_, Result<Rescored, Failure>>> {
        if self.rescores.lock().unwrap().is_empty() {
            return None;
        }
        Some(Box::pin(async {
            let score = self.rescores.lock().unwrap().pop_front().unwrap()?;
            Ok(Rescored {
                score: Score::try_from(score).unwrap(),
                method: "again",
            })
        }))
    }

    fn prove(&self, _: Arc<Canary>, _: Terms) -> Boxed<'_, Result<Proof, Failure>> {
        self.proved.lock().unwrap().push(self.clock.now());
        let sees = self.proofs.lock().unwrap().pop_front().unwrap_or(true);
        Box::pin(async move {
            Ok(Proof {
                sees,
                said: "0 none squares, 0".into(),
                usage: USAGE,
                model: self.model_facts(),
            })
        })
    }

    fn inspect(&self, _: Terms) -> Boxed<'_, Result<ModelFacts, Failure>> {
        Box::pin(async { self.facts.lock().unwrap().clone() })
    }
}

fn assessment() -> Assessment {
    Assessment {
        score: Score::try_from(62_i64).unwrap(),
        confidence: 0.9,
        summary: "Fine.".into(),
        remain: vec![],
        done: vec![],
        new: vec![],
        provider: "whoever".into(),
        method: "test".into(),
        needs_second_look: false,
        impressions: Vec::new(),
    }
}

/// Remembers what was written, in order; takes nothing while it is full.
#[derive(Default)]
struct Paper(Mutex<Vec<Change>>, AtomicBool);

impl Store for Paper {
    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<(), String>> {
        let full = self.1.load(Ordering::SeqCst);
        if !full {
            self.0.lock().unwrap().extend(changes);
        }
        Box::pin(async move {
            if full {
                return Err("The disk is full.".into());
            }
            Ok(())
        })
    }

    fn history(&self, _: ZoneId, _: Timestamp, _: u32) -> Boxed<'_, Result<Vec<Reading>, String>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn copy(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

fn origin() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn seconds(at: Timestamp) -> i64 {
    at.duration_since(origin()).as_secs()
}

fn after(seconds: i64) -> Timestamp {
    origin() + SignedDuration::from_secs(seconds)
}

fn frame() -> Frame {
    Frame {
        width: 1,
        height: 1,
        rgb: Bytes::from_static(&[0, 0, 0]),
        jpeg: Bytes::from_static(b"jpeg"),
    }
}

fn canary() -> Canary {
    Canary {
        frame: frame(),
        count: 3,
        colour: "red",
        number: 4711,
    }
}

fn fail(class: Class, wait: Option<i64>) -> Act {
    Act::Fail(Failure {
        wait: wait.map(|s| Wait::For(SignedDuration::from_secs(s))),
        ..Failure::new(class, format!("It is {}.", class.name()))
    })
}

/// A chain with its surroundings.
struct Home {
    chain: Chain,
    paper: Arc<Paper>,
    clock: Clock,
}

impl Home {
    fn clock() -> Clock {
        Clock::scaled(origin(), 1.0)
    }

    /// All proven before, so that only questions are asked.
    fn new(clock: Clock, providers: &[&Arc<Scripted>], limits: Limits) -> Self {
        let proven = Proven {
            sees: true,
            said: String::new(),
            version: None,
            at: origin(),
        };
        let link = |provider: &&Arc<Scripted>| {
            let price = Price {
                input: 1.0,
                output: 10.0,
            };
            let provider: Arc<dyn Provider> = Arc::clone(*provider) as _;
            Link::new(provider, Counting::Paid, Some(price), Some(proven.clone()))
        };
        Self::of(clock, providers.iter().map(link).collect(), limits, vec![])
    }

    fn of(clock: Clock, links: Vec<Link>, limits: Limits, spending: Vec<Spending>) -> Self {
        let paper = Arc::new(Paper::default());
        let parts = Parts {
            store: paper.clone(),
            metrics: Metrics::new(&[]),
            clock,
            tz: TimeZone::UTC,
            draw: canary,
        };
        let setup = Setup {
            links,
            limits,
            local_only: false,
        };
        let budget = Budget::new(limits, spending);
        Self {
            chain: Chain::new(parts, setup, budget),
            paper,
            clock,
        }
    }

    /// Asks once; the next scheduled check comes an hour later.
    async fn ask(&self) -> Result<Assessment, CheckError> {
        self.ask_until(self.clock.now() + SignedDuration::from_hours(1))
            .await
    }

    async fn ask_until(&self, until: Timestamp) -> Result<Assessment, CheckError> {
        let question = Question {
            frames: vec![frame()],
            ..Question::default()
        };
        self.chain.assess(Arc::new(question), until).await
    }

    async fn sleep(&self, seconds: i64) {
        let at = self.clock.now() + SignedDuration::from_secs(seconds);
        self.clock.sleep_until(at).await;
    }

    fn spent(&self) -> Vec<Spending> {
        let paper = self.paper.0.lock().unwrap();
        let spent = |change: &Change| match change {
            Change::Spent(row) => Some(row.clone()),
            _ => None,
        };
        paper.iter().filter_map(spent).collect()
    }
}

const PLENTY: Limits = Limits {
    calls: 1000,
    cost: None,
};
