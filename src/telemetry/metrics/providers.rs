//! What exchanges with providers came to, and what the day's budget has left.

use std::time::Duration;

use super::{BUDGET, Metrics, Series, count};
use crate::domain::{
    budget::Money,
    provider::{Class, Usage},
    standing::Standing,
};

/// One exchange with a provider, however it ended.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    pub provider: &'a str,
    /// Empty where the provider chooses it.
    pub model: &'a str,
    /// `None`: it answered.
    pub class: Option<Class>,
    pub took: Duration,
    pub usage: Usage,
    pub cost: Money,
}

impl Metrics {
    /// A gate of the household's: the day's budget is spent.
    pub fn gate_budget(&self) {
        count(&self.0.series.gate_total, &[BUDGET]);
    }

    /// An exchange with a provider has ended.
    pub fn exchanged(&self, exchange: &Exchange<'_>) {
        let series = &self.0.series;
        let (provider, model) = (exchange.provider, exchange.model);
        let class = exchange.class.map_or("ok", Class::name);
        count(&series.provider_requests_total, &[provider, model, class]);
        series
            .provider_seconds
            .with_label_values(&[provider])
            .observe(exchange.took.as_secs_f64());
        for (direction, tokens) in [("in", exchange.usage.input), ("out", exchange.usage.output)] {
            if let Some(tokens) = tokens {
                series
                    .provider_tokens_total
                    .with_label_values(&[provider, model, direction])
                    .inc_by(tokens);
            }
        }
        if exchange.cost.0 > 0 {
            series
                .provider_cost_dollars_total
                .with_label_values(&[provider, model])
                .inc_by(exchange.cost.dollars());
        }
    }
}

impl Series {
    pub(super) fn show_judges(&self, judge: &Standing) {
        self.provider_circuit.reset();
        self.provider_priced.reset();
        for link in &judge.links {
            let state = match link.circuit {
                "closed" => 0,
                "half_open" => 1,
                _ => 2,
            };
            self.provider_circuit
                .with_label_values(&[link.provider.as_str(), link.model.as_str()])
                .set(state);
            self.provider_priced
                .with_label_values(&[link.provider.as_str(), link.model.as_str()])
                .set(i64::from(link.priced));
        }
        self.budget_calls_left
            .with_label_values::<&str>(&[])
            .set(i64::from(
                judge.call_limit.saturating_sub(judge.calls_today),
            ));
        self.budget_dollars_left.reset();
        if let Some(limit) = judge.cost_limit {
            self.budget_dollars_left
                .with_label_values::<&str>(&[])
                .set((limit - judge.cost_today).max(0.0));
        }
    }
}
