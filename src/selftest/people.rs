//! What the people of the test home do while it is measured: they press
//! buttons and set numbers, at moments that do not depend on how fast the
//! service is, and wait for each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::sleep_until};
use tokio_util::sync::CancellationToken;

use super::home::TestHome;
use crate::clock::Clock;

/// A command that is not answered within this is lost.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Every so many commands is a check; the others set a number.
const CHECK_EVERY: u32 = 3;
/// Waiting at a time; more would be our own fault.
const MOST_WAITING: usize = 64;

/// What became of the commands.
#[derive(Debug, Default)]
pub struct Commands {
    /// Seconds from when a number was to be set until the new one was published.
    pub numbers: Vec<f64>,
    /// Seconds from when a check was asked for until its picture was taken.
    pub checks: Vec<f64>,
    /// In words, those that were never answered.
    pub lost: Vec<String>,
}

/// Gives a command every `pace` until `end`, and waits for all of them.
pub async fn live(
    home: &Arc<TestHome>,
    pace: Duration,
    seed: u64,
    end: CancellationToken,
) -> Commands {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut under_way: JoinSet<Told> = JoinSet::new();
    let mut commands = Commands::default();
    let begun = tokio::time::Instant::now();
    for number in 0.. {
        let due = begun + pace * number;
        if end.run_until_cancelled(sleep_until(due)).await.is_none() {
            break;
        }
        while under_way.len() >= MOST_WAITING
            && let Some(Ok(told)) = under_way.join_next().await
        {
            commands.note(told);
        }
        let home = home.clone();
        let room = random.usize(..home.rooms.len());
        // Late is late: the clock runs from the moment it was due.
        let due = due.into_std();
        if number % CHECK_EVERY == 0 {
            under_way.spawn(check(home, room, due));
        } else {
            under_way.spawn(set(home, room, 60 + number % 1000, due));
        }
    }
    while let Some(told) = under_way.join_next().await {
        if let Ok(told) = told {
            commands.note(told);
        }
    }
    commands
}

enum Told {
    Number(f64),
    Check(f64),
    Lost(String),
}

impl Commands {
    fn note(&mut self, told: Told) {
        match told {
            Told::Number(seconds) => self.numbers.push(seconds),
            Told::Check(seconds) => self.checks.push(seconds),
            Told::Lost(words) => self.lost.push(words),
        }
    }
}

/// Sets a zone's interval; another command may overwrite it at once, which
/// answers it as well.
async fn set(home: Arc<TestHome>, room: usize, minutes: u32, due: Instant) -> Told {
    let room = &home.rooms[room];
    let topic = TestHome::topic(room, "interval_minutes");
    let before = home.observer.text(&topic);
    let wanted = minutes.to_string();
    let command = topic.replace("/state", "/set");
    home.observer.say(&command, &wanted).await;
    let answered = |seen: &super::observer::Seen| {
        let now = seen.text(&topic);
        now == Some(&wanted) || now != before.as_deref()
    };
    if home.observer.until(PATIENCE, answered).await {
        Told::Number(due.elapsed().as_secs_f64())
    } else {
        Told::Lost(format!(
            "{}: an interval of {minutes} min was not taken",
            room.name
        ))
    }
}

async fn check(home: Arc<TestHome>, room: usize, due: Instant) -> Told {
    let room = &home.rooms[room];
    let pictures = home.pictures(room);
    let pressed = Clock::wall().now().as_second();
    home.press(room, "check_now").await;
    let taken = home.until(PATIENCE, |home| home.pictures(room) > pictures);
    if !taken.await {
        return Told::Lost(format!(
            "{}: a check was asked for and no picture taken",
            room.name
        ));
    }
    let seconds = due.elapsed().as_secs_f64();
    // Published times have no fractions of a second.
    let topic = TestHome::topic(room, "last_check");
    let published = home.observer.until(PATIENCE, |seen| {
        let at = seen
            .text(&topic)
            .and_then(|text| text.parse::<Timestamp>().ok());
        at.is_some_and(|at| at.as_second() >= pressed)
    });
    if published.await {
        Told::Check(seconds)
    } else {
        Told::Lost(format!(
            "{}: a check was never said to have ended",
            room.name
        ))
    }
}
