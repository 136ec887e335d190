//! Who judges.

use serde_json::{Value, json};

use crate::{
    domain::view::View,
    mqtt::entity::{Category, Entity, Platform, State},
};

pub const ENTITY: Entity<View> = Entity {
    about: "The provider that judges the pictures now, such as `local`; attributes: `local_only`, and for each of the chain its model, whether it is asked (`circuit`: `closed`, `half_open` or `open`), if not why (`class`, `sentence`) and until when, and how long its last answer took (`took_ms`).",
    icon: "mdi:brain",
    category: Category::Diagnostic,
    state: Some(|view| State::known(Some(&view.provider).filter(|name| !name.is_empty()))),
    attributes: Some(attributes),
    ..Entity::new("provider", Platform::Sensor, "Provider")
};

/// Providers shown; attributes have 4 KiB.
const SHOWN: usize = 8;

fn attributes(view: &View) -> Value {
    let judge = &view.judge;
    let chain: Vec<Value> = judge
        .links
        .iter()
        .take(SHOWN)
        .map(|link| {
            json!({
                "provider": link.provider,
                "model": super::shortened(&link.model, 60),
                "circuit": link.circuit,
                "class": link.class,
                "sentence": link.sentence.as_ref().map(|s| super::shortened(s, 200)),
                "until": link.until,
                "took_ms": link.took_ms,
            })
        })
        .collect();
    json!({ "local_only": judge.local_only, "chain": chain })
}
