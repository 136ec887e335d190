//! What `check-config` prints: every problem, or what would run. No secrets.

use std::fmt::Write as _;

use super::{
    load::{Loaded, Sources, load},
    model::{HomeAssistantAccess, Judging, ProviderKind, Settings},
};
use crate::domain::zone::shown;

/// The text to print, and whether the options can be used as they are.
pub fn check_config(sources: &Sources) -> (String, bool) {
    let loaded = load(sources);
    (explain(&loaded), loaded.problems.is_empty())
}

/// `Loaded` in words.
pub fn explain(loaded: &Loaded) -> String {
    let mut text = String::new();
    let from = match &loaded.file {
        Some(file) => format!("{} and the environment", file.display()),
        None => "the environment alone; there is no config file".to_owned(),
    };
    line(&mut text, &format!("Options from {from}."));
    match loaded.problems.len() {
        0 => line(&mut text, "They are fine."),
        1 => line(&mut text, "\n1 problem:"),
        many => line(&mut text, &format!("\n{many} problems:")),
    }
    for problem in &loaded.problems {
        line(&mut text, &format!("  {problem}"));
    }
    if !loaded.notices.is_empty() {
        line(&mut text, "\nWorth knowing:");
    }
    for notice in &loaded.notices {
        line(&mut text, &format!("  {notice}"));
    }
    if loaded.safe_mode {
        line(
            &mut text,
            "\nThe service would start in safe mode: the page comes up, no room is watched.",
        );
    } else {
        line(&mut text, "\nWhat would run:");
        describe(&mut text, &loaded.settings);
    }
    text
}

fn describe(text: &mut String, settings: &Settings) {
    if settings.zones.is_empty() {
        line(text, "  No zones yet: set default_camera, or add a zone.");
    }
    for zone in &settings.zones {
        let cameras: Vec<_> = zone.cameras.iter().map(|source| shown(source)).collect();
        let list = match &zone.todo_list {
            Some(list) => format!("tasks go to {list}"),
            None => "no to-do list".to_owned(),
        };
        line(
            text,
            &format!(
                "  Zone {} ({}): {}, every {} minutes, {list}",
                zone.name,
                zone.slug,
                cameras.join(" + "),
                zone.interval_minutes,
            ),
        );
    }
    judges(text, &settings.judging);
    let supervised = matches!(
        settings.home_assistant,
        HomeAssistantAccess::Supervisor { .. }
    );
    let broker = match &settings.mqtt.broker {
        Some(broker) => format!("{}:{}", broker.host, broker.port),
        None if supervised => "Home Assistant's own, asked from the Supervisor".to_owned(),
        None => "none: no entities in Home Assistant; set mqtt.host".to_owned(),
    };
    line(text, &format!("  MQTT broker: {broker}"));
    let home_assistant = match &settings.home_assistant {
        HomeAssistantAccess::Supervisor { .. } => "through the Supervisor".to_owned(),
        HomeAssistantAccess::Direct { base_url, .. } => shown(base_url),
        HomeAssistantAccess::None => {
            "not set up: no cameras and lists of it; set home_assistant.url and token".to_owned()
        }
    };
    line(text, &format!("  Home Assistant: {home_assistant}"));
    line(
        text,
        &format!(
            "  Web page: {}, probes: {}",
            settings.web.ingress, settings.web.probes
        ),
    );
    line(text, &format!("  State: {}", settings.data_dir.display()));
}

fn judges(text: &mut String, judging: &Judging) {
    let named: Vec<String> = judging
        .chain
        .iter()
        .map(|provider| {
            let place = match (&provider.base_url, provider.kind) {
                (Some(address), _) => format!(" at {}", shown(address)),
                (None, ProviderKind::Local) => " (judged on this device)".to_owned(),
                (None, _) => String::new(),
            };
            let model = provider.model.as_ref();
            let model = model.map_or(String::new(), |model| format!(" {model}"));
            format!("{}{model}{place}", provider.kind.name())
        })
        .collect();
    line(text, &format!("  Judged by: {}", named.join(", then ")));
    if judging.may_use_ai_task {
        line(
            text,
            "    or by an AI Task entity of Home Assistant, once you agreed to it on the page",
        );
    }
    let outside =
        judging.may_use_ai_task || judging.chain.iter().any(|p| p.kind != ProviderKind::Local);
    if outside {
        let money = match judging.daily_cost_limit {
            Some(limit) => format!(" and {limit} dollars"),
            None => String::new(),
        };
        let calls = judging.daily_call_limit;
        line(text, &format!("  At most {calls} AI calls{money} a day"));
    }
    if judging.local_only {
        line(text, "  No picture leaves the home network (local_only)");
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
