use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::change::{ChangeMap, HOT as CHANGED};

/// By the network alone, in English.
fn assessment(heats: &[Heat], known: &[KnownTask]) -> Assessment {
    let looks: Vec<Look> = heats.iter().cloned().map(Look::alone).collect();
    super::assessment(&looks, known, words::of("en"))
}

fn title(place: Place, camera: Option<usize>) -> String {
    words::of("en").title(place, camera)
}

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
        (0_usize..9, 0_usize..4).prop_map(|(i, c)| title(Place::all().nth(i).unwrap(), Some(c))),
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
            let ours = Claim::of(task, heats.len()).is_some();
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

/// A clean room's map with hot blocks of cells.
fn map(hot: &[(usize, usize, usize, usize)]) -> ChangeMap {
    let mut map = ChangeMap {
        columns: 160,
        rows: 90,
        cells: vec![0.05; 160 * 90],
        camera_moved: false,
    };
    for (x, y, width, height) in hot {
        for y in *y..y + height {
            map.cells[y * 160 + x..][..*width].fill(CHANGED + 0.2);
        }
    }
    map
}

fn compared(hot: &[(usize, usize, usize, usize)], delta: f32, known: &[KnownTask]) -> Assessment {
    let map = map(hot);
    let look = Look {
        heat: heat([-2.0; 9]),
        compared: Some(Compared {
            map: &map,
            delta,
            strictness: 1.0,
        }),
        moved: false,
    };
    super::assessment(&[look], known, words::of("en"))
}

/// What was found, as it is known the next time.
fn remembered(found: &Assessment) -> Vec<KnownTask> {
    let task = |(id, finding): (u64, &Finding)| KnownTask {
        region: finding.region,
        ..known(id, &finding.title, NAME)
    };
    (1..).zip(&found.new).map(task).collect()
}

const CUP: (usize, usize, usize, usize) = (20, 70, 5, 6);
const PILE: (usize, usize, usize, usize) = (100, 60, 30, 16);

#[test]
fn against_a_reference_one_cup_is_a_task_at_once() {
    assert_eq!(compared(&[], 0.0, &[]).score.value(), 100);
    let found = compared(&[CUP], 0.1, &[]);
    assert_eq!(titles(&found), ["Tidy up: lower left"]);
    assert!((85..96).contains(&found.score.value()) && !found.needs_second_look);
    let region = found.new[0].region.unwrap();
    assert!((region.x - 0.125).abs() < 0.01 && (region.y - 70.0 / 90.0).abs() < 0.01);
    let two = compared(&[CUP, PILE], 1.0, &[]);
    assert_eq!(
        titles(&two),
        ["Tidy up: lower right", "Tidy up: lower left"]
    );
    assert!(two.score < found.score);
}

#[test]
fn what_is_known_remains_and_what_is_gone_is_done() {
    let first = compared(&[CUP, PILE], 1.0, &[]);
    let tasks = remembered(&first);
    let again = compared(&[CUP, PILE], 1.0, &tasks);
    assert_eq!(
        (again.remain.len(), again.new.len(), again.done.len()),
        (2, 0, 0)
    );
    // Nudged over the border of a place it is the same pile still.
    let nudged = compared(&[CUP, (108, 56, 30, 16)], 1.0, &tasks);
    assert_eq!((nudged.remain.len(), nudged.new.len()), (2, 0));
    let tidied = compared(&[CUP], 0.1, &tasks);
    assert_eq!(tidied.done.len(), 1);
    assert_eq!(tidied.remain, [tasks[1].id]);
}

#[test]
fn changed_is_not_messier_and_the_summary_says_so() {
    let chair = compared(&[PILE], -0.4, &[]);
    let mess = compared(&[PILE], 0.8, &[]);
    assert!(chair.score > mess.score);
    assert!(chair.summary.contains("not messier"), "{}", chair.summary);
    assert!(!mess.summary.contains("not messier"));
}

#[test]
fn somebody_in_the_picture_needs_a_second_look() {
    assert!(compared(&[(80, 20, 16, 50)], 0.4, &[]).needs_second_look);
    assert!(!compared(&[PILE], 0.4, &[]).needs_second_look);
}

#[test]
fn a_moved_camera_is_judged_without_its_references_and_told() {
    let look = Look {
        moved: true,
        ..Look::alone(heat(MESSY))
    };
    let found = super::assessment(&[look], &[], words::of("en"));
    assert_eq!(found.score.value(), 39);
    assert!(found.summary.contains("another view"), "{}", found.summary);
    assert!(found.needs_second_look);
}

#[test]
fn tasks_are_known_again_in_another_language() {
    let first = compared(&[CUP], 0.1, &[]);
    let map = map(&[CUP]);
    let look = Look {
        heat: heat([-2.0; 9]),
        compared: Some(Compared {
            map: &map,
            delta: 0.1,
            strictness: 1.0,
        }),
        moved: false,
    };
    let german = super::assessment(
        std::slice::from_ref(&look),
        &remembered(&first),
        words::of("de-AT"),
    );
    assert_eq!((german.remain.len(), german.new.len()), (1, 0));
    let fresh = super::assessment(&[look], &[], words::of("de-AT"));
    assert_eq!(titles(&fresh), ["Aufräumen: unten links"]);
}
