//! The providers against servers that answer what they are told: `fake_providers`.

mod addresses;
mod household;
mod manners;
mod one_place;
mod rows;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::*;
use crate::{
    domain::provider::{Class, Failure},
    imaging::{self, canary},
    ports::{Answered, Question, Terms},
    selftest::test_home::fake_providers::{FakeProvider, Protocol, Scenario},
};

const KEY: &str = "sk-t3st/k3y+=AbCdEf";

const TERMS: Terms = Terms {
    within: Duration::from_secs(20),
    after: None,
};

fn after(class: Class) -> Terms {
    Terms {
        after: Some(class),
        ..TERMS
    }
}

/// The provider that speaks a protocol.
fn name_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Gemini => "gemini",
        Protocol::Responses => "openai",
        Protocol::Chat => "openai_compatible",
        Protocol::Anthropic => "anthropic",
        Protocol::Ollama => "ollama",
    }
}

/// A provider and the server it talks to.
struct Pair {
    fake: FakeProvider,
    provider: Arc<dyn Provider>,
}

impl Pair {
    async fn new(protocol: Protocol) -> Self {
        Self::with(protocol, |_| {}).await
    }

    async fn with(protocol: Protocol, change: impl FnOnce(&mut Access)) -> Self {
        // As `main` does; a second time changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fake = FakeProvider::start(protocol, Some(KEY)).await.unwrap();
        let mut access = Access {
            key: Some(Secret::from(KEY)),
            model: (protocol == Protocol::Chat).then(|| "some/model".into()),
            base_url: Some(fake.base_url()),
            smaller: Some(imaging::smaller),
            ..Access::default()
        };
        change(&mut access);
        let provider = Row::named(name_of(protocol))
            .unwrap()
            .open(&access)
            .unwrap();
        Self { fake, provider }
    }

    async fn ask(&self, terms: Terms) -> Result<Answered, Failure> {
        self.provider.ask(Arc::new(question()), terms).await
    }

    async fn meets(&self, scenario: Scenario) -> Result<Answered, Failure> {
        self.fake.play([scenario]);
        self.ask(TERMS).await
    }
}

fn question() -> Question {
    Question {
        zone_name: "Kitchen".into(),
        frames: vec![picture()],
        ..Question::default()
    }
}

/// A frame as the pipeline makes it.
fn picture() -> Frame {
    static PICTURE: OnceLock<Frame> = OnceLock::new();
    let prepared = || {
        let encoded = include_bytes!("../../../assets/rooms/kitchen/day-08.jpg");
        imaging::prepare(encoded, None).unwrap().frame
    };
    PICTURE.get_or_init(prepared).clone()
}

#[test]
fn names_are_unique_and_providers_bear_them() {
    let access = Access {
        key: Some(Secret::from("key")),
        model: Some("model".into()),
        base_url: Some("http://127.0.0.1:1".into()),
        ..Access::default()
    };
    for (i, row) in PROVIDERS.iter().enumerate() {
        let provider = row.open(&access).unwrap();
        assert_eq!(provider.name(), row.name);
        assert!(PROVIDERS[..i].iter().all(|p| p.name != row.name));
    }
    assert_eq!(built_in().standing().provider, "local");
}

#[test]
fn what_is_missing_in_the_options_is_said() {
    let open = |name: &str, access: Access| {
        let opened = Row::named(name).unwrap().open(&access);
        opened.err().expect("something is missing")
    };
    let said = open(
        "gemini",
        Access {
            option: "fallback_providers[1].".into(),
            ..Access::default()
        },
    );
    assert!(
        said.contains("fallback_providers[1].api_key") && said.contains("aistudio"),
        "{said}"
    );
    let said = open("ollama", Access::default());
    assert!(said.contains("base_url"), "{said}");
    let said = open(
        "openai_compatible",
        Access {
            base_url: Some("http://llm:8080/v1".into()),
            ..Access::default()
        },
    );
    assert!(said.contains("option model"), "{said}");
    for wrong in [
        "llm:8080",
        "ftp://llm",
        "http://me:pa55@llm/v1",
        "http://llm/v1?key=pa55",
        "http://",
    ] {
        let said = open(
            "ollama",
            Access {
                base_url: Some(wrong.into()),
                ..Access::default()
            },
        );
        assert!(
            said.contains("base_url") && !said.contains("pa55"),
            "{wrong}: {said}"
        );
    }
    let said = open(
        "gemini",
        Access {
            key: Some(Secret::from("k3y\nx")),
            ..Access::default()
        },
    );
    assert!(
        said.contains("copy it again") && !said.contains("k3y"),
        "{said}"
    );
}
