//! Rows 1 to 8: answers of every kind.

use super::*;
use crate::domain::provider::Usage;

#[tokio::test]
async fn row_01_good_answer() {
    answer_well(Scenario::Good, &Protocol::ALL).await;
    for (protocol, input, output) in [
        (Gemini, 412, 178),
        (Responses, 410, 90),
        (Chat, 410, 90),
        (Anthropic, 412, 90),
        (Ollama, 900, 80),
    ] {
        let answered = answers(protocol, Scenario::Good).await;
        let usage = Usage {
            input: Some(input),
            output: Some(output),
        };
        assert_eq!(answered.usage, usage, "{protocol:?}");
        assert_eq!(answered.assessment.provider, name_of(protocol));
        assert_eq!(answered.model.served_by, None, "{protocol:?}");
    }
    // OpenAI's other API, where a server has only that.
    let pair = Pair::new(Responses).await;
    pair.fake.always(Scenario::NoResponses);
    assert_eq!(
        pair.ask(TERMS).await.unwrap_err().class,
        Class::UnsupportedParameter
    );
    assert_eq!(pair.ask(TERMS).await.unwrap().assessment.score.value(), 62);
}

#[tokio::test]
async fn row_02_thinking_part_first() {
    answer_well(Scenario::ThinkingFirst, &Protocol::ALL).await;
}

#[tokio::test]
async fn row_03_several_text_parts() {
    answer_well(
        Scenario::SeveralParts,
        &[Gemini, Responses, Chat, Anthropic],
    )
    .await;
}

#[tokio::test]
async fn row_04_json_in_fences_and_prose_around() {
    answer_well(Scenario::Fenced, &Protocol::ALL).await;
    answer_well(Scenario::Prose, &Protocol::ALL).await;
}

#[tokio::test]
async fn row_05_valid_json_wrong_schema() {
    for protocol in Protocol::ALL {
        answer_well(Scenario::ScoreOfHundred, &[protocol]).await;
        let answered = answers(protocol, Scenario::FiveHundredTasks).await;
        assert_eq!(titles(&answered).len(), 12);
        fails_as(&[
            (protocol, Scenario::ScoreInWords, Class::Malformed),
            (protocol, Scenario::NoTaskList, Class::Malformed),
            (protocol, Scenario::EndlessTitle, Class::Malformed),
        ])
        .await;
    }
}

#[tokio::test]
async fn row_06_truncated() {
    for protocol in Protocol::ALL {
        let pair = Pair::new(protocol).await;
        let failure = pair.meets(Scenario::Truncated).await.unwrap_err();
        assert_eq!(failure.class, Class::Truncated, "{protocol:?}");
        assert!(
            failure.usage.output.is_some(),
            "a cut answer is paid for, too"
        );
        readable(&failure);
        pair.ask(after(Class::Truncated)).await.unwrap();
        let room: Vec<u64> = pair
            .fake
            .questions()
            .iter()
            .map(|request| room(&request.body))
            .collect();
        assert!(room[1] >= 4 * room[0], "{protocol:?}: {room:?}");
    }
}

/// The token limit of a request, whatever its name.
fn room(body: &serde_json::Value) -> u64 {
    [
        "/generationConfig/maxOutputTokens",
        "/max_output_tokens",
        "/max_tokens",
        "/options/num_predict",
    ]
    .iter()
    .find_map(|at| body.pointer(at)?.as_u64())
    .unwrap()
}

#[tokio::test]
async fn row_07_refused() {
    let failures = fails_as(&[
        (Gemini, Scenario::Refused, Class::Refused),
        (Gemini, Scenario::Filtered, Class::Refused),
        (Responses, Scenario::Refused, Class::Refused),
        (Responses, Scenario::Filtered, Class::Refused),
        (Chat, Scenario::Refused, Class::Refused),
        (Chat, Scenario::Filtered, Class::Refused),
        (Anthropic, Scenario::Refused, Class::Refused),
    ])
    .await;
    assert!(failures.iter().all(|failure| failure.usage.input.is_some()));
    // Ollama has no field for it: prose that breaks the schema.
    fails_as(&[(Ollama, Scenario::Refused, Class::Malformed)]).await;
}

#[tokio::test]
async fn row_08_empty_200() {
    fails_as(&Protocol::ALL.map(|protocol| (protocol, Scenario::Empty, Class::Empty))).await;
}
