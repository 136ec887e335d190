//! The metrics: every name in one table, and a method for everything that is counted.
//!
//! Gauges of the household (scores, tasks, health) are not set by anybody:
//! they are read from the view when they are asked for, so they cannot disagree with it.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use prometheus::{
    CounterVec, GaugeVec, HistogramVec, IntCounterVec, IntGaugeVec, Registry, TextEncoder,
};

use self::kind::Kind;
use super::labels::{Answer, Request, Stage, TodoOperation};
use crate::domain::{
    check::{Outcome, Trigger},
    gate::Unusable,
    health::{Component, Condition},
    view::View,
};

/// Each row of the table becomes a field of `Series`, registered under its name.
macro_rules! table {
    ($($field:ident: $kind:ident [$($label:literal),*] $help:literal;)+) => {
        struct Series { $($field: $kind),+ }

        /// The table for `DOCS.md`.
        pub fn markdown() -> String {
            use fmt::Write as _;

            let mut table = "| Metric | Labels | What it is |\n|---|---|---|\n".to_owned();
            $(
                let labels: &[&str] = &[$($label),*];
                let labels = labels.iter().map(|label| format!("`{label}`"));
                let labels = labels.collect::<Vec<_>>().join(", ");
                let _ = writeln!(table, "| `aicleaner_{}` | {labels} | {} |", stringify!($field), $help);
            )+
            table
        }

        impl Series {
            fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
                $(
                    let name = concat!("aicleaner_", stringify!($field));
                    let $field = <$kind as Kind>::make(name, $help, &[$($label),*])?;
                    registry.register(Box::new($field.clone()))?;
                )+
                Ok(Self { $($field),+ })
            }
        }
    };
}

table! {
    checks_total: IntCounterVec ["zone", "trigger", "outcome"] "Checks that ended.";
    check_stage_seconds: HistogramVec ["stage"] "Time a stage of a check took.";
    gate_total: IntCounterVec ["reason"] "Checks that a gate stopped before a provider was asked.";
    provider_requests_total: IntCounterVec ["provider", "model", "class"] "Exchanges with a provider, by how they ended.";
    provider_seconds: HistogramVec ["provider"] "Time an exchange with a provider took.";
    provider_tokens_total: IntCounterVec ["provider", "model", "direction"] "Tokens of a provider, as it counted them.";
    provider_cost_dollars_total: CounterVec ["provider", "model"] "What a provider's known prices came to, in US dollars.";
    provider_priced: IntGaugeVec ["provider", "model"] "1: its calls are in the costs, 0: nobody knows what they cost.";
    provider_circuit: IntGaugeVec ["provider", "model"] "0: asked, 1: tried again, 2: not asked for now.";
    budget_calls_left: IntGaugeVec [] "Calls that today's budget has left.";
    budget_dollars_left: GaugeVec [] "US dollars that today's budget has left; absent without a limit.";
    queue_depth: IntGaugeVec [] "Checks that wait or run.";
    queue_merged_total: IntCounterVec [] "Triggers that joined a check already waiting.";
    queue_dropped_total: IntCounterVec [] "Checks dropped because their zone was taken out of the options.";
    mqtt_publishes_total: IntCounterVec [] "Messages handed to the broker.";
    mqtt_commands_dropped_total: IntCounterVec [] "Messages from the broker that came too fast or were too large to be obeyed.";
    mqtt_events_dropped_total: IntCounterVec [] "Events that were not told: no room, too old, or unconfirmed when the connection ended.";
    mqtt_reconnects_total: IntCounterVec [] "Connections to the broker made again after a loss.";
    home_assistant_requests_total: IntCounterVec ["kind", "class"] "Requests to Home Assistant and its Supervisor.";
    home_assistant_reconnects_total: IntCounterVec [] "WebSocket connections to Home Assistant made again after a loss.";
    runtime_tasks: IntGaugeVec [] "Tasks of the async runtime that are alive.";
    component_up: IntGaugeVec ["component"] "1 if the part works or is not set up, 0 if not.";
    todo_operations_total: IntCounterVec ["operation", "result"] "Operations on to-do lists.";
    tasks_open: IntGaugeVec ["zone"] "Open tasks.";
    score: IntGaugeVec ["zone"] "Cleanliness of the last good reading, 0 to 100; absent before the first.";
    reading_age_seconds: GaugeVec ["zone"] "Age of the last good reading; absent before the first.";
}

pub use providers::Exchange;

/// Counts what happens. Cheap to clone; every world has its own.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    series: Series,
    /// Zones that have label sets. Locked while label sets come and go, never across an await.
    zones: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// `providers`: the names that may ever be counted, such as `local`.
    pub fn new(providers: &[&str]) -> Self {
        let registry = Registry::new();
        let series = Series::register(&registry).expect("the table's names are valid and unique");
        #[cfg(target_os = "linux")]
        registry
            .register(Box::new(
                prometheus::process_collector::ProcessCollector::for_self(),
            ))
            .expect("process_ names are not ours");
        series.start_at_zero(providers);
        Self(Arc::new(Inner {
            registry,
            series,
            zones: Mutex::default(),
        }))
    }

    pub fn check_ended(&self, zone_slug: &str, trigger: Trigger, outcome: &Outcome) {
        let mut zones = self.zones();
        if !zones.contains(zone_slug) {
            self.0.series.add_zone(zone_slug);
            zones.insert(zone_slug.to_owned());
        }
        count(
            &self.0.series.checks_total,
            &[zone_slug, trigger.name(), outcome.name()],
        );
    }

    pub fn stage_took(&self, stage: Stage, time: Duration) {
        self.0
            .series
            .check_stage_seconds
            .with_label_values(&[stage.name()])
            .observe(time.as_secs_f64());
    }

    pub fn gate_unchanged(&self) {
        count(&self.0.series.gate_total, &[UNCHANGED]);
    }

    pub fn gate_unusable(&self, reason: &Unusable) {
        count(&self.0.series.gate_total, &[reason.name()]);
    }

    pub fn queue_merged(&self) {
        count(&self.0.series.queue_merged_total, &[]);
    }

    pub fn queue_dropped(&self, number: usize) {
        self.0
            .series
            .queue_dropped_total
            .with_label_values::<&str>(&[])
            .inc_by(number as u64);
    }

    pub fn mqtt_published(&self) {
        count(&self.0.series.mqtt_publishes_total, &[]);
    }

    pub fn mqtt_command_dropped(&self) {
        count(&self.0.series.mqtt_commands_dropped_total, &[]);
    }

    pub fn mqtt_events_dropped(&self, number: u64) {
        self.0
            .series
            .mqtt_events_dropped_total
            .with_label_values::<&str>(&[])
            .inc_by(number);
    }

    pub fn mqtt_reconnected(&self) {
        count(&self.0.series.mqtt_reconnects_total, &[]);
    }

    pub fn home_assistant_answered(&self, request: Request, answer: Answer) {
        count(
            &self.0.series.home_assistant_requests_total,
            &[request.name(), answer.name()],
        );
    }

    pub fn home_assistant_reconnected(&self) {
        count(&self.0.series.home_assistant_reconnects_total, &[]);
    }

    pub fn todo_operation(&self, operation: TodoOperation, answer: Answer) {
        count(
            &self.0.series.todo_operations_total,
            &[operation.name(), answer.name()],
        );
    }

    /// Exactly these zones have label sets from now on.
    pub fn zones_are<'a>(&self, slugs: impl IntoIterator<Item = &'a str>) {
        self.0.series.keep_zones(&mut self.zones(), slugs);
    }

    /// All metrics in Prometheus' text format, with the gauges as `view` has them.
    pub fn text(&self, view: &View, now: Timestamp) -> Result<String, prometheus::Error> {
        // Held to the end: gauges are emptied and filled again, and nobody may read between.
        let mut zones = self.zones();
        let slugs = view.zones.iter().map(|z| z.zone.options.slug.as_str());
        self.0.series.keep_zones(&mut zones, slugs);
        self.0.series.show(view, now);
        TextEncoder::new().encode_to_string(&self.0.registry.gather())
    }

    /// The counter of a line such as `queue_merged_total`, for tests: labels in
    /// braces, in the order of their names.
    #[cfg(test)]
    pub fn counted(&self, line: &str) -> u64 {
        let text = TextEncoder::new().encode_to_string(&self.0.registry.gather());
        let text = text.expect("metrics can be written");
        let value = text.lines().find_map(|l| {
            l.strip_prefix("aicleaner_")?
                .strip_prefix(line)?
                .strip_prefix(' ')
        });
        let value = value.unwrap_or_else(|| panic!("no {line} in\n{text}"));
        value.parse().expect("a counter is a number")
    }

    fn zones(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.0.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The gates beside `Unusable::REASONS`: one that saves calls, one that has none left.
const UNCHANGED: &str = "unchanged";
const BUDGET: &str = "budget";

fn count(counter: &IntCounterVec, labels: &[&str]) {
    counter.with_label_values(labels).inc();
}

impl Series {
    /// Creates every label set known by now: a counter that never moved is 0, not absent.
    fn start_at_zero(&self, providers: &[&str]) {
        for counter in [
            &self.queue_merged_total,
            &self.queue_dropped_total,
            &self.mqtt_publishes_total,
            &self.mqtt_commands_dropped_total,
            &self.mqtt_events_dropped_total,
            &self.mqtt_reconnects_total,
            &self.home_assistant_reconnects_total,
        ] {
            counter.with_label_values::<&str>(&[]);
        }
        for stage in Stage::ALL {
            self.check_stage_seconds.with_label_values(&[stage.name()]);
        }
        self.gate_total.with_label_values(&[UNCHANGED]);
        self.gate_total.with_label_values(&[BUDGET]);
        for provider in providers {
            self.provider_requests_total
                .with_label_values(&[*provider, "", "ok"]);
        }
        for reason in Unusable::REASONS {
            self.gate_total.with_label_values(&[reason]);
        }
        for answer in Answer::ALL {
            for request in Request::ALL {
                self.home_assistant_requests_total
                    .with_label_values(&[request.name(), answer.name()]);
            }
            for operation in TodoOperation::ALL {
                self.todo_operations_total
                    .with_label_values(&[operation.name(), answer.name()]);
            }
        }
    }

    fn keep_zones<'a>(
        &self,
        zones: &mut BTreeSet<String>,
        slugs: impl IntoIterator<Item = &'a str>,
    ) {
        let wanted: BTreeSet<String> = slugs.into_iter().map(str::to_owned).collect();
        for gone in zones.difference(&wanted) {
            self.remove_zone(gone);
        }
        for new in wanted.difference(zones) {
            self.add_zone(new);
        }
        *zones = wanted;
    }

    fn add_zone(&self, slug: &str) {
        for trigger in Trigger::ALL {
            for outcome in Outcome::NAMES {
                self.checks_total
                    .with_label_values(&[slug, trigger.name(), outcome]);
            }
        }
    }

    fn remove_zone(&self, slug: &str) {
        for trigger in Trigger::ALL {
            for outcome in Outcome::NAMES {
                // Fails only where there is no such label set, which is what we want.
                let _ = self
                    .checks_total
                    .remove_label_values(&[slug, trigger.name(), outcome]);
            }
        }
    }

    fn show(&self, view: &View, now: Timestamp) {
        self.queue_depth
            .with_label_values::<&str>(&[])
            .set(view.queue as i64);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.runtime_tasks
                .with_label_values::<&str>(&[])
                .set(runtime.metrics().num_alive_tasks() as i64);
        }
        for part in Component::ALL {
            let up = matches!(
                view.health.get(part),
                Some((Condition::Ok | Condition::Off(_), _))
            );
            self.component_up
                .with_label_values(&[part.name()])
                .set(i64::from(up));
        }
        self.show_judges(&view.judge);
        self.tasks_open.reset();
        self.score.reset();
        self.reading_age_seconds.reset();
        for zone in &view.zones {
            let slug = [zone.zone.options.slug.as_str()];
            self.tasks_open
                .with_label_values(&slug)
                .set(zone.tasks.len() as i64);
            if let Some(reading) = &zone.reading {
                self.score
                    .with_label_values(&slug)
                    .set(i64::from(reading.score.value()));
                self.reading_age_seconds
                    .with_label_values(&slug)
                    .set(now.duration_since(reading.at).as_secs_f64().max(0.0));
            }
        }
    }
}

mod kind;
mod providers;
#[cfg(test)]
mod tests;
