//! What is told to the engine: commands, listings, how the links are.

use tokio::sync::oneshot;
use tracing::warn;

use super::{Engine, Planned};
use crate::{
    domain::{
        check::{ErrorClass, Trigger},
        command::Command,
        health::{Component, Condition},
        household::Event,
        schedule,
        todo::Seen,
        zone::ZoneId,
    },
    ports::Message,
};

impl Engine {
    pub(super) async fn received(&mut self, message: Message) {
        match message {
            Message::Command(command, reply) => {
                let result = self.command(command).await;
                if let (Err(sentence), None) = (&result, &reply) {
                    warn!("{sentence}");
                }
                answer(reply, result);
            }
            Message::ListSeen { list, items, fresh } => {
                self.lists.seen(&list, &self.household);
                let seen = if fresh { Seen::First } else { Seen::Pushed };
                self.happened(Event::ListSeen { list, items, seen }).await;
            }
            Message::State { entity, state } => self.state_seen(&entity, &state),
            Message::Preview(asked) => self.preview(asked),
            Message::Passive(passive) => self.passive = passive,
            Message::Health(part, condition) => {
                let back = part == Component::HomeAssistant && condition == Condition::Ok;
                self.health.note(part, condition, self.parts.clock.now());
                self.presence_changed();
                if back {
                    self.home_assistant_is_back();
                }
            }
            Message::Options(new, done) => {
                self.options_changed(new).await;
                // Before whoever saved them looks again.
                self.show();
                // Whoever asked may have gone; that changes nothing.
                let _ = done.send(());
            }
            Message::TestRule { zone, rule, reply } => {
                answer(Some(reply), self.household.named_by(zone, &rule));
            }
            Message::Unused(sentence) => self.unused_options = sentence,
        }
    }

    /// What waited for Home Assistant goes on.
    fn home_assistant_is_back(&mut self) {
        let paused: Vec<ZoneId> = self
            .household
            .zones()
            .filter(|z| {
                z.failure
                    .as_ref()
                    .is_some_and(|(class, ..)| *class == ErrorClass::Paused)
            })
            .map(|z| z.zone.id)
            .collect();
        let now = self.parts.clock.now();
        for (position, zone) in paused.into_iter().enumerate() {
            let at = schedule::first(position, now);
            let trigger = Trigger::Retry;
            self.plans.insert(zone, Planned { at, trigger });
        }
        for list in self.household.waiting_lists() {
            self.lists.due(&list);
        }
    }

    async fn command(&mut self, command: Command) -> Result<(), String> {
        let hold = self.watching.hold();
        match command {
            Command::CheckNow(_) | Command::CheckAll if hold.is_some() => {
                return Err(hold.unwrap_or_default());
            }
            Command::CheckNow(zone) => {
                if self.household.zone(zone).is_none() {
                    return Err(format!("There is no zone with the id {zone}."));
                }
                self.enqueue(zone, Trigger::Manual);
            }
            Command::CheckAll => {
                let zones: Vec<ZoneId> = self.household.zones().map(|z| z.zone.id).collect();
                for zone in zones {
                    self.enqueue(zone, Trigger::Manual);
                }
            }
            Command::SetInterval(zone, _) => {
                self.happened(Event::Command(command)).await;
                self.plan_next(zone, self.parts.clock.now());
            }
            Command::ThisIsClean(zone) => self.this_is_clean(zone).await?,
            Command::Mask(zone, masks) => self.mask(zone, masks).await?,
            Command::ForgetClean(zone) => self.bench.references.forget(zone).await?,
            Command::AddRule(zone, ref text, _) => {
                self.household.may_add_rule(zone, text)?;
                self.happened(Event::Command(command)).await;
            }
            Command::ForgetRule(zone, ref text) => {
                let record = self.household.zone(zone);
                if !record.is_some_and(|z| z.state.rules.iter().any(|rule| rule.text == *text)) {
                    return Err(format!(
                        "There is no rule {text:?} to take back; rules of the options are changed there."
                    ));
                }
                self.happened(Event::Command(command)).await;
            }
            Command::Teach(zone, opinion) => self.teach(zone, opinion).await?,
            Command::Unteach(zone) => self.unteach(zone).await?,
            Command::ForgetLessons(zone) => self.forget_lessons(zone).await?,
            Command::DismissTask(task) => {
                self.learn_from_dismissal(task).await;
                self.happened(Event::Command(command)).await;
            }
            Command::SetEnabled(_)
            | Command::SetMonitoring(..)
            | Command::SetPickiness(..)
            | Command::Snooze(..)
            | Command::MarkAllDone(_)
            | Command::TaskDone(_) => self.happened(Event::Command(command)).await,
        }
        Ok(())
    }
}

impl Engine {
    /// Keeps what was judged last as the zone's clean look, and judges again by it.
    async fn this_is_clean(&mut self, zone: ZoneId) -> Result<(), String> {
        let Some(record) = self.household.zone(zone) else {
            return Err(format!("There is no zone with the id {zone}."));
        };
        let pictures = self.seen.get(&zone).map(|seen| seen.pictures.clone());
        let Some(pictures) = pictures.filter(|pictures| !pictures.is_empty()) else {
            return Err(format!(
                "There is no picture of {} yet; check it once, then say that it is clean.",
                record.zone.options.name
            ));
        };
        let masks = &record.state.masks;
        let references = &self.bench.references;
        references.add(&record.zone, masks, &pictures).await?;
        self.enqueue(zone, Trigger::Manual);
        Ok(())
    }
}

fn answer<T>(reply: Option<oneshot::Sender<Result<T, String>>>, result: Result<T, String>) {
    if let Some(reply) = reply {
        // Whoever asked may have gone; that changes nothing.
        let _ = reply.send(result);
    }
}
