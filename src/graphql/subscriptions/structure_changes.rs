//! The changes of one hierarchy, version by version.
//!
//! What is told comes from the change feed in the database, a few versions at a time, however far
//! behind the reader is; events only say when to look again. So no version is missed or repeated.

use super::pace::{Heard, hear, hear_now};
use crate::domain::{StructureId, Viewer};
use crate::events::Event;
use crate::graphql::api::Api;
use crate::graphql::error::{ApiError, Result, code};
use crate::graphql::types::row::forest_since;
use crate::graphql::types::structure_change::StructureChange;
use crate::store::changes::{self, RowChange, Version};
use crate::store::{StoreError, Tx};
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
    let current =
        current.ok_or_else(|| ApiError::new(code::NOT_FOUND, "There is no such structure."))?;
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
        at,
        ready: VecDeque::new(),
        over: false,
    };
    Ok(unfold(watch, |mut watch| async {
        watch.next().await.map(|it| (it, watch))
    })
    .boxed())
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
    /// The version that was read last.
    at: i64,
    ready: VecDeque<StructureChange>,
    over: bool,
}

type Changes = Vec<(Version, Vec<RowChange>)>;

impl Watch {
    async fn next(&mut self) -> Option<Result<StructureChange>> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Some(Ok(change));
            }
            if self.over {
                return None;
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
    async fn read_on(&mut self) -> Result<Option<usize>> {
        let (viewer, id, at) = (self.viewer.clone(), self.id, self.at);
        let Some(found) = self.api.read(move |tx| read(tx, &viewer, id, at)).await? else {
            return Ok(None);
        };
        let Some((last, _)) = found.last() else {
            return Ok(Some(0));
        };
        let last = last.version;
        if found[0].0.version != self.at + 1 {
            return Err(version_gone(self.at));
        }
        let Some(forest) = forest_since(&self.api.store, id, last).await? else {
            return Ok(None);
        };
        let count = found.len();
        let shown = found
            .into_iter()
            .map(|(version, rows)| StructureChange::new(id, version, &forest, Some(rows)));
        self.ready.extend(shown);
        self.at = last;
        Ok(Some(count))
    }

    async fn hear_of_structure(&mut self) -> Option<()> {
        let concerns = |heard: Heard| match heard {
            Heard::Event(Event::Structure(id)) => id == self.id,
            Heard::Event(_) => false,
            Heard::Lag => true,
        };
        while !concerns(hear(&mut self.events).await?) {}
        while hear_now(&mut self.events).is_some() {}
        Some(())
    }
}

fn read(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: StructureId,
    at: i64,
) -> Result<Option<Changes>, StoreError> {
    if access::find(tx, viewer, id)?.is_none() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for version in changes::versions_since(tx, id, at, BATCH)? {
        found.push((version, changes::of_version(tx, id, version.version)?));
    }
    Ok(Some(found))
}
