//! The store: the one place that knows SQLite.
//!
//! `read` and `write` take synchronous closures over a [`Tx`], so no transaction lives across an
//! await. One connection writes, a few read, in WAL mode: readers never wait for the writer. Each
//! queue is bounded, a panic in a closure rolls back and harms nobody, a read has a deadline.
//! After a commit, and on the writer's thread, new forests replace old ones and then events are
//! published: whoever hears an event reads the state that it speaks of.
//! Entity files hold SQL that SQLite and PostgreSQL share and never name the engine.

mod connections;
mod editors;
mod error;
mod forests;
mod health;
mod inserts;
mod instants;
mod migrations;
mod pasts;
mod recent;
mod sizes;
mod tx;
mod value;

pub mod backup;
pub mod board_issues;
pub mod boards;
pub mod catalog;
pub mod changes;
pub mod check;
pub mod filters;
pub mod forest;
pub mod history;
pub mod issue_history;
pub mod issue_rows;
pub mod issue_states;
pub mod issues;
pub mod jobs;
pub mod links;
pub mod pending;
pub mod permissions;
pub mod ranks;
pub mod references;
pub mod structures;
pub mod synchronizers;
pub mod tokens;
pub mod undo;
pub mod users;
pub mod workflows;

pub use connections::Patience;
pub use editors::{Editing, Held};
pub use error::{Failure, StoreError};
pub use migrations::schema;
pub use sizes::Sizes;
pub use tx::Tx;
pub(crate) use value::params;
pub use value::{Column, Row, Value};

use crate::clock::Clock;
use crate::domain::issue::Issue;
use crate::domain::{Admission, Denial, Forest, IssueId, StructureId, UserId};
use crate::events::{Event, Events};
use connections::{Connections, Lane};
use editors::Editors;
use forests::Forests;
use health::Health;
use history::AtVersion;
use instants::Instants;
use pasts::Pasts;
use recent::{Recent, Touched};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use structures::Structure;

/// The database and the forests that are held in memory. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    connections: Connections,
    editors: Editors,
    forests: Forests,
    pasts: Pasts,
    recent: Recent,
    events: Events,
    clock: Clock,
    statements: AtomicU64,
    health: Health,
    instants: Instants,
}

impl Store {
    /// Opens a database file, making it if there is none, and brings it to this version.
    pub async fn open(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        Self::open_with(path, clock, Patience::default()).await
    }

    /// Opens a database file for work that has only so much time to wait.
    pub async fn open_with(
        path: &Path,
        clock: Clock,
        patience: Patience,
    ) -> Result<Self, StoreError> {
        let connections =
            Connections::open(path, patience)
                .await
                .map_err(|reason| StoreError::Open {
                    path: path.display().to_string(),
                    reason,
                })?;
        let store = Self(Arc::new(Inner {
            path: path.to_owned(),
            connections,
            editors: Editors::default(),
            forests: Forests::default(),
            pasts: Pasts::default(),
            recent: Recent::default(),
            events: Events::default(),
            clock,
            statements: AtomicU64::new(0),
            health: Health::default(),
            instants: Instants::default(),
        }));
        let newest = store.read(instants::newest).await?;
        store.0.instants.go_on_from(newest);
        Ok(store)
    }

    /// Where committed changes are told.
    pub fn events(&self) -> &Events {
        &self.0.events
    }

    /// The clock that stamps what is written.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How many statements were run since the store was opened.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// Runs `work` on one consistent snapshot of the database.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        self.0
            .connections
            .run(Lane::Read, move |connection| {
                inner.transact(Lane::Read, connection, work)
            })
            .await?
    }

    /// Runs `work` in one write transaction: all of it is committed, or on an error nothing.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        self.0
            .connections
            .run(Lane::Write, move |connection| {
                inner.transact(Lane::Write, connection, work)
            })
            .await?
    }

    /// Lets a user edit rows of a structure at once, unless a job holds that off.
    pub fn try_editing(&self, structure: StructureId) -> Option<Editing> {
        self.0.editors.try_enter(structure)
    }

    /// Lets a user edit rows of a structure as soon as no job holds that off. To be asked before the
    /// write transaction, never in it.
    pub async fn editing(&self, structure: StructureId) -> Result<Editing, StoreError> {
        let patience = self.0.connections.patience();
        let let_in = self.0.editors.enter(structure, patience).await;
        let_in.ok_or(StoreError::Busy)
    }

    /// Holds off users who would edit rows of a structure, after those who do.
    pub async fn hold_edits(&self, structure: StructureId) -> Held {
        self.0.editors.hold(structure).await
    }

    /// The forest of a structure, from memory if it is there; `None` if there is no such structure.
    pub async fn forest(&self, structure: StructureId) -> Result<Option<Arc<Forest>>, StoreError> {
        self.forest_since(structure, 0).await
    }

    /// The same for who has seen a version of it: never an older one, whoever made that version.
    pub async fn forest_since(
        &self,
        structure: StructureId,
        version: i64,
    ) -> Result<Option<Arc<Forest>>, StoreError> {
        let held = self.0.forests.find(structure);
        if let Some(forest) = held.filter(|it| it.version() >= version) {
            return Ok(Some(forest));
        }
        let store = self.clone();
        self.read(move |tx| store.forest_in(tx, structure)).await
    }

    /// The forest of a structure as a transaction sees it, its own edits included.
    ///
    /// On the writer this is the newest version; on a reader it is the version of its snapshot.
    pub fn forest_in(
        &self,
        tx: &Tx<'_>,
        structure: StructureId,
    ) -> Result<Option<Arc<Forest>>, StoreError> {
        if let Some(forest) = tx.installed(structure) {
            return Ok(Some(forest));
        }
        let Some(version) = forest::find_version(tx, structure)? else {
            return Ok(None);
        };
        if let Some(forest) = self.0.forests.find_version(structure, version) {
            return Ok(Some(forest));
        }
        let loaded = forest::load(tx, structure)?;
        Ok(loaded.map(|forest| self.0.forests.offer(structure, Arc::new(forest))))
    }

    /// Those of the given issues that exist, in no order, from memory as far as they are there.
    pub async fn issues(
        &self,
        ids: impl IntoIterator<Item = IssueId>,
    ) -> Result<Vec<Arc<Issue>>, StoreError> {
        let recent = &self.0.recent.issues;
        let mut looked = recent.look(ids);
        if looked.missing.is_empty() {
            return Ok(looked.found);
        }
        let missing = std::mem::take(&mut looked.missing);
        let read = self.read(move |tx| issues::by_ids(tx, missing)).await?;
        Ok(recent.keep(looked, read.into_iter().map(|it| (it.id, Arc::new(it)))))
    }

    /// An issue, if it is in memory.
    pub fn held_issue(&self, id: IssueId) -> Option<Arc<Issue>> {
        self.0.recent.issues.find(&id)
    }

    /// A structure that a user may view, if it is in memory.
    pub fn held_structure(&self, user: UserId, id: StructureId) -> Option<Arc<Structure>> {
        self.0.recent.structures.find(&(user, id))
    }

    /// Those of the given structures that a user may view, in no order, from memory as far as they
    /// are there.
    pub async fn viewable(
        &self,
        user: UserId,
        ids: impl IntoIterator<Item = StructureId>,
    ) -> Result<Vec<Arc<Structure>>, StoreError> {
        let recent = &self.0.recent.structures;
        let mut looked = recent.look(ids.into_iter().map(|id| (user, id)));
        if looked.missing.is_empty() {
            return Ok(looked.found);
        }
        let missing = std::mem::take(&mut looked.missing);
        let missing: Vec<StructureId> = missing.into_iter().map(|(_, id)| id).collect();
        let read = move |tx: &Tx<'_>| structures::viewable_by_ids(tx, user, missing);
        let read = self.read(read).await?.into_iter();
        Ok(recent.keep(looked, read.map(|it| ((user, it.id), Arc::new(it)))))
    }

    /// Whom a token's secret lets in now, or why nobody.
    pub async fn admission(&self, secret: &str) -> Result<Result<Admission, Denial>, StoreError> {
        let (recent, digest) = (&self.0.recent.bearers, tokens::digest(secret));
        let mut looked = recent.look([digest]);
        let known = match looked.found.pop() {
            Some(bearer) => Some(bearer),
            None => {
                let read = self.read(move |tx| tokens::find_bearer(tx, digest)).await?;
                let read = read.map(|bearer| (digest, Arc::new(bearer)));
                recent.keep(looked, read).pop()
            }
        };
        Ok(match known {
            Some(bearer) => bearer.admit(self.0.clock.now()),
            None => Err(Denial::Unknown),
        })
    }

    /// Looks whether another process has written to the database, as an import does: what is held
    /// in memory of issues, users and rights is forgotten then.
    pub async fn notice_others(&self) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.0);
        let look = move |connection: &mut rusqlite::Connection| inner.forget_for_others(connection);
        let looked = self.0.connections.run(Lane::Write, look).await?;
        looked.map_err(|error| self.0.health.noted(error))
    }

    /// The hierarchy of a structure as it was at a version, from memory if it is there; `None` if
    /// there is no such structure.
    pub async fn forest_at(
        &self,
        structure: StructureId,
        version: i64,
    ) -> Result<Option<AtVersion>, StoreError> {
        let pasts = &self.0.pasts;
        let held = || pasts.find(structure, version).map(AtVersion::Seen);
        if let Some(seen) = held() {
            return Ok(Some(seen));
        }
        let _turn = pasts.building.lock().await;
        if let Some(seen) = held() {
            return Ok(Some(seen));
        }
        let found = self
            .read(move |tx| history::forest_at(tx, structure, version))
            .await?;
        if let Some(AtVersion::Seen(past)) = &found {
            pasts.keep(structure, past);
        }
        Ok(found)
    }

    /// What keeps the database from being used as it should; `None` as far as is known.
    pub fn trouble(&self) -> Option<String> {
        let lost = || connections::lost_file(&self.0.path);
        self.0.health.trouble().or_else(lost)
    }

    /// Whether the last thing that was to be written could not be.
    pub fn cannot_write(&self) -> bool {
        self.0.health.cannot_write()
    }

    /// Writes something, to find out whether a trouble with writing has passed.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        // An id that nothing gets: they need not be without gaps.
        self.write(|tx| tx.take_ids("issue_link", 1)).await?;
        self.0.health.can_write();
        Ok(())
    }

    /// Closes the database after the work that was begun; later work is refused.
    pub async fn close(&self) {
        self.0.connections.close().await;
    }
}

impl Inner {
    fn transact<T, E, F>(
        &self,
        lane: Lane,
        connection: &mut rusqlite::Connection,
        work: F,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: FnOnce(&Tx<'_>) -> Result<T, E>,
    {
        let failed = |error| self.health.noted(error);
        if matches!(lane, Lane::Write) {
            // What one that was rolled back touched is as it was.
            self.connections.touches.take();
        }
        let transaction = connections::begin(connection).map_err(failed)?;
        if matches!(lane, Lane::Write) {
            self.forget_for_others(&transaction).map_err(failed)?;
        }
        let now = match lane {
            Lane::Read => self.clock.now(),
            Lane::Write => self.instants.next(self.clock.now()),
        };
        let tx = Tx::new(&transaction, now, &self.statements, &self.health);
        let value = work(&tx)?;
        let outcome = tx.into_outcome();
        match lane {
            Lane::Read => transaction.commit().map_err(failed)?,
            Lane::Write => {
                let mut touched = self.connections.touches.take();
                touched.people |= outcome.events.contains(&Event::Access);
                // Readers may see what is committed before the commit returns, and must not find
                // anything older in memory then.
                self.recent.forget(&touched);
                self.forests.announce(outcome.forests.into_iter().collect());
                let committed = transaction.commit();
                self.recent.settle();
                self.forests.settle(committed.is_ok());
                committed.map_err(failed)?;
            }
        }
        for event in outcome.events {
            self.events.publish(event);
        }
        Ok(value)
    }

    fn forget_for_others(&self, connection: &rusqlite::Connection) -> rusqlite::Result<()> {
        let touched: Touched = self.connections.touches.of_others(connection)?;
        self.recent.forget(&touched);
        self.recent.settle();
        Ok(())
    }
}
