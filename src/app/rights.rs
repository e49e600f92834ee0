//! Hears when somebody may do more or less than before, also from other processes and from the clock.
//!
//! A change in this process is an event of its commit. `understory token revoke` runs in another
//! one, and a token expires without anybody writing: one cheap look a second finds both, however
//! many connections are open, and is told as the same event.

use crate::events::Event;
use crate::store::{Store, StoreError, permissions};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// Time between two looks at the database.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a look at what other processes wrote waits for one that writes here.
const LOOK_AT_MOST: Duration = Duration::from_millis(100);

/// Watches as long as it lives.
pub(super) struct Rights {
    changes: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Rights {
    pub(super) async fn watch(store: &Store) -> Result<Self, StoreError> {
        let (changes, _) = watch::channel(());
        let seen = store.read(permissions::revision).await?;
        let task = tokio::spawn(run(store.clone(), changes.clone(), seen));
        Ok(Self { changes, task })
    }

    /// Where changes are told.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

impl Drop for Rights {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(store: Store, changes: watch::Sender<()>, mut seen: permissions::Revision) {
    let mut events = store.events().listen();
    let mut look = Instant::now() + LOOK_EVERY;
    loop {
        if let Ok(heard) = timeout_at(look, events.recv()).await {
            match heard {
                Ok(Event::Access) | Err(RecvError::Lagged(_)) => {
                    changes.send_replace(());
                }
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
            // However much happens, the look is not put off.
            if Instant::now() < look {
                continue;
            }
        }
        look = Instant::now() + LOOK_EVERY;
        // Who writes just now has looked before.
        let _ = timeout(LOOK_AT_MOST, store.notice_others()).await;
        match store.read(permissions::revision).await {
            Ok(revision) if revision != seen => {
                seen = revision;
                // Comes back as an event, so that subscriptions hear it too.
                store.events().publish(Event::Access);
            }
            Ok(_) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "rights could not be looked at"),
        }
    }
}
