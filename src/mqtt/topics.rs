//! Every topic and id is made here and parsed here, so what is subscribed and
//! what is published cannot disagree.
//!
//! ```text
//! <device_id>/availability                     online | offline: the last will's topic
//! <device_id>/claim                            who serves under this device id, retained
//! <device_id>/claim/ask                        who asks whether it is still there
//! <device_id>/hub/<key>/state|attributes|set
//! <device_id>/zone/<slug>/availability
//! <device_id>/zone/<slug>/<key>/state|attributes|image|set
//! <prefix>/device/<identifier>/config          what Home Assistant discovers
//! ```

use crate::domain::{
    mark::DEFAULT_DEVICE_ID,
    view::{View, ZoneView},
};

/// Home Assistant says `online` here when it has started. Not under the
/// discovery prefix: the two are separate settings, and this one's default is
/// what nearly every home has.
pub const HOME_ASSISTANT_STATUS: &str = "homeassistant/status";

/// Whose entity or topic it is. A zone goes by its slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    Hub,
    Zone(&'a str),
}

/// Something in a view that is a device in Home Assistant.
pub trait Subject {
    fn owner(&self) -> Owner<'_>;
}

impl Subject for View {
    fn owner(&self) -> Owner<'_> {
        Owner::Hub
    }
}

impl Subject for ZoneView {
    fn owner(&self) -> Owner<'_> {
        Owner::Zone(&self.zone.options.slug)
    }
}

/// What a topic we listen to is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Home Assistant started or stopped.
    HomeAssistant,
    /// Somebody uses the entity with this key.
    Command { owner: Owner<'a>, key: &'a str },
    /// The broker holds a zone of ours.
    ZoneAvailability(&'a str),
    /// A device's discovery payload.
    Config(Owner<'a>),
    /// Who serves under this device id.
    Claim,
}

#[derive(Debug, Clone)]
pub struct Topics {
    device_id: String,
    prefix: String,
}

impl Topics {
    /// `device_id` matches `^[a-z0-9_]{1,32}$`; `prefix` is Home Assistant's discovery prefix.
    pub fn new(device_id: &str, prefix: &str) -> Self {
        Self {
            device_id: device_id.to_owned(),
            prefix: prefix.to_owned(),
        }
    }

    /// Whether the service is there: retained, and set to `offline` by the last will.
    pub fn availability(&self) -> String {
        format!("{}/availability", self.device_id)
    }

    /// Who serves under this device id. Retained.
    pub fn claim(&self) -> String {
        format!("{}/claim", self.device_id)
    }

    /// Asks who serves to say so.
    pub fn ask(&self) -> String {
        format!("{}/claim/ask", self.device_id)
    }

    pub fn device_id(&self) -> &str {
        &self.device_id
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn zone_availability(&self, slug: &str) -> String {
        format!("{}/zone/{slug}/availability", self.device_id)
    }

    pub fn state(&self, owner: Owner<'_>, key: &str) -> String {
        self.of(owner, key, "state")
    }

    pub fn attributes(&self, owner: Owner<'_>, key: &str) -> String {
        self.of(owner, key, "attributes")
    }

    pub fn image(&self, owner: Owner<'_>, key: &str) -> String {
        self.of(owner, key, "image")
    }

    pub fn command(&self, owner: Owner<'_>, key: &str) -> String {
        self.of(owner, key, "set")
    }

    fn of(&self, owner: Owner<'_>, key: &str, what: &str) -> String {
        match owner {
            Owner::Hub => format!("{}/hub/{key}/{what}", self.device_id),
            Owner::Zone(slug) => format!("{}/zone/{slug}/{key}/{what}", self.device_id),
        }
    }

    /// Where Home Assistant looks for the device.
    pub fn config(&self, owner: Owner<'_>) -> String {
        format!("{}/device/{}/config", self.prefix, self.identifier(owner))
    }

    /// The device's identity in Home Assistant's registry.
    pub fn identifier(&self, owner: Owner<'_>) -> String {
        match owner {
            Owner::Hub => format!("{}_hub", self.device_id),
            Owner::Zone(slug) => format!("{}_zone_{slug}", self.device_id),
        }
    }

    /// The entity's identity in Home Assistant's registry. Never shown.
    pub fn unique_id(&self, owner: Owner<'_>, key: &str) -> String {
        format!("{}_{key}", self.identifier(owner))
    }

    /// The entity id without its domain, as documented.
    pub fn object_id(&self, owner: Owner<'_>, key: &str) -> String {
        match owner {
            Owner::Hub => format!("{}_{key}", self.device_id),
            // The usual one's zones go without it, for short.
            Owner::Zone(slug) if self.device_id == DEFAULT_DEVICE_ID => {
                format!("aicleaner_{slug}_{key}")
            }
            Owner::Zone(slug) => format!("{}_{slug}_{key}", self.device_id),
        }
    }

    /// What to subscribe to: few and narrow, since a single oversize packet
    /// from a wide wildcard would end the connection again and again.
    pub fn filters(&self) -> Vec<String> {
        vec![
            self.command(Owner::Hub, "+"),
            self.command(Owner::Zone("+"), "+"),
            self.zone_availability("+"),
            HOME_ASSISTANT_STATUS.to_owned(),
        ]
    }

    /// What tells of a device id that was ours before.
    pub fn filters_of_the_past(&self) -> Vec<String> {
        vec![self.zone_availability("+"), self.claim()]
    }

    pub fn parse<'a>(&self, topic: &'a str) -> Option<Heard<'a>> {
        if topic == HOME_ASSISTANT_STATUS {
            return Some(Heard::HomeAssistant);
        }
        if let Some(owner) = self.announced(topic) {
            return Some(Heard::Config(owner));
        }
        let rest = topic
            .strip_prefix(self.device_id.as_str())?
            .strip_prefix('/')?;
        let parts: Vec<&str> = rest.split('/').collect();
        match parts[..] {
            ["hub", key, "set"] => Some(Heard::Command {
                owner: Owner::Hub,
                key,
            }),
            ["zone", slug, key, "set"] => Some(Heard::Command {
                owner: Owner::Zone(slug),
                key,
            }),
            ["zone", slug, "availability"] => Some(Heard::ZoneAvailability(slug)),
            ["claim"] => Some(Heard::Claim),
            _ => None,
        }
    }

    /// Whose discovery payload a topic holds.
    fn announced<'a>(&self, topic: &'a str) -> Option<Owner<'a>> {
        let identifier = topic
            .strip_prefix(self.prefix.as_str())?
            .strip_prefix("/device/")?
            .strip_suffix("/config")?;
        let rest = identifier
            .strip_prefix(self.device_id.as_str())?
            .strip_prefix('_')?;
        match rest.strip_prefix("zone_") {
            Some(slug) => Some(Owner::Zone(slug)),
            None => (rest == "hub").then_some(Owner::Hub),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_documented_ones() {
        let topics = Topics::new("aicleaner_v3", "homeassistant");
        assert_eq!(
            topics.object_id(Owner::Hub, "status"),
            "aicleaner_v3_status"
        );
        let kitchen = Owner::Zone("kitchen");
        assert_eq!(
            topics.object_id(kitchen, "tasks"),
            "aicleaner_kitchen_tasks"
        );
        let attic = Topics::new("attic", "homeassistant");
        assert_eq!(attic.object_id(kitchen, "tasks"), "attic_kitchen_tasks");
        assert_eq!(
            topics.config(kitchen),
            "homeassistant/device/aicleaner_v3_zone_kitchen/config"
        );
    }

    #[test]
    fn a_zone_called_v3_is_not_the_hub() {
        let topics = Topics::new("aicleaner_v3", "homeassistant");
        let (hub, zone) = (Owner::Hub, Owner::Zone("v3"));
        assert_ne!(
            topics.unique_id(hub, "status"),
            topics.unique_id(zone, "status")
        );
        assert_ne!(topics.config(hub), topics.config(zone));
    }

    #[test]
    fn what_is_made_is_parsed_back() {
        let topics = Topics::new("aicleaner_v3", "homeassistant");
        for owner in [
            Owner::Hub,
            Owner::Zone("kitchen"),
            Owner::Zone("availability"),
        ] {
            let topic = topics.command(owner, "check_now");
            let key = "check_now";
            assert_eq!(topics.parse(&topic), Some(Heard::Command { owner, key }));
        }
        assert_eq!(
            topics.parse(&topics.zone_availability("bath")),
            Some(Heard::ZoneAvailability("bath"))
        );
        for owner in [Owner::Hub, Owner::Zone("kitchen"), Owner::Zone("zone_hub")] {
            assert_eq!(
                topics.parse(&topics.config(owner)),
                Some(Heard::Config(owner))
            );
        }
        assert_eq!(topics.parse(&topics.claim()), Some(Heard::Claim));
        for foreign in ["aicleaner_v3x/hub/enabled/set", "aicleaner_v3", "", "a/b"] {
            assert_eq!(topics.parse(foreign), None, "{foreign}");
        }
    }
}
