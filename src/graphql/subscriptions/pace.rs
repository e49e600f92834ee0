//! How often a stream of snapshots speaks: a burst of events makes one snapshot, not hundreds.

use crate::events::Event;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

/// Time between two snapshots at the least, short enough to look alive.
const BETWEEN: Duration = Duration::from_millis(50);

/// Keeps snapshots apart.
#[derive(Default)]
pub(super) struct Pace(Option<Instant>);

impl Pace {
    /// As if a snapshot were shown now.
    pub(super) fn begun() -> Self {
        Self(Some(Instant::now()))
    }

    /// Notes that a snapshot is shown now. Who does so before reading it reads as often as may be,
    /// however long that takes.
    pub(super) fn shown(&mut self) {
        self.0 = Some(Instant::now());
    }

    /// Waits until the next snapshot may be shown.
    pub(super) async fn wait(&self) {
        if let Some(last) = self.0 {
            tokio::time::sleep_until(last + BETWEEN).await;
        }
    }
}

/// What was heard of the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// An event.
    Event(Event),
    /// Events were missed: anything may have changed.
    Lag,
}

/// The next event; `None` once nobody publishes any more.
pub(super) async fn hear(events: &mut Receiver<Event>) -> Option<Heard> {
    match events.recv().await {
        Ok(event) => Some(Heard::Event(event)),
        Err(RecvError::Lagged(_)) => Some(Heard::Lag),
        Err(RecvError::Closed) => None,
    }
}

/// The next event, if there is one already.
pub(super) fn hear_now(events: &mut Receiver<Event>) -> Option<Heard> {
    match events.try_recv() {
        Ok(event) => Some(Heard::Event(event)),
        Err(TryRecvError::Lagged(_)) => Some(Heard::Lag),
        Err(TryRecvError::Empty | TryRecvError::Closed) => None,
    }
}
