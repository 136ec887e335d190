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
pub const ASSETS: [(&str, &str, &str); 8] = [
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
        "/options.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/options.js"),
    ),
    (
        "/providers.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/providers.js"),
    ),
    (
        "/ignore.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/ignore.js"),
    ),
    (
        "/masks.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/masks.js"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_in_the_page_is_relative() {
        for (path, _, text) in ASSETS {
            // A name, never fetched.
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for bad in [
                "://", "=\"/", "='/", "=\"\\", "(\"/", "('/", "(`/", "url(/", "=\"//", "@import",
            ] {
                assert!(!text.contains(bad), "{path} contains {bad}");
            }
        }
    }

    #[test]
    fn nothing_in_the_page_needs_a_looser_policy() {
        let (_, _, html) = ASSETS[0];
        assert!(!html.contains("<style") && !html.contains(" style="));
        let scripts = ASSETS.iter().filter(|(_, kind, _)| kind.contains("script"));
        assert_eq!(html.matches("<script").count(), scripts.clone().count());
        for (path, ..) in scripts.clone() {
            let name = path.trim_start_matches('/');
            let tag = format!(r#"<script src="{name}" defer></script>"#);
            assert!(html.contains(&tag), "{name}");
        }
        let handler = |word: &&str| word.starts_with("on") && word.contains('=');
        assert_eq!(html.split_whitespace().find(handler), None);
        for (path, _, js) in scripts {
            for bad in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "Function(",
            ] {
                assert!(!js.contains(bad), "{path} uses {bad}");
            }
        }
    }

    #[test]
    fn a_tag_is_known_however_a_proxy_writes_it() {
        let tag = weak_tag(7);
        for (theirs, known) in [
            (r#"W/"0000000000000007""#, true),
            (r#""0000000000000007""#, true),
            (r#""x", W/"0000000000000007""#, true),
            (r#""0000000000000008""#, false),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, HeaderValue::from_static(theirs));
            assert_eq!(is_known(&asked, &tag), known, "{theirs}");
        }
    }
}
