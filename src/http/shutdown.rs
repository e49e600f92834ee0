//! Shutdown: one signal to all that lives long, and the wait until it ended.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells long-lived connections to end; cheap to clone, all clones are one.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// A shutdown that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Begins it; doing so again changes nothing.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it has begun.
    pub async fn begun(&self) {
        self.guard().begun().await;
    }

    /// What holds a guard is waited for by [`drained`](Self::drained).
    pub(super) fn guard(&self) -> Guard {
        Guard(self.0.subscribe())
    }

    /// Waits until every guard is gone.
    pub(super) async fn drained(&self) {
        self.0.closed().await;
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

/// Held by one long-lived connection.
pub(super) struct Guard(watch::Receiver<bool>);

impl Guard {
    /// Waits until the shutdown has begun; may be dropped and called again.
    pub(super) async fn begun(&mut self) {
        // The error says that the sender is gone, and with it the server.
        let _ = self.0.wait_for(|begun| *begun).await;
    }
}
