//! One question on its way through the chain: whom it is put to, how often,
//! and what is counted before each call.

use std::{sync::Arc, time::Instant};

use jiff::Timestamp;
use tracing::{debug, info, warn};

use super::{Chain, Counting, Link, lock, provider_error, say_it_works};
use crate::{
    domain::{
        budget::{Money, Reservation},
        check::{Assessment, CheckError, ErrorClass},
        effect::Change,
        provider::{Class, Failure, ModelFacts, Price, Usage},
        retry::Tries,
    },
    ports::{Answered, Boxed, Question, Rescored, Terms},
    telemetry::Exchange,
};

/// Why a provider was passed over.
pub(super) enum Passed {
    /// It failed, or did before and is left alone for now.
    Failed(String),
    /// Home Assistant is away, and the provider with it: nothing is wrong.
    Paused(String),
    /// The day's budget is spent.
    Budget(String),
}

impl Chain {
    /// Puts the question to each in turn. The error says why each was passed over.
    pub(super) async fn ask_in_order(
        &self,
        question: Arc<Question>,
        until: Timestamp,
    ) -> Result<Assessment, CheckError> {
        let setup = self.setup();
        let language = lock(&self.language).clone();
        let question = Arc::new(Question {
            language,
            ..Question::clone(&question)
        });
        let mut passed = Vec::new();
        for link in &setup.links {
            match self.ask_one(link, &question, until).await {
                Ok(mut assessment) => {
                    self.answered(link);
                    link.provider.name().clone_into(&mut assessment.provider);
                    return Ok(assessment);
                }
                Err(why) => passed.push(why),
            }
        }
        Err(summary(passed))
    }

    /// One provider, with the tries that make sense in this check.
    async fn ask_one(
        &self,
        link: &Link,
        question: &Arc<Question>,
        until: Timestamp,
    ) -> Result<Assessment, Passed> {
        let mut tries = Tries::default();
        let mut after = None;
        loop {
            self.may_ask(link, link.most(question))?;
            if let Err(why) = link.admit(self.now()) {
                return Err(Passed::Failed(why.sentence));
            }
            let tested = self.test_picture(link).await?;
            let outcome = match tested {
                Ok(()) => {
                    let most = link.most(question).unwrap_or_default();
                    let terms = Terms {
                        within: link.provider.patience(),
                        after,
                    };
                    let call = || link.provider.ask(Arc::clone(question), terms);
                    self.counted(link, most, call).await?
                }
                Err(failure) => Err(failure),
            };
            let failure = match outcome {
                Ok(Answered {
                    assessment, model, ..
                }) => {
                    if link.succeeded(&model) {
                        say_it_works(link);
                    }
                    return Ok(self.rescored(link, question, assessment).await);
                }
                Err(failure) => failure,
            };
            let now = self.now();
            let again = tries.again(&failure, now, until, fastrand::f64());
            debug!(
                provider = link.provider.name(),
                class = failure.class.name(),
                again = again.is_some(),
                "an exchange failed"
            );
            let Some(at) = again else {
                if is_away(link, &failure) {
                    // Its restart is no fault, and it says when it is back.
                    link.withdrawn();
                    return Err(Passed::Paused(failure.sentence));
                }
                if failure.class == Class::Refused {
                    // It works; it does not want this picture.
                    link.succeeded(&ModelFacts::default());
                } else if link.failed(&failure, now) {
                    warn!("{}", failure.sentence);
                }
                return Err(Passed::Failed(failure.sentence));
            };
            // The circuit learns of each fault, so that others do not wait in vain.
            // A span, so that a clock set back meanwhile makes it no longer.
            tokio::time::sleep(self.parts.clock.until(at)).await;
            link.withdrawn();
            after = Some(failure.class);
        }
    }

    /// The answer with the score of a second exchange, if there is one to make,
    /// the budget has room for it and it comes off. Else the answer as it is.
    async fn rescored(
        &self,
        link: &Link,
        question: &Arc<Question>,
        mut assessment: Assessment,
    ) -> Assessment {
        let terms = Terms {
            within: link.provider.patience(),
            after: None,
        };
        let Some(exchange) = link.provider.rescore(Arc::clone(question), terms) else {
            return assessment;
        };
        if !link.admits_rescoring(self.now()) {
            return assessment;
        }
        let most = link.most(question).unwrap_or_default();
        match self.counted(link, most, || exchange).await {
            Ok(Ok(Rescored { score, method })) => {
                if link.rescored() {
                    info!("{} is asked for the score again.", link.shown());
                }
                assessment.score = score;
                assessment.method.push(' ');
                assessment.method.push_str(method);
            }
            Ok(Err(failure)) => {
                if link.rescoring_failed(&failure, self.now()) {
                    warn!("{}", failure.sentence);
                }
            }
            // The budget is spent: said where the next question is not put.
            Err(_) => link.rescoring_withdrawn(),
        }
        assessment
    }

    /// Makes a call that is counted first, and counts what it came to.
    pub(super) async fn counted<'a, T: Cost>(
        &self,
        link: &Link,
        most: Money,
        call: impl FnOnce() -> Boxed<'a, Result<T, Failure>>,
    ) -> Result<Result<T, Failure>, Passed> {
        let reserved = self.reserve(link, most).await?;
        let begun = Instant::now();
        let outcome = call().await;
        let (usage, class) = match &outcome {
            Ok(answer) => (answer.usage(), None),
            Err(failure) => (failure.usage, Some(failure.class)),
        };
        let cost = match &outcome {
            Ok(_) => link.price().unwrap_or(Price::FREE).of(usage, most),
            Err(failure) if failure.in_doubt => most,
            Err(_) => link
                .price()
                .unwrap_or(Price::FREE)
                .of(usage, Money::default()),
        };
        let took = begun.elapsed();
        self.parts.metrics.exchanged(&Exchange {
            provider: link.provider.name(),
            model: link.provider.model(),
            class,
            took,
            usage,
            cost,
        });
        match class {
            Some(class) => self.note_failed(class),
            None => link.took(took),
        }
        if let Some(call) = reserved {
            let unsent = matches!(&outcome, Err(failure)
                if matches!(failure.class, Class::Network | Class::NotLocal) && !failure.in_doubt);
            self.settle(&call, usage, cost, unsent).await;
        }
        Ok(outcome)
    }

    /// Whether the day has room for a call that may cost up to `most`; `None`:
    /// nobody knows what it costs.
    fn may_ask(&self, link: &Link, most: Option<Money>) -> Result<(), Passed> {
        let limit = self.setup().limits.cost;
        if link.counting == Counting::Paid && limit.is_some() && most.is_none() {
            let model = link.provider.model();
            return Err(Passed::Failed(format!(
                "What {model} costs is not known, so daily_cost_limit cannot be kept; add its price to advanced.prices, such as \"{model} 0.10 0.50\"."
            )));
        }
        Ok(())
    }

    async fn reserve(&self, link: &Link, most: Money) -> Result<Option<Reservation>, Passed> {
        if link.counting == Counting::Free {
            return Ok(None);
        }
        let provider = &link.provider;
        let mut budget = self.budget.lock().await;
        budget.limit(self.setup().limits);
        let reserved = budget.reserve(self.today(), provider.name(), provider.model(), 1, most);
        let (call, row) = match reserved {
            Ok(reserved) => reserved,
            Err(spent) => {
                link.withdrawn();
                return Err(Passed::Budget(spent.sentence()));
            }
        };
        self.note_spent(&budget);
        if !self.save(Change::Spent(row)).await {
            // A restart would forget the call, and the day would take more than it may.
            link.withdrawn();
            budget.release(&call);
            self.note_spent(&budget);
            return Err(Passed::Failed(format!(
                "{} was not asked: the call could not be written down first, and a restart would forget that it counts for the day's budget; free some space on the disk.",
                link.shown()
            )));
        }
        Ok(Some(call))
    }

    async fn settle(&self, call: &Reservation, usage: Usage, cost: Money, unsent: bool) {
        let mut budget = self.budget.lock().await;
        let row = if unsent {
            budget.release(call)
        } else {
            budget.settle(call, usage, cost)
        };
        self.note_spent(&budget);
        if let Some(row) = row {
            self.save(Change::Spent(row)).await;
        }
    }
}

/// What an exchange told about its tokens.
pub(super) trait Cost {
    fn usage(&self) -> Usage;
}

impl Cost for Answered {
    fn usage(&self) -> Usage {
        self.usage
    }
}

impl Cost for crate::ports::Proof {
    fn usage(&self) -> Usage {
        self.usage
    }
}

impl Cost for Rescored {
    /// Only Home Assistant rescores, and it tells nothing.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}

/// Whether Home Assistant is away, and its AI with it.
fn is_away(link: &Link, failure: &Failure) -> bool {
    link.counting == Counting::Untold && failure.class == Class::Network && !failure.in_doubt
}

/// One error of all: a fault before a spent budget before a pause.
fn summary(passed: Vec<Passed>) -> CheckError {
    let mut sentences: Vec<String> = Vec::new();
    let (mut faults, mut budget) = (false, false);
    for why in passed {
        let sentence = match why {
            Passed::Failed(sentence) => {
                faults = true;
                sentence
            }
            Passed::Budget(sentence) => {
                budget = true;
                sentence
            }
            Passed::Paused(sentence) => sentence,
        };
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    let class = match (faults, budget) {
        (true, _) => ErrorClass::Provider,
        (false, true) => ErrorClass::Budget,
        (false, false) => ErrorClass::Paused,
    };
    CheckError {
        class,
        ..provider_error(sentences.join(" "))
    }
}
