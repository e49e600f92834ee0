//! What is measured when somebody looks: queues, sizes, memory.

use super::{Family, Gauges, label};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::gauge::Gauge;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

label!(Lane, lane);
label!(File, file);
label!(Kind, kind);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Jobs {
    kind: &'static str,
    state: &'static str,
}

/// One measurement.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Jobs that have not ended, by kind and state; kinds and states without any are in it as well.
    pub jobs: Vec<(&'static str, &'static str, u64)>,
    /// Since when the oldest job of a kind waits.
    pub oldest_waiting: Vec<(&'static str, Duration)>,
    /// Synchronizers that are enabled.
    pub synchronizers_enabled: u64,
    /// Synchronizers that the server switched off by itself.
    pub synchronizers_stopped: u64,
    /// Pieces of work in and before the database, by lane.
    pub store_queue: Vec<(&'static str, u64)>,
    /// Bytes of the database: its file, its log, and what of the file is unused.
    pub database_bytes: Vec<(&'static str, u64)>,
    /// Hierarchies held in memory.
    pub forests: u64,
    /// Their rows.
    pub forest_rows: u64,
    /// Their bytes, about.
    pub forest_bytes: u64,
}

/// The last measurement, as metrics.
#[derive(Clone, Debug)]
pub struct Levels {
    pub(super) jobs: Gauges<Jobs>,
    pub(super) oldest_waiting: Family<Kind, Gauge<f64, AtomicU64>>,
    pub(super) synchronizers_enabled: Gauge,
    pub(super) synchronizers_stopped: Gauge,
    pub(super) store_queue: Gauges<Lane>,
    pub(super) database_bytes: Gauges<File>,
    pub(super) forests: Gauge,
    pub(super) forest_rows: Gauge,
    pub(super) forest_bytes: Gauge,
    pub(super) uptime: Gauge<f64, AtomicU64>,
    started: Instant,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            jobs: Gauges::default(),
            oldest_waiting: Family::default(),
            synchronizers_enabled: Gauge::default(),
            synchronizers_stopped: Gauge::default(),
            store_queue: Gauges::default(),
            database_bytes: Gauges::default(),
            forests: Gauge::default(),
            forest_rows: Gauge::default(),
            forest_bytes: Gauge::default(),
            uptime: Gauge::default(),
            started: Instant::now(),
        }
    }
}

impl Levels {
    /// Replaces the last measurement.
    pub fn set(&self, measured: &Measured) {
        for (kind, state, count) in &measured.jobs {
            set(&self.jobs.get_or_create(&Jobs { kind, state }), *count);
        }
        for (kind, age) in &measured.oldest_waiting {
            self.oldest_waiting
                .get_or_create(&Kind { kind })
                .set(age.as_secs_f64());
        }
        for (lane, count) in &measured.store_queue {
            set(&self.store_queue.get_or_create(&Lane { lane }), *count);
        }
        for (file, bytes) in &measured.database_bytes {
            set(&self.database_bytes.get_or_create(&File { file }), *bytes);
        }
        set(&self.synchronizers_enabled, measured.synchronizers_enabled);
        set(&self.synchronizers_stopped, measured.synchronizers_stopped);
        set(&self.forests, measured.forests);
        set(&self.forest_rows, measured.forest_rows);
        set(&self.forest_bytes, measured.forest_bytes);
        self.uptime.set(self.started.elapsed().as_secs_f64());
    }
}

fn set(gauge: &Gauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
