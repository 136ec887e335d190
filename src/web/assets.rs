//! The page itself: plain files, part of the program. No build step.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::document::digest;

/// Path, type, contents. The character set is named inside the page: ingress
/// strips it from the header.
pub const ASSETS: [(&str, &str, &str); 4] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("assets/index.html"),
    ),
    (
        "/app.css",
        "text/css; charset=utf-8",
        include_str!("assets/app.css"),
    ),
    (
        "/app.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/app.js"),
    ),
    (
        "/icon.svg",
        "image/svg+xml",
        include_str!("assets/icon.svg"),
    ),
];

pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    ASSETS
        .iter()
        .fold(Router::new(), |router, &(path, kind, text)| {
            let tag = weak_tag(digest(text.as_bytes()));
            router.route(
                path,
                get(async move |asked: HeaderMap| asset(&asked, tag, kind, text)),
            )
        })
}

/// Asked for every time, sent only when it changed.
fn asset(asked: &HeaderMap, tag: HeaderValue, kind: &'static str, text: &'static str) -> Response {
    let known = is_known(asked, &tag);
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, tag),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    ([(header::CONTENT_TYPE, kind)], headers, text).into_response()
}

/// Weak, because proxies on the way may compress.
pub fn weak_tag(digest: u64) -> HeaderValue {
    HeaderValue::try_from(format!(r#"W/"{digest:016x}""#)).expect("hexadecimal digits and quotes")
}

/// Whether the client says that it has this version already.
pub fn is_known(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let ours = tag.to_str().unwrap_or_default().trim_start_matches("W/");
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|theirs| theirs.trim().trim_start_matches("W/") == ours)
}
