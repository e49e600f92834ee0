//! What happened, as ids only: listeners re-read the store. Published after commit, never before.
//!
//! A listener that falls behind is told so (`Lagged`) and reads the state again, so an event may
//! be lost, a state never.

use crate::domain::{JobId, StructureId, SynchronizerId};
use tokio::sync::broadcast;

/// How many events a slow listener may be behind before it has to read the state again.
const CAPACITY: usize = 1_024;

/// Something that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A hierarchy has a new version, or its name changed, or it is gone.
    Structure(StructureId),
    /// A job changed.
    Job(JobId, StructureId, Option<SynchronizerId>),
    /// A synchronizer changed.
    Synchronizer(SynchronizerId),
    /// Issues or links changed.
    Issues,
    /// Somebody may do more or less than before, or a token has ended.
    Access,
}

/// Where events are published and listened to.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Events {
    /// Tells every listener.
    pub fn publish(&self, event: Event) {
        // Nobody listening is no error.
        let _ = self.0.send(event);
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
