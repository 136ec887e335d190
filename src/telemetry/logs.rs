//! The log as Home Assistant's log tab shows it: local time, level, sentence.
//! What a sentence says is the business of whoever writes it.

use std::io::{self, IsTerminal};

use jiff::tz::TimeZone;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Registry,
    filter::Targets,
    fmt::{MakeWriter, format::Writer, time::FormatTime},
    layer::SubscriberExt,
    reload,
    util::SubscriberInitExt,
};

use crate::{clock::Clock, settings::model::LogLevel};

/// Changes the level while the service runs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Logs {
    filter: reload::Handle<Targets, Registry>,
}

impl Logs {
    /// Starts logging to standard error, in colour only on a terminal. The
    /// first call in a process wins; a later one gets a handle without effect.
    pub fn start(level: LogLevel) -> Self {
        let (subscriber, logs) = subscriber(level, io::stderr().is_terminal(), io::stderr);
        // Fails only if this process already logs, as tests do.
        let _ = subscriber.try_init();
        logs
    }

    /// From now on log at this level.
    pub fn set_level(&self, level: LogLevel) {
        if let Err(e) = self.filter.reload(targets(level)) {
            tracing::debug!("the log level stays as it is: {e}");
        }
    }
}

fn subscriber<W>(level: LogLevel, colour: bool, writer: W) -> (impl Subscriber + Send + Sync, Logs)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (filter, handle) = reload::Layer::new(targets(level));
    let lines = tracing_subscriber::fmt::layer()
        .with_timer(LocalTime(TimeZone::system()))
        .with_target(false)
        .with_ansi(colour)
        .with_writer(writer);
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    (subscriber, Logs { filter: handle })
}

/// Ours at the level asked for; libraries one step quieter and, unless
/// somebody is debugging, only when something is wrong.
fn targets(level: LogLevel) -> Targets {
    let (ours, theirs) = match level {
        LogLevel::Trace => (LevelFilter::TRACE, LevelFilter::DEBUG),
        LogLevel::Debug => (LevelFilter::DEBUG, LevelFilter::INFO),
        LogLevel::Info => (LevelFilter::INFO, LevelFilter::WARN),
        LogLevel::Warning => (LevelFilter::WARN, LevelFilter::WARN),
        LogLevel::Error => (LevelFilter::ERROR, LevelFilter::ERROR),
    };
    Targets::new()
        .with_default(theirs)
        .with_target("aicleaner", ours)
        // Warns about every client that keeps a connection open without using it.
        .with_target("hyper", theirs.min(LevelFilter::ERROR))
}

/// Seconds in the time zone of the home (`TZ`, set by the Supervisor).
struct LocalTime(TimeZone);

impl FormatTime for LocalTime {
    fn format_time(&self, w: &mut Writer<'_>) -> std::fmt::Result {
        let now = Clock::wall().now().to_zoned(self.0.clone());
        write!(w, "{}", now.strftime("%Y-%m-%d %H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
            text.lines().map(str::to_owned).collect()
        }
    }

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn on_paper(level: LogLevel, story: impl FnOnce(&Logs)) -> Vec<String> {
        let paper = Paper::default();
        let writer = paper.clone();
        let (subscriber, logs) = subscriber(level, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || story(&logs));
        paper.lines()
    }

    #[test]
    fn a_line_is_time_level_sentence_without_colour_codes() {
        let lines = on_paper(LogLevel::Info, |_| {
            tracing::info!(zone = "kitchen", "checked");
        });
        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        let (time, rest) = line.split_at(19);
        assert!(jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", time).is_ok());
        assert_eq!(rest, "  INFO checked zone=\"kitchen\"");
    }

    #[test]
    fn libraries_are_quiet_and_ours_are_not() {
        let lines = on_paper(LogLevel::Info, |_| {
            tracing::info!(target: "rumqttc::state", "chatter");
            tracing::warn!(target: "rumqttc::state", "trouble");
            tracing::warn!(target: "hyper::proto", "idle client");
            tracing::debug!("detail");
            tracing::info!("news");
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].ends_with("WARN trouble") && lines[1].ends_with("INFO news"));
    }

    #[test]
    fn the_level_can_be_changed_while_running() {
        let lines = on_paper(LogLevel::Error, |logs| {
            tracing::debug!("before");
            logs.set_level(LogLevel::Debug);
            tracing::debug!("during");
            logs.set_level(LogLevel::Warning);
            tracing::debug!("after");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].ends_with("during"));
    }

    #[test]
    fn starting_twice_is_harmless() {
        Logs::start(LogLevel::Error);
        Logs::start(LogLevel::Error);
    }
}
