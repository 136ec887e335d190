//! What is said of Home Assistant's AI Task entities.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::{
    domain::provider::{Class, Failure},
    ports::{AiTaskCall, AiTaskEntity, AiTaskOffer, AiTasks},
};

/// Entities that see nothing, and how often they were shown something.
struct Entities(Result<AiTaskOffer, Failure>, Mutex<Vec<String>>);

impl AiTasks for Entities {
    fn offer(&self) -> Boxed<'_, Result<AiTaskOffer, Failure>> {
        Box::pin(async { self.0.clone() })
    }

    fn generate(&self, call: AiTaskCall) -> Boxed<'_, Result<Value, Failure>> {
        self.1.lock().unwrap().push(call.entity);
        Box::pin(async { Ok(json!({"count": 0, "colour": "none", "number": 0})) })
    }

    fn evaluate(&self, _: AiTaskCall) -> Boxed<'_, Result<Value, Failure>> {
        unreachable!("a doctor asks for no score")
    }
}

fn entity(name: &str, integration: &str, local: bool) -> AiTaskEntity {
    AiTaskEntity {
        entity: format!("ai_task.{name}"),
        name: name.into(),
        integration: Some(integration.into()),
        local,
        available: true,
        usable: true,
        sees: true,
        evaluates: false,
    }
}

/// The line about AI Task with these options, and who was shown a picture.
async fn said(
    options: Value,
    offer: Result<Vec<AiTaskEntity>, Failure>,
    agreed: Option<&str>,
) -> (Verdict, String, Vec<String>) {
    let document = crate::settings::Document(options.as_object().unwrap().clone());
    let loaded = crate::settings::load_document(&Sources::default(), &document);
    let offer = offer.map(|entities| AiTaskOffer {
        entities,
        ..AiTaskOffer::default()
    });
    let entities = Arc::new(Entities(offer, Mutex::default()));
    let house = House {
        tasks: Some(Arc::clone(&entities) as _),
        agreed: agreed.map(str::to_owned),
    };
    let lines = providers(&loaded.settings.judging, &house, Instant::now() + WHOLE).await;
    let mut lines = lines
        .into_iter()
        .filter(|l| l.part == "provider home_assistant");
    let line = lines.next().expect("a line about it");
    assert_eq!(lines.next(), None, "one sentence");
    let shown = entities.1.lock().unwrap().clone();
    (line.verdict, line.sentence, shown)
}

#[allow(clippy::too_many_lines, reason = "a table")]
#[tokio::test]
async fn an_ai_of_home_assistants_is_looked_for_and_never_shown_what_it_may_not_see() {
    let cloud = || entity("cloud", "google_generative_ai_conversation", false);
    let home = || entity("home", "ollama", true);
    let away = || Failure::new(Class::Network, "Home Assistant is away.");
    let auto = json!({});
    let named = json!({"provider": "home_assistant"});
    let local = json!({"provider": "home_assistant", "local_only": true});
    let (off, wrong) = (Verdict::Off, Verdict::Wrong);
    for (options, offer, agreed, verdict, words, shown) in [
        (
            &auto,
            Ok(vec![]),
            None,
            off,
            "no AI Task entity that takes pictures",
            None,
        ),
        (
            &auto,
            Ok(vec![cloud()]),
            None,
            off,
            "ai_task.cloud of google_generative_ai_conversation takes pictures and could judge, but nobody agreed",
            None,
        ),
        (
            &auto,
            Ok(vec![cloud(), home()]),
            None,
            off,
            "nobody agreed",
            None,
        ),
        (
            &auto,
            Err(away()),
            None,
            off,
            "is not known: Home Assistant is away.",
            None,
        ),
        (
            &json!({"local_only": true}),
            Ok(vec![cloud()]),
            None,
            off,
            "local_only is on",
            None,
        ),
        (
            &json!({"local_only": true}),
            Ok(vec![cloud(), home()]),
            None,
            off,
            "ai_task.home of ollama",
            None,
        ),
        (
            &auto,
            Ok(vec![cloud()]),
            Some("ai_task.cloud"),
            wrong,
            "does not see pictures",
            Some("ai_task.cloud"),
        ),
        (
            &auto,
            Ok(vec![]),
            Some("ai_task.cloud"),
            wrong,
            "There is no ai_task.cloud",
            None,
        ),
        (
            &named,
            Ok(vec![]),
            None,
            wrong,
            "no AI Task entity that takes pictures",
            None,
        ),
        (
            &named,
            Ok(vec![cloud(), home()]),
            None,
            wrong,
            "several AI Task entities",
            None,
        ),
        (
            &named,
            Ok(vec![home()]),
            None,
            wrong,
            "does not see pictures",
            Some("ai_task.home"),
        ),
        (
            &named,
            Err(away()),
            None,
            wrong,
            "Home Assistant is away.",
            None,
        ),
        (
            &local,
            Ok(vec![cloud()]),
            None,
            wrong,
            "local_only is on: no picture was sent",
            None,
        ),
    ] {
        let context = format!("{options} {offer:?} {agreed:?}");
        let (is, sentence, seen) = said(options.clone(), offer, agreed).await;
        assert_eq!(is, verdict, "{context}: {sentence}");
        assert!(
            sentence.contains(words) && sentence.ends_with('.'),
            "{context}: {sentence}"
        );
        let shown: Vec<_> = shown.into_iter().collect();
        assert_eq!(seen, shown, "{context}");
    }
}
