//! Rows 9 to 16: what providers refuse, and what they say about it.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::domain::provider::Wait;

#[tokio::test]
async fn row_09_bad_key() {
    fails_as(&Protocol::ALL.map(|protocol| (protocol, Scenario::BadKey, Class::Auth))).await;
    // A server that tells the right key from a wrong one itself.
    for protocol in Protocol::ALL {
        let pair = Pair::with(protocol, |access| {
            access.key = Some(Secret::from("sk-other"));
        })
        .await;
        let failure = pair.ask(TERMS).await.unwrap_err();
        assert_eq!(failure.class, Class::Auth, "{protocol:?}");
        assert!(
            failure.sentence.contains("option api_key"),
            "{}",
            failure.sentence
        );
        let failure = pair.provider.inspect(TERMS).await.unwrap_err();
        assert_eq!(failure.class, Class::Auth, "{protocol:?}");
    }
}

#[tokio::test]
async fn row_10_per_minute_limit_with_its_wait() {
    let with_wait = [Gemini, Responses, Chat, Anthropic];
    let cells = with_wait.map(|protocol| (protocol, Scenario::RateLimited(37), Class::RateLimited));
    for failure in fails_as(&cells).await {
        assert_eq!(failure.wait, Some(Wait::For(SignedDuration::from_secs(37))));
    }
}

#[tokio::test]
async fn row_11_per_day_quota_and_spent_credit() {
    let failures = fails_as(&[
        (Gemini, Scenario::QuotaSpent, Class::QuotaDaily),
        (Responses, Scenario::QuotaSpent, Class::Billing),
        (Chat, Scenario::QuotaSpent, Class::Billing),
        (Anthropic, Scenario::QuotaSpent, Class::Billing),
    ])
    .await;
    let waits: Vec<_> = failures.iter().map(|failure| failure.wait).collect();
    // The small delay that comes with them is not about the quota.
    let expected = [
        Some(Wait::Midnight("America/Los_Angeles")),
        None,
        None,
        Some(Wait::NextMonth),
    ];
    assert_eq!(waits, expected);
}

#[tokio::test]
async fn row_12_429_without_a_hint() {
    let failures =
        fails_as(&Protocol::ALL.map(|p| (p, Scenario::TooManyBare, Class::RateLimited))).await;
    assert!(failures.iter().all(|failure| failure.wait.is_none()));
}

#[tokio::test]
async fn row_13_overload_burst_then_recovery() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        pair.fake.play([Scenario::Overloaded, Scenario::Overloaded]);
        for _ in 0..2 {
            let failure = pair.ask(TERMS).await.unwrap_err();
            assert_eq!(
                (failure.class, failure.in_doubt),
                (Class::Overloaded, false)
            );
            readable(&failure);
        }
        assert_eq!(pair.ask(TERMS).await.unwrap().assessment.score.value(), 62);
        assert_eq!(pair.fake.questions().len(), 3, "nothing is repeated inside");
    }
}

#[tokio::test]
async fn row_14_model_retired() {
    let end: Timestamp = "2027-05-07T00:00:00Z".parse().unwrap();
    fails_as(&Protocol::ALL.map(|p| (p, Scenario::ModelGone, Class::ModelMissing))).await;
    for protocol in [Gemini, Responses, Anthropic, Ollama] {
        let pair = Pair::new(protocol).await;
        pair.fake.always(Scenario::ModelGone);
        let failure = pair.provider.inspect(TERMS).await.unwrap_err();
        assert_eq!(failure.class, Class::ModelMissing, "{protocol:?}");
    }
    for protocol in [Gemini, Responses, Chat, Anthropic] {
        let pair = Pair::new(protocol).await;
        pair.fake.always(Scenario::Retiring);
        let facts = pair.provider.inspect(TERMS).await.unwrap();
        assert_eq!(facts.retires, Some(end), "{protocol:?}");
    }
    assert_eq!(
        answers(Gemini, Scenario::Retiring).await.model.retires,
        Some(end)
    );
    for protocol in [Gemini, Responses, Anthropic, Ollama] {
        let answered = answers(protocol, Scenario::Rerouted).await;
        assert!(answered.model.served_by.is_some(), "{protocol:?}");
    }
}

#[tokio::test]
async fn row_15_parameter_rejected() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        pair.fake.always(Scenario::ParameterRejected);
        let mut rejected = 0;
        let answered = loop {
            match pair.ask(TERMS).await {
                Ok(answered) => break answered,
                Err(failure) => {
                    assert_eq!(
                        failure.class,
                        Class::UnsupportedParameter,
                        "{}",
                        failure.sentence
                    );
                    rejected += 1;
                    assert!(rejected <= 2, "{protocol:?} never learns");
                }
            }
        };
        assert_eq!(answered.assessment.score.value(), 62);
        assert!(rejected > 0, "{protocol:?}");
        // Remembered: the next question is right at once.
        pair.ask(TERMS).await.unwrap();
        assert_eq!(pair.fake.questions().len(), rejected + 2, "{protocol:?}");
        assert_eq!(pair.fake.complaints(), Vec::<String>::new(), "{protocol:?}");
    }
}

#[tokio::test]
async fn row_16_model_cannot_see() {
    fails_as(&[
        (Responses, Scenario::TextOnly, Class::NotMultimodal),
        (Chat, Scenario::TextOnly, Class::NotMultimodal),
        (Anthropic, Scenario::TextOnly, Class::NotMultimodal),
        (Ollama, Scenario::TextOnly, Class::NotMultimodal),
    ])
    .await;
    for (protocol, sees) in [
        (Chat, Some(false)),
        (Anthropic, Some(false)),
        (Ollama, Some(false)),
        (Gemini, None),
    ] {
        let pair = Pair::new(protocol).await;
        pair.fake.always(Scenario::TextOnly);
        let facts = pair.provider.inspect(TERMS).await.unwrap();
        assert_eq!(facts.sees, sees, "{protocol:?}");
        pair.fake.always(Scenario::Good);
        let facts = pair.provider.inspect(TERMS).await.unwrap();
        assert_eq!(facts.sees, sees.map(|_| true), "{protocol:?}");
    }
    // Answers from imagination: only the canary tells.
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        for kind in [0, 7, 15] {
            let canary = Arc::new(canary::draw(kind));
            let proof = pair.provider.prove(canary.clone(), TERMS).await.unwrap();
            assert!(proof.sees, "{protocol:?}: {}", proof.said);
            pair.fake.play([Scenario::Blind]);
            let proof = pair.provider.prove(canary, TERMS).await.unwrap();
            assert!(!proof.sees, "{protocol:?}: {}", proof.said);
        }
        assert_eq!(pair.fake.complaints(), Vec::<String>::new(), "{protocol:?}");
    }
}
