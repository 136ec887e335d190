//! Asking about every picture, as a check would ask.

use std::{
    collections::BTreeMap,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::bail;

use super::truth::{Picture, Set, Truth};
use crate::{
    domain::{
        change::{ChangeMap, Fingerprint},
        check::Assessment,
    },
    imaging,
    ports::{Provider, Question, Reference, Terms},
};

/// What became of one picture.
#[derive(Debug)]
pub struct Judged {
    /// The error is a sentence: unusable, or the provider failed.
    pub answer: Result<Assessment, String>,
    /// Whether the gate sees a change against the references; `None` without any.
    pub changed: Option<bool>,
    pub took: Duration,
}

/// So many failures in a row and the provider is taken for out of order.
const PATIENCE: usize = 5;
const TERMS: Terms = Terms {
    within: Duration::from_mins(2),
    after: None,
};

type References = BTreeMap<String, Vec<(Reference, Fingerprint)>>;

/// Judges the pictures, in the set's order. References are not judged: `None`.
pub async fn all(provider: &dyn Provider, set: &Set) -> anyhow::Result<Vec<Option<Judged>>> {
    let mut references = References::new();
    let (mut out, mut failures) = (Vec::new(), 0);
    for picture in &set.pictures {
        if let Truth::Scene(scene) = &picture.truth
            && scene.is_reference
        {
            let prepared = prepared(picture).map_err(anyhow::Error::msg)?;
            references.entry(scene.room.clone()).or_default().push((
                Reference {
                    of: 0,
                    frame: prepared.frame,
                },
                prepared.fingerprint,
            ));
            out.push(None);
            continue;
        }
        let judged = one(provider, picture, &references).await;
        failures = match &judged.answer {
            Err(sentence) => {
                if failures + 1 == PATIENCE {
                    bail!("{PATIENCE} pictures in a row could not be judged; the last: {sentence}");
                }
                failures + 1
            }
            Ok(_) => 0,
        };
        out.push(Some(judged));
    }
    Ok(out)
}

async fn one(provider: &dyn Provider, picture: &Picture, references: &References) -> Judged {
    let begun = Instant::now();
    let mut judged = Judged {
        answer: Err(String::new()),
        changed: None,
        took: Duration::ZERO,
    };
    judged.answer = match prepared(picture) {
        Err(sentence) => Err(sentence),
        Ok(prepared) => {
            let mut question = Question {
                zone_name: "Room".into(),
                ..Question::default()
            };
            if let Truth::Scene(scene) = &picture.truth {
                question.zone_name = scene.room.replace('_', " ");
                if let Some(references) = references.get(&scene.room) {
                    let prints = references.iter().map(|(_, print)| print);
                    let map = ChangeMap::of(&prepared.fingerprint, prints);
                    judged.changed = Some(map.camera_moved || map.is_hot());
                    question.changes = vec![Some(map)];
                    question.references = references.iter().map(|(r, _)| r.clone()).collect();
                }
            }
            question.frames = vec![prepared.frame];
            let answered = provider.ask(Arc::new(question), TERMS).await;
            answered.map(|a| a.assessment).map_err(|f| f.sentence)
        }
    };
    judged.took = begun.elapsed();
    judged
}

fn prepared(picture: &Picture) -> Result<imaging::Prepared, String> {
    let shown = picture.path.display().to_string();
    let bytes = fs::read(&picture.path).map_err(|e| format!("{shown} cannot be read: {e}"))?;
    imaging::prepare(&bytes, None).map_err(|unusable| unusable.sentence(&shown))
}
