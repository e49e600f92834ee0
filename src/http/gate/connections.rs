//! How many connections are open, in all and from each address.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    held::{Held, Slot},
    peer::network,
};
use crate::http::HttpConfig;

/// Counts the open connections.
pub(in crate::http) struct Connections {
    all: Arc<Semaphore>,
    limit: usize,
    by_address: Held<IpAddr>,
    limit_by_address: usize,
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
        }
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
