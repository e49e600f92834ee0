//! The gate: how many may come in, how often they may ask, and how much runs at a time.
//!
//! What one operation may cost is the service's part; here is what many of them may, each of them
//! cheap. A refusal says with `Retry-After` when to come again. Limits of users hold over all
//! their connections; those of addresses are for what has no user yet.

mod attempts;
mod connections;
mod held;
mod peer;
mod rate;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::{StatusCode, request::Parts};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::{
    attempts::Attempts,
    held::{Held, Slot},
    rate::Rate,
};
pub(super) use self::{connections::Connections, peer::Peer};
use super::{HttpConfig, refusal::Refusal};
use crate::{
    domain::{UserId, Viewer},
    graphql::service::code,
};

/// When to come again to a server that has too much to do.
const SOON: Duration = Duration::from_secs(1);

/// What all transports pass; cheap to clone, all clones are one.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    attempts: Attempts,
    users: Option<Rate<UserId>>,
    running: Arc<Semaphore>,
    running_limit: usize,
    subscriptions: Held<UserId>,
    subscriptions_limit: usize,
    trusted_proxies: usize,
}

/// One subscription of a user, until it is dropped.
pub(super) type Subscription = Slot<UserId>;

impl Gate {
    /// A gate that nobody has passed yet.
    #[must_use]
    pub fn new(config: &HttpConfig) -> Self {
        let running_limit = config.operations.min(Semaphore::MAX_PERMITS);
        let burst = config.user_rate.saturating_mul(config.user_burst_seconds);
        let refill = Duration::from_secs(config.user_burst_seconds.into());
        Self(Arc::new(Inner {
            attempts: Attempts::new(config.wrong_tokens_per_minute),
            users: Rate::new(burst, refill),
            running: Arc::new(Semaphore::new(running_limit)),
            running_limit,
            subscriptions: Held::default(),
            subscriptions_limit: config.subscriptions_per_user,
            trusted_proxies: config.trusted_proxies,
        }))
    }

    /// The address that a request's token is tried from.
    pub(super) fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<Peer>()?;
        Some(peer.client(&parts.headers, self.0.trusted_proxies))
    }

    /// Refuses to look at a token from an address that tried too many.
    pub(super) fn may_try(&self, from: Option<IpAddr>, token: &str) -> Result<(), Refusal> {
        let verdict = from.map_or(Ok(()), |from| self.0.attempts.may_try(from, token));
        verdict.map_err(too_many_tokens)
    }

    /// Notes what came of looking at a token; the error says that it was wrong once too often.
    pub(super) fn tried(
        &self,
        from: Option<IpAddr>,
        token: &str,
        good: bool,
    ) -> Result<(), Refusal> {
        let Some(from) = from else { return Ok(()) };
        if good {
            self.0.attempts.was_good(token);
            return Ok(());
        }
        self.0
            .attempts
            .was_wrong(from, token)
            .map_err(too_many_tokens)
    }

    /// Counts operations of a user; refuses them if that were too many in too short a time.
    pub(super) fn ask(&self, viewer: &Viewer, operations: usize) -> Result<(), Refusal> {
        let Some(users) = &self.0.users else {
            return Ok(());
        };
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        users
            .take(&viewer.user_id, operations)
            .map_err(|wait| limited("You ask for more operations than one user may", wait))
    }

    /// Makes room for an operation that runs until the permit is dropped.
    pub(super) fn run(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.0.running)
            .try_acquire_owned()
            .map_err(|_| {
                let message = format!(
                    "The server runs {} operations already; try again soon.",
                    self.0.running_limit
                );
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, code::BUSY, message).retry_after(SOON)
            })
    }

    /// Counts a subscription of a user until it is dropped.
    pub(super) fn subscribe(&self, viewer: &Viewer) -> Result<Subscription, Refusal> {
        let limit = self.0.subscriptions_limit;
        let slot = self.0.subscriptions.take(viewer.user_id, limit);
        slot.ok_or_else(|| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                code::TOO_MANY_SUBSCRIPTIONS,
                format!(
                    "You have as many subscriptions as you may, over all your connections: {limit}."
                ),
            )
            .retry_after(SOON)
        })
    }
}

fn too_many_tokens(wait: Duration) -> Refusal {
    limited("Too many wrong tokens came from this address", wait)
}

fn limited(what: &str, wait: Duration) -> Refusal {
    let message = format!("{what}; try again in {} s.", seconds(wait));
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, code::RATE_LIMITED, message).retry_after(wait)
}

/// Whole seconds after which a wait is over; at least one, as in `Retry-After`.
pub(super) fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).max(1) as u64
}
