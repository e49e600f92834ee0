//! What is told about each operation that runs: a tracing span, and one call to an observer for
//! metrics.
//!
//! Names and numbers only: neither documents nor variables nor tokens are logged.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::Span;

use super::{Answer, OperationKind, Outcome};

/// Is told about each operation once it ended, for metrics. Must not block.
pub trait Observer: Send + Sync {
    /// Called once for each operation that began to run, also if its client went away.
    fn operation_ended(&self, ended: &Ended<'_>);
}

/// An operation that ran and ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The operation's kind.
    pub kind: OperationKind,
    /// The operation's name in its document, which the client chose: unfit as a metric's label.
    pub name: Option<&'a str>,
    /// How the last answer came out; `None` if there was no answer.
    pub outcome: Option<Outcome>,
    /// How many answers there were; at most one, except for subscriptions.
    pub answers: u64,
    /// How many errors the answers reported.
    pub errors: u64,
    /// From the beginning of execution to the last answer, or to the client's leave.
    pub duration: Duration,
}

/// Follows one operation while it runs; reports when it is dropped, so that also a cancelled one
/// counts.
pub(super) struct Running {
    pub(super) span: Span,
    observer: Option<Arc<dyn Observer>>,
    kind: OperationKind,
    name: Option<String>,
    outcome: Option<Outcome>,
    answers: u64,
    errors: u64,
    began: Instant,
}

impl Running {
    pub(super) fn begin(
        kind: OperationKind,
        name: Option<String>,
        observer: Option<Arc<dyn Observer>>,
    ) -> Self {
        let span = tracing::info_span!(
            "operation",
            kind = kind.as_str(),
            name = name.as_deref().map(|name| name.get(..100).unwrap_or(name)),
        );
        Self {
            span,
            observer,
            kind,
            name,
            outcome: None,
            answers: 0,
            errors: 0,
            began: Instant::now(),
        }
    }

    pub(super) fn answered(&mut self, answer: &Answer) {
        self.outcome = Some(answer.outcome());
        self.answers += 1;
        self.errors += answer.error_count() as u64;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = Ended {
            kind: self.kind,
            name: self.name.as_deref(),
            outcome: self.outcome,
            answers: self.answers,
            errors: self.errors,
            duration: self.began.elapsed(),
        };
        self.span.in_scope(|| {
            tracing::debug!(
                outcome = ?ended.outcome,
                answers = ended.answers,
                errors = ended.errors,
                duration = ?ended.duration,
                "operation ended"
            );
        });
        if let Some(observer) = &self.observer {
            observer.operation_ended(&ended);
        }
    }
}
