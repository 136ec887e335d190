//! The matrix of what servers do to clients, a test for each row, each protocol
//! in it. What the chain makes of a failure is tested there.

mod answers;
mod errors;
mod wire;

use super::*;

use Protocol::{Anthropic, Chat, Gemini, Ollama, Responses};

/// One cell: who answers what, and what it is taken for.
type Cell = (Protocol, Scenario, Class);

async fn fails_as(cells: &[Cell]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (protocol, scenario, class) in cells {
        let pair = Pair::new(*protocol).await;
        let failure = pair
            .meets(*scenario)
            .await
            .expect_err("an error is never a result");
        assert_eq!(
            failure.class, *class,
            "{protocol:?} {scenario:?}: {}",
            failure.sentence
        );
        assert_eq!(pair.fake.complaints(), Vec::<String>::new(), "{protocol:?}");
        readable(&failure);
        failures.push(failure);
    }
    failures
}

/// A sentence for people: it begins and ends like one, and has no key in it.
fn readable(failure: &Failure) {
    let said = &failure.sentence;
    assert!(
        said.ends_with('.') && !said.contains("..") && !said.contains("()"),
        "{said}"
    );
    assert!(
        said.starts_with(char::is_uppercase) && said.len() < 700,
        "{said}"
    );
    assert!(!said.contains(KEY), "{said}");
}

async fn answers(protocol: Protocol, scenario: Scenario) -> Answered {
    let pair = Pair::new(protocol).await;
    let answered = pair.meets(scenario).await;
    assert_eq!(pair.fake.complaints(), Vec::<String>::new(), "{protocol:?}");
    answered.unwrap_or_else(|failure| panic!("{protocol:?} {scenario:?}: {}", failure.sentence))
}

fn titles(answered: &Answered) -> Vec<&str> {
    answered
        .assessment
        .new
        .iter()
        .map(|f| f.title.as_str())
        .collect()
}

async fn answer_well(scenario: Scenario, protocols: &[Protocol]) {
    for protocol in protocols {
        let answered = answers(*protocol, scenario).await;
        assert_eq!(
            answered.assessment.score.value(),
            62,
            "{protocol:?} {scenario:?}"
        );
        let expected = [
            "Wash the dishes beside the sink",
            "Hang the towel back on its hook",
        ];
        assert_eq!(titles(&answered), expected, "{protocol:?} {scenario:?}");
    }
}
