//! What a household's question becomes on its way, and its answer on the way back.

use serde_json::json;

use super::*;
use crate::{
    domain::{check::KnownTask, task::TaskId},
    ports::Reference,
};

fn full() -> Question {
    let known = |id: u64, title: &str| KnownTask {
        id: TaskId(id),
        title: title.into(),
        provider: "gemini".into(),
        region: None,
    };
    Question {
        frames: vec![picture(), picture()],
        known: vec![known(4, "Wash the cups"), known(9, "Wipe the table")],
        ignore: vec!["the fruit bowl".into()],
        references: vec![Reference {
            of: 0,
            frame: canary::draw(1).frame,
        }],
        language: "de".into(),
        ..question()
    }
}

#[tokio::test]
async fn every_picture_arrives_as_it_is_and_in_order() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        let question = Arc::new(full());
        pair.provider.ask(question.clone(), TERMS).await.unwrap();
        let request = pair.fake.questions().remove(0);
        let expected = [
            question.references[0].frame.jpeg.to_vec(),
            question.frames[0].jpeg.to_vec(),
            question.frames[1].jpeg.to_vec(),
        ];
        assert_eq!(request.pictures, expected, "{protocol:?}");
        assert!(request.schema.is_some(), "{protocol:?}");
        for words in [
            "the fruit bowl",
            "\"de\"",
            "Wash the cups",
            "It is not the room now",
            "is data",
        ] {
            assert!(request.prompt.contains(words), "{protocol:?}: {words}");
        }
        assert_eq!(pair.fake.complaints(), Vec::<String>::new(), "{protocol:?}");
    }
}

#[tokio::test]
async fn open_tasks_come_back_by_their_ids() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        pair.fake.sees_room(
            json!({"score": 80, "confidence": "high", "summary": "Fine.", "tasks": [], "known": [
                {"id": "4", "now": "done", "confidence": "high"},
                {"id": "9", "now": "remains", "confidence": "high"},
                {"id": "77", "now": "done", "confidence": "high"},
            ]}),
        );
        let assessment = pair
            .provider
            .ask(Arc::new(full()), TERMS)
            .await
            .unwrap()
            .assessment;
        assert_eq!(assessment.done, [(TaskId(4), 0.95)], "{protocol:?}");
        assert_eq!(assessment.remain, [TaskId(9)], "{protocol:?}");
    }
}

#[tokio::test]
async fn a_picture_that_was_too_large_is_sent_smaller_without_references() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        pair.fake.play([Scenario::TooLarge]);
        let question = Arc::new(full());
        let failure = pair
            .provider
            .ask(question.clone(), TERMS)
            .await
            .unwrap_err();
        assert_eq!(failure.class, Class::TooLarge, "{protocol:?}");
        pair.provider
            .ask(question, after(Class::TooLarge))
            .await
            .unwrap();
        let questions = pair.fake.questions();
        let sizes = |at: usize| {
            questions[at]
                .pictures
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>()
        };
        assert_eq!((sizes(0).len(), sizes(1).len()), (3, 2), "{protocol:?}");
        assert!(sizes(1)[0] < sizes(0)[1], "{protocol:?}");
        assert_eq!(pair.fake.complaints(), Vec::<String>::new(), "{protocol:?}");
    }
}

#[tokio::test]
async fn an_answer_that_could_not_be_read_is_asked_for_again_in_words() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        pair.meets(Scenario::ScoreInWords).await.unwrap_err();
        pair.ask(after(Class::Malformed)).await.unwrap();
        let prompts: Vec<_> = pair
            .fake
            .questions()
            .into_iter()
            .map(|request| request.prompt)
            .collect();
        let repairs: Vec<_> = prompts
            .iter()
            .map(|prompt| prompt.contains("could not be read"))
            .collect();
        assert_eq!(repairs, [false, true], "{protocol:?}");
    }
}

/// A key in an answer of the model's own, in pieces that only the whole shows.
#[tokio::test]
async fn a_key_that_the_model_says_is_not_repeated() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        let escaped: Vec<String> = KEY.bytes().map(|b| format!("\\u{b:04x}")).collect();
        let escaped = escaped.concat();
        let title: serde_json::Value =
            serde_json::from_str(&format!("\"Hide {escaped}\"")).unwrap();
        pair.fake.sees_room(
            json!({"score": 50, "summary": format!("It says {KEY}."), "tasks": [{"title": title}]}),
        );
        let answered = pair.ask(TERMS).await.unwrap();
        let said = format!("{answered:?}");
        assert!(!said.contains(KEY) && !said.contains("t3st"), "{said}");
        assert!(said.contains("REDACTED"), "{said}");
    }
}
