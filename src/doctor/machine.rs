//! What this computer or container brings: certificates, time zones, disk.

use jiff::tz::TimeZone;

use super::Line;
use crate::{home_assistant, settings::Settings, store};

pub(super) async fn lines(settings: &Settings) -> Vec<Line> {
    let dir = settings.data_dir.clone();
    let store = tokio::task::spawn_blocking(move || store::examine(&dir)).await;
    let store = store.unwrap_or_else(|error| Err(format!("The store was not looked at: {error}.")));
    let certificates =
        home_assistant::certificates().map(|()| "The system's certificates are there.".to_owned());
    vec![
        Line::of("store", store),
        Line::of("certificates", certificates),
    ]
}

/// The time zone we run in: its name, or what is wrong with it.
pub(super) fn time_zone() -> Result<String, String> {
    named_zone(std::env::var("TZ").ok().as_deref(), &TimeZone::system())
}

pub(super) fn named_zone(wanted: Option<&str>, system: &TimeZone) -> Result<String, String> {
    let wanted = wanted
        .map(|name| name.trim_start_matches(':'))
        .filter(|name| !name.is_empty());
    if let Some(name) = wanted
        && TimeZone::get(name).is_err()
        && TimeZone::posix(name).is_err()
    {
        return Err(format!(
            "The time zone {name:?} of the variable TZ is not known; write one such as Europe/Berlin."
        ));
    }
    Ok(wanted
        .or_else(|| system.iana_name())
        .unwrap_or("an unnamed one")
        .to_owned())
}
