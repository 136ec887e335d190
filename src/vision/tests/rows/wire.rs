//! Rows 17 to 23: what happens on the way.

use jiff::Timestamp;

use super::*;

#[tokio::test]
async fn row_17_slow_first_byte_slow_drip_never_ends() {
    for protocol in Protocol::ALL {
        for scenario in [Scenario::SlowFirstByte, Scenario::Drip, Scenario::Silent] {
            let pair = Pair::new(protocol).await;
            pair.fake.play([scenario]);
            let short = Terms {
                within: Duration::from_millis(300),
                ..TERMS
            };
            let failure = pair.ask(short).await.unwrap_err();
            assert_eq!(failure.class, Class::Timeout, "{protocol:?} {scenario:?}");
            assert!(failure.in_doubt, "it may still be working, and be paid");
        }
    }
}

#[tokio::test]
async fn row_17_ollama_loads_for_longer_than_a_question_has_time() {
    let pair = Pair::new(Ollama).await;
    pair.fake.unload(Duration::from_millis(700));
    let short = Terms {
        within: Duration::from_millis(200),
        ..TERMS
    };
    let failure = pair.ask(short).await.unwrap_err();
    assert_eq!(failure.class, Class::Loading, "{}", failure.sentence);
    assert!(failure.wait.is_some() && !failure.in_doubt);
    assert!(
        pair.fake.questions().is_empty(),
        "no picture is sent to a model that is not there"
    );
    // The loading goes on without us; two questions wait for the same one.
    let (a, b) = tokio::join!(pair.ask(TERMS), pair.ask(TERMS));
    assert_eq!((a.is_ok(), b.is_ok()), (true, true));
    let loads = pair
        .fake
        .requests()
        .iter()
        .filter(|r| r.body["messages"] == serde_json::json!([]))
        .count();
    assert_eq!(loads, 1);
}

#[tokio::test]
async fn row_18_reset_mid_body_wrong_length_gzip_error() {
    for scenario in [
        Scenario::BrokenOff,
        Scenario::WrongLength,
        Scenario::BadGzip,
    ] {
        let cells = Protocol::ALL.map(|protocol| (protocol, scenario, Class::Network));
        for failure in fails_as(&cells).await {
            assert!(failure.in_doubt, "{scenario:?}: the question had arrived");
        }
    }
}

#[tokio::test]
async fn row_19_html_error_page() {
    for protocol in Protocol::ALL {
        let failures = fails_as(&[
            (protocol, Scenario::CaptivePortal, Class::Network),
            (protocol, Scenario::Redirect, Class::Network),
            (protocol, Scenario::WebPage(502), Class::Server),
            (protocol, Scenario::WebPage(503), Class::Overloaded),
            (protocol, Scenario::WebPage(413), Class::TooLarge),
        ])
        .await;
        assert!(
            failures
                .iter()
                .all(|failure| !failure.sentence.contains('<'))
        );
    }
}

#[tokio::test]
async fn row_20_200_with_an_error_body() {
    fails_as(&[
        (Gemini, Scenario::ErrorWithin, Class::Overloaded),
        (Responses, Scenario::ErrorWithin, Class::Server),
        (Chat, Scenario::ErrorWithin, Class::Server),
        (Ollama, Scenario::ErrorWithin, Class::Server),
    ])
    .await;
}

#[tokio::test]
async fn row_21_huge_body() {
    fails_as(&Protocol::ALL.map(|protocol| (protocol, Scenario::Huge, Class::Malformed))).await;
}

#[tokio::test]
async fn row_22_secret_echo() {
    for failure in fails_as(&Protocol::ALL.map(|p| (p, Scenario::KeyEcho, Class::Auth))).await {
        let said = format!("{failure:?}");
        assert!(said.contains("[REDACTED]"), "{said}");
        for piece in [KEY, "AbCdEf", "sk-t3st", "c2stdDNzdC9rM3krPUFiQ2RFZ"] {
            assert!(!said.contains(piece), "{piece}: {said}");
        }
    }
}

#[tokio::test]
async fn row_23_retry_after_as_a_date_in_the_past_or_far_future() {
    let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
    for stated in [
        "2020-01-01T00:00:00Z",
        "2026-11-25T10:00:30Z",
        "2090-01-01T00:00:00Z",
    ] {
        let stated: Timestamp = stated.parse().unwrap();
        let with_date = [Gemini, Responses, Chat, Anthropic];
        let cells = with_date.map(|p| (p, Scenario::RateLimitedUntil(stated), Class::RateLimited));
        for failure in fails_as(&cells).await {
            assert_eq!(failure.wait.unwrap().ends(now), stated.max(now));
        }
    }
}

#[tokio::test]
async fn a_servers_word_about_asking_again_is_read() {
    let speak = [Responses, Chat, Anthropic];
    for (scenario, word) in [
        (Scenario::ServerError, None),
        (Scenario::ServerErrorForGood, Some(false)),
    ] {
        let cells = speak.map(|protocol| (protocol, scenario, Class::Server));
        for failure in fails_as(&cells).await {
            assert_eq!(failure.retry, word);
        }
    }
}
