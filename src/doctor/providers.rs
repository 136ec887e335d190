//! Each provider of the options, asked once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Line, by};
use crate::{
    app::judges,
    clock::Clock,
    imaging,
    ports::{AiTaskEntity, AiTasks, Judge, Question, Terms},
    settings::{
        judging::built_in as built_in_options,
        model::{Judging, ProviderKind, ProviderOptions},
    },
    vision,
};

/// A room that ships with the program: whoever cannot judge it cannot judge.
const ROOM: &[u8] = include_bytes!("../../assets/rooms/living_room/day-20.jpg");
/// For Home Assistant to say which AI it has.
const LOOK: Terms = Terms {
    within: Duration::from_secs(20),
    after: None,
};
const AI_TASK: &str = "provider home_assistant";

/// Home Assistant's AI, and what the household said to it.
#[derive(Default)]
pub struct House {
    /// `None` without a Home Assistant.
    pub tasks: Option<Arc<dyn AiTasks>>,
    /// The entity that somebody agreed to on the page.
    pub agreed: Option<String>,
}

/// A line for each provider of the chain, in its order; before them one for
/// the AI Task entity that may come first.
pub async fn providers(judging: &Judging, house: &House, end: Instant) -> Vec<Line> {
    let mut lines = Vec::new();
    if judging.may_use_ai_task && house.tasks.is_some() {
        lines.push(by(end, AI_TASK, perhaps(judging, house)).await);
    }
    for provider in &judging.chain {
        let part = format!("provider {}", provider.kind.name());
        let line = match provider.kind {
            ProviderKind::Local => by(end, &part, built_in(&part)).await,
            ProviderKind::HomeAssistant => by(end, &part, ai_task(provider, judging, house)).await,
            _ => by(end, &part, outside(&part, provider, judging)).await,
        };
        lines.push(line);
    }
    lines
}

/// One with a server: what costs nothing first, then the picture test, which is
/// one call and not part of the service's budget.
async fn outside(part: &str, options: &ProviderOptions, judging: &Judging) -> Line {
    let tried = match judges::open(options, judging, None) {
        Ok(provider) => {
            let link = judges::link(provider, options, judging, &BTreeMap::new());
            let canary = imaging::canary::draw(fastrand::u8(..));
            vision::chain::examine(&link, canary, Clock::wall().now()).await
        }
        Err(sentence) => Err(sentence),
    };
    Line::of(part, tried)
}

/// The AI Task entity that is to judge: whether it is there and may, then the
/// picture test.
async fn ai_task(options: &ProviderOptions, judging: &Judging, house: &House) -> Line {
    let Some(tasks) = &house.tasks else {
        return Line::wrong(
            AI_TASK,
            "There is no Home Assistant here whose AI could judge; set home_assistant.url and home_assistant.token, or choose another provider.",
        );
    };
    let tried = async {
        let provider = judges::open(options, judging, Some(tasks))?;
        let found = provider.inspect(LOOK).await;
        let entity = found.map_err(|failure| failure.sentence)?.version;
        let link = judges::link(Arc::clone(&provider), options, judging, &BTreeMap::new());
        let canary = imaging::canary::draw(fastrand::u8(..));
        let now = Clock::wall().now();
        vision::chain::examine(&link, canary, now).await?;
        let works = format!("{} answers and sees pictures.", entity.unwrap_or_default());
        Ok([vec![works], link.warnings(now)].concat().join(" "))
    };
    Line::of(AI_TASK, tried.await)
}

/// The options leave the choice to us: an AI Task entity judges once somebody
/// agreed to it.
async fn perhaps(judging: &Judging, house: &House) -> Line {
    if let Some(entity) = &house.agreed {
        let options = ProviderOptions {
            kind: ProviderKind::HomeAssistant,
            model: Some(entity.clone()),
            ..built_in_options()
        };
        return ai_task(&options, judging, house).await;
    }
    let Some(tasks) = &house.tasks else {
        return Line::off(AI_TASK, "There is no Home Assistant here.");
    };
    let offer = match tasks.offer().await {
        Ok(offer) => offer,
        Err(failure) => {
            return Line::off(
                AI_TASK,
                format!(
                    "Whether there is an AI Task entity is not known: {}",
                    failure.sentence
                ),
            );
        }
    };
    let may = |e: &&AiTaskEntity| judges::may_judge(e, judging.local_only);
    let able = || offer.entities.iter().filter(|e| e.usable);
    let proposed = offer.choice().filter(may).or_else(|| able().find(may));
    Line::off(
        AI_TASK,
        match (proposed, able().next()) {
            (Some(entity), _) => format!(
                "{} of {} takes pictures and could judge, but nobody agreed to it yet: agree on the page, or set the option provider to home_assistant.",
                entity.entity,
                entity.belongs_to()
            ),
            (None, Some(entity)) => format!(
                "{} of {} takes pictures, but it is not known to work inside the home network and local_only is on: add an entity of a local integration, or switch local_only off.",
                entity.entity,
                entity.belongs_to()
            ),
            (None, None) => "Home Assistant has no AI Task entity that takes pictures; the built-in judge needs none. To use one add an AI integration such as Ollama in Home Assistant, with an AI Task.".into(),
        },
    )
}

async fn built_in(part: &str) -> Line {
    Line::of(part, judged(&*vision::built_in()).await)
}

pub(super) async fn judged(judge: &dyn Judge) -> Result<String, String> {
    let prepared = tokio::task::spawn_blocking(|| imaging::prepare(ROOM, None))
        .await
        .map_err(|error| format!("The sample picture was not prepared: {error}."))?
        .map_err(|unusable| unusable.sentence("the sample picture"))?;
    let question = Question {
        zone_name: "Sample".into(),
        frames: vec![prepared.frame],
        ..Question::default()
    };
    let answer = judge.assess(Arc::new(question), Timestamp::MAX).await;
    answer
        .map(|a| format!("It judges; the sample room got {} of 100.", a.score.value()))
        .map_err(|error| error.sentence)
}
