//! The changes of one hierarchy, version by version.
//!
//! What is told comes from the change feed in the database, a few versions at a time, however far
//! behind the reader is; events only say when to look again. So no version is missed or repeated.
//! Whoever may no longer view the structure is told nothing more: the stream ends with an error.

use super::pace::{Heard, hear, hear_now};
use crate::domain::{StructureId, Viewer};
use crate::events::Event;
use crate::graphql::api::Api;
use crate::graphql::error::{ApiError, Result, code};
use crate::graphql::types::structure_change::StructureChange;
use crate::store::changes::{self, RowChange, Version};
use crate::store::{StoreError, Tx, structures};
use crate::structures::access;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use std::collections::VecDeque;
use tokio::sync::broadcast::Receiver;

/// Versions that are read at once; each holds at most a thousand row changes.
const BATCH: usize = 16;

/// The changes of a structure after a version, or from now on.
pub(super) async fn stream(
    api: &Api,
    viewer: &Viewer,
    id: StructureId,
    since: Option<i64>,
) -> Result<BoxStream<'static, Result<StructureChange>>> {
    // Whoever listens before reading misses nothing in between.
    let events = api.store.events().listen();
    let watcher = viewer.clone();
    let read = move |tx: &Tx<'_>| {
        let structure = access::find(tx, &watcher, id)?;
        Ok((
            structure.map(|it| it.version),
            changes::oldest_kept(tx, id)?,
        ))
    };
    let (current, oldest) = api.read(read).await?;
    let current = current.ok_or_else(hidden)?;
    let at = since.unwrap_or(current);
    if !(0..=current).contains(&at) {
        let message =
            format!("`sinceVersion` is {at}: expected 0 to {current}, the current version.");
        return Err(ApiError::bad_input(message));
    }
    if at < current && oldest.is_none_or(|oldest| at + 1 < oldest) {
        return Err(version_gone(at));
    }
    let watch = Watch {
        api: api.clone(),
        viewer: viewer.clone(),
        id,
        events,
        heard: HeardOf::default(),
        at,
        ready: VecDeque::new(),
        over: false,
    };
    Ok(unfold(watch, |mut watch| async {
        watch.next().await.map(|it| (it, watch))
    })
    .boxed())
}

fn hidden() -> ApiError {
    ApiError::new(code::NOT_FOUND, "There is no such structure.")
}

fn version_gone(at: i64) -> ApiError {
    let message = format!(
        "The changes since version {at} are no longer kept: read the rows again, and begin after \
         the version that they have."
    );
    ApiError::new(code::VERSION_GONE, message)
}

struct Watch {
    api: Api,
    viewer: Viewer,
    id: StructureId,
    events: Receiver<Event>,
    heard: HeardOf,
    /// The version that was read last.
    at: i64,
    ready: VecDeque<StructureChange>,
    over: bool,
}

/// What was heard and not answered yet.
#[derive(Default)]
struct HeardOf {
    /// The hierarchy may have changed.
    change: bool,
    /// So may what the viewer may see.
    access: bool,
}

type Changes = Vec<(Version, Vec<RowChange>)>;

impl Watch {
    async fn next(&mut self) -> Option<Result<StructureChange>> {
        loop {
            if self.over {
                return None;
            }
            while let Some(heard) = hear_now(&mut self.events) {
                self.note(heard);
            }
            // What was read before access was taken away is not told after.
            if std::mem::take(&mut self.heard.access) {
                self.ready.clear();
            }
            if let Some(change) = self.ready.pop_front() {
                self.at = change.made();
                return Some(Ok(change));
            }
            match self.read_on().await {
                Ok(Some(0)) => self.hear_of_structure().await?,
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// Makes the next versions ready; how many there are, `None` once the structure is deleted.
    /// That it is hidden from the viewer by now is an error.
    async fn read_on(&mut self) -> Result<Option<usize>> {
        let (viewer, id, at) = (self.viewer.clone(), self.id, self.at);
        let found = match self.api.read(move |tx| read(tx, &viewer, id, at)).await? {
            Found::Changes(found) => found,
            Found::Deleted => return Ok(None),
            Found::Hidden => return Err(hidden()),
        };
        let Some((last, _)) = found.last() else {
            return Ok(Some(0));
        };
        let last = last.version;
        if found[0].0.version != self.at + 1 {
            return Err(version_gone(self.at));
        }
        let Some(forest) = self.api.store.forest_since(id, last).await? else {
            return Ok(None);
        };
        let count = found.len();
        let shown = found
            .into_iter()
            .map(|(version, rows)| StructureChange::new(id, version, &forest, Some(rows)));
        self.ready.extend(shown);
        Ok(Some(count))
    }

    async fn hear_of_structure(&mut self) -> Option<()> {
        while !self.heard.change && !self.heard.access {
            let heard = hear(&mut self.events).await?;
            self.note(heard);
        }
        self.heard.change = false;
        Some(())
    }

    fn note(&mut self, heard: Heard) {
        match heard {
            Heard::Event(Event::Structure(id)) => self.heard.change |= id == self.id,
            Heard::Event(Event::Access) => self.heard.access = true,
            Heard::Event(_) => {}
            Heard::Lag => {
                self.heard = HeardOf {
                    change: true,
                    access: true,
                }
            }
        }
    }
}

enum Found {
    Changes(Changes),
    Deleted,
    Hidden,
}

fn read(tx: &Tx<'_>, viewer: &Viewer, id: StructureId, at: i64) -> Result<Found, StoreError> {
    if access::find(tx, viewer, id)?.is_none() {
        return Ok(match structures::find(tx, id)? {
            Some(_) => Found::Hidden,
            None => Found::Deleted,
        });
    }
    let mut found = Vec::new();
    for version in changes::versions_since(tx, id, at, BATCH)? {
        found.push((version, changes::of_version(tx, id, version.version)?));
    }
    Ok(Found::Changes(found))
}
