//! What Home Assistant is told about a device: one payload for the hub, one for
//! each zone. Built from the entity table; equal views give equal bytes.

use serde_json::{Map, Value, json};

use super::{
    entity::{Category, ENTITIES, Entity, Platform},
    topics::{Owner, Subject, Topics},
};
use crate::domain::view::{View, ZoneView};

const PRODUCT: &str = "AICleaner V3";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The hub's discovery payload. `slug`: the app's full slug, for the link from
/// the device page to ours.
pub fn hub(topics: &Topics, slug: Option<&str>, view: &View) -> Value {
    let mut device = device(topics, Owner::Hub, PRODUCT, "Hub", slug);
    device.insert("sw_version".into(), VERSION.into());
    payload(topics, &device, ENTITIES.hub, view)
}

/// A zone's discovery payload.
pub fn zone(topics: &Topics, slug: Option<&str>, zone: &ZoneView) -> Value {
    let name = &zone.zone.options.name;
    let mut device = device(topics, zone.owner(), name, "Zone", slug);
    device.insert("via_device".into(), topics.identifier(Owner::Hub).into());
    payload(topics, &device, ENTITIES.zone, zone)
}

/// The hub was deleted in Home Assistant: the device is not reached through it.
pub fn stand_alone(config: &mut Value) {
    if let Some(device) = config["device"].as_object_mut() {
        device.remove("via_device");
    }
}

// Home Assistant drops a payload with a single key it does not know at the
// root, in `device` or in `origin`: add with care.
fn device(
    topics: &Topics,
    owner: Owner<'_>,
    name: &str,
    model: &str,
    slug: Option<&str>,
) -> Map<String, Value> {
    let mut device = Map::new();
    device.insert("identifiers".into(), json!([topics.identifier(owner)]));
    device.insert("name".into(), name.into());
    device.insert("manufacturer".into(), PRODUCT.into());
    device.insert("model".into(), model.into());
    if let Some(slug) = slug {
        let page = format!("homeassistant://app/{slug}");
        device.insert("configuration_url".into(), page.into());
    }
    device
}

fn payload<S: Subject>(
    topics: &Topics,
    device: &Map<String, Value>,
    entities: &[Entity<S>],
    subject: &S,
) -> Value {
    let mut availability = vec![json!({ "topic": topics.availability() })];
    if let Owner::Zone(slug) = subject.owner() {
        availability.push(json!({ "topic": topics.zone_availability(slug) }));
    }
    let components: Map<String, Value> = entities
        .iter()
        .map(|entity| {
            (
                entity.key.to_owned(),
                component(topics, entity, subject).into(),
            )
        })
        .collect();
    json!({
        "device": device,
        "origin": { "name": PRODUCT, "sw_version": VERSION },
        "availability": availability,
        "availability_mode": "all",
        "qos": 1,
        "components": components,
    })
}

fn component<S: Subject>(topics: &Topics, entity: &Entity<S>, subject: &S) -> Map<String, Value> {
    let owner = subject.owner();
    let domain = entity.platform.name();
    let mut component = match (entity.config)(subject) {
        Value::Object(own) => own,
        _ => Map::new(),
    };
    if !entity.icon.is_empty() {
        // The entity's own keys may name another one.
        component
            .entry("icon")
            .or_insert_with(|| entity.icon.into());
    }
    component.extend(skeleton(topics, owner, entity));
    let mut put = |name: &str, value: String| {
        component.insert(name.to_owned(), value.into());
    };
    put("name", entity.name.to_owned());
    let object_id = topics.object_id(owner, entity.key);
    put("default_entity_id", format!("{domain}.{object_id}"));
    match entity.category {
        Category::Main => {}
        Category::Diagnostic => put("entity_category", "diagnostic".to_owned()),
        Category::Config => put("entity_category", "config".to_owned()),
    }
    component
}

/// What makes an entity the one it is: identity and topics.
fn skeleton<S>(topics: &Topics, owner: Owner<'_>, entity: &Entity<S>) -> Map<String, Value> {
    let key = entity.key;
    let mut skeleton = Map::new();
    let mut put = |name: &str, value: String| {
        skeleton.insert(name.to_owned(), value.into());
    };
    put("platform", entity.platform.name().to_owned());
    put("unique_id", topics.unique_id(owner, key));
    if entity.platform == Platform::Image {
        put("image_topic", topics.image(owner, key));
    } else if entity.state.is_some() || entity.platform == Platform::Event {
        put("state_topic", topics.state(owner, key));
    }
    if entity.attributes.is_some() {
        put("json_attributes_topic", topics.attributes(owner, key));
    }
    if entity.command.is_some() {
        put("command_topic", topics.command(owner, key));
    }
    skeleton
}

/// A device as Home Assistant must have met it once, to take it out of its
/// registry when the topic is emptied. For devices whose removal it missed.
pub fn shell(topics: &Topics, owner: Owner<'_>) -> Value {
    let components = match owner {
        Owner::Hub => shells(topics, owner, ENTITIES.hub),
        Owner::Zone(_) => shells(topics, owner, ENTITIES.zone),
    };
    json!({
        "device": { "identifiers": [topics.identifier(owner)] },
        "origin": { "name": PRODUCT, "sw_version": VERSION },
        "components": components,
    })
}

fn shells<S>(topics: &Topics, owner: Owner<'_>, entities: &[Entity<S>]) -> Value {
    let shell = |entity: &Entity<S>| {
        let mut shell = skeleton(topics, owner, entity);
        // What it cannot be without.
        let wanted = match entity.platform {
            Platform::Event => Some("event_types"),
            Platform::Select => Some("options"),
            _ => None,
        };
        if let Some(wanted) = wanted {
            shell.insert(wanted.into(), json!(["gone"]));
        }
        (entity.key.to_owned(), shell.into())
    };
    Value::Object(entities.iter().map(shell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_has_what_home_assistant_refuses_to_be_without() {
        let topics = Topics::new("aicleaner_v3", "homeassistant");
        let shell = shell(&topics, Owner::Zone("kitchen"));
        let components = shell["components"].as_object().unwrap();
        let of = |platform: &str, wanted: &str| {
            let mut all = components.values().filter(|c| c["platform"] == platform);
            all.next().is_some_and(|c| c[wanted].is_array())
        };
        assert!(of("select", "options"));
        assert!(of("event", "event_types"));
    }
}
