//! What goes out of the broker and of Home Assistant again: zones that are no
//! longer there, devices that somebody deleted, what an earlier device id left
//! behind, and in the end everything.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

use super::{
    discovery,
    entity::{ENTITIES, Entity, Platform},
    lane::{FRESH, Once},
    outbox::{Outbox, Stage},
    render::{OFFLINE, Renderer},
    topics::{Owner, Topics},
};
use crate::domain::view::View;

/// From a device's announcement until Home Assistant can take it out again.
const MEETING: Duration = Duration::from_secs(5);

/// Devices to be buried at most; more than any home has, so the rest was
/// written to the broker by somebody else.
const MOST_GONE: usize = 100;

/// A device that was taken out. If Home Assistant was not there to see it, its
/// registry still has the device: after Home Assistant's start the device is
/// introduced once more and taken out before its eyes.
#[derive(Debug)]
pub struct Gone {
    shell: String,
    /// When that was done.
    shown: Option<Instant>,
}

impl Renderer {
    /// What to do with zones that are no longer in the view. A zone left out
    /// because its options are wrong is only unavailable: removing it would
    /// cost the household its names, areas and history over a typing mistake.
    pub(super) fn retire(&mut self, view: &View, outbox: &mut Outbox) {
        let present: BTreeSet<String> = view
            .zones
            .iter()
            .map(|zone| zone.zone.options.slug.clone())
            .collect();
        let meant = view.config_problems.is_empty() && !present.is_empty();
        let topics = self.topics.clone();
        let missing: Vec<String> = self.known.difference(&present).cloned().collect();
        for slug in &missing {
            let owner = Owner::Zone(slug);
            if meant {
                // Should the zone come back it is a new one.
                if !self.deleted.remove(&topics.identifier(owner)) {
                    self.mourn(&topics, owner);
                }
                take_out(&topics, owner, outbox);
            } else {
                outbox.set(Stage::State, &topics.zone_availability(slug), OFFLINE);
            }
        }
        if meant {
            self.known = present;
        } else {
            self.known.extend(present);
        }
    }

    fn mourn(&mut self, topics: &Topics, owner: Owner<'_>) {
        if self.gone.len() >= MOST_GONE {
            return;
        }
        let shell = discovery::shell(topics, owner).to_string();
        let gone = Gone { shell, shown: None };
        self.gone.insert(topics.config(owner), gone);
    }

    /// Somebody deleted the device in Home Assistant, which is not fought: it
    /// stays away until the next start. `false` if it was not shown anyway.
    pub fn deleted(&mut self, owner: Owner<'_>, outbox: &mut Outbox) -> bool {
        if !self.shows(owner) {
            return false;
        }
        self.deleted.insert(self.topics.identifier(owner));
        take_out(&self.topics, owner, outbox);
        // Which has been done already.
        outbox.forget(&self.topics.config(owner));
        true
    }

    /// Home Assistant has started: devices whose end it may have missed are
    /// shown to it once more, and taken out.
    pub fn bury(&mut self, outbox: &mut Outbox, now: Instant) {
        for (topic, gone) in &mut self.gone {
            // A start soon after the last one may have come too early.
            if gone.shown.is_some_and(|at| now > at + 4 * MEETING) {
                continue;
            }
            gone.shown = Some(now);
            let once = |payload: &str, retain, from| Once {
                topic: topic.clone(),
                payload: payload.to_owned().into(),
                retain,
                from,
                until: from + FRESH,
                news: false,
            };
            outbox.push(once(&gone.shell, false, now));
            outbox.push(once("", true, now + MEETING));
        }
    }

    /// Takes out what an earlier device id, or discovery prefix, left behind.
    pub fn clear_past(&mut self, past: &Topics, zones: &BTreeSet<String>, outbox: &mut Outbox) {
        let owners = zones.iter().map(|slug| Owner::Zone(slug));
        if past.device_id() == self.topics.device_id() {
            // The same devices, announced elsewhere.
            for owner in owners.chain([Owner::Hub]) {
                outbox.clear(Stage::Discovery, &past.config(owner));
            }
            return;
        }
        for owner in owners.chain([Owner::Hub]) {
            take_out(past, owner, outbox);
            self.mourn(past, owner);
        }
        outbox.clear(Stage::State, &past.availability());
        outbox.clear(Stage::State, &past.claim());
    }

    /// Takes everything out, for good.
    pub fn withdraw(&mut self, outbox: &mut Outbox) {
        for slug in &self.known {
            take_out(&self.topics, Owner::Zone(slug), outbox);
        }
        take_out(&self.topics, Owner::Hub, outbox);
        outbox.clear(Stage::State, &self.topics.availability());
        outbox.clear(Stage::State, &self.topics.claim());
        outbox.close();
        self.quiet = true;
    }
}

/// Takes a device out of the broker, and so out of Home Assistant.
fn take_out(topics: &Topics, owner: Owner<'_>, outbox: &mut Outbox) {
    outbox.clear(Stage::Discovery, &topics.config(owner));
    match owner {
        Owner::Hub => take_out_states(topics, owner, ENTITIES.hub, outbox),
        Owner::Zone(slug) => {
            take_out_states(topics, owner, ENTITIES.zone, outbox);
            outbox.clear(Stage::State, &topics.zone_availability(slug));
        }
    }
}

fn take_out_states<S>(
    topics: &Topics,
    owner: Owner<'_>,
    entities: &[Entity<S>],
    outbox: &mut Outbox,
) {
    for entity in entities {
        if entity.platform == Platform::Image {
            outbox.clear(Stage::Picture, &topics.image(owner, entity.key));
        } else if entity.state.is_some() {
            outbox.clear(Stage::State, &topics.state(owner, entity.key));
        }
        if entity.attributes.is_some() {
            outbox.clear(Stage::State, &topics.attributes(owner, entity.key));
        }
    }
}
