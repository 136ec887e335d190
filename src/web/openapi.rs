//! `api/v1/openapi.json`: the API, for programs that read such documents, and the table of it for people. One row an endpoint;
//! a test holds the rows to the routers.

use std::fmt::Write as _;

use axum::{Json, Router, routing::get};
use serde_json::{Map, Value, json};

use super::Context;

struct Endpoint {
    method: &'static str,
    path: &'static str,
    about: &'static str,
    /// The schema of what is sent; empty: nothing.
    takes: &'static str,
    /// The status of success, and the schema or the media type of the answer.
    gives: (u16, &'static str),
}

const fn row(
    method: &'static str,
    path: &'static str,
    takes: &'static str,
    gives: (u16, &'static str),
    about: &'static str,
) -> Endpoint {
    Endpoint {
        method,
        path,
        about,
        takes,
        gives,
    }
}

const ACCEPTED: (u16, &str) = (202, "Accepted");

#[rustfmt::skip]
const ENDPOINTS: &[Endpoint] = &[
    row("get", "/api/v1/zones", "", (200, "House"), "Everything the page shows. Its tag (`ETag`) tells whether anything has changed."),
    row("get", "/api/v1/events", "", (200, "text/event-stream"), "Server-sent events: `changed`, with the tag of `zones`, whenever that is another."),
    row("get", "/api/v1/zones/{slug}/snapshot", "", (200, "image/jpeg"), "The picture that was judged last."),
    row("get", "/api/v1/zones/{slug}/history", "", (200, "History"), "Readings of the last `days` (1 to 90, 7 unless said otherwise)."),
    row("post", "/api/v1/zones/{slug}/check", "", ACCEPTED, "Checks this zone now."),
    row("post", "/api/v1/zones/{slug}/reference", "", ACCEPTED, "Keeps the last judged picture as one of the clean zone."),
    row("delete", "/api/v1/zones/{slug}/reference", "", ACCEPTED, "Forgets the clean pictures."),
    row("get", "/api/v1/zones/{slug}/ignore", "", (200, "Rules"), "What is no task here."),
    row("post", "/api/v1/zones/{slug}/ignore", "Rule", ACCEPTED, "Adds a rule."),
    row("delete", "/api/v1/zones/{slug}/ignore", "Rule", ACCEPTED, "Takes a rule back."),
    row("post", "/api/v1/zones/{slug}/ignore/test", "Rule", (200, "Named"), "Which tasks a rule would name; changes nothing."),
    row("get", "/api/v1/zones/{slug}/masks", "", (200, "Masks"), "What of its pictures nobody may see, for each of its cameras."),
    row("put", "/api/v1/zones/{slug}/masks", "Masks", ACCEPTED, "Hides these areas from now on; 409 where the cameras are others meanwhile."),
    row("post", "/api/v1/zones/{slug}/preview", "Look", (200, "image/jpeg"), "A picture taken now, exactly as a provider would get it."),
    row("post", "/api/v1/zones/{slug}/snooze", "Snooze", ACCEPTED, "Leaves the zone alone for as long as one of the choices says; `off` ends it."),
    row("post", "/api/v1/zones/{slug}/tidy", "", ACCEPTED, "The last judged picture is tidy: the built-in judge learns it."),
    row("post", "/api/v1/zones/{slug}/messy", "", ACCEPTED, "The last judged picture is messy: the built-in judge learns it."),
    row("delete", "/api/v1/zones/{slug}/lessons/last", "", ACCEPTED, "Takes the last lesson back."),
    row("delete", "/api/v1/zones/{slug}/lessons", "", ACCEPTED, "Takes all lessons back."),
    row("post", "/api/v1/check", "", ACCEPTED, "Checks all zones now."),
    row("post", "/api/v1/tasks/{id}/done", "", ACCEPTED, "A person did it."),
    row("post", "/api/v1/tasks/{id}/dismiss", "", ACCEPTED, "This is no task."),
    row("get", "/api/v1/options", "", (200, "Options"), "The options, without keys."),
    row("put", "/api/v1/options", "Edit", (200, "Options"), "Changes options; 422 with the problems where they would make no sense."),
    row("post", "/api/v1/options/use", "", (200, "Options"), "Uses what was saved elsewhere."),
    row("get", "/api/v1/providers", "", (200, "Providers"), "Who judges, and the consent to an AI of Home Assistant's."),
    row("post", "/api/v1/providers/{place}/test", "", (200, "Tested"), "Tests one now; 202 if it takes longer."),
    row("post", "/api/v1/providers/consent", "Agreement", (200, "Accepted"), "Agrees to an AI of Home Assistant's."),
    row("delete", "/api/v1/providers/consent", "", (200, "Accepted"), "Not any more."),
    row("post", "/api/v1/remove", "", (200, "Removed"), "Takes all entities out of Home Assistant, until the next start."),
    row("post", "/api/v1/backup", "", (200, "Copied"), "Writes a copy of the database for a backup."),
    row("get", "/api/v1/openapi.json", "", (200, "Document"), "This API as an OpenAPI document."),
];

pub fn router() -> Router<Context> {
    Router::new().route("/api/v1/openapi.json", get(async || Json(document())))
}

/// The table for `DOCS.md`.
pub fn markdown() -> String {
    let mut table = "| Request | What it does |\n|---|---|\n".to_owned();
    for endpoint in ENDPOINTS {
        let (method, path) = (endpoint.method.to_uppercase(), endpoint.path);
        let _ = writeln!(table, "| `{method} {path}` | {} |", endpoint.about);
    }
    table
}

fn document() -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        let at = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        at[endpoint.method] = operation(endpoint);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "AICleaner V3",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Changes need the header X-Requested-With and, as every body, Content-Type: application/json.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        // Relative to this document: Home Assistant serves us below a path of its own.
        "servers": [{ "url": "../.." }],
        "paths": paths,
        "components": { "schemas": schemas() },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let (status, gives) = endpoint.gives;
    let answer = if gives.contains('/') {
        json!({ gives: { "schema": { "type": "string" } } })
    } else {
        content(gives)
    };
    let mut responses = Map::new();
    let success = json!({ "description": endpoint.about, "content": answer });
    responses.insert(status.to_string(), success);
    let refused = json!({ "description": "Why not, in a sentence.", "content": content("Error") });
    responses.insert("default".to_owned(), refused);
    let words = endpoint.path.trim_start_matches("/api/v1/");
    let name = words.replace(['/', '-', '.'], "_").replace(['{', '}'], "");
    let mut operation = json!({
        "operationId": format!("{}_{name}", endpoint.method),
        "summary": endpoint.about,
        "responses": responses,
    });
    let mut parameters: Vec<Value> = placeholders(endpoint.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    if endpoint.path.ends_with("/history") {
        let days = json!({ "type": "integer", "minimum": 1, "maximum": 90, "default": 7 });
        parameters.push(json!({ "name": "days", "in": "query", "schema": days }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if !endpoint.takes.is_empty() {
        operation["requestBody"] = json!({ "required": true, "content": content(endpoint.takes) });
    }
    operation
}

fn content(schema: &str) -> Value {
    let place = format!("#/components/schemas/{schema}");
    json!({ "application/json": { "schema": { "$ref": place } } })
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// Shapes, as far as somebody outside needs them; more fields may come.
fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let (number, truth, list) = (
        json!({ "type": "number" }),
        json!({ "type": "boolean" }),
        json!({ "type": "array", "items": { "type": "object" } }),
    );
    let object = |fields: Value| json!({ "type": "object", "properties": fields });
    let strict = |fields: Value| {
        let needed: Vec<&String> = fields.as_object().into_iter().flat_map(Map::keys).collect();
        json!({ "type": "object", "required": needed, "properties": fields })
    };
    json!({
        "Error": strict(json!({ "error": text() })),
        "Accepted": strict(json!({ "accepted": truth })),
        "Removed": strict(json!({ "removed": truth })),
        "Copied": strict(json!({ "copied": truth })),
        "Rule": strict(json!({ "rule": text() })),
        "Agreement": strict(json!({ "entity": text() })),
        "Masks": object(json!({ "revision": text(), "cameras": list })),
        "Look": object(json!({ "camera": number, "areas": { "type": "array", "items": { "type": "array" } } })),
        "Snooze": strict(json!({ "for": text() })),
        "Rules": strict(json!({ "rules": list })),
        "Named": strict(json!({ "rule": text(), "tasks": list })),
        "Tested": object(json!({ "ok": truth, "sentence": text(), "running": truth })),
        "History": strict(json!({ "zone": text(), "days": number, "readings": list })),
        "Providers": object(json!({ "standing": { "type": "object" }, "calls_a_day": number })),
        "House": object(json!({
            "version": text(), "enabled": truth, "editable": truth, "provider": text(), "queue": number,
            "calls_today": number, "saved_today": number, "health": { "type": "object" }, "zones": list, "now": text(),
        })),
        "Options": { "type": "object" },
        "Edit": { "type": "object" },
        "Document": { "type": "object" },
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::web::tests::world::{ask, world};

    const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

    /// Every address that a router of ours names.
    fn routed() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
        let mut paths = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            let routes = text.split("#[cfg(test)]").next().unwrap();
            // This file has the rows, too: only its own route counts.
            let text = if file.ends_with("openapi.rs") {
                let (_, body) = routes.split_once("pub fn router").unwrap();
                body.split_once("\n}").unwrap().0
            } else {
                routes
            };
            let words = text.split('"').filter(|word| word.starts_with("/api/v1/"));
            let plain = |c: char| c.is_ascii_alphanumeric() || "/{}._-".contains(c);
            paths.extend(
                words
                    .filter(|word| word.chars().all(plain))
                    .map(str::to_owned),
            );
        }
        paths
    }

    #[tokio::test]
    async fn the_document_tells_every_route_and_no_other() {
        let world = world().await;
        let served = ask(world.ingress, "GET /api/v1/openapi.json", "")
            .await
            .json();
        let documented = served["paths"].as_object().unwrap();
        let told: BTreeSet<String> = documented.keys().cloned().collect();
        assert_eq!(told, routed());
        for (path, operations) in documented {
            let real = path
                .replace("{slug}", "kitchen")
                .replace("{id}", "40")
                .replace("{place}", "0");
            for method in METHODS {
                // Never ends; its own test hears it.
                if path.ends_with("/events") && method == "get" {
                    continue;
                }
                let request = format!("{} {real}", method.to_uppercase());
                let headers = "content-type: application/json\r\nx-requested-with: aicleaner\r\ncontent-length: 0";
                let answer = ask(world.ingress, &request, headers).await;
                let there = answer.status != 405;
                assert_eq!(
                    there,
                    operations.get(method).is_some(),
                    "{request}: {}",
                    answer.status
                );
            }
        }
    }

    #[test]
    fn every_reference_and_placeholder_of_the_document_is_resolved() {
        let document = document();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let used: BTreeSet<&str> = text
            .split("#/components/schemas/")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(used, schemas.keys().map(String::as_str).collect());
        let mut names = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for operation in operations.as_object().unwrap().values() {
                assert!(
                    names.insert(operation["operationId"].to_string()),
                    "{operation}"
                );
                let empty = vec![];
                let parameters = operation["parameters"].as_array().unwrap_or(&empty);
                let given: Vec<&str> = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == "path")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                assert_eq!(given, placeholders(path).collect::<Vec<_>>(), "{path}");
            }
        }
    }
}
