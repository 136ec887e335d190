//! A household's entities, as Home Assistant lists them, and what is asked of whom.

use bytes::Bytes;

use super::*;
use crate::{
    domain::check::KnownTask,
    ports::{Frame, Reference},
};

/// Entities that answer as told, and what they were asked.
struct House {
    offer: Mutex<AiTaskOffer>,
    asked: Mutex<Vec<(&'static str, AiTaskCall)>>,
    answers: Value,
}

impl AiTasks for House {
    fn offer(&self) -> Boxed<'_, Result<AiTaskOffer, Failure>> {
        Box::pin(async { Ok(self.offer.lock().unwrap().clone()) })
    }

    fn generate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>> {
        self.asked.lock().unwrap().push(("generate", call));
        Box::pin(async {
            Ok(json!({
                "score": 41, "confidence": "high", "summary": "Things lie about.",
                "known": [], "tasks": [],
            }))
        })
    }

    fn evaluate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>> {
        self.asked.lock().unwrap().push(("evaluate", call));
        Box::pin(async { Ok(self.answers.clone()) })
    }
}

fn entity(entity: &str, usable: bool, evaluates: bool) -> AiTaskEntity {
    AiTaskEntity {
        entity: entity.into(),
        name: entity.into(),
        integration: Some("openai_conversation".into()),
        local: false,
        available: true,
        usable,
        sees: true,
        evaluates,
    }
}

/// OpenAI's integration: one entity for data, one for evaluating.
fn openai() -> AiTaskOffer {
    AiTaskOffer {
        entities: vec![
            entity("ai_task.openai_ai_task", true, false),
            entity("ai_task.openai_evaluation", false, true),
        ],
        preferred: Some("ai_task.openai_ai_task".into()),
        preferred_to_evaluate: Some("ai_task.openai_evaluation".into()),
    }
}

fn house(offer: AiTaskOffer, answers: Value) -> Arc<House> {
    Arc::new(House {
        offer: Mutex::new(offer),
        asked: Mutex::default(),
        answers,
    })
}

fn judge(house: &Arc<House>, entity: Option<&str>, evaluate: bool) -> AiTask {
    let rules = Rules {
        local_only: false,
        evaluate,
        agreed_only: false,
    };
    AiTask::new(Arc::clone(house) as _, entity.map(str::to_owned), rules)
}

fn frame(jpeg: &'static [u8]) -> Frame {
    Frame {
        width: 1,
        height: 1,
        rgb: Bytes::from_static(&[0, 0, 0]),
        jpeg: Bytes::from_static(jpeg),
    }
}

fn question() -> Arc<Question> {
    Arc::new(Question {
        zone_name: "Kitchen".into(),
        frames: vec![frame(b"now")],
        references: vec![Reference {
            of: 0,
            frame: frame(b"clean"),
        }],
        known: Vec::<KnownTask>::new(),
        ..Question::default()
    })
}

const TERMS: Terms = Terms {
    within: Duration::from_mins(1),
    after: None,
};

/// As Home Assistant 2026.11 gives it.
fn answers() -> Value {
    json!({ "tidy": { "score": 3.0, "probabilities": [0.0, 0.0, 0.0, 1.0, 0.0], "type": "score" } })
}

#[tokio::test]
async fn the_score_comes_from_the_entity_that_evaluates() {
    let house = house(openai(), answers());
    let judge = judge(&house, None, true);
    let answered = judge.ask(question(), TERMS).await.unwrap();
    assert_eq!(answered.assessment.score.value(), 41);
    let rescored = judge.rescore(question(), TERMS).unwrap().await.unwrap();
    assert_eq!(
        (rescored.score.value(), rescored.method),
        (75, "with evaluate")
    );
    assert_eq!(judge.warning(), None);

    let asked = house.asked.lock().unwrap();
    let whom: Vec<_> = asked
        .iter()
        .map(|(how, call)| (*how, &*call.entity))
        .collect();
    let expected = [
        ("generate", "ai_task.openai_ai_task"),
        ("evaluate", "ai_task.openai_evaluation"),
    ];
    assert_eq!(whom, expected);
    assert_eq!(asked[0].1.pictures, [&b"clean"[..], b"now"]);
    assert_eq!(
        asked[1].1.pictures,
        [&b"now"[..]],
        "the score is of the room as it is"
    );
    assert_eq!(
        asked[1].1.data["questions"]["tidy"]["criteria"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}

#[tokio::test]
async fn without_such_an_entity_nothing_more_is_asked_and_it_is_said() {
    let mut offer = openai();
    let evaluation = offer.entities.pop().unwrap();
    let house = house(offer, answers());
    let judge = judge(&house, None, true);
    judge.ask(question(), TERMS).await.unwrap();
    assert!(judge.rescore(question(), TERMS).is_none());
    let said = judge.warning().unwrap();
    assert!(
        said.contains("advanced.evaluate_with_ai_task is on and has no effect"),
        "{said}"
    );

    // Somebody adds it, and takes it away again.
    house.offer.lock().unwrap().entities.push(evaluation);
    judge.inspect(TERMS).await.unwrap();
    assert!(judge.rescore(question(), TERMS).is_some());
    assert_eq!(judge.warning(), None);
    house.offer.lock().unwrap().entities.pop();
    judge.ask(question(), TERMS).await.unwrap();
    assert!(judge.rescore(question(), TERMS).is_none());
}

#[tokio::test]
async fn without_the_option_nobody_is_asked_for_a_score() {
    let house = house(openai(), answers());
    let judge = judge(&house, None, false);
    judge.ask(question(), TERMS).await.unwrap();
    assert!(judge.rescore(question(), TERMS).is_none());
    assert_eq!(judge.warning(), None);
}

#[tokio::test]
async fn a_score_that_cannot_be_read_is_an_error() {
    let house = house(openai(), json!({ "tidy": { "noul": 0.9, "type": "noul" } }));
    let judge = judge(&house, None, true);
    judge.ask(question(), TERMS).await.unwrap();
    let failure = judge.rescore(question(), TERMS).unwrap().await.unwrap_err();
    assert_eq!(failure.class, Class::Malformed);
    assert!(
        failure.sentence.contains("ai_task.openai_evaluation"),
        "{}",
        failure.sentence
    );
}

#[tokio::test]
async fn an_entity_that_cannot_judge_is_told_for_what_it_is() {
    let blind = AiTaskEntity {
        sees: false,
        ..entity("ai_task.blind", false, false)
    };
    let painter = entity("ai_task.painter", false, false);
    let mut offer = openai();
    offer.entities.extend([blind, painter]);
    let house = house(offer, answers());
    for (named, words) in [
        (
            "ai_task.openai_evaluation",
            "only evaluates: it gives a score",
        ),
        ("ai_task.blind", "takes no pictures"),
        ("ai_task.painter", "generates no data"),
    ] {
        let failure = judge(&house, Some(named), true)
            .inspect(TERMS)
            .await
            .unwrap_err();
        assert_eq!(failure.class, Class::NotMultimodal);
        assert!(
            failure.sentence.starts_with(named) && failure.sentence.contains(words),
            "{}",
            failure.sentence
        );
        assert!(failure.sentence.ends_with('.'));
    }
}

#[tokio::test]
async fn an_entity_that_disappears_is_named_and_not_asked() {
    let house = house(openai(), answers());
    let judge = judge(&house, Some("ai_task.openai_ai_task"), true);
    judge.ask(question(), TERMS).await.unwrap();
    house.offer.lock().unwrap().entities.remove(0);
    let failure = judge.ask(question(), TERMS).await.unwrap_err();
    assert_eq!(failure.class, Class::ModelMissing);
    assert!(
        failure
            .sentence
            .contains("There is no ai_task.openai_ai_task"),
        "{}",
        failure.sentence
    );
    assert_eq!(house.asked.lock().unwrap().len(), 1);
}
