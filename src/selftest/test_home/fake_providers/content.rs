//! What the fakes' "model" writes.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::scenario::Scenario;
use crate::{imaging::canary, ports::Canary};

/// Makes the answer to a request from what was asked.
pub(super) fn answer(
    scenario: Scenario,
    prompt: &str,
    pictures: &[Vec<u8>],
    room: &Value,
) -> String {
    if prompt.contains("four digits") {
        return seen(scenario, pictures).to_string();
    }
    let mut report = room.clone();
    // Whatever was open is still there, or what the room says of all of it.
    let now = report["known"].as_str().unwrap_or("remains").to_owned();
    let known: Vec<Value> = prompt
        .split("- id \"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(id, _)| json!({"id": id, "now": now, "confidence": "high"}))
        .collect();
    if !report["known"].is_array() {
        report["known"] = known.into();
    }
    match scenario {
        Scenario::Fenced => format!("```json\n{report:#}\n```\n"),
        Scenario::Prose => {
            format!("Sure! Here is what I see:\n\n{report}\n\nAnything else {{just ask}}?")
        }
        Scenario::ScoreOfHundred => with(report, "score", "62/100".into()),
        Scenario::ScoreInWords => with(report, "score", "rather tidy".into()),
        Scenario::NoTaskList => with(report, "tasks", Value::Null),
        Scenario::FiveHundredTasks => {
            let tasks: Vec<Value> = (0..500)
                .map(
                    |n| json!({"title": format!("Pick up thing number {n}"), "priority": "normal"}),
                )
                .collect();
            with(report, "tasks", tasks.into())
        }
        Scenario::EndlessTitle => {
            let title = "Put everything away ".repeat(1000);
            with(
                report,
                "tasks",
                json!([{"title": title, "priority": "normal"}]),
            )
        }
        _ => report.to_string(),
    }
}

fn with(mut report: Value, name: &str, value: Value) -> String {
    report[name] = value;
    report.to_string()
}

/// A room that is neither tidy nor a mess.
pub(super) fn ordinary_room() -> Value {
    json!({
        "score": 62,
        "confidence": "normal",
        "summary": "Some dishes stand beside the sink.",
        "tasks": [
            {"title": "Wash the dishes beside the sink", "priority": "high"},
            {"title": "Hang the towel back on its hook", "priority": "low"},
        ],
    })
}

/// What is in a canary picture, for a model that got it.
fn seen(scenario: Scenario, pictures: &[Vec<u8>]) -> Value {
    static CANARIES: OnceLock<Vec<Canary>> = OnceLock::new();
    let canaries = CANARIES.get_or_init(|| (0..canary::KINDS).map(canary::draw).collect());
    let arrived = canaries
        .iter()
        .find(|canary| pictures.iter().any(|jpeg| *jpeg == canary.frame.jpeg));
    match arrived {
        Some(canary) if scenario != Scenario::Blind => json!({
            "count": canary.count, "colour": canary.colour, "number": canary.number,
        }),
        _ => json!({"count": 3, "colour": "red", "number": 1234}),
    }
}
