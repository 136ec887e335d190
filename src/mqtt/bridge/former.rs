//! What to do with what we left behind under another device id, or under
//! another discovery prefix.

use std::collections::BTreeSet;

use tracing::info;

use super::Bridge;
use crate::mqtt::{
    claim,
    identity::Identity,
    link::Received,
    render::MOST_FOUND,
    topics::{Heard, Topics},
};

/// The device id, or discovery prefix, under which we served before.
pub struct Former {
    topics: Topics,
    zones: BTreeSet<String>,
    /// Somebody else has taken the place since.
    foreign: bool,
    instance: String,
}

impl Former {
    /// `None` if nothing has changed.
    pub fn of(identity: &Identity, now: &Topics) -> Option<Self> {
        let (device_id, prefix) = identity.served.as_ref()?;
        let same = device_id == now.device_id() && prefix == now.prefix();
        (!same).then(|| Self {
            topics: Topics::new(device_id, prefix),
            zones: BTreeSet::new(),
            foreign: false,
            instance: identity.instance.clone(),
        })
    }

    /// It was another device id, with topics of its own.
    pub fn is_elsewhere(&self, now: &Topics) -> bool {
        self.topics.device_id() != now.device_id()
    }

    pub fn filters(&self) -> Vec<String> {
        self.topics.filters_of_the_past()
    }

    /// Takes note of what the broker holds of it; `false` if it does not belong here.
    pub(super) fn heard(&mut self, message: &Received) -> bool {
        match self.topics.parse(&message.topic) {
            Some(Heard::ZoneAvailability(slug)) if message.retained => {
                if self.zones.len() < MOST_FOUND {
                    self.zones.insert(slug.to_owned());
                }
            }
            Some(Heard::Claim) if message.retained => {
                self.foreign = !claim::is_of(&message.payload, &self.instance);
            }
            _ => return false,
        }
        true
    }
}

impl Bridge {
    /// Takes out what we left behind under another name.
    pub(super) fn clear_past(&mut self) {
        let Some(former) = &self.former else { return };
        let id = former.topics.device_id();
        if former.foreign {
            info!(
                "Another AICleaner serves under the former device id {id}; its entities are left alone."
            );
            return;
        }
        info!(
            "Entities of the former device id {id} or discovery prefix are taken out of Home Assistant."
        );
        let mut zones = former.zones.clone();
        if !former.is_elsewhere(&self.topics) {
            let view = self.view.borrow();
            zones.extend(view.zones.iter().map(|zone| zone.zone.options.slug.clone()));
        }
        let past = former.topics.clone();
        self.outbox
            .edit(|outbox| self.renderer.clear_past(&past, &zones, outbox));
    }

    /// From now on we are known under today's name alone.
    pub(super) async fn remember(&mut self) {
        self.former = None;
        let served = Some((
            self.topics.device_id().to_owned(),
            self.topics.prefix().to_owned(),
        ));
        if self.keeper.get().served != served {
            self.keeper
                .change(|identity| identity.served = served)
                .await;
        }
    }
}
