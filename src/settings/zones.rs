//! The rules for zones: from the options' lines to rooms that can be watched.

use super::{
    problem::{Report, quote},
    slug::{slugify, zone_slug},
    timing,
    tree::{Group, Node},
};
use crate::domain::{
    todo::ListId,
    zone::{ORDINARY_PICKINESS, ZoneOptions},
};

/// Longest zone name: entities carry it in front of their own.
const LONGEST_NAME: usize = 64;
/// Most cameras of a zone: together they make one check, held in memory at once.
const MOST_CAMERAS: usize = 8;
/// Longest thing to ignore, and most of them: each question tells them all.
const LONGEST_RULE: usize = 120;
const MOST_RULES: usize = 30;

/// The zones that can be watched, and whether that is all of them.
pub(super) fn read(
    root: &Group<'_>,
    interval: u32,
    report: &mut Report,
) -> (Vec<ZoneOptions>, bool) {
    let before = report.problems.len();
    let mut zones: Vec<(String, ZoneOptions)> = Vec::new();
    let rooms = root.at("zones").list(report);
    let basic = root.at("default_camera");
    let found = std::iter::once(basic_zone(root, interval, report).map(|zone| (basic, zone)))
        .chain((1..).zip(&rooms).map(|(position, room)| {
            zone(room, position, interval, report).map(|zone| (room.clone(), zone))
        }))
        .collect::<Vec<_>>();
    for (node, zone) in found.into_iter().flatten() {
        if let Some((twin, first)) = zones.iter().find(|(_, other)| other.slug == zone.slug) {
            let place = if node.path.starts_with("zones") {
                format!("{}.name", node.path)
            } else {
                node.path
            };
            report.problem(
                place,
                quote(&zone.name),
                "a name of its own for each zone",
                format!(
                    "{} ({twin}) has the same short name {:?}; give one of them another name. Until then only the first is watched.",
                    first.name, first.slug
                ),
            );
        } else {
            zones.push((node.path, zone));
        }
    }
    let complete = report.problems.len() == before;
    (zones.into_iter().map(|(_, zone)| zone).collect(), complete)
}

/// Basic mode: one camera, one zone named after it.
fn basic_zone(root: &Group<'_>, interval: u32, report: &mut Report) -> Option<ZoneOptions> {
    let camera = root.at("default_camera");
    let list = root.at("default_todo_list");
    if list.is_present() && !camera.is_present() {
        report.notice(
            &list.path,
            "used only together with default_camera; zones name their own lists.",
        );
    }
    let before = report.problems.len();
    let source = camera.text(report)?;
    check_source(&camera, source, "Until then it is not watched.", report);
    let todo_list = todo_list(&list, "Until then the camera is not watched.", report);
    if report.problems.len() > before {
        return None;
    }
    let name = name_of(source);
    Some(ZoneOptions {
        slug: zone_slug(&name, 1),
        name,
        cameras: vec![source.to_owned()],
        todo_list,
        interval_minutes: interval,
        ..ZoneOptions::default()
    })
}

/// "Living room" for `camera.living_room`; "Home" for what has no such name.
fn name_of(source: &str) -> String {
    let words = source
        .split_once('.')
        .filter(|_| is_entity(source, &["camera", "image"]))
        .map(|(_, id)| id.split('_').filter(|word| !word.is_empty()));
    let name = words.map_or(String::new(), |words| words.collect::<Vec<_>>().join(" "));
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first
            .to_uppercase()
            .chain(letters)
            .take(LONGEST_NAME)
            .collect(),
        None => "Home".to_owned(),
    }
}

/// A zone of the list; `None` if anything in it is wrong.
fn zone(
    node: &Node<'_>,
    position: usize,
    default_interval: u32,
    report: &mut Report,
) -> Option<ZoneOptions> {
    let before = report.problems.len();
    let group = node.group(report);
    if report.problems.len() > before {
        return None;
    }
    let name = name(&group, report);
    let until = match name {
        Some(name) => format!("Until then {name} is not watched."),
        None => "Until then this zone is not watched.".to_owned(),
    };
    let cameras = cameras(&group, &until, report);
    let todo_list = todo_list(&group.at("todo_list"), &until, report);
    let purpose = group.at("purpose").text(report).map(str::to_owned);
    let interval_minutes = group.at("interval_minutes").whole(
        1,
        1440,
        &format!("Leave it out to check every {default_interval} minutes. {until}"),
        report,
    );
    let ignore = ignore(&group.at("ignore"), &until, report);
    let pickiness = group.at("pickiness").whole(
        1,
        5,
        &format!("1 is easy-going, 5 is strict; leave it out for 3. {until}"),
        report,
    );
    let timing = timing::read(&group, interval_minutes.is_some(), &until, report);
    let notify = group.at("notify");
    let notify = !notify.is_present() || notify.flag(&until, report);
    let icon = icon(&group.at("icon"), &until, report);
    let name = name.filter(|_| report.problems.len() == before)?;
    Some(ZoneOptions {
        name: name.to_owned(),
        slug: zone_slug(name, position),
        cameras,
        todo_list,
        purpose,
        ignore,
        pickiness: pickiness.unwrap_or(ORDINARY_PICKINESS),
        interval_minutes: interval_minutes.unwrap_or(default_interval),
        icon,
        timing,
        notify,
    })
}

fn name<'a>(group: &Group<'a>, report: &mut Report) -> Option<&'a str> {
    let node = group.at("name");
    let allowed = format!("a name of at most {LONGEST_NAME} characters");
    let hint = "Give the room a name such as Kitchen. Until then this zone is not watched.";
    if !node.is_present() {
        node.missing(report, &allowed, hint);
        return None;
    }
    let name = node.text(report)?;
    if name.chars().count() > LONGEST_NAME {
        node.misfit(report, &allowed, hint);
        return None;
    }
    Some(name)
}

fn cameras(group: &Group<'_>, until: &str, report: &mut Report) -> Vec<String> {
    let node = group.at("cameras");
    let before = report.problems.len();
    let mut cameras: Vec<String> = Vec::new();
    for (entry, source) in node.texts(report) {
        check_source(&entry, source, until, report);
        if !cameras.iter().any(|other| other == source) {
            cameras.push(source.to_owned());
        }
    }
    if report.problems.len() > before {
        return cameras;
    }
    if cameras.is_empty() {
        node.missing(
            report,
            "at least one camera",
            &format!("Name a camera such as camera.kitchen. {until}"),
        );
    } else if cameras.len() > MOST_CAMERAS {
        node.misfit(
            report,
            &format!("at most {MOST_CAMERAS} cameras"),
            &format!("Make two zones of it. {until}"),
        );
    }
    cameras
}

/// A camera or image entity, an address, or `file:` and a path.
fn check_source(node: &Node<'_>, source: &str, until: &str, report: &mut Report) {
    let fits = if let Some(path) = source.strip_prefix("file:") {
        !path.trim().is_empty()
    } else if source.contains("://") {
        is_web_address(source)
    } else {
        is_entity(source, &["camera", "image"])
    };
    if !fits {
        node.misfit(
            report,
            "a camera or image entity, an http:// or https:// address, or file: and a path",
            &format!("Copy the entity id from Home Assistant, such as camera.kitchen. {until}"),
        );
    }
}

fn todo_list(node: &Node<'_>, until: &str, report: &mut Report) -> Option<ListId> {
    let list = node.text(report)?;
    if is_entity(list, &["todo"]) {
        return Some(ListId(list.to_owned()));
    }
    node.misfit(
        report,
        "a to-do list's entity id",
        &format!("Copy it from Home Assistant, such as todo.chores, or leave it out. {until}"),
    );
    None
}

/// What is no task in this room, one thing a line.
fn ignore(node: &Node<'_>, until: &str, report: &mut Report) -> Vec<String> {
    let mut rules = Vec::new();
    for (entry, rule) in node.texts(report) {
        if rule.chars().count() > LONGEST_RULE {
            entry.misfit(
                report,
                &format!("at most {LONGEST_RULE} characters"),
                &format!("A few words are enough, such as dog bed. {until}"),
            );
        } else {
            rules.push(rule.to_owned());
        }
    }
    if rules.len() > MOST_RULES {
        node.misfit(
            report,
            &format!("at most {MOST_RULES} things"),
            &format!("Say several things in one. {until}"),
        );
    }
    rules
}

fn icon(node: &Node<'_>, until: &str, report: &mut Report) -> Option<String> {
    let icon = node.text(report)?;
    let named = icon
        .split_once(':')
        .is_some_and(|(set, name)| is_icon_word(set) && is_icon_word(name));
    if !named {
        node.misfit(
            report,
            "an icon such as mdi:sofa",
            &format!("Leave it out to use the default. {until}"),
        );
        return None;
    }
    Some(icon.to_owned())
}

fn is_icon_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// An entity id of whatever domain.
pub(super) fn is_any_entity(text: &str) -> bool {
    text.split_once('.')
        .is_some_and(|(domain, _)| slugify(domain) == domain && is_entity(text, &[domain]))
}

/// An entity id of one of these domains, as Home Assistant writes it.
pub(super) fn is_entity(text: &str, domains: &[&str]) -> bool {
    text.split_once('.').is_some_and(|(domain, id)| {
        domains.contains(&domain) && !id.is_empty() && slugify(id) == id
    })
}

/// `http://` or `https://` with a host.
pub(super) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        !host.is_empty() && !host.starts_with(':') && !text.contains(char::is_whitespace)
    })
}
