use proptest::{collection::vec, prelude::*};

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A picture of 2 × 2 cells with two channels.
fn seen(heat: [f32; 4], features: [u8; 8]) -> Impression {
    Impression {
        columns: 2,
        rows: 2,
        heat: heat.into(),
        features: features.into(),
        loss: None,
    }
}

fn plain(logit: f32) -> Impression {
    seen([logit; 4], [20; 8])
}

fn beside(loss: f32) -> Impression {
    Impression {
        loss: Some(loss),
        ..plain(0.0)
    }
}

fn said(seen: &[Impression], opinion: Opinion) -> Vec<Lesson> {
    lessons(seen, opinion, NOW).unwrap()
}

fn near(one: f32, other: f32) -> bool {
    (one - other).abs() < 1e-5
}

fn logit(taste: &Taste, lesson: &Lesson) -> f32 {
    taste.logit(lesson.prior, &lesson.features)
}

#[test]
fn without_lessons_everything_is_as_shipped() {
    let taste = Taste::of(&[]);
    assert!(near(taste.logit(0.7, &[1, 2]), 0.7));
    assert!(near(taste.times(), 1.0));
    assert_eq!(taste.head, Vec::<f32>::new());
}

#[test]
fn one_word_moves_the_threshold_and_leaves_the_head() {
    let tidy = Taste::of(&said(&[plain(0.4)], Opinion::Tidy));
    let messy = Taste::of(&said(&[plain(-0.4)], Opinion::Messy));
    assert!(tidy.head.is_empty() && messy.head.is_empty());
    assert!((-1.5..-0.9).contains(&tidy.threshold), "{tidy:?}");
    assert!((0.9..1.5).contains(&messy.threshold), "{messy:?}");
    let often = Taste::of(&said(&vec![plain(0.4); 10], Opinion::Tidy));
    assert!(often.threshold < tidy.threshold && often.threshold > -1.5);
}

#[test]
fn agreement_moves_nothing_however_often() {
    let lessons = said(&vec![plain(-2.0); MOST_LESSONS], Opinion::Tidy);
    let taste = Taste::of(&lessons);
    assert!(taste.threshold.abs() < 1e-3, "{taste:?}");
}

#[test]
fn beside_clean_pictures_the_loss_grows_or_shrinks_and_none_stays_none() {
    let strict = Taste::of(&said(&[beside(34.0)], Opinion::Messy));
    assert!(
        (55.0..100.0).contains(&(34.0 * strict.times())),
        "{strict:?}"
    );
    let easy = Taste::of(&said(&[beside(60.0)], Opinion::Tidy));
    assert!((20.0..45.0).contains(&(60.0 * easy.times())), "{easy:?}");
    for taste in [&strict, &easy] {
        assert!(taste.times().is_finite());
        // The network alone, which nobody spoke of, stays as it was.
        assert!(near(taste.logit(0.3, &[1]), 0.3));
    }
    let refused = lessons(&[beside(0.4)], Opinion::Messy, NOW).unwrap_err();
    assert!(refused.contains("nothing differs"), "{refused}");
    assert_eq!(said(&[beside(0.4)], Opinion::Tidy).len(), 1);
}

#[test]
fn of_several_pictures_the_messiest_is_the_mess_and_all_are_tidy() {
    let pictures = [plain(-1.0), plain(0.5), plain(-3.0)];
    assert_eq!(said(&pictures, Opinion::Tidy).len(), 3);
    let messy = said(&pictures, Opinion::Messy);
    assert_eq!(messy.len(), 1);
    assert!(near(messy[0].prior, 0.5));
    assert_eq!(said(&[], Opinion::Messy), []);
}

#[test]
fn a_place_that_is_no_task_teaches_by_its_own_cells() {
    let picture = seen([0.0, 2.5, 0.0, 0.0], [10, 90, 10, 10, 7, 8, 9, 10]);
    let place = Region {
        x: 0.5,
        y: 0.0,
        width: 0.5,
        height: 0.5,
    };
    let lesson = not_a_task(&picture, place, NOW).unwrap();
    assert!(near(lesson.prior, 1.5));
    assert_eq!(lesson.features, [90, 8]);
    let taste = Taste::of(&[lesson]);
    assert!(2.5 + taste.threshold < PLACE, "{taste:?}");
    let nowhere = Region {
        width: 0.1,
        ..place
    };
    assert_eq!(not_a_task(&picture, nowhere, NOW), None);
    let compared = Impression {
        loss: Some(20.0),
        ..picture
    };
    assert_eq!(not_a_task(&compared, place, NOW), None);
}

/// What no threshold can tell apart, the head can: a striped rug that the
/// shipped judge takes for a mess, beside real ones.
#[test]
fn the_head_turns_where_a_threshold_is_not_enough() {
    let rug = |prior, other| lesson(Opinion::Tidy, prior, &[[200, other, 3]; 9].concat());
    let mess = |prior, other| lesson(Opinion::Messy, prior, &[[5, other, 3]; 9].concat());
    let lessons = [rug(1.0, 40), mess(0.6, 44), rug(1.2, 41), mess(0.4, 40)];
    let threshold_alone = threshold(&lessons.iter().collect::<Vec<_>>());
    let wrong = |logit: &dyn Fn(&Lesson) -> f32| {
        lessons.iter().filter(|l| side(l) * logit(l) <= 0.0).count()
    };
    assert!(wrong(&|l| l.prior + threshold_alone) >= 2);
    let taste = Taste::of(&lessons);
    assert_eq!(wrong(&|l| logit(&taste, l)), 0, "{taste:?}");
    assert!(taste.head[0] < 0.0 && near(taste.head[2], 0.0), "{taste:?}");
}

fn lesson(opinion: Opinion, prior: f32, features: &[u8]) -> Lesson {
    Lesson {
        at: NOW,
        opinion,
        prior,
        features: features.into(),
    }
}

#[test]
fn lessons_are_text_and_come_back_as_they_were() {
    let lesson = lesson(Opinion::Messy, 0.25, &[0, 15, 255]);
    let text = serde_json::to_string(&lesson).unwrap();
    assert!(text.contains(r#""features":"000fff""#), "{text}");
    assert_eq!(serde_json::from_str::<Lesson>(&text).unwrap(), lesson);
    for broken in ["0", "zz", "0é"] {
        let text = text.replace("000fff", broken);
        assert!(serde_json::from_str::<Lesson>(&text).is_err(), "{broken}");
    }
}

fn any_lesson() -> impl Strategy<Value = Lesson> {
    let features = prop_oneof![Just(Vec::new()), vec(any::<u8>(), 6)];
    (any::<bool>(), -8.0_f32..8.0, features).prop_map(|(messy, prior, features)| {
        let opinion = if messy { Opinion::Messy } else { Opinion::Tidy };
        lesson(opinion, prior, &features)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever a household says, however it contradicts itself.
    #[test]
    fn on_its_own_words_a_household_is_never_judged_worse_than_by_the_shipped_judge(
        lessons in vec(any_lesson(), 0..MOST_LESSONS),
    ) {
        let taste = Taste::of(&lessons);
        let misjudged = |by: &dyn Fn(&Lesson) -> f32| {
            lessons.iter().filter(|l| side(l) * by(l) <= 0.0).count()
        };
        let (shipped, learnt) = (misjudged(&|l| l.prior), misjudged(&|l| logit(&taste, l)));
        prop_assert!(learnt <= shipped, "{learnt} wrong, as shipped {shipped}");
        let unrest = |by: &dyn Fn(&Lesson) -> f32| -> f32 {
            lessons.iter().map(|l| unrest(l, by(l)).powi(2)).sum()
        };
        let (shipped, learnt) = (unrest(&|l| l.prior), unrest(&|l| logit(&taste, l)));
        prop_assert!(learnt <= shipped * 1.0001, "{learnt} off, as shipped {shipped}");
        prop_assert!(taste.threshold.is_finite() && taste.strictness.abs() <= FURTHEST);
        prop_assert!(taste.head.iter().all(|weight| weight.is_finite()));
    }

    #[test]
    fn what_is_surely_messy_or_tidy_does_not_turn_with_one_word(
        prior in 4.5_f32..8.0, messy: bool,
    ) {
        let side = if messy { 1.0 } else { -1.0 };
        let opinion = if messy { Opinion::Tidy } else { Opinion::Messy };
        let taste = Taste::of(&[lesson(opinion, 0.0, &[3, 3])]);
        prop_assert!(side * taste.logit(side * prior, &[3, 3]) > 0.0);
    }
}
