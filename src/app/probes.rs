//! What the transports ask of the rest: whose token is this, and can the server work?

use super::rights::Rights;
use crate::domain::Viewer;
use crate::http::{Authenticator, Readiness};
use crate::store::{Store, StoreError, tokens};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Finds users by their tokens.
pub(super) struct Tokens {
    store: Store,
    rights: Rights,
}

impl Tokens {
    pub(super) fn new(store: Store, rights: Rights) -> Self {
        Self { store, rights }
    }
}

impl Authenticator for Tokens {
    fn changes(&self) -> watch::Receiver<()> {
        self.rights.changes()
    }

    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Viewer>, String>> {
        let token = token.to_owned();
        let found = self.store.read(move |tx| tokens::find_viewer(tx, &token));
        async move { found.await.map_err(|error: StoreError| error.to_string()) }.boxed()
    }
}

/// Ready as long as the database answers, is whole and can be written, and the job runner runs.
pub(super) struct Ready {
    store: Store,
    runner: AbortHandle,
}

impl Ready {
    pub(super) fn new(store: Store, runner: AbortHandle) -> Self {
        Self { store, runner }
    }
}

impl Readiness for Ready {
    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        async move {
            if self.runner.is_finished() {
                return Err("the job runner has stopped".to_owned());
            }
            let answer = self
                .store
                .read(|tx| tx.get("SELECT 1", &[], |row| row.get::<i64>(0)));
            answer
                .await
                .map_err(|error: StoreError| error.to_string())?;
            self.store.trouble().map_or(Ok(()), Err)
        }
        .boxed()
    }
}
