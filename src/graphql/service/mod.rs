//! One service around the schema, through which every transport executes.
//!
//! It owns what must hold for HTTP, WebSocket and event streams alike: limits before validation,
//! parsed documents kept for reuse, variables checked, errors capped, panics caught, operations
//! traced. It wraps the schema rather than extending it, since any extension of async-graphql
//! nearly doubles the time of execution. Only plain types and serialised bytes leave it, so that
//! transports need not know async-graphql. Who the viewer is and how requests arrive is not decided
//! here.

mod answer;
mod body;
mod builder;
mod cache;
mod complexity;
mod defaults;
mod error;
mod guard;
mod hidden;
mod label;
mod limits;
mod observer;
mod operation;
mod positions;
mod roots;
mod scan;
mod shared;
#[cfg(test)]
mod tests;
mod typename;
mod types;
mod valid;
mod variables;

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{
    Request, Response, ServerError,
    parser::{
        parse_query,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
        },
    },
};
use futures_util::{
    FutureExt, Stream, StreamExt,
    stream::{self, BoxStream},
};
use tracing::Instrument;

pub(crate) use self::shared::Joiners;
pub use self::{
    answer::{Answer, Outcome},
    builder::{InvalidSdl, ServiceBuilder},
    error::code,
    limits::Limits,
    observer::{Began, Ended, Observer, outcome_name},
    operation::{Malformed, Operation, OperationKind, Requested},
};
use self::{
    builder::{DynExecutor, Provide},
    cache::Cache,
    error::Problem,
    hidden::Hidden,
    observer::Running,
    shared::Crowds,
    types::Types,
    valid::{AllGiven, Validity},
};
use crate::domain::Viewer;

/// Executes operations of one schema within limits; cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    executor: Box<dyn DynExecutor>,
    /// Executes what is known to be valid.
    trusting: Option<Box<dyn DynExecutor>>,
    types: Types,
    limits: Limits,
    documents: Cache<Document>,
    provide: Box<Provide>,
    observer: Option<Arc<dyn Observer>>,
    hidden: Option<Hidden>,
    /// The fields whose subscriptions are executed once for all who ask the same.
    shared: &'static [&'static str],
    crowds: Crowds,
}

/// What came of executing an operation: a response, or a panic.
type Executed = Result<Response, Box<dyn Any + Send>>;

/// A document that keeps within the limits.
struct Document {
    executable: ExecutableDocument,
    variable_uses: u64,
    validity: Validity,
}

/// An operation that may be executed: parsed, within the limits, its variables checked.
#[derive(Clone)]
pub struct Prepared {
    document: Arc<Document>,
    operation: Operation,
    kind: OperationKind,
    chosen: Option<String>,
    cost: u64,
    /// What it selects, if it has no name.
    label: Option<String>,
    /// What a subscription subscribes to, if the schema has it.
    field: Option<String>,
    /// The variables with which validation will have found it valid, if that can be said.
    given: Option<AllGiven>,
}

impl Prepared {
    /// The kind of the operation, by which transports decide whether they carry it.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// What it may cost, about the number of values that its answer can hold.
    #[must_use]
    pub fn cost(&self) -> u64 {
        self.cost
    }
}

impl Service {
    /// Parses an operation, or finds it parsed, and checks all that can be checked before the
    /// library's own validation. The error is the answer to give.
    pub fn prepare(&self, operation: Operation) -> Result<Prepared, Answer> {
        self.try_prepare(operation).map_err(|problems| {
            if let (Some(observer), Some(first)) = (&self.inner.observer, problems.first()) {
                observer.operation_refused(first.code);
            }
            let mut errors: Vec<_> = problems.into_iter().map(ServerError::from).collect();
            answer::cap(&mut errors, &self.inner.limits);
            Answer::request_errors(&errors)
        })
    }

    fn try_prepare(&self, operation: Operation) -> Result<Prepared, Vec<Problem>> {
        let known = self.inner.documents.find(&operation.query);
        let document = match &known {
            Some(document) => Arc::clone(document),
            None => Arc::new(self.parse(&operation.query)?),
        };
        let executable = &document.executable;
        let (chosen, definition) = choose(executable, operation.name.as_deref())?;
        let (variables, limits) = (&operation.variables, &self.inner.limits);
        if let Some(hidden) = &self.inner.hidden {
            hidden.check(&self.inner.types, executable, definition, variables)?;
        }
        if known.is_none() {
            self.check(executable)?;
            let kept = Arc::clone(&document);
            self.inner.documents.keep(&operation.query, kept);
        }
        variables::check_strings(variables, limits)?;
        let problems = self.inner.types.check_values(definition, variables);
        if !problems.is_empty() {
            return Err(problems);
        }
        let copies = document
            .variable_uses
            .saturating_mul(variables::weight(variables));
        if copies > limits.variable_copies {
            return Err(vec![Problem::new(
                code::QUERY_TOO_COMPLEX,
                "The operation uses large variables too often; give them once, or split it.",
            )]);
        }
        let cost = self
            .inner
            .types
            .price(executable, definition, variables, limits)?;
        let kind = match definition.ty {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        };
        let label = match chosen {
            Some(_) => None,
            None => Some(label::of(&self.inner.types, executable, definition)),
        };
        let chosen = chosen.map(str::to_owned);
        let given = AllGiven::of(executable, definition, variables);
        let field = match kind {
            OperationKind::Subscription => self.subscribed_field(definition),
            OperationKind::Query | OperationKind::Mutation => None,
        };
        Ok(Prepared {
            document,
            operation,
            kind,
            chosen,
            cost,
            label,
            field,
            given,
        })
    }

    /// Refuses operations that together cost more than one may, so that a batch is no way around
    /// the limit. The error is the answer to give.
    pub fn check_together<'a>(
        &self,
        operations: impl IntoIterator<Item = &'a Prepared>,
    ) -> Result<(), Answer> {
        let costs = operations.into_iter().map(Prepared::cost);
        let cost = costs.fold(0_u64, u64::saturating_add);
        complexity::check(cost, &self.inner.limits)
            .map_err(|problem| Answer::request_errors(&[problem.into()]))
    }

    /// What a subscription subscribes to. Validation comes later, so it may be missing or unknown.
    fn subscribed_field(&self, definition: &OperationDefinition) -> Option<String> {
        let selection = definition.selection_set.node.items.first()?;
        let Selection::Field(field) = &selection.node else {
            return None;
        };
        let (name, types) = (&field.node.name.node, &self.inner.types);
        let root = types.root(OperationType::Subscription);
        types.field(root, name).map(|_| name.to_string())
    }

    /// Executes a query or a mutation.
    pub async fn execute(&self, mut prepared: Prepared, viewer: &Viewer) -> Answer {
        let mut running = self.begin(&prepared, viewer);
        let (document, given) = (Arc::clone(&prepared.document), prepared.given.take());
        let is_valid = |given: &AllGiven| document.validity.is_known(given);
        let (executor, unknown) = match &self.inner.trusting {
            Some(trusting) if given.as_ref().is_some_and(is_valid) => (trusting, None),
            _ => (&self.inner.executor, given),
        };
        let request = self.request(prepared, viewer);
        let response = AssertUnwindSafe(executor.execute(request))
            .catch_unwind()
            .instrument(running.span.clone())
            .await;
        let answer = self.answer(response);
        if let Some(given) = unknown.filter(|_| answer.outcome() == Outcome::Executed) {
            document.validity.note(given);
        }
        running.answered(answer)
    }

    /// Executes an operation of any kind as a stream of answers, which ends with the first answer
    /// that is not [`Outcome::Executed`]. Work begins when the stream is first polled and stops
    /// when it is dropped; what several viewers ask in the same words, as far as the schema allows,
    /// is executed once for all of them.
    pub fn subscribe(
        &self,
        prepared: Prepared,
        viewer: &Viewer,
    ) -> impl Stream<Item = Answer> + Send + use<> {
        let shares = |field: &String| self.inner.shared.contains(&field.as_str());
        if prepared.field.as_ref().is_some_and(shares) {
            shared::listen(self.clone(), prepared, viewer.clone()).left_stream()
        } else {
            self.subscribe_alone(prepared, viewer).right_stream()
        }
    }

    fn subscribe_alone(
        &self,
        prepared: Prepared,
        viewer: &Viewer,
    ) -> impl Stream<Item = Answer> + Send + use<> {
        let running = self.begin(&prepared, viewer);
        let request = self.request(prepared, viewer);
        let state = Some((self.clone(), self.responses(request), running));
        stream::unfold(state, |state| async move {
            let (service, mut responses, mut running) = state?;
            let response = responses.next().instrument(running.span.clone()).await?;
            let answer = running.answered(service.answer(response));
            let goes_on = answer.outcome() == Outcome::Executed;
            Some((answer, goes_on.then_some((service, responses, running))))
        })
    }

    fn responses(&self, request: Request) -> BoxStream<'static, Executed> {
        let responses = self.inner.executor.execute_stream(request);
        AssertUnwindSafe(responses).catch_unwind().boxed()
    }

    /// Parses a document that keeps within the limits.
    fn parse(&self, text: &str) -> Result<Document, Problem> {
        scan::scan(text, &self.inner.limits)?;
        let mut executable = parse_query(text).map_err(|error| Problem {
            code: code::GRAPHQL_PARSE_FAILED,
            message: error::in_one_line(&error.to_string()),
            locations: error.positions().collect(),
        })?;
        let variable_uses = guard::check(&executable, &self.inner.limits)?;
        let root = self.inner.types.root(OperationType::Subscription);
        roots::expand(&mut executable, root);
        Ok(Document {
            executable,
            variable_uses,
            validity: Validity::default(),
        })
    }

    /// Checks what of a document's variables depends on the document alone.
    fn check(&self, document: &ExecutableDocument) -> Result<(), Vec<Problem>> {
        for (_, operation) in document.operations.iter() {
            self.inner.types.check_declared(&operation.node)?;
        }
        let mut problems = self.inner.types.check_positions(document);
        problems.extend(typename::check(document));
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    fn request(&self, prepared: Prepared, viewer: &Viewer) -> Request {
        let Prepared {
            document,
            operation,
            chosen,
            ..
        } = prepared;
        let mut document = document.executable.clone();
        self.inner
            .types
            .apply_defaults(&mut document, chosen.as_deref(), &operation.variables);
        let mut request = Request::new(operation.query).variables(operation.variables);
        request.operation_name = operation.name;
        request.extensions = operation.extensions;
        request.set_parsed_query(document);
        (self.inner.provide)(viewer, &mut request.data);
        request
    }

    fn begin(&self, prepared: &Prepared, viewer: &Viewer) -> Running {
        Running::begin(prepared, viewer, self.inner.observer.clone())
    }

    fn answer(&self, response: Executed) -> Answer {
        match response {
            Ok(response) => Answer::from_response(response, &self.inner.limits),
            Err(panic) => {
                tracing::error!(panic = panic_message(&*panic), "a resolver panicked");
                Answer::panicked()
            }
        }
    }
}

/// The operation that a request means, with its name in the document.
fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<&'a str>, &'a OperationDefinition), Problem> {
    let failed = |message: String| Problem::new(code::OPERATION_RESOLUTION_FAILURE, message);
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok((None, &operation.node)),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get_key_value(name)
            .map(|(name, operation)| (Some(name.as_str()), &operation.node))
            .ok_or_else(|| failed(format!("The document has no operation named \"{name}\"."))),
        (DocumentOperations::Single(_), Some(name)) => Err(failed(format!(
            "The document has no operation named \"{name}\", only one without a name."
        ))),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.iter();
            match (all.next(), all.next()) {
                (Some((name, operation)), None) => Ok((Some(name.as_str()), &operation.node)),
                _ => Err(failed(
                    "The document has several operations; \"operationName\" must choose one."
                        .to_owned(),
                )),
            }
        }
    }
}

/// Whether a document may go to the parser.
#[cfg(feature = "fuzzing")]
pub(super) fn scanned(document: &str, limits: &Limits) -> bool {
    scan::scan(document, limits).is_ok()
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
