//! From heat to an assessment: the score, what is new, what remains, what is done.
//!
//! It is harder to become a task than to stay one, so that a picture near a
//! limit does not open and close the same task all day.

use super::{
    NAME,
    network::Heat,
    regions::{Mess, Place, messes},
};
use crate::domain::{
    check::{Assessment, Finding, KnownTask},
    score::Score,
    task::TaskId,
};

/// A place this hot is a task in a room that needs cleaning …
const HOT: f32 = 1.0;
/// … and this hot in one that merely looks lived in: on 106 photographs of tidy
/// rooms no place reaches it.
const GLARING: f32 = 2.0;
/// From this score on nothing becomes a task …
const FAIR: u8 = 65;
/// … and from this one on, the label "tidy", every task is done.
const TIDY: u8 = 75;
/// A place at most this hot is clean, whatever the rest looks like.
const COLD: f32 = 0.0;
/// Tasks by place are a hint where to begin, not a list of things.
const MOST_TASKS: usize = 5;

const METHOD: &str = "embedded network, no reference";

/// What the network saw in each camera's picture, as an answer about the
/// household's tasks. `heats` must not be empty.
pub fn assessment(heats: &[Heat], known: &[KnownTask]) -> Assessment {
    let views: Vec<View> = heats.iter().map(View::of).collect();
    let (mut remain, mut done, mut spoken_for) = (Vec::new(), Vec::new(), Vec::new());
    for (task, camera, place) in known
        .iter()
        .filter_map(|task| whereabouts(task, views.len()))
    {
        spoken_for.push((camera, place));
        match views[camera].gone(place) {
            Some(confidence) => done.push((task, confidence)),
            None => remain.push(task),
        }
    }
    let mut found: Vec<(usize, &Mess)> = views
        .iter()
        .enumerate()
        .flat_map(|(camera, view)| view.messes.iter().map(move |mess| (camera, mess)))
        .filter(|(camera, mess)| {
            // Next to an open task only what is messier than that stands for itself:
            // the rest may be the same pile in a different light.
            !spoken_for.iter().any(|(c, place)| {
                c == camera && place.touches(mess.place) && place.heat(&heats[*c]) >= mess.heat
            })
        })
        .collect();
    found.sort_by(|a, b| b.1.heat.total_cmp(&a.1.heat));
    let new = found
        .iter()
        .take(MOST_TASKS.saturating_sub(remain.len()))
        .map(|(camera, mess)| Finding {
            title: title(mess.place, (views.len() > 1).then_some(*camera)),
            confidence: sureness(mess.heat),
            region: Some(mess.region),
        })
        .collect();

    let worst = (0..views.len())
        .min_by_key(|i| views[*i].score)
        .expect("a question has at least one picture");
    Assessment {
        score: views[worst].score,
        confidence: sureness(views[worst].logit),
        summary: summary(&views[worst], (views.len() > 1).then_some(worst)),
        remain,
        done,
        new,
        provider: NAME.into(),
        method: METHOD.into(),
        needs_second_look: true,
    }
}

/// One camera's picture.
struct View<'a> {
    heat: &'a Heat,
    logit: f32,
    score: Score,
    messes: Vec<Mess>,
}

impl<'a> View<'a> {
    fn of(heat: &'a Heat) -> Self {
        let logit = heat.logit();
        let score = Score::clamped(100.0 / (1.0 + logit.exp()));
        let messes = if score.needs_cleaning(None) {
            messes(heat, HOT)
        } else if score.value() < FAIR {
            messes(heat, GLARING)
        } else {
            Vec::new()
        };
        Self {
            heat,
            logit,
            score,
            messes,
        }
    }

    /// Whether a mess at this place is gone, and how sure that is. Never so sure
    /// that one look would do.
    fn gone(&self, place: Place) -> Option<f32> {
        let heat = place.heat(self.heat);
        let margin = if self.score.value() >= TIDY {
            -self.logit
        } else if heat <= COLD {
            COLD - heat
        } else {
            return None;
        };
        Some(0.5 + 0.3 * (margin / 2.0).tanh())
    }
}

/// How sure a logit is, 0–0.9: its distance from "cannot tell". Not calibrated.
fn sureness(logit: f32) -> f32 {
    (logit.abs() / 2.0).tanh().min(0.9)
}

const VERB: &str = "Tidy up: ";

/// A task's title; the camera, counted from 1, if there are several.
fn title(place: Place, camera: Option<usize>) -> String {
    match camera {
        Some(camera) => format!("{VERB}{} (camera {})", place.name(), camera + 1),
        None => format!("{VERB}{}", place.name()),
    }
}

/// Which camera (from 0) and place a title speaks of.
fn read_title(title: &str) -> Option<(usize, Place)> {
    let rest = title.strip_prefix(VERB)?;
    match rest.split_once(" (camera ") {
        Some((place, camera)) => {
            let camera: usize = camera.strip_suffix(')')?.parse().ok()?;
            Some((camera.checked_sub(1)?, Place::named(place)?))
        }
        None => Some((0, Place::named(rest)?)),
    }
}

/// Where one of our tasks is; `None` if it is another provider's, or in the
/// picture of a camera that was not given, about which nothing can be said.
fn whereabouts(task: &KnownTask, cameras: usize) -> Option<(TaskId, usize, Place)> {
    let (camera, place) = (task.provider == NAME).then(|| read_title(&task.title))??;
    (camera < cameras).then_some((task.id, camera, place))
}

fn summary(view: &View, camera: Option<usize>) -> String {
    let looks = match camera {
        Some(camera) => format!("Camera {} looks", camera + 1),
        None => "Looks".into(),
    };
    let label = view.score.label();
    let mostly = match view.messes.first() {
        Some(mess) => format!(", mostly {}", mess.place.phrase()),
        None => String::new(),
    };
    format!("{looks} {label}{mostly}. Judged without a reference picture.")
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn known(id: u64, title: &str, provider: &str) -> KnownTask {
        KnownTask {
            id: TaskId(id),
            title: title.into(),
            provider: provider.into(),
            region: None,
        }
    }

    /// A picture of 3 × 3 cells: a cell a place.
    fn heat(cells: [f32; 9]) -> Heat {
        Heat {
            columns: 3,
            rows: 3,
            cells: cells.into(),
        }
    }

    fn titles(assessment: &Assessment) -> Vec<&str> {
        assessment
            .new
            .iter()
            .map(|finding| finding.title.as_str())
            .collect()
    }

    const MESSY: [f32; 9] = [-1.0, -1.0, -1.0, 0.0, 0.0, 0.0, 6.0, 2.0, -1.0];

    #[test]
    fn a_messy_corner_is_a_task() {
        let found = assessment(&[heat(MESSY)], &[]);
        assert_eq!(titles(&found), ["Tidy up: lower left"]);
        assert_eq!(found.score.value(), 39);
        assert_eq!(
            found.summary,
            "Looks untidy, mostly at the lower left. Judged without a reference picture."
        );
        assert!(found.needs_second_look && found.confidence < 0.3);
    }

    #[test]
    fn a_tidy_room_has_no_tasks_and_its_old_ones_are_done() {
        let ours = [
            known(4, "Tidy up: lower left", "local"),
            known(5, "Put the cups away", "gemini"),
        ];
        let found = assessment(
            &[heat([-3.0, -3.0, -3.0, -3.0, -3.0, -3.0, 2.5, -3.0, -3.0])],
            &ours,
        );
        assert_eq!((found.new.len(), found.remain.len()), (0, 0));
        assert_eq!(found.done.len(), 1);
        assert_eq!(found.done[0].0, TaskId(4));
        assert_eq!(
            found.summary,
            "Looks spotless. Judged without a reference picture."
        );
    }

    #[test]
    fn a_place_stays_a_task_until_it_is_clearly_clean() {
        let ours = [
            known(1, "Tidy up: lower left", "local"),
            known(2, "Tidy up: upper right", "local"),
        ];
        // Lower left: too cool to become a task now, too warm to be done. Upper right: cold.
        let found = assessment(
            &[heat([1.5, 1.5, -2.0, 2.0, 0.0, 0.0, 0.5, 0.5, 0.0])],
            &ours,
        );
        assert_eq!(found.remain, [TaskId(1)]);
        assert_eq!(
            found.done.iter().map(|d| d.0).collect::<Vec<_>>(),
            [TaskId(2)]
        );
    }

    #[test]
    fn a_lived_in_room_has_tasks_only_where_it_stands_out() {
        let warm = assessment(
            &[heat([-0.5, -0.5, -0.5, -0.5, -0.5, -0.5, 1.9, -0.5, -0.5])],
            &[],
        );
        assert!(warm.new.is_empty() && warm.score.label() == "lived in");
        let glaring = assessment(
            &[heat([-0.5, -0.5, -0.5, -0.5, -0.5, -0.5, 2.1, -0.5, -0.5])],
            &[],
        );
        assert_eq!(titles(&glaring), ["Tidy up: lower left"]);
    }

    #[test]
    fn beside_an_open_task_only_a_greater_mess_is_another() {
        let ours = [known(1, "Tidy up: lower left", "local")];
        let mut cells = MESSY;
        cells[7] = 5.0;
        assert_eq!(titles(&assessment(&[heat(cells)], &[])).len(), 2);
        assert!(assessment(&[heat(cells)], &ours).new.is_empty());
        cells[7] = 7.0;
        assert_eq!(
            titles(&assessment(&[heat(cells)], &ours)),
            ["Tidy up: bottom"]
        );
    }

    #[test]
    fn of_several_cameras_the_worst_counts_and_each_is_named() {
        let tidy = heat([-3.0; 9]);
        let ours = [
            known(1, "Tidy up: lower left (camera 1)", "local"),
            known(2, "Tidy up: lower left (camera 2)", "local"),
            known(3, "Tidy up: lower left (camera 3)", "local"),
        ];
        let found = assessment(&[tidy.clone(), heat(MESSY)], &[]);
        assert_eq!(titles(&found), ["Tidy up: lower left (camera 2)"]);
        assert_eq!(found.score.value(), 39);
        assert!(
            found
                .summary
                .starts_with("Camera 2 looks untidy, mostly at the lower left.")
        );
        let found = assessment(&[tidy, heat(MESSY)], &ours);
        assert_eq!(
            (found.remain, found.done[0].0, found.done.len()),
            (vec![TaskId(2)], TaskId(1), 1)
        );
        assert!(found.new.is_empty());
    }

    fn any_heat() -> impl Strategy<Value = Heat> {
        (1_usize..12, 1_usize..12).prop_flat_map(|(columns, rows)| {
            vec(-8.0_f32..8.0, columns * rows).prop_map(move |cells| Heat {
                columns,
                rows,
                cells,
            })
        })
    }

    fn any_known() -> impl Strategy<Value = Vec<KnownTask>> {
        let title = prop_oneof![
            (0_usize..9).prop_map(|i| title(Place::all().nth(i).unwrap(), None)),
            (0_usize..9, 0_usize..4)
                .prop_map(|(i, c)| title(Place::all().nth(i).unwrap(), Some(c))),
            "Tidy up: .{0,20}",
            Just("Put the cups away".to_owned()),
        ];
        let task = (title, prop_oneof![Just("local"), Just("gemini")]);
        vec(task, 0..12).prop_map(|tasks| {
            (0..)
                .zip(tasks)
                .map(|(id, (title, provider))| known(id, &title, provider))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract_of_known_tasks(heats in vec(any_heat(), 1..4), known in any_known()) {
            let found = assessment(&heats, &known);
            let mut spoken_of: Vec<TaskId> = found.remain.clone();
            spoken_of.extend(found.done.iter().map(|(id, _)| *id));
            let count = spoken_of.len();
            spoken_of.sort_unstable();
            spoken_of.dedup();
            prop_assert_eq!(spoken_of.len(), count, "a task was spoken of twice");
            for task in &known {
                let ours = whereabouts(task, heats.len()).is_some();
                prop_assert_eq!(spoken_of.contains(&task.id), ours, "{:?}", task);
                prop_assert!(!ours || task.provider == NAME);
            }
            let mut new = titles(&found);
            prop_assert!(new.iter().all(|t| !known.iter().any(|k| k.provider == NAME && k.title == *t)));
            prop_assert!(new.is_empty() || found.score.value() < FAIR);
            prop_assert!(new.is_empty() || new.len() + found.remain.len() <= MOST_TASKS);
            new.sort_unstable();
            new.dedup();
            prop_assert_eq!(new.len(), found.new.len(), "a task was found twice");
            prop_assert!((0.0..=0.9).contains(&found.confidence));
            prop_assert!(found.done.iter().all(|(_, c)| (0.5..=0.8).contains(c)));
            for finding in &found.new {
                let r = finding.region.unwrap();
                prop_assert!(r.x >= 0.0 && r.y >= 0.0 && r.width > 0.0 && r.height > 0.0);
                prop_assert!(r.x + r.width <= 1.001 && r.y + r.height <= 1.001);
                prop_assert!((0.0..=0.9).contains(&finding.confidence));
            }
        }

        /// What was found is known the next time: the same picture, or nearly
        /// the same, then opens nothing, closes nothing.
        #[test]
        fn the_same_room_again_changes_nothing(heats in vec(any_heat(), 1..4), drift in -0.3_f32..0.3) {
            let first = assessment(&heats, &[]);
            let tasks: Vec<KnownTask> = (0..)
                .zip(&first.new)
                .map(|(id, finding)| known(id, &finding.title, NAME))
                .collect();
            let again = assessment(&heats, &tasks);
            prop_assert_eq!(again.remain.len(), tasks.len());
            prop_assert!(again.new.is_empty() && again.done.is_empty());

            let mut drifted = heats;
            for heat in &mut drifted {
                for cell in &mut heat.cells {
                    *cell += drift;
                }
            }
            prop_assert!(assessment(&drifted, &tasks).done.is_empty());
        }
    }
}
