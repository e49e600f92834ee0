//! Work of the database: how long it waits for a connection, how long it has one.

use super::{Counters, Histograms, label, store_seconds};
use prometheus_client::metrics::family::Family;
use std::time::Duration;

label!(Lane, lane);

/// What is counted of the database's work; lanes are `read` and `write`.
#[derive(Clone, Debug)]
pub struct StoreMetrics {
    pub(super) wait_seconds: Histograms<Lane>,
    pub(super) work_seconds: Histograms<Lane>,
    pub(super) refused: Counters<Lane>,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        let metrics = Self {
            wait_seconds: Family::new_with_constructor(store_seconds),
            work_seconds: Family::new_with_constructor(store_seconds),
            refused: Family::default(),
        };
        for lane in ["read", "write"] {
            // A counter that begins with its first event shows no increase.
            drop(metrics.refused.get_or_create(&Lane { lane }));
        }
        metrics
    }
}

impl StoreMetrics {
    /// A piece of work got its connection after so long.
    pub fn waited(&self, lane: &'static str, duration: Duration) {
        self.wait_seconds
            .get_or_create(&Lane { lane })
            .observe(duration.as_secs_f64());
    }

    /// A piece of work gave its connection back after so long.
    pub fn worked(&self, lane: &'static str, duration: Duration) {
        self.work_seconds
            .get_or_create(&Lane { lane })
            .observe(duration.as_secs_f64());
    }

    /// A piece of work found the queue full, or waited in vain.
    pub fn refused(&self, lane: &'static str) {
        self.refused.get_or_create(&Lane { lane }).inc();
    }
}
