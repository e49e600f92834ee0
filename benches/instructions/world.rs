//! A generated database, opened in this process, and what planners are given of it.

use crate::SIZE;
use anyhow::{Context, ensure};
use std::path::Path;
use std::sync::Arc;
use understory::clock::Clock;
use understory::domain::{Forest, IssueId, Place, RowEdit, Settings, StructureId, UserId};
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError, synchronizers};

/// The one structure of each generated database.
pub(crate) const STRUCTURE: StructureId = StructureId(1);

/// A store with a structure of [`SIZE`] rows.
pub(crate) struct World {
    runtime: tokio::runtime::Runtime,
    pub(crate) store: Store,
    pub(crate) forest: Arc<Forest>,
    pub(crate) admin: UserId,
    synchronizers: Vec<(String, Settings)>,
}

impl World {
    pub(crate) fn open(database: &Path) -> anyhow::Result<Self> {
        let runtime = one_thread()?;
        let (store, forest, admin, synchronizers) = runtime.block_on(async {
            let store = Store::open(database, Clock::system()).await?;
            let forest = store.forest(STRUCTURE).await?.context("no structure")?;
            let (admin, synchronizers) = store
                .write(|tx| {
                    let admin = users::ensure(tx, "admin", Role::Admin)?;
                    let all = synchronizers::of_structures(tx, [STRUCTURE])?;
                    Ok::<_, StoreError>((admin, all))
                })
                .await?;
            anyhow::Ok((store, forest, admin, synchronizers))
        })?;
        ensure!(forest.len() == SIZE, "{} rows", forest.len());
        let synchronizers = synchronizers.into_iter();
        Ok(Self {
            runtime,
            store,
            forest,
            admin,
            synchronizers: synchronizers.map(|it| (it.name, it.settings)).collect(),
        })
    }

    /// Runs what is asynchronous, to its end.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What a query says of the database.
    pub(crate) fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&understory::store::Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> anyhow::Result<T> {
        Ok(self.run(self.store.read(read))?)
    }

    /// The settings of the synchronizer of a kind, which is its name.
    pub(crate) fn settings(&self, kind: &str) -> anyhow::Result<Settings> {
        let found = self.synchronizers.iter().find(|(name, _)| name == kind);
        Ok(found.context("no such synchronizer")?.1.clone())
    }

    /// Edits that put one of a hundred rows to the front of the top level, of those whose issues
    /// belong elsewhere.
    pub(crate) fn disturbance(&self, children: &[IssueId]) -> anyhow::Result<Vec<RowEdit>> {
        let place = Place {
            parent: None,
            after: None,
        };
        let lower = children
            .iter()
            .filter_map(|issue| self.forest.primary(*issue));
        let lower = lower.filter(|row| row.parent.is_some());
        let edits = lower.map(|row| RowEdit::Move { id: row.id, place });
        let edits: Vec<RowEdit> = edits.take(SIZE / 100).collect();
        ensure!(edits.len() == SIZE / 100, "only {} rows", edits.len());
        Ok(edits)
    }
}

/// A runtime that runs all its tasks on the thread that waits.
pub(crate) fn one_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
