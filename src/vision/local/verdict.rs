//! From what was seen to an assessment: the score, what is new, what remains,
//! what is done.
//!
//! It is harder to become a task than to stay one, so that a picture near a
//! limit does not open and close the same task all day.

use super::{
    NAME,
    compared::{Compared, is_same, may_be_somebody},
    constants::{COLD, FAIR, GLARING, HOT, MOST_COMPARED, MOST_TASKS, TIDY},
    network::Heat,
    regions::{Mess, Place, messes},
    words::{self, Words},
};
use crate::domain::{
    check::{Assessment, Finding, KnownTask},
    score::Score,
    task::{Priority, Region, TaskId},
};

/// What there is to know about one camera's picture.
pub struct Look<'a> {
    pub heat: Heat,
    /// Beside its references, if it has any that show the same view.
    pub compared: Option<Compared<'a>>,
    /// It has references, but shows another view than they do.
    pub moved: bool,
}

#[cfg(test)]
impl Look<'_> {
    /// A picture without references.
    pub fn alone(heat: Heat) -> Self {
        Self {
            heat,
            compared: None,
            moved: false,
        }
    }
}

/// What was seen in each camera's picture, as an answer about the household's
/// tasks. `looks` must not be empty.
pub fn assessment(looks: &[Look], known: &[KnownTask], words: &Words) -> Assessment {
    let views: Vec<View> = looks.iter().map(View::of).collect();
    let (mut remain, mut done) = (Vec::new(), Vec::new());
    let mut spoken_for: Vec<Claim> = Vec::new();
    for claim in known.iter().filter_map(|task| Claim::of(task, views.len())) {
        match views[claim.camera].gone(&claim) {
            Some(confidence) => done.push((claim.task, confidence)),
            None => remain.push(claim.task),
        }
        spoken_for.push(claim);
    }
    let mut found: Vec<(usize, &Mess)> = views
        .iter()
        .enumerate()
        .flat_map(|(camera, view)| view.messes.iter().map(move |mess| (camera, mess)))
        .filter(|(camera, mess)| {
            let mut here = spoken_for.iter().filter(|claim| claim.camera == *camera);
            !here.any(|claim| views[*camera].covers(claim, mess))
        })
        .collect();
    found.sort_by(|a, b| b.1.heat.total_cmp(&a.1.heat));
    let compared = looks.iter().filter(|look| look.compared.is_some()).count();
    let most = if compared > 0 {
        MOST_COMPARED
    } else {
        MOST_TASKS
    };
    found.truncate(most.saturating_sub(remain.len()));
    let needs_second_look = found.iter().any(|(camera, mess)| {
        let view = &views[*camera];
        view.look.compared.is_none() || may_be_somebody(mess.region, &view.messes)
    });
    let several = views.len() > 1;
    let new = found
        .iter()
        .map(|(camera, mess)| Finding {
            title: words.title(mess.place, several.then_some(*camera)),
            confidence: views[*camera].sureness_of(mess),
            priority: Priority::Normal,
            region: Some(mess.region),
        })
        .collect();
    // A zone is as clean as its worst corner.
    let worst = (0..views.len())
        .min_by_key(|i| views[*i].score)
        .unwrap_or_default();
    Assessment {
        score: views[worst].score,
        confidence: views[worst].sureness(),
        summary: views[worst].summary(several.then_some(worst), words),
        remain,
        done,
        new,
        provider: NAME.into(),
        method: match compared {
            0 => "embedded network, no reference",
            n if n == looks.len() => "embedded network and clean references",
            _ => "embedded network, clean references for some cameras",
        }
        .into(),
        needs_second_look,
        impressions: Vec::new(),
    }
}

/// A known task of ours, and where it is.
struct Claim {
    task: TaskId,
    camera: usize,
    place: Place,
    region: Region,
}

impl Claim {
    /// `None` if it is another provider's, or in the picture of a camera that
    /// was not given, about which nothing can be said.
    fn of(task: &KnownTask, cameras: usize) -> Option<Self> {
        let (camera, place) = (task.provider == NAME).then(|| words::read_title(&task.title))??;
        (camera < cameras).then(|| Self {
            task: task.id,
            camera,
            place,
            region: task.region.unwrap_or(place.whole()),
        })
    }
}

/// One camera's picture.
struct View<'a> {
    look: &'a Look<'a>,
    logit: f32,
    score: Score,
    messes: Vec<Mess>,
}

impl<'a> View<'a> {
    fn of(look: &'a Look<'a>) -> Self {
        let logit = look.heat.logit();
        let (score, messes) = if let Some(compared) = &look.compared {
            (compared.score(), compared.messes())
        } else {
            let score = Score::clamped(100.0 / (1.0 + logit.exp()));
            (score, Self::by_network(&look.heat, score))
        };
        Self {
            look,
            logit,
            score,
            messes,
        }
    }

    fn by_network(heat: &Heat, score: Score) -> Vec<Mess> {
        if score.needs_cleaning(None) {
            messes(heat, HOT)
        } else if score.value() < FAIR {
            messes(heat, GLARING)
        } else {
            Vec::new()
        }
    }

    /// Whether a task's mess is gone, and how sure that is. By the network
    /// alone never so sure that one look would do.
    fn gone(&self, claim: &Claim) -> Option<f32> {
        if let Some(compared) = &self.look.compared {
            let taken = self.messes.iter().any(|mess| self.covers(claim, mess));
            return (!taken && compared.is_clean(claim.region)).then_some(0.8);
        }
        let heat = claim.place.heat(&self.look.heat);
        let margin = if self.score.value() >= TIDY {
            -self.logit
        } else if heat <= COLD {
            COLD - heat
        } else {
            return None;
        };
        Some(0.5 + 0.3 * (margin / 2.0).tanh())
    }

    /// Whether a mess is what a known task already speaks of.
    fn covers(&self, claim: &Claim, mess: &Mess) -> bool {
        if self.look.compared.is_some() {
            return claim.place == mess.place || is_same(claim.region, mess.region);
        }
        // Next to an open task only what is messier than that stands for itself:
        // the rest may be the same pile in a different light.
        claim.place.touches(mess.place) && claim.place.heat(&self.look.heat) >= mess.heat
    }

    /// How sure the score is, 0–0.9. Not calibrated.
    fn sureness(&self) -> f32 {
        match self.look.compared {
            Some(_) => 0.8,
            None => sureness(self.logit),
        }
    }

    fn sureness_of(&self, mess: &Mess) -> f32 {
        match self.look.compared {
            Some(_) => mess.heat.min(0.9),
            None => sureness(mess.heat),
        }
    }

    fn summary(&self, camera: Option<usize>, words: &Words) -> String {
        let mostly = self.messes.first().map(|mess| mess.place);
        let mut summary = words.looks(self.score.label(), camera, mostly);
        let remark = match &self.look.compared {
            Some(compared) if compared.is_not_messier() => words.not_messier,
            Some(_) => return summary,
            None if self.look.moved => words.moved,
            None => words.no_reference,
        };
        summary.push(' ');
        summary.push_str(remark);
        summary
    }
}

/// How sure a logit is, 0–0.9: its distance from "cannot tell". Not calibrated.
fn sureness(logit: f32) -> f32 {
    (logit.abs() / 2.0).tanh().min(0.9)
}

#[cfg(test)]
mod tests;
