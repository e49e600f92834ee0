//! What the transports ask of the rest: whose token is this, and can the server work?

use crate::domain::Viewer;
use crate::http::{Authenticator, Readiness};
use crate::oidc::{Identity, Verifier};
use crate::store::users::{self, Role};
use crate::store::{Store, StoreError, Tx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::AbortHandle;

/// Finds users by their tokens: the server's own, and those of an issuer.
pub(super) struct Tokens {
    store: Store,
    issuer: Option<Verifier>,
}

impl Tokens {
    pub(super) fn new(store: Store, issuer: Option<Verifier>) -> Self {
        Self { store, issuer }
    }

    async fn find(&self, token: &str) -> Result<Option<Viewer>, StoreError> {
        let Some(issuer) = self.issuer.as_ref().filter(|_| Verifier::is_jwt(token)) else {
            let token = token.to_owned();
            let find = move |tx: &Tx<'_>| users::find_by_token(tx, &token);
            return self.store.read(find).await;
        };
        match issuer.verify(token).await {
            Ok(identity) => self.admit(identity).await.map(Some),
            Err(reason) => {
                tracing::debug!(%reason, "a JWT is refused");
                Ok(None)
            }
        }
    }

    /// The user whom the issuer names. Few requests bring news of a user, so most only read.
    async fn admit(&self, Identity { user, admin }: Identity) -> Result<Viewer, StoreError> {
        let role = admin.map(|admin| if admin { Role::Admin } else { Role::Member });
        let name = user.clone();
        let find = move |tx: &Tx<'_>| users::find_by_name(tx, &name);
        let known = self.store.read(find).await?;
        let known = known.filter(|it| role.is_none_or(|role| role == it.role));
        let user = match known {
            Some(known) => known,
            None => {
                let admit = move |tx: &Tx<'_>| users::admit(tx, &user, role);
                self.store.write(admit).await?
            }
        };
        Ok(user.into())
    }
}

impl Authenticator for Tokens {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Viewer>, String>> {
        async move { self.find(token).await.map_err(|error| error.to_string()) }.boxed()
    }
}

/// Ready as long as the database answers and the job runner runs.
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
                .map(|_| ())
                .map_err(|error: StoreError| error.to_string())
        }
        .boxed()
    }
}
