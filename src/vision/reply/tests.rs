//! What models answer, and what is made of it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const AUTHOR: Author<'static> = Author {
    provider: "gemini",
    model: "some-model",
};

fn known(ids: &[u64]) -> Vec<KnownTask> {
    ids.iter()
        .map(|id| KnownTask {
            id: TaskId(*id),
            title: format!("Task {id}"),
            provider: "gemini".into(),
            region: None,
        })
        .collect()
}

fn read(answer: &Value) -> Result<Assessment, String> {
    assessment(&answer.to_string(), &known(&[7, 8, 9]), AUTHOR)
}

fn with_tasks(tasks: &Value) -> Value {
    json!({"score": 62, "summary": "s", "tasks": tasks})
}

fn titles(answer: &Value) -> Vec<String> {
    let read = read(answer).unwrap();
    read.new.into_iter().map(|finding| finding.title).collect()
}

#[test]
fn a_whole_answer() {
    let answer = json!({
        "score": 62, "confidence": "high", "summary": "Some <b>dishes</b>.",
        "known": [
            {"id": "7", "now": "remains", "confidence": "high"},
            {"id": 8, "now": "done", "confidence": "normal"},
            {"id": "9", "now": "unclear", "confidence": "low"},
            {"id": "10", "now": "done", "confidence": "high"},
            {"id": "x", "now": "done", "confidence": "high"},
        ],
        "tasks": [
            {"title": "Wipe the table", "priority": "low"},
            {"title": "Wash the dishes", "priority": "high"},
        ],
        "note": "unknown fields are ignored",
    });
    let read = read(&answer).unwrap();
    assert_eq!(read.score.value(), 62);
    assert!(read.confidence > 0.9);
    assert_eq!(read.summary, "Some dishes.");
    assert_eq!(read.remain, [TaskId(7)]);
    assert_eq!(read.done, [(TaskId(8), 0.7)]);
    let titles: Vec<_> = read.new.iter().map(|f| f.title.as_str()).collect();
    assert_eq!(titles, ["Wash the dishes", "Wipe the table"]);
    assert_eq!(
        (read.provider.as_str(), read.method.as_str()),
        ("gemini", "some-model prompt 2")
    );
    assert!(!read.needs_second_look);
}

#[test]
fn a_score_is_0_to_100_or_there_is_no_answer() {
    for (score, expected) in [
        (json!(0), Some(0)),
        (json!(100), Some(100)),
        (json!(1), Some(1)),
        (json!(62.0), Some(62)),
        (json!("62"), Some(62)),
        (json!("62/100"), Some(62)),
        (json!("62.0"), Some(62)),
        (json!(0.0), Some(0)),
        (json!("1.0"), None),
        (json!("NaN"), None),
        (json!("1e999"), None),
        (json!("62 %"), Some(62)),
        (json!("6/10"), None),
        (json!(0.62), None),
        (json!(1.0), None),
        (json!(62.5), None),
        (json!(101), None),
        (json!(-1), None),
        (json!("101/100"), None),
        (json!("tidy"), None),
        (json!(1e300), None),
        (json!(u64::MAX), None),
        (json!(null), None),
        (json!([62]), None),
    ] {
        let read = read(&json!({"score": score, "tasks": []}));
        assert_eq!(read.ok().map(|r| r.score.value()), expected, "{score}");
    }
}

#[test]
fn two_things_said_about_a_task_mean_that_it_remains() {
    let read = read(&json!({"score": 5, "tasks": [], "known": [
        {"id": "7", "now": "done", "confidence": "high"},
        {"id": "7", "now": "remains"},
        {"id": "7", "now": "done"},
    ]}))
    .unwrap();
    assert_eq!((read.remain, read.done), (vec![TaskId(7)], vec![]));
}

#[test]
fn words_are_read_however_they_are_written() {
    let read = read(&json!({"score": 5, "known": [
        {"id": 7, "now": "Done", "confidence": " High"},
        {"id": 8, "now": "REMAINS"},
    ], "tasks": [{"title": "Dry them"}, {"title": "Wash up", "priority": "HIGH"}]}))
    .unwrap();
    assert_eq!(
        (read.remain, read.done),
        (vec![TaskId(8)], vec![(TaskId(7), 0.95)])
    );
    assert_eq!(read.new[0].title, "Wash up");
}

#[test]
fn a_title_has_a_word_that_can_be_seen() {
    for nothing in [
        "???",
        "...!!!",
        "123",
        "\u{3164}\u{3164}\u{3164}",
        "\u{2800}\u{2800}\u{2800}\u{2800}",
        "\u{115f}\u{1160}\u{ffa0}",
    ] {
        assert!(read(&with_tasks(&json!([nothing]))).is_err(), "{nothing:?}");
        assert_eq!(titles(&with_tasks(&json!([nothing, "Wash"]))), ["Wash"]);
    }
    assert_eq!(
        titles(&with_tasks(&json!(["洗碗吧", "3 T-shirts"]))).len(),
        2
    );
}

#[test]
fn nothing_to_do_is_no_task() {
    for nothing in [
        "none",
        "None.",
        "N/A",
        "Nothing to do!",
        "(Nichts)",
        "Aucune tâche",
    ] {
        let answer = with_tasks(&json!([{"title": nothing}]));
        assert_eq!(titles(&answer), Vec::<String>::new(), "{nothing}");
    }
    assert_eq!(
        titles(&with_tasks(&json!(["None of the cups is clean"]))).len(),
        1
    );
}

#[test]
fn tasks_must_be_there_and_may_be_one() {
    assert!(read(&json!({"score": 62, "summary": "s"})).is_err());
    assert!(read(&with_tasks(&json!(null))).is_err());
    assert!(read(&with_tasks(&json!("none"))).is_err());
    assert_eq!(titles(&with_tasks(&json!([]))), Vec::<String>::new());
    assert_eq!(
        titles(&with_tasks(&json!({"title": "Wash up"}))),
        ["Wash up"]
    );
    assert_eq!(
        titles(&with_tasks(&json!(["Wash up", "wash up."]))),
        ["Wash up"]
    );
}

#[test]
fn five_hundred_tasks_become_the_twelve_most_urgent() {
    let tasks: Vec<_> = (0..500)
        .map(|n| json!({"title": format!("Pick up thing {n}"), "priority": if n == 499 {"high"} else {"low"}}))
        .collect();
    let titles = titles(&with_tasks(&json!(tasks)));
    assert_eq!(titles.len(), 12);
    assert_eq!(titles[0], "Pick up thing 499");
    assert_eq!(titles[1], "Pick up thing 0");
}

#[test]
fn a_title_of_20_kb_is_no_title() {
    let long = "very long ".repeat(2000);
    assert!(read(&with_tasks(&json!([{"title": long}]))).is_err());
    assert_eq!(
        titles(&with_tasks(&json!([{"title": long}, {"title": "Wash up"}]))),
        ["Wash up"]
    );
    let title = &titles(&with_tasks(&json!(["Put the cups away ".repeat(10)])))[0];
    assert!(
        title.ends_with('…') && title.chars().count() <= 120,
        "{title}"
    );
}

#[test]
fn what_a_picture_has_the_model_write_is_no_link() {
    let answer = json!({"score": 62, "summary": "See [this](http://evil.example)",
        "tasks": ["![wash](http://evil.example/p.png) dishes", "[Dry](http://evil.example) them"]});
    let read = read(&answer).unwrap();
    let titles: Vec<_> = read.new.iter().map(|f| f.title.as_str()).collect();
    assert_eq!(titles, ["wash dishes", "Dry them"]);
    assert_eq!(read.summary, "See this");
}

/// JSON of any shape, with the names an answer has here and there.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("score"),
        Just("tasks"),
        Just("known"),
        Just("id"),
        Just("now"),
        Just("title"),
        Just("summary"),
        Just("confidence"),
        Just("priority"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3_i64..120).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,200}".prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop_oneof![
            Just("7"),
            Just("done"),
            Just("remains"),
            Just("62/100"),
            Just("high")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..8).prop_map(|pairs| pairs
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

/// An answer that is nearly right, so that its parts are looked at.
fn nearly() -> impl Strategy<Value = Value> {
    (any_json(), any_json(), any_json(), 0_i64..=100).prop_map(|(tasks, known, summary, score)| {
        json!({"score": score, "summary": summary, "known": known,
            "tasks": if tasks.is_array() { tasks } else { json!([tasks]) }})
    })
}

fn holds(read: &Assessment) {
    assert!(read.score.value() <= 100);
    assert!((0.0..=1.0).contains(&read.confidence));
    assert!(read.summary.chars().count() <= LONGEST_SUMMARY);
    assert!(read.new.len() <= MOST_TASKS);
    for finding in &read.new {
        let title = &finding.title;
        assert!((3..=120).contains(&title.chars().count()), "{title:?}");
        assert!(
            !title.chars().any(|c| c.is_control() || "<>*`".contains(c)),
            "{title:?}"
        );
        assert_eq!(title.trim(), title);
        assert!(title.chars().any(char::is_alphabetic), "{title:?}");
        assert!(!title.contains("](") && !title.contains("://"), "{title:?}");
    }
    let ids = read.remain.iter().chain(read.done.iter().map(|(id, _)| id));
    let mut ids: Vec<_> = ids.collect();
    assert!(ids.iter().all(|id| (7..=9).contains(&id.0)));
    ids.sort();
    let named = ids.len();
    ids.dedup();
    assert_eq!(named, ids.len(), "a task is named once");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_the_json_an_answer_holds_its_promises(answer in prop_oneof![any_json(), nearly()]) {
        if let Ok(read) = read(&answer) {
            holds(&read);
        }
    }

    #[test]
    fn whatever_the_text_the_reader_ends(
        before in ".{0,80}", answer in nearly(), after in ".{0,80}", cut in 0_usize..4000,
    ) {
        let text = format!("{before}{answer}{after}");
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        for text in [&text, &text[..cut]] {
            if let Ok(read) = assessment(text, &known(&[7, 8, 9]), AUTHOR) {
                holds(&read);
            }
        }
    }
}
