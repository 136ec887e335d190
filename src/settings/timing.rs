//! The rules for when a zone is looked at, besides its interval.

use super::{
    problem::Report,
    tree::{Group, Node},
    zones::is_any_entity,
};
use crate::domain::timing::{EntityState, Timing, time_of_day};

const MOST_TIMES: usize = 24;
const MOST_TRIGGERS: usize = 20;
/// Home Assistant cuts states at 255; what anyone waits for is a word.
const LONGEST_STATE: usize = 64;

/// `until` says what becomes of the zone while something here is wrong.
pub(super) fn read(
    zone: &Group<'_>,
    has_interval: bool,
    until: &str,
    report: &mut Report,
) -> Timing {
    let times = times(&zone.at("times"), until, report);
    let triggers = triggers(&zone.at("triggers"), until, report);
    let delay = zone.at("trigger_delay_minutes");
    if delay.is_present() && triggers.is_empty() {
        report.notice(&delay.path, "used only together with triggers.");
    }
    Timing {
        at_times_only: !times.is_empty() && !has_interval,
        times,
        triggers,
        trigger_delay_minutes: delay
            .whole(
                0,
                1440,
                &format!("Leave it out to look at once. {until}"),
                report,
            )
            .unwrap_or_default(),
    }
}

fn times(node: &Node<'_>, until: &str, report: &mut Report) -> Vec<jiff::civil::Time> {
    let mut times = Vec::new();
    for (entry, text) in node.texts(report) {
        match time_of_day(text) {
            Some(time) => times.push(time),
            None => entry.misfit(
                report,
                "a time of the day such as 07:30",
                &format!("Write hours and minutes, 00:00 to 23:59, in quotes. {until}"),
            ),
        }
    }
    times.sort_unstable();
    times.dedup();
    if times.len() > MOST_TIMES {
        node.misfit(
            report,
            &format!("at most {MOST_TIMES} times"),
            &format!("Use interval_minutes for more. {until}"),
        );
    }
    times
}

fn triggers(node: &Node<'_>, until: &str, report: &mut Report) -> Vec<EntityState> {
    let mut triggers = Vec::new();
    for (entry, text) in node.texts(report) {
        let parts = text
            .split_once('=')
            .map(|(entity, state)| (entity.trim(), state.trim()))
            .filter(|(entity, state)| {
                is_any_entity(entity) && (1..=LONGEST_STATE).contains(&state.chars().count())
            });
        match parts {
            Some((entity, state)) => triggers.push(EntityState {
                entity: entity.to_owned(),
                state: state.to_owned(),
            }),
            None => entry.misfit(
                report,
                "an entity and its state, such as binary_sensor.kitchen_door=off",
                &format!(
                    "Both are shown in Home Assistant's developer tools, under States. {until}"
                ),
            ),
        }
    }
    triggers.dedup();
    if triggers.len() > MOST_TRIGGERS {
        node.misfit(
            report,
            &format!("at most {MOST_TRIGGERS} triggers"),
            &format!("Make a group of the entities in Home Assistant. {until}"),
        );
    }
    triggers
}
