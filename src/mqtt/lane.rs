//! Messages about what happened once, such as a new task: bounded, never
//! retained, each with a time to live, sent at most once. What is lost is counted.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use super::outbox::{Kind, Publish};

/// Messages that may wait; the oldest go first, and before them what is not news.
const MOST: usize = 256;

/// News older than this is none.
pub const FRESH: Duration = Duration::from_mins(1);

/// A message about something that happened once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    pub topic: String,
    pub payload: Bytes,
    pub retain: bool,
    /// Not sent before.
    pub from: Instant,
    /// Not sent after.
    pub until: Instant,
    /// Something happened; what is not news gives way to it.
    pub news: bool,
}

impl Once {
    /// Something that happened now.
    pub fn news(topic: String, payload: impl Into<Bytes>, now: Instant) -> Self {
        Self {
            topic,
            payload: payload.into(),
            retain: false,
            from: now,
            until: now + FRESH,
            news: true,
        }
    }
}

#[derive(Debug, Default)]
pub struct Lane {
    waiting: VecDeque<Once>,
    lost: u64,
}

impl Lane {
    pub fn push(&mut self, once: Once) {
        if self.waiting.len() >= MOST {
            self.lost += 1;
            match self.waiting.iter().position(|waiting| !waiting.news) {
                Some(order) => drop(self.waiting.remove(order)),
                None if once.news => drop(self.waiting.pop_front()),
                None => return,
            }
        }
        self.waiting.push_back(once);
    }

    pub fn lost(&mut self, number: u64) {
        self.lost += number;
    }

    pub fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// The first message whose time has come; `settled`: when everybody listens.
    pub fn next(&mut self, now: Instant, settled: Option<Instant>) -> Option<Publish> {
        let before = self.waiting.len();
        self.waiting.retain(|once| once.until > now);
        self.lost += (before - self.waiting.len()) as u64;
        if settled.is_some_and(|at| at > now) {
            return None;
        }
        let ready = self.waiting.iter().position(|once| once.from <= now)?;
        let once = self.waiting.remove(ready)?;
        Some(Publish {
            topic: once.topic,
            payload: once.payload,
            retain: once.retain,
            kind: Kind::Once,
        })
    }

    /// When `next` may have something, or has something to let go.
    pub fn due(&self, now: Instant, settled: Option<Instant>) -> Option<Instant> {
        let from = self.waiting.iter().map(|once| once.from).min()?;
        let ready = from.max(settled.unwrap_or(now));
        let stale = self.waiting.iter().map(|once| once.until).min()?;
        Some(ready.min(stale).max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn news(n: usize, now: Instant) -> Once {
        Once::news(format!("t/{n}"), format!("{n}"), now)
    }

    #[test]
    fn it_is_bounded_and_what_does_not_fit_is_counted() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        for n in 0..MOST + 7 {
            lane.push(news(n, now));
        }
        assert_eq!((lane.waiting.len(), lane.take_lost()), (MOST, 7));
        assert_eq!(lane.next(now, None).unwrap().topic, "t/7");
        assert_eq!(lane.take_lost(), 0);
    }

    #[test]
    fn news_goes_before_what_is_said_for_order_s_sake() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        let order = |n: usize| Once {
            topic: "order".into(),
            news: false,
            ..news(n, now)
        };
        lane.push(order(0));
        for n in 0..MOST {
            lane.push(news(n, now));
        }
        assert_eq!(lane.take_lost(), 1);
        lane.push(order(1));
        assert_eq!(lane.take_lost(), 1);
        let topics = std::iter::from_fn(|| lane.next(now, None).map(|p| p.topic));
        assert_eq!(topics.filter(|t| t == "order").count(), 0);
    }

    #[test]
    fn old_news_is_dropped_and_counted_fresh_news_goes_once() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        lane.push(news(1, now));
        lane.push(news(2, now + FRESH / 2));
        let later = now + FRESH;
        let sent = lane.next(later, None).unwrap();
        assert_eq!((sent.payload.as_ref(), sent.retain), (&b"2"[..], false));
        assert_eq!(lane.next(later, None), None);
        assert_eq!(lane.take_lost(), 1);
        assert_eq!(lane.due(later, None), None);
    }

    #[test]
    fn it_waits_until_everybody_listens() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        lane.push(news(1, now));
        let settled = Some(now + 5 * SECOND);
        assert_eq!(lane.next(now, settled), None);
        assert_eq!(lane.due(now, settled), settled);
        assert!(lane.next(now + 5 * SECOND, settled).is_some());
    }
}
