//! How large things have grown: the database's files, its queues, the forests in memory.

use super::connections::Lane;
use super::{Store, StoreError, Tx};
use crate::telemetry::metrics::StoreMetrics;

/// What the store takes up at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of the database file.
    pub file: u64,
    /// Bytes of its write-ahead log.
    pub log: u64,
    /// Bytes of the file that nothing uses.
    pub free: u64,
    /// Forests held in memory.
    pub forests: usize,
    /// Their rows.
    pub forest_rows: usize,
    /// Bytes that these take.
    pub forest_bytes: usize,
}

impl Store {
    /// Measures it.
    pub async fn sizes(&self) -> Result<Sizes, StoreError> {
        let held = self.0.forests.size();
        let files = self.read(files).await?;
        Ok(Sizes {
            forests: held.forests,
            forest_rows: held.rows,
            forest_bytes: held.bytes,
            ..files
        })
    }

    /// How much work has a connection or waits for one, by the kind of connection.
    pub fn queued(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        let queued = |lane: Lane| (lane.name(), self.0.connections.queued(lane));
        Lane::ALL.into_iter().map(queued)
    }

    /// What is counted of its work.
    pub fn metrics(&self) -> &StoreMetrics {
        &self.0.connections.metrics
    }
}

fn files(tx: &Tx<'_>) -> Result<Sizes, StoreError> {
    let number = |sql| tx.get(sql, &[], |row| row.get::<i64>(0));
    let page = number("SELECT page_size FROM pragma_page_size")?;
    let bytes = |pages: i64| u64::try_from(pages.saturating_mul(page)).unwrap_or_default();
    let path: String = tx.get(
        "SELECT file FROM pragma_database_list WHERE name = 'main'",
        &[],
        |row| row.get(0),
    )?;
    // There is none as long as nothing was written.
    let log = std::fs::metadata(path + "-wal").map_or(0, |file| file.len());
    Ok(Sizes {
        file: bytes(number("SELECT page_count FROM pragma_page_count")?),
        free: bytes(number("SELECT freelist_count FROM pragma_freelist_count")?),
        log,
        ..Sizes::default()
    })
}
