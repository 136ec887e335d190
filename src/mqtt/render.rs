//! Turns a view into what the broker should hold. Called whenever the view
//! changed; the outbox sorts out what is new.

use std::collections::BTreeSet;

use super::{
    discovery,
    entity::{ENTITIES, Entity, Platform, State},
    outbox::{Outbox, Stage},
    topics::{Owner, Subject, Topics},
};
use crate::domain::view::View;

pub const ONLINE: &str = "online";
pub const OFFLINE: &str = "offline";

/// What Home Assistant's MQTT integration reads as "unknown".
const UNKNOWN: &str = "None";

pub struct Renderer {
    topics: Topics,
    slug: Option<String>,
    /// Zones that the broker holds or is going to hold.
    known: BTreeSet<String>,
}

impl Renderer {
    /// `slug`: the app's full slug, if it is known.
    pub fn new(topics: Topics, slug: Option<String>) -> Self {
        Self {
            topics,
            slug,
            known: BTreeSet::new(),
        }
    }

    /// The broker holds this zone, perhaps since before our start.
    pub fn found(&mut self, slug: &str) {
        self.known.insert(slug.to_owned());
    }

    pub fn render(&mut self, view: &View, outbox: &mut Outbox) {
        let slug = self.slug.as_deref();
        let hub = discovery::hub(&self.topics, slug, view);
        outbox.set(
            Stage::Discovery,
            &self.topics.config(Owner::Hub),
            hub.to_string(),
        );
        self.states(ENTITIES.hub, view, outbox);
        for zone in &view.zones {
            let config = discovery::zone(&self.topics, slug, zone);
            let topic = self.topics.config(zone.owner());
            outbox.set(Stage::Discovery, &topic, config.to_string());
            self.states(ENTITIES.zone, zone, outbox);
            let availability = self.topics.zone_availability(&zone.zone.options.slug);
            outbox.set(Stage::State, &availability, ONLINE);
        }
        outbox.set(Stage::Availability, &self.topics.availability(), ONLINE);
        self.retire(view, outbox);
    }

    /// What to do with zones that are no longer in the view. A zone left out
    /// because its options are wrong is only unavailable: removing it would
    /// cost the household its names, areas and history over a typing mistake.
    fn retire(&mut self, view: &View, outbox: &mut Outbox) {
        let present: BTreeSet<String> = view
            .zones
            .iter()
            .map(|zone| zone.zone.options.slug.clone())
            .collect();
        let meant = view.config_problems.is_empty() && !present.is_empty();
        for slug in self.known.difference(&present) {
            if meant {
                self.remove(slug, outbox);
            } else {
                let availability = self.topics.zone_availability(slug);
                outbox.set(Stage::State, &availability, OFFLINE);
            }
        }
        if meant {
            self.known = present;
        } else {
            self.known.extend(present);
        }
    }

    fn remove(&self, slug: &str, outbox: &mut Outbox) {
        let owner = Owner::Zone(slug);
        outbox.clear(Stage::Discovery, &self.topics.config(owner));
        for entity in ENTITIES.zone {
            if entity.platform == Platform::Image {
                outbox.clear(Stage::Picture, &self.topics.image(owner, entity.key));
            } else if entity.state.is_some() {
                outbox.clear(Stage::State, &self.topics.state(owner, entity.key));
            }
            if entity.attributes.is_some() {
                outbox.clear(Stage::State, &self.topics.attributes(owner, entity.key));
            }
        }
        outbox.clear(Stage::State, &self.topics.zone_availability(slug));
    }

    fn states<S: Subject>(&self, entities: &[Entity<S>], subject: &S, outbox: &mut Outbox) {
        let owner = subject.owner();
        for entity in entities {
            if let Some(state) = entity.state {
                let topic = self.topics.state(owner, entity.key);
                match state(subject) {
                    State::Text(text) => outbox.set(Stage::State, &topic, text),
                    State::Picture(jpeg) => {
                        let topic = self.topics.image(owner, entity.key);
                        outbox.set(Stage::Picture, &topic, jpeg);
                    }
                    // There is no "no picture"; the image entity starts unknown.
                    State::Unknown if entity.platform == Platform::Image => {}
                    State::Unknown => outbox.set(Stage::State, &topic, UNKNOWN),
                }
            }
            if let Some(attributes) = entity.attributes {
                let topic = self.topics.attributes(owner, entity.key);
                outbox.set(Stage::State, &topic, attributes(subject).to_string());
            }
        }
    }
}
