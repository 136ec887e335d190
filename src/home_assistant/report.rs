//! Tells the household how the connection is: once when something begins, once
//! when it ends.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

use super::LinkState;
pub(super) use crate::domain::sentence::sentence;
use crate::{
    domain::health::{Component, Condition},
    ports::{Inbox, Message},
};

/// A connection that has stood for this long is no flicker.
const STEADY: Duration = Duration::from_secs(10);

/// What is told apart in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Starting,
    Up,
    Away,
    AwayForLong,
    Failed,
}

/// Follows the link until `stop`. Away is a pause at first, and a fault after `patience`.
pub(super) async fn report(
    mut link: watch::Receiver<LinkState>,
    inbox: Inbox,
    patience: Duration,
    stop: CancellationToken,
) {
    let mut away_since = None;
    let mut up_since = None;
    let mut told = Condition::Starting;
    let mut logged = Kind::Starting;
    loop {
        let state = link.borrow_and_update().clone();
        let now = Instant::now();
        if state == LinkState::Up {
            up_since.get_or_insert(now);
        }
        let steady_at = up_since.map(|since: Instant| since + STEADY);
        if steady_at.is_some_and(|at| at <= now) {
            away_since = None;
        }
        if state != LinkState::Up {
            up_since = None;
        }
        let (kind, condition) = match state {
            LinkState::Connecting => (Kind::Starting, Condition::Starting),
            LinkState::Up => (Kind::Up, Condition::Ok),
            LinkState::Failed(why) => (Kind::Failed, Condition::Degraded(sentence(&why))),
            LinkState::Away(why) => {
                let since = *away_since.get_or_insert(now);
                if now - since < patience {
                    (Kind::Away, Condition::Paused(sentence(&why)))
                } else {
                    let sentence = format!(
                        "Home Assistant has been away for more than {} minutes; check that it runs. ({})",
                        patience.as_secs() / 60,
                        sentence(&why)
                    );
                    (Kind::AwayForLong, Condition::Degraded(sentence))
                }
            }
        };
        // The end is said when it lasts, so that a connection that comes and
        // goes fills no log.
        let lasts =
            kind != Kind::Up || logged == Kind::Starting || steady_at.is_some_and(|at| at <= now);
        if kind != logged && lasts {
            log(&condition);
            logged = kind;
        }
        if condition != told {
            told = condition.clone();
            let message = Message::Health(Component::HomeAssistant, condition);
            tokio::select! {
                () = stop.cancelled() => return,
                sent = inbox.send(message) => if sent.is_err() { return },
            }
        }
        let next = match kind {
            Kind::Up => steady_at.filter(|at| *at > now),
            Kind::Away => away_since.map(|since| since + patience),
            _ => None,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            changed = link.changed() => if changed.is_err() { return },
            () = time::sleep_until(next.unwrap_or(now)), if next.is_some() => {}
        }
    }
}

fn log(condition: &Condition) {
    match condition {
        Condition::Starting => {}
        Condition::Ok => tracing::info!("connected to Home Assistant"),
        Condition::Off(why) | Condition::Paused(why) => tracing::info!("{why}"),
        Condition::Degraded(why) => tracing::warn!("{why}"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn away_becomes_a_fault_after_five_minutes_and_ends_with_ok() {
        let (state, link) = watch::channel(LinkState::Connecting);
        let (inbox, mut messages) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let patience = Duration::from_mins(5);
        let reporter = tokio::spawn(report(link, inbox, patience, stop.clone()));
        let mut next = async || match messages.recv().await {
            Some(Message::Health(Component::HomeAssistant, condition)) => condition,
            other => panic!("{other:?}"),
        };

        let begun = Instant::now();
        state.send_replace(LinkState::Away("it restarts".into()));
        assert_eq!(next().await, Condition::Paused("It restarts.".into()));
        time::sleep(Duration::from_secs(200)).await;
        // Other words for the same pause do not begin it anew.
        state.send_replace(LinkState::Away("refused".into()));
        assert_eq!(next().await, Condition::Paused("Refused.".into()));
        let Condition::Degraded(why) = next().await else {
            panic!("still paused")
        };
        assert!(why.contains("5 minutes"), "{why}");
        let away = begun.elapsed().as_secs();
        assert!((300..302).contains(&away), "{away} s");

        state.send_replace(LinkState::Up);
        assert_eq!(next().await, Condition::Ok);
        // It stands for a while, so what comes then is another pause.
        time::sleep(STEADY).await;
        state.send_replace(LinkState::Away("it restarts".into()));
        assert_eq!(next().await, Condition::Paused("It restarts.".into()));
        stop.cancel();
        reporter.await.unwrap();
    }
}
