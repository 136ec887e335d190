//! Types and decisions, and nothing else: no runtime, no IO, no clock.
//!
//! Time is always an argument, so the behaviour of a whole household can be
//! tested as events in, effects out.

pub mod announcement;
pub mod backoff;
pub mod breaker;
pub mod budget;
pub mod change;
pub mod check;
pub mod command;
pub mod degraded;
pub mod effect;
pub mod gate;
pub mod health;
pub mod house;
pub mod household;
pub mod ignore;
pub mod learning;
pub mod ledger;
pub mod mark;
pub mod mask;
pub mod matching;
pub mod notification;
mod outbox;
pub mod presence;
pub mod provider;
pub mod retry;
#[cfg(test)]
pub mod sample;
pub mod schedule;
pub mod score;
pub mod sentence;
pub mod snooze;
pub mod standing;
pub mod streak;
pub mod task;
pub mod timing;
pub mod todo;
pub mod triggers;
pub mod view;
pub mod zone;
