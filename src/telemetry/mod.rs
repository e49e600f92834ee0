//! What the server tells about itself: metrics, logs and traces.
//!
//! Each part is given the metrics that it counts as typed values without names; their names, units
//! and help stand here, so that one place says what can be watched. It sees no other part, and
//! nothing that it is told may hold what users wrote: labels are names of kinds, states and codes,
//! and a bounded number of operation names.

mod logs;
pub mod metrics;
mod traces;

pub use logs::{Running, Telemetry};
pub use traces::TracesError;
