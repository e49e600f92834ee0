//! Who edits the rows of which structure right now: users at the same time, or one job that holds
//! them off.
//!
//! Whoever is let in goes to the writer afterwards and never the other way round: who waits here
//! keeps nobody from writing elsewhere. A job that holds users off nevertheless looks whether the
//! hierarchy is as it was, for not all edits come through here: those of other processes do not.

use crate::domain::StructureId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// One user's edit; it ends when this is dropped.
#[must_use]
pub struct Editing {
    _turn: OwnedRwLockReadGuard<()>,
}

/// Nobody else edits rows of the structure until this is dropped.
#[must_use]
pub struct Held {
    _turn: OwnedRwLockWriteGuard<()>,
}

/// The structures whose rows somebody edits, or waits to edit.
#[derive(Default)]
pub(super) struct Editors(Mutex<HashMap<StructureId, Weak<RwLock<()>>>>);

impl Editors {
    fn of(&self, structure: StructureId) -> Arc<RwLock<()>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(&structure).and_then(Weak::upgrade) {
            return gate;
        }
        gates.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::default();
        gates.insert(structure, Arc::downgrade(&gate));
        gate
    }

    /// Lets an edit in at once, unless a job holds it off.
    pub(super) fn try_enter(&self, structure: StructureId) -> Option<Editing> {
        let turn = self.of(structure).try_read_owned().ok()?;
        Some(Editing { _turn: turn })
    }

    /// Lets an edit in when no job holds it off any more; `None` if that takes too long.
    pub(super) async fn enter(
        &self,
        structure: StructureId,
        patience: Duration,
    ) -> Option<Editing> {
        let turn = self.of(structure).read_owned();
        let turn = tokio::time::timeout(patience, turn).await.ok()?;
        Some(Editing { _turn: turn })
    }

    /// Holds edits off, after those that have been let in.
    pub(super) async fn hold(&self, structure: StructureId) -> Held {
        let turn = self.of(structure).write_owned().await;
        Held { _turn: turn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: StructureId = StructureId(1);
    const OTHER: StructureId = StructureId(2);

    #[tokio::test]
    async fn an_edit_waits_for_whoever_holds_this_structure_and_for_nobody_else() {
        let editors = Editors::default();
        let (first, second) = (editors.try_enter(ONE), editors.try_enter(ONE));
        assert!(first.is_some() && second.is_some());
        drop((first, second));
        let held = editors.hold(ONE).await;
        assert!(editors.try_enter(ONE).is_none());
        assert!(editors.enter(ONE, Duration::ZERO).await.is_none());
        assert!(editors.try_enter(OTHER).is_some());
        let (waited, ()) = tokio::join!(editors.enter(ONE, Duration::MAX), async { drop(held) });
        assert!(waited.is_some());
    }

    #[tokio::test]
    async fn who_holds_a_structure_waits_for_the_edits_before_it() {
        let editors = Arc::new(Editors::default());
        let edit = editors.try_enter(ONE);
        let holding = tokio::spawn({
            let editors = Arc::clone(&editors);
            async move { editors.hold(ONE).await }
        });
        while editors.try_enter(ONE).is_some() {
            tokio::task::yield_now().await;
        }
        assert!(!holding.is_finished());
        drop(edit);
        drop(holding.await.unwrap());
        assert!(editors.try_enter(ONE).is_some());
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_structures_that_nobody_edits() {
        let editors = Editors::default();
        (1..100).for_each(|id| drop(editors.try_enter(StructureId(id))));
        drop(editors.hold(ONE).await);
        assert!(editors.0.lock().unwrap().len() <= 1);
    }
}
