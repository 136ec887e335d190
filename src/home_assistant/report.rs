//! Tells the household how the connection is: once when something begins, once
//! when it ends.

use std::{mem::discriminant, time::Duration};

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

/// Follows the link until `stop`. Away is a pause at first, and a fault after `patience`.
pub(super) async fn report(
    mut link: watch::Receiver<LinkState>,
    inbox: Inbox,
    patience: Duration,
    stop: CancellationToken,
) {
    let mut away_since = None;
    let mut told = Condition::Starting;
    loop {
        let state = link.borrow_and_update().clone();
        let condition = match state {
            LinkState::Connecting => Condition::Starting,
            LinkState::Up => {
                away_since = None;
                Condition::Ok
            }
            LinkState::Failed(why) => Condition::Degraded(sentence(&why)),
            LinkState::Away(why) => {
                let since = *away_since.get_or_insert_with(Instant::now);
                if since.elapsed() < patience {
                    Condition::Paused(sentence(&why))
                } else {
                    Condition::Degraded(format!(
                        "Home Assistant has been away for more than {} minutes; check that it runs. ({})",
                        patience.as_secs() / 60,
                        sentence(&why)
                    ))
                }
            }
        };
        if condition != told {
            if discriminant(&condition) != discriminant(&told) {
                log(&condition);
            }
            told = condition.clone();
            let message = Message::Health(Component::HomeAssistant, condition);
            tokio::select! {
                () = stop.cancelled() => return,
                sent = inbox.send(message) => if sent.is_err() { return },
            }
        }
        let patience_ends = away_since
            .map(|since| since + patience)
            .filter(|_| matches!(told, Condition::Paused(_)));
        tokio::select! {
            () = stop.cancelled() => return,
            changed = link.changed() => if changed.is_err() { return },
            () = time::sleep_until(patience_ends.unwrap_or_else(Instant::now)), if patience_ends.is_some() => {}
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
        state.send_replace(LinkState::Away("it restarts".into()));
        assert_eq!(next().await, Condition::Paused("It restarts.".into()));
        stop.cancel();
        reporter.await.unwrap();
    }
}
