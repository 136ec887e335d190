//! The rules for what concerns the household as a whole: its quiet hours, its
//! presence, how eagerly it is looked after.

use super::{
    problem::Report,
    tree::{Group, Node},
    zones::is_any_entity,
};
use crate::domain::{
    house::HouseOptions,
    notification::{NotifyOptions, Personality},
    timing::QuietHours,
};

/// Most people and trackers to wait for.
const MOST_PRESENCES: usize = 20;

/// `language`: of notifications, as of everything else.
pub(super) fn read(
    root: &Group<'_>,
    language: Option<String>,
    report: &mut Report,
) -> HouseOptions {
    let advanced = root.at("advanced").group(report);
    let default = HouseOptions::default();
    HouseOptions {
        quiet_hours: quiet_hours(&root.at("quiet_hours"), report),
        random_offset_minutes: advanced
            .at("random_offset_minutes")
            .whole(
                0,
                120,
                "Until then fixed times are kept on the dot.",
                report,
            )
            .unwrap_or(default.random_offset_minutes),
        adaptive_interval: advanced
            .at("adaptive_interval")
            .flag("Until then it is false.", report),
        max_age_hours: advanced
            .at("max_age_hours")
            .whole(1, 168, "Until then it is 24 hours.", report)
            .unwrap_or(default.max_age_hours),
        pause_when_home: presences(&advanced.at("pause_when_home"), report),
        notify: notify(root, &advanced, language, report),
    }
}

fn notify(
    root: &Group<'_>,
    advanced: &Group<'_>,
    language: Option<String>,
    report: &mut Report,
) -> NotifyOptions {
    let default = NotifyOptions::default();
    NotifyOptions {
        service: service(&root.at("notify_service"), report),
        personality: root
            .at("notify_personality")
            .choice(
                &Personality::ALL.map(|personality| (personality.name(), personality)),
                "Until then it is default.",
                report,
            )
            .unwrap_or(default.personality),
        min_tasks: root
            .at("notify_min_tasks")
            .whole(1, 50, "Until then it is 1.", report)
            .unwrap_or(default.min_tasks),
        cooldown_minutes: advanced
            .at("notify_cooldown_minutes")
            .whole(0, 1440, "Until then it is 30.", report)
            .unwrap_or(default.cooldown_minutes),
        daily_cap: advanced
            .at("notify_daily_cap")
            .whole(0, 100, "0 sends none. Until then it is 10.", report)
            .unwrap_or(default.daily_cap),
        language,
    }
}

/// `notify.mobile_app_phone`, with or without the `notify.`.
fn service(node: &Node<'_>, report: &mut Report) -> Option<String> {
    let text = node.text(report)?;
    let name = text.strip_prefix("notify.").unwrap_or(text);
    if !is_any_entity(&format!("notify.{name}")) {
        node.misfit(
            report,
            "a notify service or entity such as notify.mobile_app_phone",
            "Copy it from Home Assistant's developer tools, under Actions. Until then Home Assistant's own notifications are used.",
        );
        return None;
    }
    Some(format!("notify.{name}"))
}

fn quiet_hours(node: &Node<'_>, report: &mut Report) -> Option<QuietHours> {
    let text = node.text(report)?;
    let quiet = QuietHours::parse(text);
    if quiet.is_none() {
        node.misfit(
            report,
            "two different times of the day, such as 22:00-07:00",
            "Leave it empty for no quiet hours. Until then there are none.",
        );
    }
    quiet
}

/// What cannot be read holds everything: nobody's picture may leave because of
/// a slip of the pen.
fn presences(node: &Node<'_>, report: &mut Report) -> Vec<String> {
    let mut entities = Vec::new();
    for (entry, text) in node.texts(report) {
        if !is_any_entity(text) {
            entry.misfit(
                report,
                "an entity id such as person.anna",
                "Copy it from Home Assistant. Until then no pictures are taken.",
            );
        }
        entities.push(text.to_owned());
    }
    if entities.len() > MOST_PRESENCES {
        node.misfit(
            report,
            &format!("at most {MOST_PRESENCES} entities"),
            "Make a group of them in Home Assistant. Until then no pictures are taken.",
        );
    }
    entities
}
