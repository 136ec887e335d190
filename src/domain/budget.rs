//! The day's budget of calls and money for providers outside this program.
//!
//! A call is counted before it is sent, at the most it may cost, so that
//! neither a crash nor two checks at once can spend more than was allowed; what
//! it really cost replaces that afterwards. The day begins at local midnight.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::provider::{Price, Usage};

/// Millionths of a US dollar.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(pub u64);

impl Money {
    /// Rounded up: a budget errs on the careful side.
    pub fn of_dollars(dollars: f64) -> Self {
        Self((dollars.max(0.0) * 1e6).ceil() as u64)
    }

    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Price {
    pub const FREE: Self = Self {
        input: 0.0,
        output: 0.0,
    };

    pub fn cost(self, input: u64, output: u64) -> Money {
        // Dollars a million tokens are millionths of a dollar a token.
        let micro = self.input * input as f64 + self.output * output as f64;
        Money(micro.max(0.0).ceil() as u64)
    }

    /// What an exchange cost; what the provider did not count is taken at its most.
    pub fn of(self, usage: Usage, most: Money) -> Money {
        match (usage.input, usage.output) {
            (None, None) => most,
            (input, output) => self.cost(input.unwrap_or(0), output.unwrap_or(0)),
        }
    }
}

/// What one provider's model took on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// The local date.
    pub day: Date,
    /// As in the options, such as `gemini`.
    pub provider: String,
    pub model: String,
    pub calls: u32,
    pub cost: Money,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

/// What a day may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub calls: u32,
    pub cost: Option<Money>,
}

/// Why no more calls are made today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    Calls(u32),
    Cost(Money),
}

impl Spent {
    /// For the household: what is used up and what to do.
    pub fn sentence(self) -> String {
        match self {
            Self::Calls(limit) => format!(
                "Today's {limit} AI calls are used up (daily_call_limit); checks go on after midnight, or raise the limit in the options."
            ),
            Self::Cost(limit) => format!(
                "Today's {:.2} dollars for AI calls are used up (daily_cost_limit); checks go on after midnight, or raise the limit in the options.",
                limit.dollars()
            ),
        }
    }
}

/// A call that was counted; give it back to `settle`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Reservation {
    day: Date,
    key: (String, String),
    calls: u32,
    cost: Money,
}

/// What today took, and what it may take.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    /// The day that calls count for now.
    day: Option<Date>,
    /// The rows of each day, by provider and model: a wrong clock may have seen
    /// other days, and come back.
    days: BTreeMap<Date, BTreeMap<(String, String), Spending>>,
}

/// Days that are remembered, also at a start; some may be of a clock that was wrong.
pub const DAYS_REMEMBERED: u32 = 8;

impl Budget {
    /// `remembered`: rows of any days.
    pub fn new(limits: Limits, remembered: impl IntoIterator<Item = Spending>) -> Self {
        let mut days: BTreeMap<Date, BTreeMap<_, _>> = BTreeMap::new();
        for row in remembered {
            let key = (row.provider.clone(), row.model.clone());
            days.entry(row.day).or_default().insert(key, row);
        }
        let day = days.keys().next_back().copied();
        Self { limits, day, days }
    }

    /// Other limits for the same day.
    pub fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Counts what is `calls` calls and may cost up to `most`, if the day has room for it.
    /// The row is to be on disk before the call is sent.
    pub fn reserve(
        &mut self,
        today: Date,
        provider: &str,
        model: &str,
        calls: u32,
        most: Money,
    ) -> Result<(Reservation, Spending), Spent> {
        self.turn_to(today);
        self.room_for(calls, most)?;
        let key = (provider.to_owned(), model.to_owned());
        let row = self.row(key.clone(), today);
        row.calls = row.calls.saturating_add(calls);
        row.cost = Money(row.cost.0.saturating_add(most.0));
        let row = row.clone();
        let day = row.day;
        Ok((
            Reservation {
                day,
                key,
                calls,
                cost: most,
            },
            row,
        ))
    }

    /// Puts what a call really cost in the place of what it might have; the
    /// row is to be saved. `None`: another day has begun meanwhile.
    pub fn settle(&mut self, call: &Reservation, usage: Usage, cost: Money) -> Option<Spending> {
        if self.day != Some(call.day) {
            return None;
        }
        let row = self.row(call.key.clone(), call.day);
        row.cost = Money(
            row.cost
                .0
                .saturating_sub(call.cost.0)
                .saturating_add(cost.0),
        );
        row.tokens_in = row.tokens_in.saturating_add(usage.input.unwrap_or(0));
        row.tokens_out = row.tokens_out.saturating_add(usage.output.unwrap_or(0));
        Some(row.clone())
    }

    /// Takes a call back that was counted and never sent.
    pub fn release(&mut self, call: &Reservation) -> Option<Spending> {
        if self.day != Some(call.day) {
            return None;
        }
        let row = self.row(call.key.clone(), call.day);
        row.calls = row.calls.saturating_sub(call.calls);
        row.cost = Money(row.cost.0.saturating_sub(call.cost.0));
        Some(row.clone())
    }

    /// Calls and money of `today` so far.
    pub fn so_far(&self, today: Date) -> (u32, Money) {
        self.rows_of(today)
            .fold((0, Money::default()), |(calls, cost), row| {
                (
                    calls.saturating_add(row.calls),
                    Money(cost.0.saturating_add(row.cost.0)),
                )
            })
    }

    /// Tokens of `today` so far, in and out, as far as providers counted them.
    pub fn tokens(&self, today: Date) -> (u64, u64) {
        self.rows_of(today)
            .fold((0, 0), |(tokens_in, tokens_out), row| {
                (
                    row.tokens_in.saturating_add(tokens_in),
                    row.tokens_out.saturating_add(tokens_out),
                )
            })
    }

    fn rows_of(&self, day: Date) -> impl Iterator<Item = &Spending> {
        self.days.get(&day).into_iter().flat_map(BTreeMap::values)
    }

    fn room_for(&self, more: u32, most: Money) -> Result<(), Spent> {
        let (calls, cost) = self
            .day
            .map_or_else(Default::default, |day| self.so_far(day));
        if calls.saturating_add(more) > self.limits.calls {
            return Err(Spent::Calls(self.limits.calls));
        }
        match self.limits.cost {
            Some(limit) if cost.0.saturating_add(most.0) > limit.0 && most.0 > 0 => {
                Err(Spent::Cost(limit))
            }
            _ => Ok(()),
        }
    }

    /// A new day begins; a clock that was set back begins none.
    fn turn_to(&mut self, today: Date) {
        let later = self.day.is_none_or(|day| {
            // More than a day back: it was the old time that was wrong.
            today > day || day.since(today).is_ok_and(|span| span.get_days() > 1)
        });
        if later {
            self.day = Some(today);
        }
        while self.days.len() > DAYS_REMEMBERED as usize {
            let other = self.days.keys().find(|day| Some(**day) != self.day);
            let Some(other) = other.copied() else { break };
            self.days.remove(&other);
        }
    }

    fn row(&mut self, key: (String, String), today: Date) -> &mut Spending {
        let day = self.day.unwrap_or(today);
        self.days
            .entry(day)
            .or_default()
            .entry(key)
            .or_insert_with_key(|(provider, model)| Spending {
                day,
                provider: provider.clone(),
                model: model.clone(),
                calls: 0,
                cost: Money::default(),
                tokens_in: 0,
                tokens_out: 0,
            })
    }
}

#[cfg(test)]
mod tests;
