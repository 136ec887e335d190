//! One line on the terminal that says how far a run is. Silent where standard
//! error is no terminal, but for the names of what begins.

use std::{
    io::{IsTerminal, Write, stderr},
    sync::Mutex,
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    shown: Mutex<Instant>,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            terminal: stderr().is_terminal(),
            shown: Mutex::new(Instant::now()),
        }
    }

    /// Says that something begins.
    pub fn begins(&self, what: &str) {
        let clear = if self.terminal { "\r\x1b[K" } else { "" };
        // Nowhere left to tell if this fails.
        let _ = writeln!(stderr(), "{clear}{what}");
    }

    pub fn show(&self, what: &str, done: Duration, whole: Duration, changes: u64) {
        if !self.terminal {
            return;
        }
        let Ok(mut shown) = self.shown.try_lock() else {
            return;
        };
        if shown.elapsed() < EVERY {
            return;
        }
        *shown = Instant::now();
        let percent = 100.0 * done.as_secs_f64() / whole.as_secs_f64().max(1.0);
        let left = whole.saturating_sub(done).as_secs();
        let line = format!(
            "{what}: {percent:.0} %, {changes} changes, {}:{:02}:{:02} of it left",
            left / 3600,
            left / 60 % 60,
            left % 60
        );
        let _ = write!(stderr(), "\r\x1b[K{line}");
    }
}
