//! One job as it goes: a snapshot for each revision that is seen, until it has ended. Many may listen
//! to one stream: for each who joins it looks again, so that they see the job as it stands.

use super::pace::{Heard, Pace, hear, hear_now};
use crate::domain::{JobId, StructureId, Viewer};
use crate::events::Event;
use crate::graphql::api::Api;
use crate::graphql::error::{ApiError, Result, code};
use crate::graphql::loaders::visible_jobs;
use crate::graphql::service::Joiners;
use crate::graphql::types::Job;
use crate::store::jobs;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;

/// The snapshots of a job, the current one first.
pub(super) async fn stream(
    api: &Api,
    viewer: &Viewer,
    id: JobId,
    joiners: Joiners,
) -> Result<BoxStream<'static, Result<Job>>> {
    // Whoever listens before reading misses nothing in between.
    let events = api.store.events().listen();
    joiners.reading();
    let first = read(api, viewer, id).await?.ok_or_else(hidden)?;
    let watch = Watch {
        api: api.clone(),
        viewer: viewer.clone(),
        id,
        structure: first.structure,
        events,
        first: Some(first),
        shown: -1,
        over: false,
        pace: Pace::begun(),
        joiners,
    };
    Ok(unfold(watch, |mut watch| async {
        watch.next().await.map(|it| (it, watch))
    })
    .boxed())
}

/// The job; `None` if there is none. That it is hidden from the viewer is an error.
async fn read(api: &Api, viewer: &Viewer, id: JobId) -> Result<Option<jobs::Job>> {
    let viewer = viewer.clone();
    let (exists, visible) = api
        .read(move |tx| {
            let found = jobs::find(tx, id)?;
            let exists = found.is_some();
            Ok((
                exists,
                visible_jobs(tx, &viewer, Vec::from_iter(found))?.pop(),
            ))
        })
        .await?;
    match visible {
        Some(job) => Ok(Some(api.jobs.with_progress(job))),
        None if exists => Err(hidden()),
        None => Ok(None),
    }
}

fn hidden() -> ApiError {
    ApiError::new(code::NOT_FOUND, "There is no such job.")
}

struct Watch {
    api: Api,
    viewer: Viewer,
    id: JobId,
    structure: StructureId,
    events: Receiver<Event>,
    first: Option<jobs::Job>,
    shown: i64,
    over: bool,
    pace: Pace,
    joiners: Joiners,
}

/// Why the job is to be read again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// Something may have happened to it.
    Heard,
    /// Somebody waits to see it as it stands, changed or not.
    Joined,
}

impl Watch {
    async fn next(&mut self) -> Option<Result<Job>> {
        if self.over {
            return None;
        }
        let job = match self.first.take() {
            Some(job) => Ok(job),
            None => self.newer().await?,
        };
        self.over = job.as_ref().map_or(true, |job| job.state.is_ended());
        let is_news = job.as_ref().map_or(true, |job| job.revision > self.shown);
        self.joiners.show(is_news);
        Some(job.map(|job| {
            self.shown = job.revision;
            Job(Arc::new(job))
        }))
    }

    /// The job at a revision that was not shown yet, or for somebody who joined; `None` once it is
    /// gone.
    async fn newer(&mut self) -> Option<Result<jobs::Job>> {
        loop {
            let reason = self.wait().await?;
            let job = self.read().await?;
            match &job {
                _ if reason == Reason::Joined => return Some(job),
                Ok(job) if job.revision <= self.shown => continue,
                Ok(job) if !job.state.is_ended() => {}
                _ => return Some(job),
            }
            tokio::select! {
                () = self.pace.wait() => self.pace.shown(),
                () = self.joiners.come() => {}
            }
            // More may have happened meanwhile: what was heard of it is answered by reading again.
            while hear_now(&mut self.events).is_some() {}
            return self.read().await;
        }
    }

    async fn read(&self) -> Option<Result<jobs::Job>> {
        self.joiners.reading();
        read(&self.api, &self.viewer, self.id).await.transpose()
    }

    /// Waits until something may have happened to the job, and takes all that was heard of it, or
    /// until somebody joins; `None` once nobody tells of anything any more.
    async fn wait(&mut self) -> Option<Reason> {
        let (id, structure) = (self.id, self.structure);
        // A structure takes its jobs along when it is deleted, and nothing is said of them then.
        let concerns = |heard: Heard| match heard {
            Heard::Event(Event::Job(job, ..)) => job == id,
            Heard::Event(Event::Structure(it)) => it == structure,
            Heard::Event(Event::Access) => true,
            Heard::Event(_) => false,
            Heard::Lag => true,
        };
        loop {
            let heard = tokio::select! {
                () = self.joiners.come() => return Some(Reason::Joined),
                heard = hear(&mut self.events) => heard?,
            };
            if concerns(heard) {
                while hear_now(&mut self.events).is_some() {}
                return Some(Reason::Heard);
            }
        }
    }
}
