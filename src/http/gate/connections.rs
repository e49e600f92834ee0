//! How many connections are open, in all and from each address, and a reserve beyond that.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    held::{Held, Slot},
    peer::network,
};
use crate::http::HttpConfig;

/// Connections of the reserve, for which no limit has room.
const RESERVE: usize = 64;
/// Those of one address, so that a flood leaves room for whoever asks from elsewhere.
const RESERVE_OF_ONE: usize = 32;

/// Counts the open connections.
pub(in crate::http) struct Connections {
    all: Arc<Semaphore>,
    limit: usize,
    by_address: Held<IpAddr>,
    limit_by_address: usize,
    reserve: Arc<Semaphore>,
    reserve_by_address: Held<IpAddr>,
}

/// One connection that is counted until it is dropped.
pub(in crate::http) struct Connection {
    _all: OwnedSemaphorePermit,
    _by_address: Option<Slot<IpAddr>>,
}

impl Connections {
    pub(in crate::http) fn new(config: &HttpConfig) -> Self {
        let limit = config.connections.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(limit)),
            limit,
            by_address: Held::default(),
            limit_by_address: config.connections_per_address,
            reserve: Arc::new(Semaphore::new(RESERVE)),
            reserve_by_address: Held::default(),
        }
    }

    /// Counts one of the reserve, if there is one left.
    pub(in crate::http) fn reserve(&self, from: IpAddr) -> Option<Connection> {
        let by_address = self
            .reserve_by_address
            .take(network(from), RESERVE_OF_ONE)?;
        let all = Arc::clone(&self.reserve).try_acquire_owned().ok()?;
        Some(Connection {
            _all: all,
            _by_address: Some(by_address),
        })
    }

    /// Counts one more; the error says to the client why not.
    pub(in crate::http) fn admit(&self, from: IpAddr) -> Result<Connection, String> {
        let by_address = match self.limit_by_address {
            0 => None,
            limit => Some(self.by_address.take(network(from), limit).ok_or_else(|| {
                format!("{limit} connections from this address are open already.")
            })?),
        };
        let all = Arc::clone(&self.all)
            .try_acquire_owned()
            .map_err(|_| format!("{} connections are open already.", self.limit))?;
        Ok(Connection {
            _all: all,
            _by_address: by_address,
        })
    }
}
