//! The household's to-do lists, through Home Assistant's to-do actions. What
//! to change, and when, is decided elsewhere.

mod item;
mod watching;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{Socket, camera::is_object_id, error::HaError, report::sentence, rest::Rest};
use crate::{
    domain::todo::{Features, Item, ItemStatus, ListId, Uid},
    ports::{Boxed, Inbox, TodoError, TodoLists},
    telemetry::labels::Request,
};

/// Works on lists and watches them.
#[derive(Debug)]
pub struct Lists {
    /// Why there is no Home Assistant, as a sentence.
    home: Result<Home, String>,
    inbox: Inbox,
    tasks: TaskTracker,
    runtime: Handle,
    stop: CancellationToken,
    /// The lists that are watched; letting go of a guard ends its task.
    watched: Mutex<HashMap<ListId, DropGuard>>,
}

#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) rest: Rest,
    pub(super) socket: Socket,
}

/// A state as `GET /api/states/<entity>` gives it.
#[derive(Deserialize)]
struct State {
    state: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
struct Attributes {
    #[serde(default)]
    supported_features: u32,
}

impl Lists {
    /// Needs a tokio runtime: the watching runs on it.
    pub(super) fn new(
        home: Result<Home, String>,
        inbox: Inbox,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            home,
            inbox,
            tasks,
            runtime: Handle::current(),
            stop,
            watched: Mutex::default(),
        }
    }

    fn home(&self) -> Result<&Home, TodoError> {
        let home = (self.home.as_ref()).map_err(|why| TodoError::Away(sentence(why)))?;
        // While Home Assistant starts, lists it knows seem not to exist.
        match home.socket.link().borrow().obstacle() {
            None => Ok(home),
            Some(obstacle) => Err(TodoError::Away(sentence(&obstacle.to_string()))),
        }
    }

    /// The list's features if it can be worked on now. Asked before every
    /// action: for a list that is missing or unavailable Home Assistant does
    /// nothing and reports success.
    async fn ready(&self, list: &ListId) -> Result<(&Home, Features), TodoError> {
        let home = self.home()?;
        if !list.0.strip_prefix("todo.").is_some_and(is_object_id) {
            return Err(TodoError::NoSuchList(list.clone()));
        }
        let path = format!("states/{list}");
        let state: State = match home.rest.get_json(Request::State, &path).await {
            Ok(state) => state,
            Err(HaError::Status { status: 404, .. }) => {
                return Err(TodoError::NoSuchList(list.clone()));
            }
            Err(why) => return Err(not_now(list, &why)),
        };
        if !is_usable(&state.state) {
            return Err(TodoError::Paused(format!(
                "{list} is {} in Home Assistant at the moment; check the integration it belongs to.",
                state.state
            )));
        }
        Ok((home, Features(state.attributes.supported_features)))
    }

    async fn listing(&self, list: &ListId) -> Result<Vec<Item>, TodoError> {
        let (home, _) = self.ready(list).await?;
        let answer = act(home, list, "get_items", json!({}), true).await?;
        item::items(&answer["response"][&list.0]["items"]).ok_or_else(|| {
            TodoError::Paused(format!(
                "Home Assistant gave no listing of {list} that can be read; it is tried again."
            ))
        })
    }

    async fn put(
        &self,
        list: &ListId,
        summary: &str,
        description: Option<&str>,
    ) -> Result<(), TodoError> {
        let (home, features) = self.ready(list).await?;
        able(features.create(), list, "take new items")?;
        let mut data = json!({"item": summary});
        if let Some(description) = description.filter(|_| features.description()) {
            data["description"] = description.into();
        }
        #[cfg(feature = "mutants")]
        {
            use crate::mutants::{Mutant, lives};
            if lives(Mutant::LosesItems) {
                return Ok(());
            }
            if lives(Mutant::DoublesItems) {
                act(home, list, "add_item", data.clone(), false).await?;
            }
        }
        act(home, list, "add_item", data, false).await.map(drop)
    }

    async fn tick(&self, list: &ListId, uid: &Uid, status: ItemStatus) -> Result<(), TodoError> {
        let (home, features) = self.ready(list).await?;
        able(features.update(), list, "change items")?;
        #[cfg(feature = "mutants")]
        if crate::mutants::lives(crate::mutants::Mutant::KeepsItems) {
            return Ok(());
        }
        let data = json!({"item": uid, "status": status});
        act(home, list, "update_item", data, false).await.map(drop)
    }

    async fn give_words(&self, list: &ListId, uid: &Uid, summary: &str) -> Result<(), TodoError> {
        let (home, features) = self.ready(list).await?;
        able(features.update(), list, "change items")?;
        let data = json!({"item": uid, "rename": summary});
        act(home, list, "update_item", data, false).await.map(drop)
    }

    async fn take_off(&self, list: &ListId, uid: &Uid) -> Result<(), TodoError> {
        let (home, features) = self.ready(list).await?;
        able(features.delete(), list, "remove items")?;
        #[cfg(feature = "mutants")]
        if crate::mutants::lives(crate::mutants::Mutant::KeepsItems) {
            return Ok(());
        }
        let data = json!({"item": [uid]});
        act(home, list, "remove_item", data, false).await.map(drop)
    }
}

impl TodoLists for Lists {
    fn features<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Features, TodoError>> {
        Box::pin(async move { Ok(self.ready(list).await?.1) })
    }

    fn items<'a>(&'a self, list: &'a ListId) -> Boxed<'a, Result<Vec<Item>, TodoError>> {
        Box::pin(self.listing(list))
    }

    fn add<'a>(
        &'a self,
        list: &'a ListId,
        summary: &'a str,
        description: Option<&'a str>,
    ) -> Boxed<'a, Result<(), TodoError>> {
        Box::pin(self.put(list, summary, description))
    }

    fn set_status<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        status: ItemStatus,
    ) -> Boxed<'a, Result<(), TodoError>> {
        Box::pin(self.tick(list, uid, status))
    }

    fn rename<'a>(
        &'a self,
        list: &'a ListId,
        uid: &'a Uid,
        summary: &'a str,
    ) -> Boxed<'a, Result<(), TodoError>> {
        Box::pin(self.give_words(list, uid, summary))
    }

    fn remove<'a>(&'a self, list: &'a ListId, uid: &'a Uid) -> Boxed<'a, Result<(), TodoError>> {
        Box::pin(self.take_off(list, uid))
    }

    fn watch(&self, lists: Vec<ListId>) {
        let Ok(home) = &self.home else { return };
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|list, _| lists.contains(list));
        for list in lists {
            if watched.contains_key(&list) {
                continue;
            }
            let stop = self.stop.child_token();
            let task = watching::watch(
                home.socket.clone(),
                list.clone(),
                self.inbox.clone(),
                stop.clone(),
            );
            self.tasks.spawn_on(task, &self.runtime);
            watched.insert(list, stop.drop_guard());
        }
    }
}

/// Whether a list in this state holds what its items say: an unavailable or
/// not yet loaded one lists as empty.
fn is_usable(state: &str) -> bool {
    !matches!(state, "unavailable" | "unknown")
}

fn able(can: bool, list: &ListId, what: &str) -> Result<(), TodoError> {
    if can {
        return Ok(());
    }
    Err(TodoError::Refused(format!(
        "{list} cannot {what}; choose another list in the options"
    )))
}

/// Performs a to-do action on one list.
async fn act(
    home: &Home,
    list: &ListId,
    service: &str,
    data: Value,
    response: bool,
) -> Result<Value, TodoError> {
    let command = json!({
        "type": "call_service",
        "domain": "todo",
        "service": service,
        "service_data": data,
        "target": {"entity_id": list},
        "return_response": response,
    });
    let why = match home.socket.call(command).await {
        Ok(answer) => return Ok(answer),
        Err(why) => why,
    };
    Err(match why {
        HaError::Refused { code, message } => match code.as_str() {
            "service_validation_error"
            | "invalid_format"
            | "not_supported"
            | "not_allowed"
            | "unauthorized" => TodoError::Refused(message),
            // No list at all, so no to-do actions either.
            "not_found" => TodoError::NoSuchList(list.clone()),
            // The service behind the list failed; it may work in a while.
            _ => TodoError::Paused(format!(
                "Home Assistant could not work on {list} ({message}); it is tried again."
            )),
        },
        other => not_now(list, &other),
    })
}

fn not_now(list: &ListId, why: &HaError) -> TodoError {
    match why {
        HaError::Away(why) => TodoError::Away(sentence(why)),
        why => TodoError::Paused(format!("{list} cannot be reached: {why}.")),
    }
}
