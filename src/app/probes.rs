//! What the transports ask of the rest: whose token is this, and can the server work?

use super::rights::Rights;
use crate::accounts;
use crate::domain::{Role, Viewer};
use crate::http::{Authenticator, Readiness};
use crate::oidc::Verifier;
use crate::store::{Store, StoreError, Tx, tokens};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Finds users by their tokens: the server's own, and those of an issuer.
pub(super) struct Tokens {
    store: Store,
    rights: Rights,
    issuer: Option<Verifier>,
}

impl Tokens {
    pub(super) fn new(store: Store, rights: Rights, issuer: Option<Verifier>) -> Self {
        Self {
            store,
            rights,
            issuer,
        }
    }

    async fn find(&self, token: &str) -> Result<Option<Viewer>, StoreError> {
        let Some(issuer) = self.issuer.as_ref().filter(|_| Verifier::is_jwt(token)) else {
            let token = token.to_owned();
            let find = move |tx: &Tx<'_>| tokens::find_viewer(tx, &token);
            return self.store.read(find).await;
        };
        match issuer.verify(token).await {
            Ok(identity) => {
                let admin = identity.admin;
                let role = admin.map(|admin| if admin { Role::Admin } else { Role::Member });
                accounts::admit(&self.store, &identity.user, role).await
            }
            Err(reason) => {
                tracing::debug!(%reason, "a JWT is refused");
                Ok(None)
            }
        }
    }
}

impl Authenticator for Tokens {
    fn changes(&self) -> watch::Receiver<()> {
        self.rights.changes()
    }

    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Viewer>, String>> {
        async move { self.find(token).await.map_err(|error| error.to_string()) }.boxed()
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
