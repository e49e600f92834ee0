//! When what is written happens: never before what was written earlier, whatever the clock says.
//!
//! Of two edits the later one wins, and the feeds are read as the order of things. So where the
//! clock goes back, instants stay just behind the newest one, a millisecond a transaction, until
//! it has caught up.

use super::{StoreError, Tx};
use crate::domain::Millis;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that is farther back than a week was wrong before, and is believed now.
const BELIEVED: i64 = 7 * 24 * 3_600_000;

/// The newest instant that was written.
#[derive(Default)]
pub(super) struct Instants(AtomicI64);

impl Instants {
    /// The instant of the next write, of which there is one at a time.
    pub(super) fn next(&self, clock: Millis) -> Millis {
        let newest = self.0.load(Ordering::Relaxed);
        let back = newest.saturating_sub(clock.0);
        let next = match back {
            1..=BELIEVED => newest + 1,
            _ => clock.0,
        };
        if back > 0 && next == clock.0 {
            tracing::warn!(milliseconds = back, "the clock went back, and is believed");
        }
        self.0.store(next, Ordering::Relaxed);
        Millis(next)
    }

    /// Goes on from what was written before the store was opened.
    pub(super) fn go_on_from(&self, newest: Millis) {
        self.0.fetch_max(newest.0, Ordering::Relaxed);
    }
}

/// The newest instant of the feeds and of jobs.
pub(super) fn newest(tx: &Tx<'_>) -> Result<Millis, StoreError> {
    tx.get(
        "SELECT max(
             COALESCE((SELECT max(at) FROM issue_change), 0),
             COALESCE((SELECT max(at) FROM structure_version), 0),
             COALESCE((SELECT max(finished_at) FROM job), 0),
             COALESCE((SELECT created_at FROM job ORDER BY id DESC LIMIT 1), 0))",
        &[],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::store::Store;
    use crate::store::users::{self, Role};
    use crate::store::{forest, structures};
    use std::collections::HashMap;
    use std::sync::Arc;

    const DAY: i64 = 24 * 3_600_000;

    #[test]
    fn instants_follow_a_clock_that_goes_on_stands_or_was_far_ahead() {
        let instants = Instants::default();
        let far = 100 * DAY;
        let steps = [
            (far, far),
            (far, far),
            (far - DAY, far + 1),
            (far - DAY + 5, far + 2),
            (far + 2, far + 2),
            (far + 9, far + 9),
            (far - 8 * DAY, far - 8 * DAY),
        ];
        for (clock, expected) in steps {
            assert_eq!(instants.next(Millis(clock)), Millis(expected));
        }
    }

    /// Makes a row; the instant of its version.
    async fn edit(store: &Store) -> Millis {
        let inner = store.clone();
        let made = store.write(move |tx| {
            let user = users::ensure(tx, "olga", Role::Member)?;
            let structure = structures::create(tx, "s", "", user)?;
            let row = crate::domain::RowId(-1);
            let place = crate::domain::Place {
                parent: None,
                after: None,
            };
            let add = crate::domain::RowEdit::Add {
                id: row,
                issue: None,
                place,
            };
            let names = HashMap::from([(row, "folder".to_owned())]);
            let author = forest::Author::User(user);
            forest::apply(&inner, tx, structure, &[add], &names, author)?;
            newest(tx)
        });
        made.await.map_err(|error: StoreError| error).unwrap()
    }

    #[tokio::test]
    async fn an_edit_after_another_is_later_also_when_the_clock_went_back_and_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let hand = Arc::new(AtomicI64::new(100 * DAY));
        let told = Arc::clone(&hand);
        let clock = Clock::new(move || Millis(told.load(Ordering::Relaxed)));
        let path = folder.path().join("db");
        let store = Store::open(&path, clock.clone()).await.unwrap();
        let first = edit(&store).await;
        hand.fetch_sub(DAY, Ordering::Relaxed);
        let second = edit(&store).await;
        store.close().await;
        let store = Store::open(&path, clock).await.unwrap();
        let third = edit(&store).await;
        assert!(first < second && second < third);
        assert!(third.0 - first.0 < 1_000);
        store.close().await;
    }
}
