//! HTTP requests and the connections that stay open.

use super::Counters;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::gauge::Gauge;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Answered {
    route: &'static str,
    status: u16,
}

/// What is counted of transports.
#[derive(Clone, Debug, Default)]
pub struct TransportMetrics {
    pub(super) answered: Counters<Answered>,
    pub(super) sockets: Gauge,
    pub(super) streams: Gauge,
}

impl TransportMetrics {
    /// A request got the head of its answer.
    pub fn answered(&self, route: &'static str, status: u16) {
        self.answered
            .get_or_create(&Answered { route, status })
            .inc();
    }

    /// A WebSocket is open until what this returns is dropped.
    pub fn socket(&self) -> Open {
        Open::new(&self.sockets)
    }

    /// An event stream is open until what this returns is dropped.
    pub fn stream(&self) -> Open {
        Open::new(&self.streams)
    }
}

/// Counts as one connection while it lives.
#[derive(Debug)]
pub struct Open(Gauge);

impl Open {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
