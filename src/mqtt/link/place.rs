//! Whether the place under our device id is ours, on this connection, and what
//! follows from it.

use std::mem;

use rumqttc::SubscribeReasonCode;
use tokio::time::Instant;
use tracing::{info, warn};

use super::{
    Link,
    connection::{Connection, Ears},
};
use crate::{
    domain::health::Condition,
    mqtt::{claim::Verdict, outbox::Outbox, trouble::Kind},
};

impl Link {
    /// The broker has said what we may hear.
    pub(super) async fn listens(
        &mut self,
        connection: &mut Connection,
        answers: &[SubscribeReasonCode],
    ) {
        let broker = &connection.broker;
        let deaf = answers.contains(&SubscribeReasonCode::Failure);
        if deaf {
            let sentence = format!(
                "The MQTT broker at {broker} does not let us listen for commands; allow this user to read our topics in the broker's access list."
            );
            connection.past.told = None;
            warn!("{sentence}");
            self.condition.send_replace(Condition::Degraded(sentence));
        }
        connection.ears = if deaf { Ears::Deaf } else { Ears::Open };
        match &mut self.claim {
            Some(claim) => {
                claim.connected(Instant::now());
                if deaf {
                    // Nobody's answer would be heard.
                    let verdict = claim.unheard();
                    self.obey(connection, verdict).await;
                }
            }
            None => self.begin(connection),
        }
    }

    /// The place is ours: everything is published.
    fn begin(&mut self, connection: &mut Connection) {
        connection.serves = true;
        self.passive.send_if_modified(mem::take);
        self.outbox.take(Outbox::republish);
        if connection.ears != Ears::Deaf && connection.past.told != Some(Kind::Broken) {
            self.say_connected(connection);
        }
    }

    /// Says once that pictures stay here, if they do and we serve.
    pub(super) fn mind_pictures(&self, connection: &mut Connection) {
        if !self.outbox.take(|outbox| outbox.withholds()) {
            connection.past.withheld = false;
            return;
        }
        if !connection.serves || connection.leave_by.is_some() {
            return;
        }
        let Some(peer) = connection.peer else {
            // The option was switched on; the next connection knows where it leads.
            connection.serves = false;
            connection.change_role();
            return;
        };
        if !mem::replace(&mut connection.past.withheld, true) {
            warn!(
                "The MQTT broker at {} ({peer}) is outside the home network and local_only is on: no snapshot picture is published to it, so Home Assistant shows none. Use a broker at home, or switch local_only off.",
                connection.broker
            );
        }
    }

    pub(super) fn say_connected(&mut self, connection: &mut Connection) {
        info!("Connected to the MQTT broker at {}.", connection.broker);
        connection.past.told = None;
        self.condition.send_replace(Condition::Ok);
    }

    pub(super) async fn obey(&mut self, connection: &mut Connection, verdict: Verdict) {
        match verdict {
            Verdict::Nothing => {}
            Verdict::Serve => self.begin(connection),
            Verdict::Wait(rival) => {
                let Some(claim) = &self.claim else { return };
                connection.serves = false;
                connection.past.told = None;
                let sentence = claim.sentence(&rival);
                let condition = if rival.alive {
                    Condition::Degraded(sentence.clone())
                } else {
                    Condition::Paused(sentence.clone())
                };
                let alive = rival.alive;
                self.passive
                    .send_if_modified(|passive| mem::replace(passive, alive) != alive);
                let new = self
                    .condition
                    .send_if_modified(|old| mem::replace(old, condition.clone()) != condition);
                if new {
                    warn!("{sentence}");
                }
            }
            Verdict::Reconnect => {
                let renamed = self.claim.as_ref().map(|claim| claim.instance().to_owned());
                if let (Some(keeper), Some(name)) = (&self.keeper, renamed)
                    && keeper.get().instance != name
                {
                    keeper.change(|identity| identity.instance = name).await;
                }
                connection.serves = false;
                connection.change_role();
            }
        }
    }
}
