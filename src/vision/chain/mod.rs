//! The chain: providers asked in order, until one answers. What one provider's
//! wire says is its dialect's; what a failure means for the next question is
//! decided here, by rules that live in the domain (`retry`, `breaker`, `budget`).

mod asking;
mod link;
mod testing;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use link::{Counting, Link, Proven};
pub use testing::examine;

use crate::{
    clock::Clock,
    domain::{
        budget::{Budget, Limits, Money},
        check::{Assessment, CheckError, ErrorClass},
        effect::Change,
        provider::Class,
        standing::Standing,
    },
    ports::{Boxed, Canary, Judge, Question, Store, Terms},
    telemetry::Metrics,
};

/// How long a question that costs nothing may take.
const INSPECTION: Duration = Duration::from_secs(20);
/// How often models are asked what becomes of them.
const INSPECT_EVERY: Duration = Duration::from_hours(24);
/// For the store to note a call before it is made.
const SAVE: Duration = Duration::from_secs(10);

/// What the chain works with.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub metrics: Metrics,
    pub clock: Clock,
    /// Where the household lives: its day begins at its midnight.
    pub tz: TimeZone,
    /// Draws a picture whose content nobody can guess.
    pub draw: fn() -> Canary,
}

/// Who is asked, and within which limits.
pub struct Setup {
    /// In order; at least one.
    pub links: Vec<Link>,
    pub limits: Limits,
    pub local_only: bool,
}

/// Providers asked in order. What it spent outlives a change of who is asked.
pub struct Chain {
    parts: Parts,
    setup: watch::Sender<Arc<Setup>>,
    /// Held while a call is counted and written down, so that rows reach the
    /// disk in the order in which they grew.
    budget: tokio::sync::Mutex<Budget>,
    /// The last sums, for those who only look.
    spent: Mutex<Spent>,
    /// Who answered last.
    last: Mutex<Option<String>>,
    language: Mutex<String>,
}

#[derive(Clone, Default)]
struct Spent {
    day: Option<Date>,
    calls: u32,
    dollars: f64,
    tokens_in: u64,
    tokens_out: u64,
    /// How often calls failed, by class.
    failed: BTreeMap<&'static str, u32>,
}

impl Chain {
    /// `budget` knows what was spent before.
    pub fn new(parts: Parts, setup: Setup, budget: Budget) -> Self {
        let chain = Self {
            parts,
            setup: watch::Sender::new(Arc::new(setup)),
            budget: tokio::sync::Mutex::new(budget),
            spent: Mutex::default(),
            last: Mutex::default(),
            language: Mutex::new("en".into()),
        };
        if let Ok(budget) = chain.budget.try_lock() {
            chain.note_spent(&budget);
        }
        chain
    }

    /// Asks others from now on. Questions under way end as they began.
    pub fn replace(&self, setup: Setup) {
        self.setup.send_replace(Arc::new(setup));
        *lock(&self.last) = None;
    }

    /// The language of titles and summaries from now on, a tag such as `de`.
    pub fn speak(&self, language: &str) {
        language.clone_into(&mut lock(&self.language));
    }

    fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.borrow())
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    fn today(&self) -> Date {
        self.now().to_zoned(self.parts.tz.clone()).date()
    }

    fn note_spent(&self, budget: &Budget) {
        let day = self.today();
        let (calls, cost) = budget.so_far(day);
        let (tokens_in, tokens_out) = budget.tokens(day);
        let mut spent = self.spent_on(day);
        *spent = Spent {
            day: Some(day),
            calls,
            dollars: cost.dollars(),
            tokens_in,
            tokens_out,
            failed: std::mem::take(&mut spent.failed),
        };
    }

    fn note_failed(&self, class: Class) {
        let mut spent = self.spent_on(self.today());
        let count = spent.failed.entry(class.name()).or_default();
        *count = count.saturating_add(1);
    }

    /// The sums of this day, begun anew if they are of another.
    fn spent_on(&self, day: Date) -> MutexGuard<'_, Spent> {
        let mut spent = lock(&self.spent);
        if spent.day != Some(day) {
            *spent = Spent {
                day: Some(day),
                ..Spent::default()
            };
        }
        spent
    }

    /// Learns what becomes of the models, without cost, now and once a day,
    /// until `stop`: a wrong key or a missing model shows before the first check.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut setups = self.setup.subscribe();
        loop {
            let setup = Arc::clone(&setups.borrow_and_update());
            for link in &setup.links {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.inspect(link) => {}
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                // The sender is this chain's own: it does not go away meanwhile.
                _ = timeout(INSPECT_EVERY, setups.changed()) => {}
            }
        }
    }

    async fn inspect(&self, link: &Link) {
        let terms = Terms {
            within: INSPECTION,
            after: None,
        };
        match link.provider.inspect(terms).await {
            Ok(facts) => {
                let before = link.warning(self.now());
                link.learnt(&facts);
                let after = link.warning(self.now());
                if let Some(warning) = after.filter(|after| before.as_ref() != Some(after)) {
                    warn!("{warning}");
                }
            }
            // These will not be otherwise when a room is shown.
            Err(failure)
                if matches!(
                    failure.class,
                    Class::Auth | Class::ModelMissing | Class::NotMultimodal | Class::NotLocal
                ) =>
            {
                if link.failed(&failure, self.now()) {
                    warn!("{}", failure.sentence);
                }
            }
            Err(failure) => tracing::debug!(
                provider = link.provider.name(),
                class = failure.class.name(),
                "nothing learnt about the model"
            ),
        }
    }

    /// Whether it is on disk now.
    async fn save(&self, change: Change) -> bool {
        let saved = timeout(SAVE, self.parts.store.commit(vec![change])).await;
        let saved = matches!(saved, Ok(Ok(())));
        if !saved {
            // The store says so itself.
            tracing::debug!("what a provider took could not be written down");
        }
        saved
    }

    fn answered(&self, link: &Link) {
        let name = link.provider.name().to_owned();
        *lock(&self.last) = Some(name);
    }

    fn standing_now(&self) -> Standing {
        let now = self.now();
        let today = self.today();
        let setup = self.setup();
        let links: Vec<_> = setup.links.iter().map(|link| link.standing(now)).collect();
        let free = links.iter().find(|link| link.circuit != "open");
        let last = lock(&self.last).clone();
        let provider = last
            .filter(|name| {
                links
                    .iter()
                    .any(|l| l.provider == *name && l.circuit != "open")
            })
            .or_else(|| free.map(|link| link.provider.clone()))
            .or_else(|| links.first().map(|link| link.provider.clone()));
        let again_at = match free {
            Some(_) => None,
            None => links.iter().filter_map(|link| link.until).min(),
        };
        let spent = self.spent_on(today).clone();
        Standing {
            provider: provider.unwrap_or_default(),
            local_only: setup.local_only,
            calls_today: spent.calls,
            cost_today: spent.dollars,
            tokens_today: (spent.tokens_in, spent.tokens_out),
            failed_today: spent.failed,
            call_limit: setup.limits.calls,
            cost_limit: setup.limits.cost.map(Money::dollars),
            warnings: setup.links.iter().flat_map(|l| l.warnings(now)).collect(),
            links,
            again_at,
        }
    }
}

impl Judge for Chain {
    fn assess(
        &self,
        question: Arc<Question>,
        until: Timestamp,
    ) -> Boxed<'_, Result<Assessment, CheckError>> {
        Box::pin(self.ask_in_order(question, until))
    }

    fn standing(&self) -> Standing {
        self.standing_now()
    }
}

fn provider_error(sentence: String) -> CheckError {
    CheckError {
        class: ErrorClass::Provider,
        sentence,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says once that a provider works again.
fn say_it_works(link: &Link) {
    info!("{} answers again.", link.shown());
}
