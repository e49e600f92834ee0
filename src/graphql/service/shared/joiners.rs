//! What a stream that many listen to knows of them: that somebody came, who wants to see the state
//! as it stands.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

/// Between those who join an execution and the stream at its root, which finds this in the data of
/// its context. Cheap to clone. Each who joins gets a ticket, and takes no answer that was read
/// before.
#[derive(Clone, Default)]
pub(crate) struct Joiners(Arc<Shared>);

#[derive(Default)]
struct Shared {
    tickets: watch::Sender<u64>,
    /// The last ticket when the stream read last.
    read: AtomicU64,
    /// What the stream said of the item that it shows.
    shown: Mutex<Option<Shown>>,
}

/// What a stream says of an item.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The last ticket of those for whom it is recent enough.
    pub(super) for_tickets: u64,
    /// Whether those who saw the item before have not seen this.
    pub(super) is_news: bool,
}

impl Joiners {
    /// Asks the stream to look again for one who joins; tells their ticket.
    pub(super) fn join(&self) -> u64 {
        let mut ticket = 0;
        self.0.tickets.send_modify(|last| {
            *last += 1;
            ticket = *last;
        });
        ticket
    }

    /// The last ticket.
    pub(super) fn last(&self) -> u64 {
        *self.0.tickets.borrow()
    }

    /// What the stream said since it was asked last.
    pub(super) fn take_shown(&self) -> Option<Shown> {
        self.shown().take()
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Option<Shown>> {
        self.0.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves once somebody has come since the stream read last.
    pub(crate) async fn come(&self) {
        let read = self.0.read.load(Ordering::Relaxed);
        let mut tickets = self.0.tickets.subscribe();
        // There is a sender as long as there is this.
        let _ = tickets.wait_for(|last| *last > read).await;
    }

    /// The stream is about to read what it will show.
    pub(crate) fn reading(&self) {
        self.0.read.store(self.last(), Ordering::Relaxed);
    }

    /// The stream shows what it read; `is_news` if that differs from what it showed before.
    pub(crate) fn show(&self, is_news: bool) {
        *self.shown() = Some(Shown {
            for_tickets: self.0.read.load(Ordering::Relaxed),
            is_news,
        });
    }
}
