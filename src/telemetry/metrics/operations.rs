//! GraphQL operations: how many, how they came out, how long they took.

use super::names::Names;
use super::{Counters, Gauges, Histograms, answer_seconds, label};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use std::sync::Arc;
use std::time::Duration;

label!(Code, code);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Field {
    field: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Ended {
    kind: &'static str,
    operation: Arc<str>,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Timed {
    kind: &'static str,
    operation: Arc<str>,
}

impl Field {
    fn of(field: &str) -> Self {
        Self {
            field: field.to_owned(),
        }
    }
}

/// What is counted of operations.
#[derive(Clone, Debug)]
pub struct OperationMetrics {
    pub(super) ended: Counters<Ended>,
    pub(super) seconds: Histograms<Timed>,
    pub(super) refused: Counters<Code>,
    pub(super) subscribers: Gauges<Field>,
    names: Arc<Names>,
}

impl Default for OperationMetrics {
    fn default() -> Self {
        Self {
            ended: Family::default(),
            seconds: Family::new_with_constructor(answer_seconds),
            refused: Family::default(),
            subscribers: Family::default(),
            names: Arc::default(),
        }
    }
}

impl OperationMetrics {
    /// An operation ended. One that did not fit the schema leaves no name behind: a client that
    /// tries names would use them up.
    pub fn ended(&self, kind: &'static str, name: Option<&str>, outcome: &'static str, fits: bool) {
        let operation = match fits {
            true => self.names.label(name),
            false => self.names.known(name),
        };
        self.ended
            .get_or_create(&Ended {
                kind,
                operation,
                outcome,
            })
            .inc();
    }

    /// A query or a mutation took so long.
    pub fn took(&self, kind: &'static str, name: Option<&str>, duration: Duration) {
        let operation = self.names.known(name);
        self.seconds
            .get_or_create(&Timed { kind, operation })
            .observe(duration.as_secs_f64());
    }

    /// An operation was refused before it ran.
    pub fn refused(&self, code: &'static str) {
        self.refused.get_or_create(&Code { code }).inc();
    }

    /// A subscription to a field of the schema began.
    pub fn subscribed(&self, field: &str) {
        self.subscribers.get_or_create(&Field::of(field)).inc();
    }

    /// A subscription to a field of the schema ended.
    pub fn unsubscribed(&self, field: &str) {
        self.subscribers.get_or_create(&Field::of(field)).dec();
    }
}
