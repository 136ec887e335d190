//! The editor's routes, with a stand-in for the options.

use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::{
    ports::{Boxed, NotChanged, OptionsEditor, OptionsShown},
    settings::{Problem, options::Edit},
};

struct Editor(Mutex<Vec<Edit>>);

fn shown() -> OptionsShown {
    OptionsShown {
        revision: "r1".into(),
        place: "the form".into(),
        shown: json!({ "zones": [{ "at": 0, "name": "Kitchen" }], "options": {} }),
        problems: vec![],
        locked: None,
        cost: None,
        unused: Some("mqtt waits.".into()),
    }
}

impl OptionsEditor for Editor {
    fn show(&self) -> Boxed<'_, Result<OptionsShown, String>> {
        Box::pin(async { Ok(shown()) })
    }

    fn change(&self, edit: Edit) -> Boxed<'_, Result<OptionsShown, NotChanged>> {
        let answer = match &*edit.revision {
            "r1" => Ok(shown()),
            "old" => Err(NotChanged::Overtaken("Somebody was faster.".into())),
            "away" => Err(NotChanged::Unavailable("Not now.".into())),
            _ => Err(NotChanged::Invalid(vec![Problem {
                path: "zones[0].name".into(),
                found: "nothing".into(),
                allowed: "a name".into(),
                hint: "Give it one.".into(),
            }])),
        };
        self.0.lock().unwrap().push(edit);
        Box::pin(async { answer })
    }

    fn use_saved(&self) -> Boxed<'_, Result<OptionsShown, String>> {
        Box::pin(async { Err("The engine is busy.".into()) })
    }
}

pub(super) async fn send(
    router: &axum::Router,
    what: &str,
    body: &str,
) -> (StatusCode, serde_json::Value) {
    let (method, path) = what.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("x-requested-with", "test")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let router = router
        .clone()
        .layer(Extension(server::Peer(Ipv4Addr::LOCALHOST.into())));
    let response = TowerToHyperService::new(router)
        .call(request)
        .await
        .unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    (
        status,
        serde_json::from_slice(&body.unwrap()).unwrap_or_default(),
    )
}

fn router(options: Option<Arc<dyn OptionsEditor>>) -> axum::Router {
    let context = Context {
        options,
        ..context(Arc::new(view(vec![])), vec![])
    };
    page::router(context, guard::Guard::new(true, None))
}

#[tokio::test]
async fn options_are_shown_changed_and_refused_with_their_reasons() {
    let editor = Arc::new(Editor(Mutex::default()));
    let router = router(Some(editor.clone()));
    let (status, body) = send(&router, "GET /api/v1/options", "").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["revision"], &body["unused"]),
        (&json!("r1"), &json!("mqtt waits."))
    );
    assert_eq!(body["zones"][0]["name"], "Kitchen");
    let (_, house) = send(&router, "GET /api/v1/zones", "").await;
    assert_eq!(house["editable"], true);

    let change = r#"{"revision": "r1", "zones": [{"at": 0, "name": "Galley"}]}"#;
    assert_eq!(send(&router, "PUT /api/v1/options", change).await.0, 200);
    let heard = editor.0.lock().unwrap()[0].clone();
    assert_eq!(heard.zones.unwrap()[0].fields["name"], "Galley");

    let (status, body) = send(&router, "PUT /api/v1/options", r#"{"revision": "x"}"#).await;
    assert_eq!(status, 422);
    assert_eq!(body["problems"][0]["path"], "zones[0].name");
    assert_eq!(body["problems"][0]["hint"], "Give it one.");
    for (revision, expected) in [("old", 409), ("away", 503)] {
        let change = json!({ "revision": revision }).to_string();
        assert_eq!(
            send(&router, "PUT /api/v1/options", &change).await.0,
            expected
        );
    }
    for nonsense in [
        "",
        "{",
        "[]",
        r#"{"zones": []}"#,
        r#"{"revision": "r1", "zone": []}"#,
    ] {
        let (status, body) = send(&router, "PUT /api/v1/options", nonsense).await;
        assert_eq!(status, 400, "{nonsense}");
        assert!(
            body["error"]
                .as_str()
                .unwrap()
                .starts_with("This is not a change")
        );
    }
    let (status, body) = send(&router, "POST /api/v1/options/use", "{}").await;
    assert_eq!(
        (status.as_u16(), body),
        (503, json!({ "error": "The engine is busy." }))
    );
}

#[tokio::test]
async fn without_an_editor_the_page_says_so() {
    let router = router(None);
    let (status, body) = send(&router, "GET /api/v1/options", "").await;
    assert_eq!(status, 409);
    assert!(body["error"].as_str().unwrap().contains("demo"));
    // So that it does not offer what is refused.
    let (_, house) = send(&router, "GET /api/v1/zones", "").await;
    assert_eq!(house["editable"], false);
}

/// Another site's page, or a request that only looks like a form's.
#[tokio::test]
async fn options_are_changed_by_our_own_page_alone() {
    let editor = Arc::new(Editor(Mutex::default()));
    let router = router(Some(editor.clone()));
    let request = |name: &str, value: &str, kind: &str| {
        Request::put("/api/v1/options")
            .header("host", "localhost")
            .header("content-type", kind)
            .header(name, value)
            .body(Body::from(r#"{"revision": "r1"}"#))
            .unwrap()
    };
    for request in [
        request("origin", "https://evil.example", "application/json"),
        request("accept", "*/*", "application/json"),
        request("x-requested-with", "test", "text/plain"),
    ] {
        let router = router
            .clone()
            .layer(Extension(server::Peer(Ipv4Addr::LOCALHOST.into())));
        let response = TowerToHyperService::new(router)
            .call(request)
            .await
            .unwrap();
        assert!(response.status().is_client_error());
    }
    assert!(editor.0.lock().unwrap().is_empty());
}
