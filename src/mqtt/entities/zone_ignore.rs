//! What is no task in the room.

use serde_json::{Value, json};

use crate::{
    domain::{
        command::Command,
        ignore::{LONGEST_RULE, RuleSource, rule},
        view::ZoneView,
    },
    mqtt::entity::{Category, Entity, Platform, State, iso},
};

pub const ENTITY: Entity<ZoneView> = Entity {
    about: "Adds what you type to what is no task in the room, such as `the dog bed`: tasks that it names go away and do not come back. Shows the rule added last; attributes: the rules in force (`rules`), those of the options first. Holds until the option `ignore` changes.",
    icon: "mdi:eye-off-outline",
    category: Category::Config,
    // An empty state must not be an empty message: that would take it out of the broker.
    config: |_| json!({ "min": 0, "max": LONGEST_RULE, "value_template": "{{ value_json }}" }),
    state: Some(|zone| State::text(json!(latest(zone)))),
    attributes: Some(attributes),
    command: Some(|zone, payload| {
        let text = rule(payload).ok()?;
        Some(Command::AddRule(zone.zone.id, text, RuleSource::Entity))
    }),
    ..Entity::new("ignore", Platform::Text, "Ignore")
};

fn latest(zone: &ZoneView) -> &str {
    zone.rules.last().map_or("", |rule| rule.text.as_str())
}

/// At most 30 rules of the options and 30 others, of 120 characters each: cut
/// where Home Assistant's recorder would drop them all.
const MOST_BYTES: usize = 4000;

fn attributes(zone: &ZoneView) -> Value {
    let options = zone.zone.options.ignore.iter();
    let options = options.map(|text| json!({ "rule": text, "from": "options" }));
    let learnt = zone.rules.iter();
    let learnt = learnt
        .map(|rule| json!({ "rule": rule.text, "from": rule.from, "since": iso(rule.since) }));
    let mut bytes = 0;
    let all: Vec<Value> = options.chain(learnt).collect();
    let shown: Vec<&Value> = all
        .iter()
        .take_while(|rule| {
            bytes += rule.to_string().len() + 1;
            bytes <= MOST_BYTES
        })
        .collect();
    json!({ "rules": shown, "omitted": all.len() - shown.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ignore::LearntRule, sample};

    #[test]
    fn rules_are_shown_with_where_they_come_from_and_cut_where_they_are_too_many() {
        let mut zone = sample::zone("kitchen");
        assert_eq!(latest(&zone), "");
        zone.zone.options.ignore = vec!["shoes".into()];
        zone.rules = vec![LearntRule {
            text: "the dog bed".into(),
            from: RuleSource::Page,
            since: "2026-11-22T09:00:00Z".parse().unwrap(),
        }];
        assert_eq!(latest(&zone), "the dog bed");
        let shown = attributes(&zone);
        assert_eq!(
            shown["rules"][0],
            json!({ "rule": "shoes", "from": "options" })
        );
        assert_eq!(shown["rules"][1]["from"], "page");
        zone.zone.options.ignore = vec!["ü".repeat(LONGEST_RULE); 30];
        let shown = attributes(&zone);
        assert!(shown.to_string().len() <= 4096);
        assert!(shown["omitted"].as_u64().unwrap() > 0);
    }
}
