//! Each provider of the options, asked once.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Line, by};
use crate::{
    imaging,
    ports::{Judge, Question},
    settings::model::{Judging, ProviderKind},
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
            other => Line::off(
                &part,
                format!("{} is asked at the first check.", other.shown()),
            ),
        };
        lines.push(line);
    }
    lines
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
    let answer = judge.assess(Arc::new(question)).await;
    answer
        .map(|a| format!("It judges; the sample room got {} of 100.", a.score.value()))
        .map_err(|error| error.sentence)
}
