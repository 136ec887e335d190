//! Who judges, over HTTP: a test by hand, and the household's consent.

use super::{options::send, *};
use crate::domain::{
    standing::{LinkStanding, Standing},
    view::View,
};

fn router() -> axum::Router {
    let link = |provider: &str| LinkStanding {
        provider: provider.into(),
        model: String::new(),
        circuit: "closed",
        class: None,
        sentence: None,
        until: None,
        sees: None,
        test: None,
        priced: true,
        took_ms: None,
    };
    let standing = Standing {
        links: vec![link("gemini"), link("local")],
        call_limit: 20,
        ..Standing::of("gemini")
    };
    let view = View {
        judge: standing,
        ..view(vec![kitchen()])
    };
    let context = context(Arc::new(view), vec![]);
    let guard = guard::Guard::new(true, None);
    page::router(context, guard)
}

#[tokio::test]
async fn a_provider_is_tested_and_says_what_is_wrong() {
    let router = router();
    let (status, body) = send(&router, "POST /api/v1/providers/0/test", "{}").await;
    assert_eq!((status, &body["ok"]), (StatusCode::OK, &true.into()));
    let (status, body) = send(&router, "POST /api/v1/providers/1/test", "{}").await;
    assert_eq!((status, &body["ok"]), (StatusCode::OK, &false.into()));
    assert_eq!(body["sentence"], "It does not work; mend it.");
    for path in ["/api/v1/providers/2/test", "/api/v1/providers/x/test"] {
        let (status, _) = send(&router, &format!("POST {path}"), "{}").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_household_is_asked_with_the_likely_calls_and_can_take_it_back() {
    let router = router();
    let (status, body) = send(&router, "GET /api/v1/providers", "").await;
    assert_eq!(status, StatusCode::OK);
    // One room an hour would be 24; the budget allows 20.
    assert_eq!(body["calls_a_day"], 20);
    assert_eq!(body["consent"]["asked"], true);
    assert_eq!(body["standing"]["links"][0]["provider"], "gemini");
    let consent = "POST /api/v1/providers/consent";
    let (status, _) = send(&router, consent, r#"{"entity": "ai_task.x"}"#).await;
    assert_eq!(status, StatusCode::OK);
    let (status, body) = send(&router, consent, r#"{"entity": "ai_task.y"}"#).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body["error"], "There is no such entity.");
    let (status, _) = send(&router, consent, "{}").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = send(&router, "DELETE /api/v1/providers/consent", "{}").await;
    assert_eq!(status, StatusCode::OK);
}
