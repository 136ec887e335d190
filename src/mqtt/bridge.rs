//! Between the engine and the outbox: views become messages, messages become
//! commands. It may wait for the engine's inbox, and the link goes on meanwhile.

mod commands;
mod former;

use std::{sync::Arc, time::Duration};

use tokio::{
    select,
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

pub(super) use self::former::Former;
use super::{
    Mailbox, Request,
    entities::zone_event,
    identity::Keeper,
    lane::Once,
    link::Received,
    outbox::{Outbox, SharedOutbox},
    render::{ONLINE, Renderer},
    seldom::Seldom,
    topics::{Heard, Owner, Topics},
};
use crate::{
    domain::{
        announcement::Announcement,
        health::{Component, Condition},
        view::View,
    },
    ports::{Inbox, Message},
};

/// Between two renderings. A burst of changes becomes one, yet a command's
/// effect is seen at once.
const BETWEEN_RENDERINGS: Duration = Duration::from_millis(100);

/// Between two times that everything is published for Home Assistant's starts.
const BETWEEN_BIRTHS: Duration = Duration::from_secs(10);

/// After this long with a connection what was taken out is surely out.
const SURELY_OUT: Duration = Duration::from_secs(30);

pub(super) struct Bridge {
    pub(super) topics: Topics,
    pub(super) renderer: Renderer,
    pub(super) outbox: Arc<SharedOutbox>,
    pub(super) view: watch::Receiver<Arc<View>>,
    pub(super) inbox: Inbox,
    pub(super) nonsense: Seldom,
    pub(super) keeper: Keeper,
    pub(super) former: Option<Former>,
    /// Nothing is ever shown: what is there is taken out.
    pub(super) only_to_leave: bool,
    /// Who waits for everything to be taken out.
    pub(super) reply: Option<Request>,
}

/// Where news comes from.
pub(super) struct Signals {
    pub(super) received: mpsc::Receiver<Received>,
    pub(super) conditions: watch::Receiver<Condition>,
    pub(super) passives: watch::Receiver<bool>,
    pub(super) mailbox: Mailbox,
    /// The link has left for good.
    pub(super) left: CancellationToken,
}

/// What is to be done later, if anything.
#[derive(Default)]
struct Later {
    render: Option<Instant>,
    republish: Option<Instant>,
    /// When everything was published for Home Assistant's start.
    republished: Option<Instant>,
    forget_former: Option<Instant>,
}

impl Bridge {
    pub(super) async fn run(mut self, mut signals: Signals) {
        let mut rendered = Instant::now();
        let mut later = Later::default();
        let mut engine_alive = true;
        let mut left = false;
        loop {
            select! {
                changed = self.view.changed(), if engine_alive && later.render.is_none() => {
                    engine_alive = changed.is_ok();
                    later.render = Some(rendered + BETWEEN_RENDERINGS);
                }
                () = at(later.render) => {
                    later.render = None;
                    rendered = Instant::now();
                    self.render();
                }
                () = at(later.republish) => {
                    let now = Instant::now();
                    (later.republish, later.republished) = (None, Some(now));
                    self.outbox.edit(Outbox::say_again);
                    self.outbox.edit(|outbox| self.renderer.bury(outbox, now));
                }
                () = at(later.forget_former) => {
                    later.forget_former = None;
                    self.remember().await;
                }
                Ok(()) = signals.passives.changed() => {
                    let passive = *signals.passives.borrow_and_update();
                    self.tell(Message::Passive(passive)).await;
                }
                Ok(()) = signals.conditions.changed() => {
                    // What was retained came before.
                    while let Ok(message) = signals.received.try_recv() {
                        self.heard(&message, &mut later).await;
                    }
                    let condition = signals.conditions.borrow_and_update().clone();
                    let passive = *signals.passives.borrow();
                    self.condition_is(condition, passive, &mut later).await;
                }
                Some(message) = signals.received.recv() => {
                    self.heard(&message, &mut later).await;
                }
                Some(announcement) = signals.mailbox.news.recv() => {
                    if !*signals.passives.borrow() {
                        self.announce(&announcement);
                    }
                }
                Some(reply) = signals.mailbox.farewells.recv() => {
                    let condition = signals.conditions.borrow().clone();
                    let passive = *signals.passives.borrow();
                    self.asked_to_leave(reply, &condition, passive).await;
                }
                () = signals.left.cancelled(), if !left => {
                    left = true;
                    self.has_left().await;
                }
            }
        }
    }

    fn render(&mut self) {
        let view = self.view.borrow_and_update().clone();
        self.outbox
            .edit(|outbox| self.renderer.render(&view, outbox));
    }

    async fn tell(&self, message: Message) {
        if self.inbox.send(message).await.is_err() {
            debug!("the engine is gone");
        }
    }

    async fn condition_is(&mut self, condition: Condition, passive: bool, later: &mut Later) {
        let up = condition == Condition::Ok;
        if let (true, Condition::Degraded(sentence), Some(_)) = (passive, &condition, &self.reply) {
            let sentence = format!("Nothing was taken out. {sentence}");
            self.answer(Err(sentence));
        }
        self.tell(Message::Health(Component::Mqtt, condition)).await;
        if !up {
            self.renderer.finds_anew();
            later.forget_former = None;
            return;
        }
        if self.only_to_leave {
            self.outbox.edit(|outbox| self.renderer.withdraw(outbox));
            return;
        }
        self.clear_past();
        let wait = if self.former.is_some() {
            SURELY_OUT
        } else {
            Duration::ZERO
        };
        later.forget_former = Some(Instant::now() + wait);
    }

    async fn heard(&mut self, message: &Received, later: &mut Later) {
        if let Some(former) = &mut self.former
            && former.heard(message)
        {
            return;
        }
        match self.topics.parse(&message.topic) {
            Some(Heard::HomeAssistant) => {
                if message.payload == ONLINE && !message.retained {
                    let at = birth(later.republished, Instant::now());
                    later.republish.get_or_insert(at);
                }
            }
            // Our own words come back without the retained mark.
            Some(Heard::ZoneAvailability(slug)) => {
                if message.retained && !message.payload.is_empty() {
                    if self.renderer.found(slug) {
                        later.render.get_or_insert_with(Instant::now);
                    } else {
                        self.complain(format_args!(
                            "The broker holds more zones of ours than a home can have; {} is left where it is.",
                            message.topic
                        ));
                    }
                }
            }
            Some(Heard::Config(owner)) => {
                self.deleted(owner);
                // The others may point at it.
                later.render.get_or_insert_with(Instant::now);
            }
            Some(Heard::Command { owner, key }) if message.serving => {
                if let Some(command) = self.command(owner, key, message) {
                    self.tell(Message::Command(command, None)).await;
                }
            }
            Some(Heard::Command { .. } | Heard::Claim) => {}
            None => debug!(topic = message.topic, "a message about nothing of ours"),
        }
    }

    /// Home Assistant, or somebody else, emptied the topic of a device's discovery.
    fn deleted(&mut self, owner: Owner<'_>) {
        let shown = self
            .outbox
            .edit(|outbox| self.renderer.deleted(owner, outbox));
        if !shown {
            return;
        }
        match owner {
            Owner::Hub => info!(
                "The device of AICleaner itself was deleted in Home Assistant; it stays away until the next start."
            ),
            Owner::Zone(slug) => info!(
                "The device of the zone {slug} was deleted in Home Assistant; it stays away until the next start. To be rid of it for good take the zone out of the options."
            ),
        }
    }

    fn announce(&mut self, announcement: &Announcement) {
        let owner = Owner::Zone(&announcement.zone);
        if !self.renderer.shows(owner) {
            return;
        }
        let topic = self.topics.state(owner, zone_event::ENTITY.key);
        let payload = zone_event::payload(announcement).to_string();
        let once = Once::news(topic, payload, Instant::now());
        // What happened is told after what is the case now.
        self.render();
        self.outbox.edit(|outbox| outbox.push(once));
    }

    async fn asked_to_leave(&mut self, reply: Request, condition: &Condition, passive: bool) {
        if self.only_to_leave {
            self.reply = Some(reply);
            return;
        }
        let home = self
            .view
            .borrow()
            .health
            .get(Component::HomeAssistant)
            .cloned();
        let home_is_away = matches!(
            home,
            Some((Condition::Paused(_) | Condition::Degraded(_), _))
        );
        let answer = if self.renderer.quiet {
            Ok(())
        } else if passive {
            Err(
                "Another AICleaner serves under this device id; there is nothing of ours to take out of Home Assistant.",
            )
        } else if *condition != Condition::Ok {
            Err(
                "The MQTT broker cannot be reached now, so nothing can be taken out of it; try again when it works.",
            )
        } else if home_is_away {
            Err(
                "Home Assistant does not answer now and would not notice that the entities are taken out; try again when it runs.",
            )
        } else {
            info!("Everything is taken out of Home Assistant and the MQTT broker, as asked.");
            self.outbox.edit(|outbox| self.renderer.withdraw(outbox));
            self.tell(Message::Passive(true)).await;
            self.reply = Some(reply);
            return;
        };
        let answer = answer.map_err(str::to_owned);
        // Whoever asked may have gone; that changes nothing.
        let _ = reply.send(answer);
    }

    /// The link is gone for good: stopped, or everything is out.
    async fn has_left(&mut self) {
        if !self.renderer.quiet {
            return;
        }
        let sentence = "Everything was taken out of Home Assistant and the MQTT broker; restart AICleaner to bring it back.";
        info!("{sentence}");
        self.answer(Ok(()));
        let condition = Condition::Off(sentence.to_owned());
        self.tell(Message::Health(Component::Mqtt, condition)).await;
    }

    fn answer(&mut self, answer: Result<(), String>) {
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(answer);
        }
    }
}

/// When to publish everything for Home Assistant's start. It asks for a short
/// random pause, so that not everybody answers at once; several births within
/// it are one, and a storm of them is answered every ten seconds.
fn birth(last: Option<Instant>, now: Instant) -> Instant {
    let pause = Duration::from_millis(fastrand::u64(500..3000));
    let rested = last.map_or(now, |last| last + BETWEEN_BIRTHS);
    (now + pause).max(rested)
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
