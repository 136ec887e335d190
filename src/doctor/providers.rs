//! Each provider of the options, asked once.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Line, by};
use crate::{
    app::judges,
    clock::Clock,
    imaging,
    ports::{Judge, Question},
    settings::model::{Judging, ProviderKind, ProviderOptions},
    vision,
};

/// A room that ships with the program: whoever cannot judge it cannot judge.
const ROOM: &[u8] = include_bytes!("../../assets/rooms/living_room/day-20.jpg");

/// A line for each provider of the chain, in its order.
pub async fn providers(judging: &Judging, end: Instant) -> Vec<Line> {
    let mut lines = Vec::new();
    for provider in &judging.chain {
        let part = format!("provider {}", provider.kind.name());
        let line = match provider.kind {
            ProviderKind::Local => by(end, &part, built_in(&part)).await,
            ProviderKind::HomeAssistant => Line::off(
                &part,
                "An AI Task entity is tested by the running service: \"Test this provider\" on the page.",
            ),
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

async fn built_in(part: &str) -> Line {
    Line::of(part, judged(&*vision::built_in()).await)
}

pub(super) async fn judged(judge: &dyn Judge) -> Result<String, String> {
    let prepared = tokio::task::spawn_blocking(|| imaging::prepare(ROOM))
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
