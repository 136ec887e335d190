//! What an operator sees: logs, metrics, and whether we live and are ready.

pub mod labels;
pub mod logs;
pub mod metrics;
pub mod process;
pub mod pulse;
pub mod readiness;

pub use metrics::{Exchange, Metrics};
pub use pulse::Pulse;
pub use readiness::{Hold, Readiness};
