//! What is told about each operation: a tracing span, a line of the log at its end, and calls to an
//! observer for metrics.
//!
//! Names and numbers only: neither documents nor variables nor tokens are logged. An operation
//! without a name is known by its root fields.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::Span;

use super::{Answer, OperationKind, Outcome, Prepared};
use crate::domain::Viewer;

/// Where the line of each operation is logged, so that a filter can ask for all of them.
const ACCESS: &str = "understory::access";

/// An answer that took longer is worth a line in the log of every installation.
const SLOW: Duration = Duration::from_secs(1);

/// Is told about operations, for metrics. Must not block.
pub trait Observer: Send + Sync {
    /// An operation was refused before it could run, with the code of the first error.
    fn operation_refused(&self, code: &'static str);

    /// An operation begins to run.
    fn operation_began(&self, began: &Began<'_>);

    /// Called once for each operation that began to run, also if its client went away.
    fn operation_ended(&self, ended: &Ended<'_>);
}

/// An operation that begins to run.
#[derive(Clone, Copy, Debug)]
pub struct Began<'a> {
    /// The operation's kind.
    pub kind: OperationKind,
    /// The field that a subscription subscribes to, if the schema has it.
    pub field: Option<&'a str>,
}

/// An operation that ran and ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The operation's kind.
    pub kind: OperationKind,
    /// The operation's name in its document, which the client chose: unfit as a metric's label.
    pub name: Option<&'a str>,
    /// The field that a subscription subscribed to, if the schema has it.
    pub field: Option<&'a str>,
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
    request_id: Option<Arc<str>>,
    observer: Option<Arc<dyn Observer>>,
    kind: OperationKind,
    name: Option<String>,
    field: Option<String>,
    outcome: Option<Outcome>,
    code: Option<String>,
    answers: u64,
    errors: u64,
    began: Instant,
}

impl Running {
    pub(super) fn begin(
        prepared: &Prepared,
        viewer: &Viewer,
        observer: Option<Arc<dyn Observer>>,
    ) -> Self {
        let (kind, name) = (prepared.kind, prepared.chosen.clone());
        let request_id = prepared.operation.request_id.clone();
        let span = tracing::info_span!(
            "operation",
            request = request_id.as_deref(),
            user = viewer.user_id.0,
            kind = kind.as_str(),
            operation = name.as_deref().map(|name| name.get(..100).unwrap_or(name)),
            fields = prepared.label.as_deref(),
        );
        let running = Self {
            span,
            request_id,
            observer,
            kind,
            name,
            field: prepared.field.clone(),
            outcome: None,
            code: None,
            answers: 0,
            errors: 0,
            began: Instant::now(),
        };
        if let Some(observer) = &running.observer {
            let field = running.field.as_deref();
            observer.operation_began(&Began { kind, field });
        }
        running
    }

    /// Counts an answer and has it name the request, as far as the user is to quote that.
    pub(super) fn answered(&mut self, answer: Answer) -> Answer {
        let answer = answer.attributed(self.request_id.as_deref());
        self.outcome = Some(answer.outcome());
        self.answers += 1;
        self.errors += answer.error_count() as u64;
        self.code = answer.error_code().map(str::to_owned);
        answer
    }

    /// The operation's line in the log. What changed something, failed or took long is told
    /// anyway; the many that only read, if they are asked for.
    fn log(&self, duration: Duration) {
        let outcome = outcome_name(self.outcome, self.errors);
        let (code, errors) = (self.code.as_deref(), self.errors);
        let (answers, duration_ms) = (self.answers, duration.as_micros() as f64 / 1_000.0);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(target: ACCESS, outcome, code, errors, answers, duration_ms, "operation ended")
            };
        }
        let slow = self.kind != OperationKind::Subscription && duration > SLOW;
        match self.outcome {
            Some(Outcome::Failed) => line!(error),
            _ if slow || self.kind == OperationKind::Mutation => line!(info),
            _ => line!(debug),
        }
    }
}

/// How an operation came out, in a word.
#[must_use]
pub fn outcome_name(outcome: Option<Outcome>, errors: u64) -> &'static str {
    match outcome {
        None => "abandoned",
        Some(Outcome::Executed) if errors == 0 => "ok",
        Some(Outcome::Executed) => "errors",
        Some(Outcome::Refused) => "refused",
        Some(Outcome::Failed) => "failed",
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let duration = self.began.elapsed();
        self.span.in_scope(|| self.log(duration));
        if let Some(observer) = &self.observer {
            observer.operation_ended(&Ended {
                kind: self.kind,
                name: self.name.as_deref(),
                field: self.field.as_deref(),
                outcome: self.outcome,
                answers: self.answers,
                errors: self.errors,
                duration,
            });
        }
    }
}
