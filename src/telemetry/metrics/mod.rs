//! The metrics, by the part that counts them, and the registry that writes them all down.
//!
//! Every value is a cheap clone of one shared cell. A part may count without being registered, so
//! that it needs nothing to be tested.

mod jobs;
mod levels;
mod names;
mod operations;
#[cfg(target_os = "linux")]
mod process;
mod registry;
mod store;
mod transports;

pub use jobs::{JobMetrics, JobOutcome};
pub use levels::{Levels, Measured};
pub use operations::OperationMetrics;
pub use registry::{Format, Registry};
pub use store::StoreMetrics;
pub use transports::{Open, TransportMetrics};

use prometheus_client::metrics::{
    counter::Counter, family::Family, gauge::Gauge, histogram::Histogram,
};

/// Upper bounds in seconds for what a user waits for.
const ANSWER_SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];
/// Upper bounds in seconds for work in the background.
const JOB_SECONDS: [f64; 11] = [
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0,
];
/// Upper bounds in seconds for one piece of work of the database.
const STORE_SECONDS: [f64; 10] = [
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0,
];

type Counters<L> = Family<L, Counter>;
type Gauges<L> = Family<L, Gauge>;
type Histograms<L> = Family<L, Histogram>;

fn answer_seconds() -> Histogram {
    Histogram::new(ANSWER_SECONDS)
}

fn job_seconds() -> Histogram {
    Histogram::new(JOB_SECONDS)
}

fn store_seconds() -> Histogram {
    Histogram::new(STORE_SECONDS)
}

/// A label set of one name.
macro_rules! label {
    ($type:ident, $name:ident) => {
        #[derive(
            Clone, Debug, Hash, PartialEq, Eq, prometheus_client::encoding::EncodeLabelSet,
        )]
        pub(super) struct $type {
            pub(super) $name: &'static str,
        }
    };
}
use label;
