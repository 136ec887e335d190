//! Following the states of entities.

use std::collections::BTreeSet;

use super::*;
use crate::ports::States as _;

const DOOR: &str = "binary_sensor.door";

impl World {
    async fn state(&mut self) -> (String, String) {
        loop {
            match self.message().await {
                Message::State { entity, state } => return (entity, state),
                Message::Health(..) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn told(state: &str) -> (String, String) {
    (DOOR.to_owned(), state.to_owned())
}

#[tokio::test]
async fn a_state_is_told_once_and_again_after_every_connect() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list(DOOR, "on", None);
    let mut world = World::up(&fake).await;
    world.home.states.watch(BTreeSet::from([DOOR.to_owned()]));
    assert_eq!(world.state().await, told("on"));
    fake.put_list(DOOR, "on", None);
    fake.put_list(DOOR, "off", None);
    assert_eq!(world.state().await, told("off"));
    fake.cut();
    assert_eq!(world.state().await, told("off"));
    // Nobody is watched any more: the subscription is given back.
    world.home.states.watch(BTreeSet::new());
    fake.until(|model| {
        let mut commands = model.commands.iter();
        commands.any(|command| command["type"] == "unsubscribe_events")
    })
    .await;
}
