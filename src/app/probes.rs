//! What the transports ask of the rest: whose token is this, and can the server work?

use super::rights::Rights;
use crate::accounts::{Provider, Told};
use crate::domain::{Admission, Denial, Role};
use crate::http::{Authenticator, Readiness, Verdict};
use crate::jobs::Jobs;
use crate::oidc::Verifier;
use crate::store::{Store, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Finds users by their tokens: the server's own, and those of an issuer.
pub(super) struct Tokens {
    store: Store,
    rights: Rights,
    issuer: Option<Issuer>,
}

/// Whose JSON Web Tokens are believed, and who comes in by them.
struct Issuer {
    verifier: Verifier,
    provider: Provider,
}

impl Tokens {
    pub(super) fn new(store: Store, rights: Rights, issuer: Option<Verifier>) -> Self {
        let issuer = issuer.map(|verifier| Issuer {
            provider: Provider::new(store.clone(), verifier.issuer().to_owned()),
            verifier,
        });
        Self {
            store,
            rights,
            issuer,
        }
    }

    async fn find(&self, token: &str) -> Result<Verdict, StoreError> {
        match self.issuer.as_ref().filter(|_| Verifier::is_jwt(token)) {
            Some(issuer) => issuer.admit(token).await,
            None => self.store.admission(token).await,
        }
    }
}

impl Issuer {
    async fn admit(&self, token: &str) -> Result<Verdict, StoreError> {
        let identity = match self.verifier.verify(token).await {
            Ok(identity) => identity,
            Err(reason) => {
                tracing::debug!(%reason, "a JWT is refused");
                return Ok(Err(match reason.has_expired() {
                    true => Denial::Expired,
                    false => Denial::Unknown,
                }));
            }
        };
        let told = identity.admin.map(|admin| Told {
            role: if admin { Role::Admin } else { Role::Member },
            at: identity.issued_at,
        });
        let viewer = self.provider.admit(&identity.user, told).await?;
        Ok(viewer.map(|viewer| Admission {
            viewer,
            lasts: Some(identity.lasts),
        }))
    }
}

impl Authenticator for Tokens {
    fn changes(&self) -> watch::Receiver<()> {
        self.rights.changes()
    }

    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verdict, String>> {
        async move { self.find(token).await.map_err(|error| error.to_string()) }.boxed()
    }
}

/// Ready as long as the database answers, is whole and can be written, and the job runner runs, and
/// until the server stops: a load balancer should look elsewhere while what is under way ends.
pub(super) struct Ready {
    pub(super) store: Store,
    pub(super) jobs: Jobs,
    pub(super) runner: AbortHandle,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Readiness for Ready {
    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        async move {
            if *self.stopping.borrow() {
                return Err("the server is stopping".to_owned());
            }
            if self.runner.is_finished() {
                return Err("a part of the server has stopped".to_owned());
            }
            let answer = self
                .store
                .read(|tx| tx.get("SELECT 1", &[], |row| row.get::<i64>(0)));
            answer
                .await
                .map_err(|error: StoreError| error.to_string())?;
            let trouble = self.store.trouble().or_else(|| self.jobs.trouble());
            trouble.map_or(Ok(()), Err)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::work::Synchronization;
    use crate::clock::Clock;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_server_that_stops_is_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let (stop, stopping) = watch::channel(false);
        let runner = tokio::spawn(std::future::pending::<()>());
        let store = Store::open(&path, Clock::system()).await.unwrap();
        let work = Arc::new(Synchronization::new(store.clone()));
        let ready = Ready {
            jobs: Jobs::new(store.clone(), work),
            store,
            runner: runner.abort_handle(),
            stopping,
        };
        assert_eq!(ready.ready().await, Ok(()));
        stop.send_replace(true);
        assert_eq!(ready.ready().await.unwrap_err(), "the server is stopping");
        stop.send_replace(false);
        runner.abort();
        runner.await.unwrap_err();
        let reason = ready.ready().await.unwrap_err();
        assert_eq!(reason, "a part of the server has stopped");
    }
}
