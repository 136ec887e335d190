//! The ingress listener: assets and API, behind the guard, with the headers
//! that keep a page's contents to itself.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Response,
};

use super::{
    Context, api, assets, events,
    guard::{self, Guard},
    ignore, masks, openapi, options, providers,
    reply::{not_like_this, nothing_here},
    server::in_time,
    snooze,
};

/// Everything from us, nothing inline; framed by Home Assistant's own pages only.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const SECURITY: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

pub fn router(context: Context, guard: Guard) -> Router {
    Router::new()
        .merge(assets::router())
        .merge(api::router())
        .merge(events::router())
        .merge(ignore::router())
        .merge(masks::router())
        .merge(openapi::router())
        .merge(options::router())
        .merge(providers::router())
        .merge(snooze::router())
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_like_this)
        .layer(from_fn(in_time))
        .layer(from_fn_with_state(guard, guard::check))
        .layer(map_response(secured))
        .with_state(context)
}

async fn secured(mut response: Response) -> Response {
    for (name, value) in SECURITY {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
