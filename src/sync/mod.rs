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

mod apply;
mod audit;
pub mod availability;
pub mod diff;
pub mod draft;
mod guard;
pub mod install;
pub mod links;
mod load;
#[cfg(test)]
mod planner_tests;
mod rule;
mod run;
pub mod saved_filter;
mod settings;
pub mod sub_tasks;
mod watch;

pub use run::{check_preview, run};
pub use watch::{Halt, Watch};
