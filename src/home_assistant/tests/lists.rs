//! To-do lists: working on them and watching them.

use serde_json::{Value, json};

use super::*;
use crate::{
    domain::todo::{Features, Item, ItemStatus, ListId, Uid},
    ports::{TodoError, TodoLists},
};

fn list() -> ListId {
    ListId("todo.x".into())
}

fn item(uid: &str, status: &str) -> Value {
    json!({"uid": uid, "summary": uid, "status": status, "due": null, "description": null})
}

fn cup() -> Item {
    Item {
        uid: Uid("cup".into()),
        summary: "cup".into(),
        status: ItemStatus::NeedsAction,
        description: None,
    }
}

impl World {
    async fn seen(&mut self) -> (Vec<Item>, bool) {
        match self.message().await {
            Message::ListSeen { list, items, fresh } => {
                assert_eq!(list.0, "todo.x");
                (items, fresh)
            }
            other => panic!("{other:?} instead of a listing"),
        }
    }

    /// The next listing, past the conditions before it.
    async fn seen_again(&mut self) -> (Vec<Item>, bool) {
        loop {
            match self.message().await {
                Message::ListSeen { items, fresh, .. } => return (items, fresh),
                Message::Health(..) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn items_are_added_ticked_and_removed_by_uid() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    let world = World::up(&fake).await;
    let (lists, list) = (&world.home.lists, list());
    assert_eq!(lists.features(&list).await, Ok(Features(127)));
    lists
        .add(&list, "Cup", Some("[aicleaner 1]"))
        .await
        .unwrap();
    lists.add(&list, "Cup", None).await.unwrap();
    let items = lists.items(&list).await.unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].description.as_deref(), Some("[aicleaner 1]"));

    let uid = &items[1].uid;
    lists
        .set_status(&list, uid, ItemStatus::Completed)
        .await
        .unwrap();
    let items = lists.items(&list).await.unwrap();
    assert_eq!(items[0].status, ItemStatus::NeedsAction);
    assert_eq!(items[1].status, ItemStatus::Completed);
    lists.remove(&list, &items[0].uid).await.unwrap();
    assert_eq!(lists.items(&list).await.unwrap(), items[1..]);
}

#[tokio::test]
async fn a_list_gets_only_what_it_supports() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    fake.model().entities.get_mut("todo.x").unwrap().features = 1;
    let world = World::up(&fake).await;
    let (lists, list) = (&world.home.lists, list());
    lists
        .add(&list, "Cup", Some("[aicleaner 1]"))
        .await
        .unwrap();
    assert_eq!(fake.items("todo.x")[0]["description"], Value::Null);
    let uid = Uid("uid-1".into());
    let ticked = lists.set_status(&list, &uid, ItemStatus::Completed).await;
    assert!(matches!(ticked, Err(TodoError::Refused(_))), "{ticked:?}");
    let removed = lists.remove(&list, &uid).await;
    assert!(matches!(removed, Err(TodoError::Refused(_))), "{removed:?}");
    // Refused here: Home Assistant would log an error about us.
    assert_eq!(fake.received("call_service").len(), 1);
}

#[tokio::test]
async fn a_change_to_a_list_that_is_not_there_is_no_success() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let lists = &world.home.lists;
    for missing in ["todo.x", "light.x", "todo.x/../config", ""] {
        let missing = ListId(missing.into());
        let added = lists.add(&missing, "Cup", None).await;
        assert_eq!(added, Err(TodoError::NoSuchList(missing.clone())));
        assert!(matches!(
            lists.items(&missing).await,
            Err(TodoError::NoSuchList(_))
        ));
    }
    // Unavailable or not loaded: it lists as empty, which is not the truth.
    for state in ["unavailable", "unknown"] {
        fake.put_list("todo.x", state, None);
        let added = lists.add(&list(), "Cup", None).await;
        assert!(
            matches!(&added, Err(TodoError::Paused(why)) if why.contains(state)),
            "{added:?}"
        );
        let listed = lists.items(&list()).await;
        assert!(matches!(listed, Err(TodoError::Paused(_))), "{listed:?}");
    }
    assert!(fake.received("call_service").is_empty());
}

#[tokio::test]
async fn refusals_and_absences_are_told_apart() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    let world = World::up(&fake).await;
    let lists = &world.home.lists;
    let ticked = lists
        .set_status(&list(), &Uid("gone".into()), ItemStatus::Completed)
        .await;
    let Err(TodoError::Refused(why)) = ticked else {
        panic!("{ticked:?}")
    };
    assert!(why.contains("Unable to find"), "{why}");

    fake.model().upgrade = Some(502);
    fake.cut();
    let mut link = world.socket().link();
    wait_for(&mut link, |s| *s != LinkState::Up).await;
    let added = lists.add(&list(), "Cup", None).await;
    assert!(matches!(added, Err(TodoError::Away(_))), "{added:?}");

    let nowhere = World::start(&HomeAssistantAccess::None, LIMITS);
    let added = nowhere.home.lists.add(&list(), "Cup", None).await;
    assert!(
        matches!(&added, Err(TodoError::Away(why)) if why.contains("not set up")),
        "{added:?}"
    );
}

#[tokio::test]
async fn a_watched_list_is_fresh_after_every_reconnect() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "1", Some(vec![item("cup", "needs_action")]));
    let mut world = World::up(&fake).await;
    world.home.lists.watch(vec![list()]);
    assert_eq!(world.seen().await, (vec![cup()], true));
    fake.set_items("todo.x", vec![item("cup", "completed")]);
    let (items, fresh) = world.seen().await;
    assert_eq!((items[0].status, fresh), (ItemStatus::Completed, false));

    // Changed while we are away: nothing is pushed, the next listing says it.
    fake.model().upgrade = Some(502);
    fake.cut();
    let mut link = world.socket().link();
    wait_for(&mut link, |s| *s != LinkState::Up).await;
    fake.set_items("todo.x", vec![]);
    fake.model().upgrade = None;
    assert_eq!(world.seen_again().await, (vec![], true));
    fake.set_items("todo.x", vec![item("cup", "needs_action")]);
    assert_eq!(world.seen_again().await, (vec![cup()], false));
}

#[tokio::test]
async fn an_unavailable_list_is_not_an_empty_one() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "unknown", None);
    let mut world = World::up(&fake).await;
    world.home.lists.watch(vec![list()]);
    fake.until(|m| m.commands.iter().any(|c| c["type"] == "subscribe_entities"))
        .await;
    // Round trips, in which an item subscription would have been sent.
    for _ in 0..5 {
        world.socket().call(json!({"type": "echo"})).await.unwrap();
    }
    assert!(fake.received("todo/item/subscribe").is_empty());
    // Loaded: the first listing has the items, and none without came before.
    fake.set_items("todo.x", vec![item("cup", "needs_action")]);
    assert_eq!(world.seen().await, (vec![cup()], true));

    // Its integration is loaded anew: the old subscription would stay silent.
    fake.put_list("todo.x", "unavailable", None);
    fake.until(|m| m.commands.iter().any(|c| c["type"] == "unsubscribe_events"))
        .await;
    fake.set_items("todo.x", vec![]);
    assert_eq!(world.seen().await, (vec![], true));
    assert_eq!(fake.received("todo/item/subscribe").len(), 2);
}

#[tokio::test]
async fn watching_others_replaces_the_watched() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    fake.put_list("todo.y", "0", Some(vec![]));
    let mut world = World::up(&fake).await;
    world
        .home
        .lists
        .watch(vec![ListId("todo.y".into()), ListId("todo.y".into())]);
    assert!(matches!(world.message().await, Message::ListSeen { .. }));
    world.home.lists.watch(vec![list()]);
    assert_eq!(world.seen().await, (vec![], true));
    fake.until(|m| {
        m.commands
            .iter()
            .filter(|c| c["type"] == "unsubscribe_events")
            .count()
            == 2
    })
    .await;
    fake.set_items("todo.y", vec![item("cup", "needs_action")]);
    fake.set_items("todo.x", vec![item("cup", "needs_action")]);
    assert_eq!(world.seen().await, (vec![cup()], false));
    assert_eq!(fake.received("todo/item/subscribe").len(), 2);
}

#[tokio::test]
async fn original_15_no_lock_is_held_while_home_assistant_is_asked() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "0", Some(vec![]));
    let world = World::up(&fake).await;
    fake.model().mute = true;
    let (lists, list) = (&world.home.lists, list());
    let asking = async {
        fake.until(|m| m.commands.iter().any(|c| c["type"] == "call_service"))
            .await;
        // Returns at once, while the adding waits for its answer.
        lists.watch(vec![list.clone()]);
        lists.watch(vec![]);
        fake.cut();
    };
    let (added, ()) = tokio::join!(lists.add(&list, "Cup", None), asking);
    assert!(matches!(added, Err(TodoError::Away(_))), "{added:?}");
}

#[tokio::test]
async fn an_item_gets_other_words_by_uid() {
    let fake = FakeHome::start().await.unwrap();
    fake.put_list("todo.x", "1", Some(vec![item("cup", "needs_action")]));
    let world = World::up(&fake).await;
    let uid = Uid("cup".into());
    let renamed = world.home.lists.rename(&list(), &uid, "Kitchen: cup").await;
    assert_eq!(renamed, Ok(()));
    assert_eq!(fake.items("todo.x")[0]["summary"], "Kitchen: cup");
    assert_eq!(fake.items("todo.x")[0]["status"], "needs_action");
    fake.model().entities.get_mut("todo.x").unwrap().features = 3;
    let renamed = world.home.lists.rename(&list(), &uid, "Cup").await;
    assert!(matches!(renamed, Err(TodoError::Refused(_))), "{renamed:?}");
}
