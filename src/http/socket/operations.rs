//! The operations of one connection: which run, under which ids, and what each sends.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::StreamExt;
use tokio::{
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use super::{
    message,
    outbox::{Gone, Outbox, Wanted},
};
use crate::{
    graphql::service::{Answer, Operation, OperationKind, Outcome, code},
    http::{HttpState, auth::Session, endpoint::overdue_message},
};

/// The operations that run on a connection, by their ids.
#[derive(Clone, Default)]
pub(super) struct Operations(Arc<Mutex<HashMap<String, Entry>>>);

struct Entry {
    abort: AbortHandle,
    wanted: Wanted,
}

impl Entry {
    fn cancel(self) {
        self.wanted.revoke();
        self.abort.abort();
    }
}

impl Operations {
    /// Starts a task under an id. It is entered before it starts, since it takes itself out.
    pub(super) fn start(
        &self,
        id: String,
        wanted: Wanted,
        tasks: &mut JoinSet<()>,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let abort = tasks.spawn(task);
        entries.insert(id, Entry { abort, wanted });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an operation runs under the id.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// Stops an operation, if there is one with the id.
    pub(super) fn cancel(&self, id: &str) {
        if let Some(entry) = self.lock().remove(id) {
            entry.cancel();
        }
    }

    /// Stops all operations and tells their ids.
    pub(super) fn cancel_all(&self) -> Vec<String> {
        let cancel = |(id, entry): (String, Entry)| {
            entry.cancel();
            id
        };
        self.lock().drain().map(cancel).collect()
    }

    /// Takes an operation out that ended by itself.
    fn finish(&self, id: &str, wanted: &Wanted) {
        let mut entries = self.lock();
        if entries
            .get(id)
            .is_some_and(|entry| entry.wanted.is_same(wanted))
        {
            entries.remove(id);
        }
    }
}

/// One running operation.
pub(super) struct Task {
    pub(super) id: String,
    pub(super) state: Arc<HttpState>,
    pub(super) session: Session,
    pub(super) outbox: Outbox,
    pub(super) operations: Operations,
    pub(super) wanted: Wanted,
}

impl Task {
    /// Executes the operation and sends what comes of it.
    pub(super) async fn run(&self, operation: Operation) -> Result<(), Gone> {
        let service = &self.state.service;
        let viewer = &self.session.viewer;
        let prepared = match service.prepare(operation) {
            Ok(prepared) => prepared,
            Err(answer) => return self.end(&answer).await,
        };
        if prepared.kind() == OperationKind::Subscription {
            let _counted = match self.state.gate.subscribe(viewer) {
                Ok(subscription) => subscription,
                Err(refusal) => return self.end(&refusal.answer()).await,
            };
            let mut answers = std::pin::pin!(service.subscribe(prepared, viewer));
            while let Some(answer) = answers.next().await {
                if answer.error_count() > 0 {
                    self.hold_unless_good().await;
                }
                if answer.outcome() != Outcome::Executed {
                    return self.end(&answer).await;
                }
                self.outbox
                    .answer(message::next(&self.id, &answer), &self.wanted)
                    .await?;
            }
            self.hold_unless_good().await;
        } else {
            let limit = self.state.config.request_timeout;
            let running = match self.state.gate.run() {
                Ok(running) => running,
                Err(refusal) => return self.end(&refusal.answer()).await,
            };
            // In a box of its own, since thousands of subscriptions would keep its room.
            let execute = Box::pin(service.execute(prepared, viewer));
            let answer = timeout(limit, execute).await.unwrap_or_else(|_| {
                Answer::refusal(code::TIMEOUT, &overdue_message(&self.state.config))
            });
            // A client that is slow to take the answer keeps nobody else from running.
            drop(running);
            if answer.outcome() != Outcome::Executed {
                return self.end(&answer).await;
            }
            self.outbox
                .answer(message::next(&self.id, &answer), &self.wanted)
                .await?;
        }
        // Before the message, since the client may use the id again as soon as it has read it.
        self.operations.finish(&self.id, &self.wanted);
        self.outbox
            .answer(message::complete(&self.id), &self.wanted)
            .await
    }

    /// What a token no longer lets in has lost its rights as well, so that its subscriptions fail or
    /// end in the same moment. The connection is about to be closed for the token, which is what the
    /// client is to hear.
    async fn hold_unless_good(&self) {
        let renewed = self.session.renew(&*self.state.authenticator).await;
        if renewed.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Ends the operation with the errors of an answer that has no data.
    async fn end(&self, answer: &Answer) -> Result<(), Gone> {
        self.operations.finish(&self.id, &self.wanted);
        let errors = answer.fatal_errors().unwrap_or_default();
        self.outbox
            .answer(message::error(&self.id, &errors), &self.wanted)
            .await
    }
}
