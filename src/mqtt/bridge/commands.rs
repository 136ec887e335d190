//! What a message on a command topic asks for.

use tracing::warn;

use super::Bridge;
use crate::{
    domain::command::Command,
    mqtt::{
        entity::{ENTITIES, Entity},
        link::Received,
        topics::Owner,
    },
};

impl Bridge {
    pub(super) fn command(
        &mut self,
        owner: Owner<'_>,
        key: &str,
        message: &Received,
    ) -> Option<Command> {
        let topic = &message.topic;
        if message.retained {
            // Said before we listened, perhaps weeks ago.
            self.complain(format_args!(
                "The retained command on {topic} is ignored; do not retain commands."
            ));
            return None;
        }
        let payload = &*String::from_utf8_lossy(&message.payload);
        let view = self.view.borrow().clone();
        let command = match owner {
            Owner::Hub => asked(ENTITIES.hub, &*view, key, payload),
            Owner::Zone(slug) => view
                .zones
                .iter()
                .find(|zone| zone.zone.options.slug == slug)
                .and_then(|zone| asked(ENTITIES.zone, zone, key, payload)),
        };
        if command.is_none() {
            let start: String = payload.chars().take(40).collect();
            self.complain(format_args!(
                "The command {start:?} on {topic} makes no sense and is ignored."
            ));
        }
        command
    }

    pub(super) fn complain(&mut self, sentence: std::fmt::Arguments<'_>) {
        match self.nonsense.now() {
            None => {}
            Some(0) => warn!("{sentence}"),
            Some(more) => warn!("{sentence} ({more} more like this in the last minutes)"),
        }
    }
}

fn asked<S>(entities: &[Entity<S>], subject: &S, key: &str, payload: &str) -> Option<Command> {
    let entity = entities.iter().find(|entity| entity.key == key)?;
    entity.command?(subject, payload)
}
