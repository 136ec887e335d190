//! Which options there are. `[]` stands for any entry of a list.
//!
//! The app's form (`aicleaner_v3/config.yaml`) offers exactly `IN_FORM`.

use config::{Map, Value, ValueKind};

use super::{
    problem::Report,
    tree::{join, variable},
};

/// The options of the form.
pub const IN_FORM: &[&str] = &[
    "default_camera",
    "default_todo_list",
    "zones[].name",
    "zones[].cameras[]",
    "zones[].todo_list",
    "zones[].purpose",
    "zones[].interval_minutes",
    "zones[].times[]",
    "zones[].triggers[]",
    "zones[].trigger_delay_minutes",
    "zones[].notify",
    "zones[].ignore[]",
    "zones[].pickiness",
    "zones[].icon",
    "provider",
    "api_key",
    "model",
    "base_url",
    "fallback_providers[].provider",
    "fallback_providers[].api_key",
    "fallback_providers[].model",
    "fallback_providers[].base_url",
    "local_only",
    "daily_call_limit",
    "daily_cost_limit",
    "language",
    "interval_minutes",
    "quiet_hours",
    "notify_service",
    "notify_personality",
    "notify_min_tasks",
    "mqtt.host",
    "mqtt.port",
    "mqtt.username",
    "mqtt.password",
    "mqtt.tls",
    "mqtt.ca_file",
    "mqtt.discovery_prefix",
    "advanced.max_age_hours",
    "advanced.adaptive_interval",
    "advanced.random_offset_minutes",
    "advanced.pause_when_home[]",
    "advanced.notify_cooldown_minutes",
    "advanced.notify_daily_cap",
    "advanced.evaluate_with_ai_task",
    "advanced.prices[]",
    "device_id",
    "log_level",
];

/// What only the config file and the environment have: inside the app the
/// Supervisor answers these.
pub const OUTSIDE_THE_FORM: &[&str] = &[
    "home_assistant.url",
    "home_assistant.token",
    "web.ingress",
    "web.probes",
    "web.password",
    "data_dir",
];

/// Options that a running service takes over at once. All others are read at
/// the start: they decide what is connected, listened on and called what.
pub const LIVE: &[&str] = &[
    "default_camera",
    "default_todo_list",
    "zones",
    "interval_minutes",
    "quiet_hours",
    "notify_service",
    "notify_personality",
    "notify_min_tasks",
    "log_level",
    // Who judges: see `JUDGE`.
    "provider",
    "api_key",
    "model",
    "base_url",
    "fallback_providers",
    "local_only",
    "daily_call_limit",
    "daily_cost_limit",
    "language",
];

/// Those of them that make another judge.
pub const JUDGE: &[&str] = &[
    "provider",
    "api_key",
    "model",
    "base_url",
    "fallback_providers",
    "local_only",
    "daily_call_limit",
    "daily_cost_limit",
    "language",
];

/// Options of later releases: accepted, so that a newer file still works, and
/// without effect.
pub const LATER: &[&str] = &[
    "zones[].vacuum",
    "advanced.keep_pictures_days",
    "advanced.publish_snapshots",
    "advanced.gamification",
];

/// Notices for every option that has no effect in this release.
pub(super) fn notice_unused(tree: &Map<String, Value>, report: &mut Report) {
    walk(tree, "", "", report);
}

fn walk(table: &Map<String, Value>, path: &str, pattern: &str, report: &mut Report) {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, value) in keys {
        let path = join(path, key);
        let pattern = join(pattern, key);
        if LATER.contains(&pattern.as_str()) {
            report.notice(path, "not used by this version.");
        } else if is_known(&pattern) {
            descend(value, &path, &pattern, report);
        } else {
            let set_by = variable(value, &path).unwrap_or(path);
            report.notice(set_by, "no such option; check its spelling.");
        }
    }
}

fn descend(value: &Value, path: &str, pattern: &str, report: &mut Report) {
    match &value.kind {
        ValueKind::Table(table) => walk(table, path, pattern, report),
        ValueKind::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                let path = format!("{path}[{index}]");
                descend(value, &path, &format!("{pattern}[]"), report);
            }
        }
        _ => {}
    }
}

/// An option, or something that holds options.
fn is_known(pattern: &str) -> bool {
    IN_FORM.iter().chain(OUTSIDE_THE_FORM).any(|option| {
        option
            .strip_prefix(pattern)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}
