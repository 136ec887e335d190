//! A server that repeats the key, in its errors, headers and addresses: the
//! key appears nowhere, in no form.

use std::{fs, path::Path};

use aicleaner::selftest::test_home::{
    broker::{Broker, Options},
    fake_providers::{FakeProvider, Protocol, Scenario},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::timeout};

use crate::service::{LIMIT, Service, room};

/// A key whose escaped forms differ from its own.
const SECRET: &str = r#"Zx9+/kQ"p\4711=abcdefgh"#;
/// What is no key and is searched for like one: as a zone's name it gets
/// everywhere, so that the search is seen to find it there.
const PLANTED: &str = r#"Zx8+/kQ"p\4712=planted"#;

/// The forms in which a key may be repeated.
fn forms(key: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = Value::from(key).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let url: String = key
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => (b as char).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    let mut forms = vec![
        ("plain", key.as_bytes().to_vec()),
        ("url", url.to_lowercase().into_bytes()),
        ("url", url.into_bytes()),
        ("json", json.into_bytes()),
    ];
    // Base64 reads three bytes at once: three ways to stand in a longer text.
    for shift in 0..3 {
        let shifted = base64(&[&b"xx"[..shift], key.as_bytes()].concat());
        // The characters at the ends depend on what stands around.
        let middle = shifted.trim_end_matches('=');
        let middle = &middle[4.min(middle.len())..middle.len() - 2];
        forms.push(("base64", middle.as_bytes().to_vec()));
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let all = chunk.iter().fold(0_u32, |all, b| all << 8 | u32::from(*b))
                << (8 * (3 - chunk.len()));
            (0..4).map(move |at| {
                let letter = LETTERS[(all >> (18 - 6 * at)) as usize & 63];
                if at > chunk.len() {
                    '='
                } else {
                    letter as char
                }
            })
        })
        .collect()
}

/// In which forms one of the keys stands in these bytes.
fn found(keys: &[String], bytes: &[u8]) -> Vec<&'static str> {
    let all = keys.iter().flat_map(|key| forms(key));
    all.filter(|(_, form)| bytes.windows(form.len()).any(|window| window == form))
        .map(|(name, _)| name)
        .collect()
}

/// A tidy and a messy picture for `evaluate`.
fn labelled_rooms() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (label, file) in [("tidy", "day-00.jpg"), ("messy", "day-20.jpg")] {
        let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/rooms/kitchen");
        let there = folder.path().join(label);
        fs::create_dir(&there).unwrap();
        fs::copy(rooms.join(file), there.join(file)).unwrap();
    }
    folder
}

/// Each protocol with the key that its options have.
const PROVIDERS: [(Protocol, &str, &str); 5] = [
    (Protocol::Gemini, "gemini", "AIza"),
    (Protocol::Responses, "openai", "sk-"),
    (Protocol::Anthropic, "anthropic", "sk-ant-"),
    (Protocol::Ollama, "ollama", ""),
    (Protocol::Chat, "openai_compatible", ""),
];

#[tokio::test(flavor = "multi_thread")]
#[allow(
    clippy::too_many_lines,
    reason = "one story: planted, repeated, looked for everywhere"
)]
async fn a_key_that_a_server_repeats_appears_nowhere() {
    aicleaner::cli::install_tls();
    let mut servers = Vec::new();
    let mut keys = Vec::new();
    let mut chain = Vec::new();
    for (protocol, provider, start) in PROVIDERS {
        let key = format!("{start}{SECRET}{provider}");
        let server = FakeProvider::start(protocol, Some(&key)).await.unwrap();
        server.always(Scenario::KeyEcho);
        chain.push(json!({
            "provider": provider, "api_key": key, "base_url": server.base_url(), "model": "m-1",
        }));
        keys.push(key);
        servers.push(server);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let recorded = Options {
        capture: 10_000,
        ..Options::default()
    };
    let broker = Broker::start(listener, recorded).unwrap();
    let mut options = json!({
        "zones": [{ "name": PLANTED, "slug": "kitchen", "cameras": [room("kitchen/day-00.jpg")] }],
        "fallback_providers": chain[1..],
        "mqtt": { "host": "127.0.0.1", "port": broker.addr().port() },
        "log_level": "trace",
    });
    for name in ["provider", "api_key", "base_url", "model"] {
        options[name] = chain[0][name].clone();
    }
    let mut service = Service::start(&options);

    let client = reqwest::Client::new();
    let asked = async |path: &str| {
        let address = format!("http://{}{path}", service.page);
        let answer = client.get(address).send().await.ok()?;
        Some(answer.text().await.unwrap_or_default())
    };
    // Every server was asked with its key, and repeated it.
    let failed = async {
        loop {
            let zones = asked("/api/v1/zones").await.unwrap_or_default();
            let zones: Value = serde_json::from_str(&zones).unwrap_or_default();
            if zones["zones"][0]["problem"].is_object() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, failed).await.expect("the check fails");
    for (server, key) in servers.iter().zip(&keys) {
        let requests = server.requests();
        assert!(!requests.is_empty(), "{key}: nobody asked");
        let sent = requests.iter().any(|request| {
            request
                .headers
                .values()
                .any(|v| v.to_str().is_ok_and(|v| v.contains(key)))
        });
        assert!(sent, "the search would find what was sent");
        assert_eq!(server.complaints(), [""; 0], "{key}");
    }

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for path in [
        "/",
        "/api/v1/zones",
        "/api/v1/zones/kitchen/history",
        "/api/v1/zones/kitchen/ignore",
        "/api/v1/providers",
        "/api/v1/options",
    ] {
        places.push((path.to_owned(), asked(path).await.unwrap().into_bytes()));
    }
    for place in 0..keys.len() {
        let test = format!("http://{}/api/v1/providers/{place}/test", service.page);
        let test = client
            .post(test)
            .header("Origin", format!("http://{}", service.page))
            .json(&json!({}))
            .send()
            .await
            .unwrap();
        let said = test.text().await.unwrap();
        assert!(
            said.contains("sentence") || said.contains("running"),
            "{said}"
        );
        places.push((format!("test of {place}"), said.into_bytes()));
    }
    for path in ["/health", "/ready", "/metrics"] {
        let address = format!("http://{}{path}", service.probes);
        let body = client
            .get(address)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        places.push((path.to_owned(), body.to_vec()));
    }
    let told = broker.until(LIMIT, |broker| {
        let told = broker.published();
        told.iter()
            .any(|m| m.topic.ends_with("/provider/attributes") && !m.payload.is_empty())
    });
    assert!(told.await, "the entities are told who judges");
    for message in broker.published() {
        places.push((message.topic.clone(), message.payload.to_vec()));
    }
    // The reports of other commands with the same options.
    let rooms = labelled_rooms();
    let rooms = rooms.path().to_str().unwrap();
    let evaluate = PROVIDERS.map(|(_, name, _)| vec!["evaluate", rooms, "--provider", name]);
    let others = [
        vec!["doctor"],
        vec!["doctor", "--json"],
        vec!["check-config"],
    ];
    for command in others.into_iter().chain(evaluate) {
        let said = service.beside(&command);
        assert!(!said.is_empty(), "{command:?}");
        places.push((command.join(" "), said));
    }
    service.stop();
    // At its finest level: what coarser ones say is in it.
    places.push(("the log".into(), service.log()));
    for entry in fs::read_dir(service.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("options.json") && !path.ends_with("log") {
            places.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    assert!(
        places
            .iter()
            .any(|(name, bytes)| name.ends_with("aicleaner.db") && bytes.len() > 4096)
    );

    for (place, bytes) in &places {
        assert_eq!(
            found(&keys, bytes),
            [""; 0],
            "{place}: {}",
            String::from_utf8_lossy(bytes)
        );
    }

    // The search finds what stands there, in each kind of place.
    let planted = [PLANTED.to_owned()];
    for kind in ["/api/v1/zones", "homeassistant/", "aicleaner.db", "the log"] {
        let mut there = places.iter().filter(|(name, _)| name.contains(kind));
        assert!(
            there.any(|(_, bytes)| !found(&planted, bytes).is_empty()),
            "{kind}"
        );
    }
    // And a key, in whatever form.
    let planted = fs::read(service.folder.path().join("options.json")).unwrap();
    assert!(found(&keys, &planted).contains(&"json"));
    for prefix in ["", "x", "xy"] {
        let planted = base64(format!("{prefix}{}-and-more", keys[2]).as_bytes());
        assert!(
            found(&keys, planted.as_bytes()).contains(&"base64"),
            "{prefix}"
        );
    }
    let log = [service.log(), keys[4].clone().into_bytes()].concat();
    assert!(found(&keys, &log).contains(&"plain"));
    let (_, url) = forms(&keys[0]).remove(1);
    assert!(found(&keys, &url).contains(&"url"));
}
