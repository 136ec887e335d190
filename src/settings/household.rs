//! The rules for what concerns the household as a whole: its quiet hours, its
//! presence, how eagerly it is looked after.

use super::{
    problem::Report,
    tree::{Group, Node},
    zones::is_any_entity,
};
use crate::domain::{house::HouseOptions, timing::QuietHours};

/// Most people and trackers to wait for.
const MOST_PRESENCES: usize = 20;

pub(super) fn read(root: &Group<'_>, report: &mut Report) -> HouseOptions {
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
    }
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
