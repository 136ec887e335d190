//! Who judges: from the options, and from what the household agreed to, to the
//! chain; and what a person can do about it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use super::options::JudgeOf;
use crate::{
    domain::{
        budget::{Budget, Limits, Money},
        effect::Change,
        provider::Failure,
    },
    imaging,
    ports::{
        AiTaskEntity, AiTasks, Boxed, Consent, Judge, Provider, ProviderDesk, Remembered, Store,
    },
    settings::{
        Settings,
        judging::built_in,
        model::{Judging, ProviderKind, ProviderOptions},
        network::is_at_home,
    },
    vision::{
        Access, Row,
        ai_task::{AiTask, Rules},
        chain::{Chain, Counting, Link, Parts, Setup},
        prices,
    },
};

/// Under which name the store keeps the entity that the household agreed to.
pub const CONSENT: &str = "consent/ai_task";

/// The chain with what it is made from.
pub struct Judges {
    chain: Arc<Chain>,
    store: Arc<dyn Store>,
    ai_tasks: Option<Arc<dyn AiTasks>>,
    made_from: Mutex<MadeFrom>,
}

struct MadeFrom {
    judging: Judging,
    agreed: Option<String>,
    /// As they were at the start: picture tests.
    notes: BTreeMap<String, String>,
}

impl Judges {
    /// Takes what the store remembers about providers out of `remembered`.
    pub fn new(
        judging: &Judging,
        ai_tasks: Option<Arc<dyn AiTasks>>,
        parts: Parts,
        remembered: &mut Remembered,
    ) -> Self {
        let store = Arc::clone(&parts.store);
        let notes = remembered.notes.clone();
        let made_from = MadeFrom {
            agreed: notes.get(CONSENT).cloned(),
            judging: judging.clone(),
            notes,
        };
        let setup = setup(&made_from, ai_tasks.as_ref());
        say(&setup, &made_from);
        let budget = Budget::new(setup.limits, std::mem::take(&mut remembered.spending));
        let chain = Chain::new(parts, setup, budget);
        if let Some(language) = &made_from.judging.language {
            chain.speak(language);
        }
        Self {
            chain: Arc::new(chain),
            store,
            ai_tasks,
            made_from: Mutex::new(made_from),
        }
    }

    /// Looks after the models, and hears Home Assistant's language, until `stop`.
    pub fn start(
        self,
        language: watch::Receiver<Option<String>>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Arc<Self> {
        let judges = Arc::new(self);
        tasks.spawn(judges.chain().watch(stop.clone()));
        tasks.spawn(Arc::clone(&judges).listen(language, stop.clone()));
        judges
    }

    pub fn chain(&self) -> Arc<Chain> {
        Arc::clone(&self.chain)
    }

    pub fn judge(&self) -> Arc<dyn Judge> {
        self.chain()
    }

    /// From now on these options hold. Questions under way end as they began.
    pub fn use_options(&self, judging: &Judging) {
        self.change(|made_from| made_from.judging = judging.clone());
    }

    /// Home Assistant's language, for as long as the options name none.
    pub fn house_speaks(&self, language: &str) {
        let own = self.made_from().judging.language.clone();
        self.chain.speak(own.as_deref().unwrap_or(language));
    }

    /// Makes the judge that other options ask for: the same chain, told anew.
    pub fn maker(self: &Arc<Self>) -> JudgeOf {
        let judges = Arc::clone(self);
        Box::new(move |settings: &Settings| {
            judges.use_options(&settings.judging);
            judges.judge()
        })
    }

    /// Hears Home Assistant's language, until `stop`.
    async fn listen(
        self: Arc<Self>,
        mut language: watch::Receiver<Option<String>>,
        stop: CancellationToken,
    ) {
        loop {
            if let Some(language) = language.borrow_and_update().as_deref() {
                self.house_speaks(language);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = language.changed() => if changed.is_err() { return },
            }
        }
    }

    fn made_from(&self) -> std::sync::MutexGuard<'_, MadeFrom> {
        self.made_from
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, how: impl FnOnce(&mut MadeFrom)) {
        let mut made_from = self.made_from();
        how(&mut made_from);
        let setup = setup(&made_from, self.ai_tasks.as_ref());
        say(&setup, &made_from);
        if let Some(language) = &made_from.judging.language {
            self.chain.speak(language);
        }
        self.chain.replace(setup);
    }

    async fn note_consent(&self, entity: Option<String>) -> Result<(), String> {
        let change = Change::Note(CONSENT.into(), entity.clone());
        self.store.commit(vec![change]).await?;
        self.change(|made_from| made_from.agreed = entity);
        Ok(())
    }

    async fn look(&self) -> Consent {
        let (asked, agreed, local_only) = {
            let made_from = self.made_from();
            let judging = &made_from.judging;
            (
                judging.may_use_ai_task,
                made_from.agreed.clone(),
                judging.local_only,
            )
        };
        let mut consent = Consent {
            asked,
            agreed,
            ..Consent::default()
        };
        let Some(ai_tasks) = &self.ai_tasks else {
            return consent;
        };
        match ai_tasks.offer().await {
            Ok(offer) => {
                let may = |e: &&AiTaskEntity| may_judge(e, local_only);
                consent.proposed = offer.choice().filter(may).cloned();
                consent.entities = offer.entities.iter().filter(may).cloned().collect();
            }
            Err(Failure { sentence, .. }) => consent.obstacle = Some(sentence),
        }
        consent
    }
}

/// Whether pictures may be shown to it.
pub fn may_judge(entity: &AiTaskEntity, local_only: bool) -> bool {
    entity.usable && (entity.local || !local_only)
}

impl ProviderDesk for Judges {
    fn examine(&self, place: usize) -> Boxed<'_, Result<String, String>> {
        Box::pin(self.chain.examine(place))
    }

    fn consent(&self) -> Boxed<'_, Consent> {
        Box::pin(self.look())
    }

    fn agree(&self, entity: String) -> Boxed<'_, Result<(), String>> {
        Box::pin(async move {
            let consent = self.look().await;
            if let Some(obstacle) = consent.obstacle {
                return Err(obstacle);
            }
            if !consent.asked {
                return Err(
                    "The options name a provider already; there is nothing to agree to.".into(),
                );
            }
            if !consent.entities.iter().any(|known| known.entity == entity) {
                return Err(format!(
                    "There is no AI Task entity {entity} that could judge pictures."
                ));
            }
            info!("From now on {entity} judges the pictures, as somebody agreed on the page.");
            self.note_consent(Some(entity)).await
        })
    }

    fn withdraw(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async {
            info!("No AI Task entity judges pictures any more, as somebody said on the page.");
            self.note_consent(None).await
        })
    }
}

fn setup(made_from: &MadeFrom, ai_tasks: Option<&Arc<dyn AiTasks>>) -> Setup {
    let judging = &made_from.judging;
    let mut links: Vec<Link> = Vec::new();
    let agreed = made_from
        .agreed
        .as_ref()
        .filter(|_| judging.may_use_ai_task);
    let mut chain = judging.chain.clone();
    if let Some(entity) = agreed {
        let consented = ProviderOptions {
            kind: ProviderKind::HomeAssistant,
            model: Some(entity.clone()),
            ..built_in()
        };
        // It stands where the built-in judge stood in for a choice.
        chain.retain(|provider| provider.kind != ProviderKind::Local);
        chain.insert(0, consented);
    }
    for options in &chain {
        match open(options, judging, ai_tasks) {
            Ok(provider) => links.push(link(provider, options, judging, &made_from.notes)),
            Err(sentence) => warn!("{}: {sentence}", options.path),
        }
    }
    if links.is_empty() {
        let options = built_in();
        if let Ok(provider) = open(&options, judging, None) {
            links.push(link(provider, &options, judging, &made_from.notes));
        }
    }
    Setup {
        links,
        limits: Limits {
            calls: judging.daily_call_limit,
            cost: judging.daily_cost_limit.map(Money::of_dollars),
        },
        local_only: judging.local_only,
    }
}

/// The error is a sentence: what is missing in the options.
pub fn open(
    options: &ProviderOptions,
    judging: &Judging,
    ai_tasks: Option<&Arc<dyn AiTasks>>,
) -> Result<Arc<dyn Provider>, String> {
    if options.kind == ProviderKind::HomeAssistant {
        let tasks = ai_tasks.ok_or("there is no Home Assistant here.")?;
        return Ok(Arc::new(AiTask::new(
            Arc::clone(tasks),
            options.model.clone(),
            Rules {
                local_only: judging.local_only,
                evaluate: judging.evaluate_with_ai_task,
                // With `auto` it is there because somebody agreed on the page.
                agreed_only: judging.may_use_ai_task && options.path == built_in().path,
            },
        )));
    }
    let name = options.kind.name();
    let row = Row::named(name).ok_or_else(|| format!("{name} is not part of this program."))?;
    row.open(&Access {
        key: options.api_key.clone(),
        model: options.model.clone(),
        base_url: options.base_url.clone(),
        allowed: judging.local_only.then_some(is_at_home as _),
        option: match options.path.as_str() {
            "provider" => String::new(),
            place => format!("{place}."),
        },
        smaller: Some(imaging::smaller),
    })
}

/// A provider's place in the chain. `notes`: what the store remembers of picture tests.
pub fn link(
    provider: Arc<dyn Provider>,
    options: &ProviderOptions,
    judging: &Judging,
    notes: &BTreeMap<String, String>,
) -> Link {
    let counting = match options.kind {
        ProviderKind::Local => Counting::Free,
        ProviderKind::HomeAssistant => Counting::Untold,
        ProviderKind::Ollama => Counting::Calls,
        // What stands at home, or is asked without a key, sends no bill.
        ProviderKind::OpenAiCompatible if options.api_key.is_none() || judging.local_only => {
            Counting::Calls
        }
        _ => Counting::Paid,
    };
    let price = prices::of(provider.model(), &judging.prices);
    let note = Link::note(provider.name(), provider.model());
    let proven = notes
        .get(&note)
        .and_then(|text| serde_json::from_str(text).ok());
    Link::new(provider, counting, price, proven)
}

/// What anybody who reads the log wants to know first.
fn say(setup: &Setup, made_from: &MadeFrom) {
    let names: Vec<String> = setup.links.iter().map(Link::shown).collect();
    info!("Pictures are judged by {}.", names.join(", then "));
    if made_from.judging.local_only {
        info!("No picture leaves the home network (local_only).");
    }
}
