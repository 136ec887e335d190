//! Turns a view into what the broker should hold. Called whenever the view
//! changed; the outbox sorts out what is new. What goes out again is `retire`'s.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    discovery,
    entity::{ENTITIES, Entity, Platform, State},
    outbox::{Outbox, Stage},
    retire::Gone,
    topics::{Owner, Subject, Topics},
};
use crate::domain::view::View;

pub const ONLINE: &str = "online";
pub const OFFLINE: &str = "offline";

/// What Home Assistant's MQTT integration reads as "unknown".
const UNKNOWN: &str = "None";

/// Zones that are believed to be ours because the broker holds them: more than
/// any home has, and few enough to take out.
pub const MOST_FOUND: usize = 100;

pub struct Renderer {
    pub(super) topics: Topics,
    slug: Option<String>,
    /// Zones that the broker holds or is going to hold.
    pub(super) known: BTreeSet<String>,
    /// How many of them the broker told us of in this connection.
    found: usize,
    /// Devices that somebody deleted in Home Assistant, by their identifier.
    pub(super) deleted: BTreeSet<String>,
    /// Devices that we took out, by their discovery topic.
    pub(super) gone: BTreeMap<String, Gone>,
    /// Everything was taken out: nothing is shown any more.
    pub(super) quiet: bool,
}

impl Renderer {
    /// `slug`: the app's full slug, if it is known.
    pub fn new(topics: Topics, slug: Option<String>) -> Self {
        Self {
            topics,
            slug,
            known: BTreeSet::new(),
            found: 0,
            deleted: BTreeSet::new(),
            gone: BTreeMap::new(),
            quiet: false,
        }
    }

    /// The broker holds this zone, perhaps since before our start. `false` if
    /// it is one too many; it stays where it is until we connect again.
    pub fn found(&mut self, slug: &str) -> bool {
        let known = self.known.contains(slug);
        if !known && self.found >= MOST_FOUND {
            return false;
        }
        if !known {
            self.found += 1;
            self.known.insert(slug.to_owned());
        }
        true
    }

    /// A new connection: the broker tells what it holds anew.
    pub fn finds_anew(&mut self) {
        self.found = 0;
    }

    /// Shows nothing, from the start.
    pub fn stay_quiet(&mut self) {
        self.quiet = true;
    }

    /// Whether a device is to be seen in Home Assistant.
    pub fn shows(&self, owner: Owner<'_>) -> bool {
        !self.quiet && !self.deleted.contains(&self.topics.identifier(owner))
    }

    pub fn render(&mut self, view: &View, outbox: &mut Outbox) {
        if self.quiet {
            return;
        }
        outbox.keep_at_home(view.judge.local_only);
        let slug = self.slug.as_deref();
        if self.shows(Owner::Hub) {
            let config = discovery::hub(&self.topics, slug, view);
            let topic = self.topics.config(Owner::Hub);
            outbox.set(Stage::Discovery, &topic, config.to_string());
            self.states(ENTITIES.hub, view, outbox);
        }
        for zone in &view.zones {
            let owner = zone.owner();
            let topic = self.topics.config(owner);
            self.gone.remove(&topic);
            if !self.shows(owner) {
                continue;
            }
            let mut config = discovery::zone(&self.topics, slug, zone);
            if !self.shows(Owner::Hub) {
                discovery::stand_alone(&mut config);
            }
            outbox.set(Stage::Discovery, &topic, config.to_string());
            self.states(ENTITIES.zone, zone, outbox);
            let availability = self.topics.zone_availability(&zone.zone.options.slug);
            outbox.set(Stage::State, &availability, ONLINE);
        }
        outbox.set(Stage::Availability, &self.topics.availability(), ONLINE);
        self.retire(view, outbox);
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
