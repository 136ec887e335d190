//! What is no task in a zone: what the options say, and what people said since.

use jiff::Timestamp;

use super::{Household, ZoneRecord};
use crate::domain::{
    effect::Effect,
    ignore::{LearntRule, MOST_RULES, Named, RuleSource, rule},
    matching::is_ignored,
    task::{Task, TaskState},
    zone::ZoneId,
};

/// All rules in force: the options', then the others in the order in which
/// they were said.
pub fn rules_of(record: &ZoneRecord) -> Vec<String> {
    let options = record.zone.options.ignore.iter();
    let learnt = record.state.rules.iter().map(|rule| &rule.text);
    options.chain(learnt).cloned().collect()
}

/// What somebody dismissed a short while ago, in the words it had.
pub fn dismissed(record: &ZoneRecord, now: Timestamp) -> impl Iterator<Item = &str> {
    let is_dismissed =
        move |t: &&Task| matches!(t.state, TaskState::Dismissed { until } if now < until);
    let dismissed = record.ledger.tasks().filter(is_dismissed);
    dismissed.map(|task| task.title.as_str())
}

impl Household {
    /// The tasks that a rule would have named: what is open, and what was
    /// settled in the last weeks. The error is a sentence.
    pub fn named_by(&self, zone: ZoneId, text: &str) -> Result<Vec<Named>, String> {
        let rules = [rule(text)?];
        let record = self.zone(zone).ok_or_else(|| no_zone(zone))?;
        let named = record
            .ledger
            .tasks()
            .filter(|t| is_ignored(&t.title, &rules));
        Ok(named
            .map(|task| Named {
                id: task.id,
                title: task.title.clone(),
                state: task.state,
            })
            .collect())
    }

    /// Whether a rule can be added, and how it reads then.
    pub fn may_add_rule(&self, zone: ZoneId, text: &str) -> Result<String, String> {
        let rule = rule(text)?;
        let record = self.zone(zone).ok_or_else(|| no_zone(zone))?;
        if record.state.rules.len() >= MOST_RULES && !rules_of(record).contains(&rule) {
            return Err(format!(
                "{} has {MOST_RULES} rules besides those of the options; take one back on the page first.",
                record.zone.options.name
            ));
        }
        Ok(rule)
    }

    pub(super) fn add_rule(
        &mut self,
        zone: ZoneId,
        text: &str,
        from: RuleSource,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let Ok(text) = self.may_add_rule(zone, text) else {
            return;
        };
        self.set_zone(zone, effects, |state, options| {
            let known = state.rules.iter().any(|rule| rule.text == text);
            if !known && !options.ignore.contains(&text) {
                if from == RuleSource::Entity {
                    state
                        .rules_replaced
                        .get_or_insert_with(|| options.ignore.clone());
                }
                let since = now;
                state.rules.push(LearntRule { text, from, since });
            }
        });
        self.obey_rules(zone, effects);
    }

    pub(super) fn forget_rule(&mut self, zone: ZoneId, text: &str, effects: &mut Vec<Effect>) {
        self.set_zone(zone, effects, |state, _| {
            state.rules.retain(|rule| rule.text != text);
        });
    }

    /// Rules that an entity added end when the option they added to changes.
    pub(super) fn end_replaced_rules(record: &mut ZoneRecord) -> bool {
        let state = &mut record.state;
        let ended = (state.rules_replaced.as_ref())
            .is_some_and(|replaced| *replaced != record.zone.options.ignore);
        if ended {
            state.rules_replaced = None;
            state.rules.retain(|rule| rule.from != RuleSource::Entity);
        }
        ended
    }

    /// Takes away what the rules of a zone name.
    pub(super) fn obey_rules(&mut self, zone: ZoneId, effects: &mut Vec<Effect>) {
        let Some(record) = self.zones.get_mut(&zone).filter(|z| z.active) else {
            return;
        };
        let rules = rules_of(record);
        let changes = record.ledger.ignore(&rules);
        if !changes.forgotten.is_empty() {
            self.carry_out(zone, changes, effects);
        }
    }
}

fn no_zone(zone: ZoneId) -> String {
    format!("There is no zone with the id {zone}.")
}
