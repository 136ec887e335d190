//! The fake providers and our client on a line of commands, for the tests in
//! `tests/providers`, which set both against code that we did not write.
//!
//! It prints the fakes' addresses as one line of JSON, then answers each line
//! it reads with one line of JSON:
//!
//! - `play PROTOCOL SCENARIO`: the next question meets this scenario
//! - `requests PROTOCOL`: path, headers and body of the questions so far
//! - `ask PROVIDER BASE_URL MODEL KEY [AFTER]`: our client asks about a room
//! - `inspect PROVIDER BASE_URL MODEL KEY`: our client asks about a model

use std::{collections::BTreeMap, io::BufRead, sync::Arc, time::Duration};

use aicleaner::{
    domain::provider::{Class, Failure},
    imaging,
    ports::{Provider, Question, Terms},
    selftest::test_home::fake_providers::{FakeProvider, Protocol, Scenario},
    settings::secret::Secret,
    vision::{Access, Row},
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// The key that the fakes want.
const KEY: &str = "sk-t3st";
const ROOM: &[u8] = include_bytes!("../assets/rooms/kitchen/day-08.jpg");

type Fakes = BTreeMap<&'static str, FakeProvider>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // The first provider wins; there is none before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut fakes = Fakes::new();
    for (name, protocol) in [
        ("gemini", Protocol::Gemini),
        ("responses", Protocol::Responses),
        ("chat", Protocol::Chat),
        ("anthropic", Protocol::Anthropic),
        ("ollama", Protocol::Ollama),
    ] {
        fakes.insert(name, FakeProvider::start(protocol, Some(KEY)).await?);
    }
    let addresses: BTreeMap<_, _> = fakes
        .iter()
        .map(|(name, fake)| (*name, fake.base_url()))
        .collect();
    println!("{}", json!({"key": KEY, "addresses": addresses}));
    let (sender, mut lines) = tokio::sync::mpsc::channel(1);
    // Reading standard input blocks: a thread of its own, which ends with it.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    while let Some(line) = lines.recv().await {
        let answer = obey(&fakes, &line).await;
        println!(
            "{}",
            answer.unwrap_or_else(|why| json!({"wrong": why.to_string()}))
        );
    }
    Ok(())
}

async fn obey(fakes: &Fakes, line: &str) -> Result<Value> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let fake = |name: &str| {
        fakes
            .get(name)
            .with_context(|| format!("no protocol {name}"))
    };
    match words[..] {
        ["play", protocol, scenario] => {
            let scenario =
                Scenario::named(scenario).with_context(|| format!("no scenario {scenario}"))?;
            fake(protocol)?.play([scenario]);
            Ok(json!({}))
        }
        ["requests", protocol] => {
            let requests = fake(protocol)?.questions();
            let requests: Vec<Value> = requests
                .into_iter()
                .map(|request| json!({"path": request.path(), "body": request.body, "complaints": request.complaints}))
                .collect();
            Ok(requests.into())
        }
        ["ask", name, base_url, model, key] => ask(&*open(name, base_url, model, key)?, None).await,
        ["ask", name, base_url, model, key, after] => {
            let after = Class::ALL.into_iter().find(|class| class.name() == after);
            ask(&*open(name, base_url, model, key)?, after).await
        }
        ["inspect", name, base_url, model, key] => {
            let provider = open(name, base_url, model, key)?;
            let facts = provider.inspect(terms(None)).await;
            Ok(facts.map_or_else(
                |failure| failed(&failure),
                |facts| json!({"facts": format!("{facts:?}")}),
            ))
        }
        _ => bail!("not a command: {line}"),
    }
}

fn open(name: &str, base_url: &str, model: &str, key: &str) -> Result<Arc<dyn Provider>> {
    let row = Row::named(name).with_context(|| format!("no provider {name}"))?;
    let access = Access {
        key: Some(Secret::from(key)),
        model: Some(model.into()),
        base_url: Some(base_url.into()),
        smaller: Some(imaging::smaller),
        ..Access::default()
    };
    row.open(&access).map_err(anyhow::Error::msg)
}

fn terms(after: Option<Class>) -> Terms {
    Terms {
        within: Duration::from_secs(20),
        after,
    }
}

/// Asks until the server has been learnt, as the chain does.
async fn ask(provider: &dyn Provider, after: Option<Class>) -> Result<Value> {
    let frame = imaging::prepare(ROOM, None)
        .map_err(|why| anyhow::anyhow!("{why:?}"))?
        .frame;
    let question = Arc::new(Question {
        zone_name: "Kitchen".into(),
        frames: vec![frame],
        ..Question::default()
    });
    let mut tries = 0;
    loop {
        tries += 1;
        match provider.ask(question.clone(), terms(after)).await {
            Ok(answered) => {
                let titles: Vec<_> = answered
                    .assessment
                    .new
                    .iter()
                    .map(|f| f.title.as_str())
                    .collect();
                return Ok(json!({
                    "score": answered.assessment.score.value(),
                    "summary": answered.assessment.summary,
                    "tasks": titles,
                    "input": answered.usage.input,
                    "output": answered.usage.output,
                    "tries": tries,
                }));
            }
            Err(failure) if failure.class == Class::UnsupportedParameter && tries < 6 => {}
            Err(failure) => return Ok(failed(&failure)),
        }
    }
}

fn failed(failure: &Failure) -> Value {
    json!({"class": failure.class.name(), "sentence": failure.sentence})
}
