//! Sends notifications through Home Assistant, and hears the buttons on them.
//! What is told, and when, is decided elsewhere; each message is tried once.

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Home, Subscription, Update, error::HaError};
use crate::{
    domain::{
        command::Command,
        notification::{
            Kind, Notice, NotifyOptions,
            words::{self, Message as Words},
        },
        task::TaskId,
        zone::ZoneId,
    },
    ports::{Herald, Inbox, Message},
    telemetry::labels::Request,
};

/// Messages that may wait; the day's cap is below it.
const WAITING: usize = 128;
/// The companion app's event when a button is pressed.
const PRESSED: &str = "mobile_app_notification_action";
/// How long the button "later" lets a zone rest.
const SNOOZE_MINUTES: u32 = 120;

/// Hands messages to the task that sends them.
#[derive(Debug)]
pub struct Notifier {
    messages: mpsc::Sender<(Notice, NotifyOptions)>,
}

impl Notifier {
    /// Without a Home Assistant nothing is sent. Needs a tokio runtime.
    pub(super) fn start(
        home: Option<Home>,
        name: String,
        inbox: Inbox,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (messages, queue) = mpsc::channel(WAITING);
        if let Some(home) = home {
            let sender = Sender { home, name, inbox };
            tasks.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sender.run(queue) => {}
                }
            });
        }
        Self { messages }
    }
}

impl Herald for Notifier {
    fn tell(&self, notice: Notice, how: &NotifyOptions) {
        if self.messages.try_send((notice, how.clone())).is_err() {
            tracing::debug!("a notification was dropped: there is no Home Assistant to send it");
        }
    }
}

struct Sender {
    home: Home,
    name: String,
    inbox: Inbox,
}

impl Sender {
    async fn run(self, mut queue: mpsc::Receiver<(Notice, NotifyOptions)>) {
        let pressed = json!({"type": "subscribe_events", "event_type": PRESSED});
        let mut buttons: Subscription = self.home.socket.subscribe(pressed).await;
        loop {
            tokio::select! {
                message = queue.recv() => match message {
                    Some((notice, how)) => self.send(&notice, &how).await,
                    None => return,
                },
                update = buttons.next() => match update {
                    Some(Update::Event(event)) => self.pressed(&event).await,
                    Some(Update::Subscribed) => {}
                    None => return,
                },
            }
        }
    }

    async fn send(&self, notice: &Notice, how: &NotifyOptions) {
        let language = match &how.language {
            Some(code) => code.clone(),
            None => self.language().await,
        };
        let words = words::message(notice, how.personality, &language);
        let sent = match &how.service {
            Some(service) => self.through(service, notice, &words).await,
            None => self.as_own(notice, &words).await,
        };
        let Err(why) = sent else { return };
        let service = how.service.as_deref().unwrap_or("persistent_notification");
        tracing::warn!(
            "A notification could not be sent through {service}: {why}. Check the option notify_service."
        );
        // A refusal means that nothing was sent: then it is shown all the same.
        if how.service.is_some() && matches!(why, HaError::Refused { .. }) {
            let _ = self.as_own(notice, &words).await;
        }
    }

    async fn language(&self) -> String {
        let config = self
            .home
            .rest
            .get_json::<Value>(Request::State, "config")
            .await;
        let language = config
            .ok()
            .and_then(|c| Some(c["language"].as_str()?.to_owned()));
        language.unwrap_or_else(|| "en".into())
    }

    /// Home Assistant's own notification; the same id takes the old one's place.
    async fn as_own(&self, notice: &Notice, words: &Words) -> Result<(), HaError> {
        let data = json!({
            "notification_id": self.id(notice),
            "title": words.title,
            "message": unmarked(&words.text),
        });
        self.act("persistent_notification", "create", data, None)
            .await
    }

    async fn through(&self, service: &str, notice: &Notice, words: &Words) -> Result<(), HaError> {
        let name = service.trim_start_matches("notify.");
        let mut data = json!({"title": words.title, "message": words.text});
        // The companion app groups and replaces by tag, and shows buttons.
        if name.starts_with("mobile_app_") {
            data["data"] = json!({
                "tag": self.id(notice),
                "group": self.name,
                "actions": self.actions(notice, words),
            });
            return self.act("notify", name, data, None).await;
        }
        let entity = format!("notify.{name}");
        let path = format!("states/{entity}");
        let state = self
            .home
            .rest
            .get_json::<Value>(Request::State, &path)
            .await;
        if state.is_ok() {
            let target = json!({"entity_id": entity});
            return self.act("notify", "send_message", data, Some(target)).await;
        }
        self.act("notify", name, data, None).await
    }

    async fn act(
        &self,
        domain: &str,
        service: &str,
        data: Value,
        target: Option<Value>,
    ) -> Result<(), HaError> {
        let mut command = json!({
            "type": "call_service",
            "domain": domain,
            "service": service,
            "service_data": data,
        });
        if let Some(target) = target {
            command["target"] = target;
        }
        self.home.socket.call(command).await.map(drop)
    }

    fn id(&self, notice: &Notice) -> String {
        format!("{}_{}", self.name, notice.id)
    }

    fn actions(&self, notice: &Notice, words: &Words) -> Vec<Value> {
        let Kind::NewTasks { zone_id, tasks, .. } = &notice.kind else {
            return Vec::new();
        };
        let button = |what: &str, id: u64, title: &str| {
            let action = format!("{}:{what}:{id}", self.name);
            json!({"action": action, "title": title})
        };
        let zone = u64::from(zone_id.0);
        let later = button("later", zone, &words.buttons.snooze);
        match &tasks[..] {
            [(task, _)] => vec![
                button("done", task.0, &words.buttons.done),
                button("not", task.0, &words.buttons.not_a_task),
                later,
            ],
            _ => vec![later],
        }
    }

    async fn pressed(&self, event: &Value) {
        let action = event["data"]["action"].as_str().unwrap_or_default();
        if let Some(command) = command(&self.name, action) {
            // Nobody waits for the answer; a refusal is logged by the engine.
            let _ = self.inbox.send(Message::Command(command, None)).await;
        }
    }
}

/// A text that Home Assistant, which shows the message of a notification of its
/// own as Markdown (the title not), shows as it is. Our lists stay lists.
fn unmarked(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for (at, sign) in text.char_indices() {
        let is_mark = match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '|' | '#' | '@' | '&' => true,
            // An address becomes a link without any marks.
            ':' => text[at..].starts_with("://"),
            '.' => {
                let before = text.as_bytes()[..at].last_chunk::<3>();
                before.is_some_and(|before| before.eq_ignore_ascii_case(b"www"))
            }
            _ => false,
        };
        if is_mark {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

/// What a button of ours asks for; `None` for anybody else's.
fn command(name: &str, action: &str) -> Option<Command> {
    let (what, id) = action
        .strip_prefix(name)?
        .strip_prefix(':')?
        .split_once(':')?;
    let id: u64 = id.parse().ok()?;
    Some(match what {
        "done" => Command::TaskDone(TaskId(id)),
        "not" => Command::DismissTask(TaskId(id)),
        "later" => Command::Snooze(ZoneId(id.try_into().ok()?), SNOOZE_MINUTES),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_markdown() {
        for (text, shown) in [
            (
                "In Kitchen:\n- Wash up (now!)",
                "In Kitchen:\n- Wash up (now!)",
            ),
            ("![a](http://b.c/d.png)", r"!\[a\](http\://b.c/d.png)"),
            ("www.b.c WWW.B.c", r"www\.b.c WWW\.B.c"),
            (
                "Küche *2* <b> a_b \\ R&amp;D",
                r"Küche \*2\* \<b\> a\_b \\ R\&amp;D",
            ),
        ] {
            assert_eq!(unmarked(text), shown);
        }
    }

    #[test]
    fn only_our_own_buttons_are_heard() {
        let heard = |action| command("aicleaner_v3", action);
        assert_eq!(
            heard("aicleaner_v3:done:7"),
            Some(Command::TaskDone(TaskId(7)))
        );
        assert_eq!(
            heard("aicleaner_v3:not:7"),
            Some(Command::DismissTask(TaskId(7)))
        );
        let later = Some(Command::Snooze(ZoneId(2), 120));
        assert_eq!(heard("aicleaner_v3:later:2"), later);
        for other in [
            "aicleaner_v3_b:done:7",
            "aicleaner_v3:done:x",
            "done:7",
            "",
            "aicleaner_v3:eat:7",
            "aicleaner_v3:later:99999999999",
        ] {
            assert_eq!(heard(other), None, "{other}");
        }
    }
}
