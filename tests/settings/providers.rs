//! Who judges: keys, addresses, the order, and what is left out.

use aicleaner::settings::model::{Judging, ProviderKind};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{load_options, paths};

fn judging(options: &Value) -> (Vec<String>, Judging) {
    let loaded = load_options(options);
    let problems = paths(&loaded).iter().map(ToString::to_string).collect();
    (problems, loaded.settings.judging)
}

fn kinds(judging: &Judging) -> Vec<&'static str> {
    judging.chain.iter().map(|p| p.kind.name()).collect()
}

#[test]
fn auto_tells_the_provider_by_its_key() {
    for (key, kind, base_url) in [
        ("AIzaSy-x", "gemini", None),
        ("sk-ant-api03-x", "anthropic", None),
        (" sk-proj-x\n", "openai", None),
        (
            "sk-or-v1-x",
            "openai_compatible",
            Some("https://openrouter.ai/api/v1"),
        ),
        (
            "gsk_x",
            "openai_compatible",
            Some("https://api.groq.com/openai/v1"),
        ),
    ] {
        let (problems, judging) = judging(&json!({ "provider": "auto", "api_key": key }));
        assert_eq!(problems, [""; 0], "{key}");
        assert_eq!(kinds(&judging), [kind]);
        let provider = &judging.chain[0];
        assert_eq!(provider.base_url.as_deref(), base_url);
        assert_eq!(
            provider.api_key.as_ref().unwrap().expose_secret(),
            key.trim()
        );
        assert!(!judging.may_use_ai_task);
    }
    // A key that does not say whose it is: asked, and sent to nobody.
    let (problems, judged) = judging(&json!({ "api_key": "0123456789" }));
    assert_eq!(
        (problems, kinds(&judged)),
        (vec!["provider".into()], vec!["local"])
    );
    assert!(!judged.may_use_ai_task);
    let (problems, judged) = judging(&json!({}));
    assert_eq!((problems, kinds(&judged)), (vec![], vec!["local"]));
    assert!(judged.may_use_ai_task);
    let (_, judged) = judging(&json!({ "provider": "local" }));
    assert!(!judged.may_use_ai_task);
}

#[test]
fn a_provider_that_cannot_be_used_is_named_and_left_out() {
    for (options, path, says) in [
        (
            json!({ "provider": "gemini" }),
            "api_key",
            "aistudio.google.com",
        ),
        (
            json!({ "provider": "clever" }),
            "provider",
            "on this device",
        ),
        (
            json!({ "provider": "gemini", "api_key": "sk-ant-x" }),
            "api_key",
            "Choose anthropic as provider",
        ),
        (
            json!({ "provider": "openai", "api_key": "sk-x y" }),
            "api_key",
            "Copy it again",
        ),
        (
            json!({ "provider": "ollama" }),
            "base_url",
            "where the server is",
        ),
        (
            json!({ "provider": "openai_compatible" }),
            "base_url",
            "where the server is",
        ),
        (
            json!({ "base_url": "http://10.0.0.2:11434" }),
            "provider",
            "kind of server",
        ),
        (
            json!({ "provider": "ollama", "base_url": "10.0.0.2:11434" }),
            "base_url",
            "http://",
        ),
        (
            json!({ "provider": "ollama", "base_url": "http://a:b@10.0.0.2" }),
            "base_url",
            "api_key",
        ),
        (
            json!({ "provider": "home_assistant", "model": "gemini-3" }),
            "model",
            "Copy its id",
        ),
        (
            json!({ "provider": "gemini", "api_key": "AIzax", "local_only": true }),
            "provider",
            "no picture may leave your home",
        ),
        (
            json!({ "api_key": "sk-or-x", "local_only": true }),
            "provider",
            "no picture may leave your home",
        ),
        // What cannot be read does not open the door.
        (
            json!({ "provider": "gemini", "api_key": "AIzax", "local_only": "ja" }),
            "local_only",
            "",
        ),
    ] {
        let loaded = load_options(&options);
        assert_eq!(paths(&loaded)[0], path, "{options}");
        let problem = loaded.problems[0].to_string();
        assert!(problem.contains(says), "{options}: {problem}");
        assert_eq!(kinds(&loaded.settings.judging), ["local"], "{options}");
    }
}

#[test]
fn fallbacks_come_in_their_order_and_without_the_broken_ones() {
    let (problems, judging) = judging(&json!({
        "provider": "gemini", "api_key": "AIzax", "model": "gemini-3.5-flash-lite",
        "fallback_providers": [
            { "provider": "anthropic" },
            { "provider": "home_assistant", "model": "ai_task.x", "api_key": "" },
            { "provider": "ollama", "base_url": "http://10.0.0.2:11434/" },
            { "provider": "nobody" },
            { "api_key": "sk-x" },
            {}
        ],
        "daily_call_limit": 7, "daily_cost_limit": 0.5, "language": "pt_BR",
        "advanced": { "evaluate_with_ai_task": true, "prices": ["my-model 0.1 $2", "oops 1"] }
    }));
    assert_eq!(
        problems,
        [
            "fallback_providers[0].api_key",
            "fallback_providers[3].provider",
            "fallback_providers[4].provider",
            "advanced.prices[1]",
        ]
    );
    assert_eq!(kinds(&judging), ["gemini", "home_assistant", "ollama"]);
    assert_eq!(judging.chain[2].path, "fallback_providers[2]");
    assert_eq!(
        judging.chain[2].base_url.as_deref(),
        Some("http://10.0.0.2:11434")
    );
    assert_eq!(judging.chain[1].model.as_deref(), Some("ai_task.x"));
    assert_eq!(
        (judging.daily_call_limit, judging.daily_cost_limit),
        (7, Some(0.5))
    );
    assert_eq!(judging.language.as_deref(), Some("pt-BR"));
    assert!(judging.evaluate_with_ai_task);
    let [price] = &judging.prices[..] else {
        panic!("{:?}", judging.prices)
    };
    assert_eq!(
        (price.model.as_str(), price.input, price.output),
        ("my-model", 0.1, 2.0)
    );
}

#[test]
fn local_only_leaves_what_is_at_home() {
    let (problems, judging) = judging(&json!({
        "provider": "ollama", "base_url": "http://10.0.0.2:11434", "local_only": true,
        "fallback_providers": [
            { "provider": "openai", "api_key": "sk-x" },
            { "provider": "openai_compatible", "base_url": "http://10.0.0.3:8080/v1" },
            { "provider": "local" }
        ]
    }));
    assert_eq!(problems, ["fallback_providers[0]"]);
    assert_eq!(kinds(&judging), ["ollama", "openai_compatible", "local"]);
    assert!(judging.local_only);
    assert_eq!(judging.chain[2].kind, ProviderKind::Local);
}

#[test]
fn a_zone_says_what_to_ignore_and_how_picky_to_be() {
    let zone = |more: Value| {
        let mut zone = json!({ "name": "Bath", "cameras": ["camera.bath"] });
        zone.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        load_options(&json!({ "zones": [zone] }))
    };
    let loaded = zone(json!({ "ignore": ["the dog bed", "", "towels"], "pickiness": 5 }));
    assert_eq!(paths(&loaded), [""; 0]);
    let bath = &loaded.settings.zones[0];
    assert_eq!(bath.ignore, ["the dog bed", "towels"]);
    assert_eq!(bath.pickiness, 5);
    assert_eq!(zone(json!({})).settings.zones[0].pickiness, 3);
    assert_eq!(
        paths(&zone(json!({ "pickiness": 6 }))),
        ["zones[0].pickiness"]
    );
    let long = "x".repeat(200);
    assert_eq!(
        paths(&zone(json!({ "ignore": [long] }))),
        ["zones[0].ignore[0]"]
    );
}
