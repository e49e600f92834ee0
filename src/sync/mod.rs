//! Synchronizers: what would make a structure and the tracker agree, and making it so.
//!
//! One file a kind holds its planner, a pure function from a snapshot of both sides to a [`Plan`];
//! `load` reads the snapshot. A planner edits a [`Draft`], a forest that remembers what was
//! touched, so that planning an incremental change costs what the change costs. `guard` looks at
//! a plan before it is applied, `apply` writes it with its audit in one transaction, `run` is the
//! whole way of one job. Absent on purpose: when a job runs, which is `jobs`' business.
//!
//! [`Plan`]: crate::domain::Plan
//! [`Draft`]: draft::Draft

pub mod agile;
mod apply;
mod audit;
pub mod availability;
mod conflicts;
pub mod diff;
pub mod draft;
mod guard;
pub mod install;
mod journal;
pub mod links;
mod load;
pub mod overlaps;
#[cfg(test)]
mod planner_tests;
pub mod revert;
mod rule;
mod run;
pub mod saved_filter;
pub mod settings;
pub mod status_rollup;
pub mod sub_tasks;
mod watch;

pub use run::{check_preview, run};
pub use watch::{Halt, Unwatched, Watch};
