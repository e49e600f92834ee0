//! Many jobs as they go: those that have not ended, then each one that changes.

use super::pace::{Heard, Pace, hear, hear_now};
use crate::domain::{JobId, StructureId, SynchronizerId, Viewer};
use crate::events::Event;
use crate::graphql::api::Api;
use crate::graphql::error::{ApiError, Result, code};
use crate::graphql::loaders::visible_jobs;
use crate::graphql::types::Job;
use crate::store::{StoreError, Tx, jobs, synchronizers};
use crate::structures::access;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;

/// Jobs whose revisions are remembered; once there are more, those that ended long ago are
/// forgotten. One stream of these is 25 kB, and a server has thousands of streams.
const REMEMBERED: usize = 512;
/// The newest jobs stay remembered though they have ended: events of them may be under way.
const RECENT: i64 = 128;
/// Jobs that came and were missed in a lag, looked for at the most.
const MISSED: usize = 500;

/// The jobs of a structure or a synchronizer, as they change.
pub(super) async fn stream(
    api: &Api,
    viewer: &Viewer,
    structure: Option<StructureId>,
    synchronizer: Option<SynchronizerId>,
) -> Result<BoxStream<'static, Result<Job>>> {
    let mut watch = Watch {
        api: api.clone(),
        viewer: viewer.clone(),
        filter: jobs::Filter {
            structure,
            synchronizer,
            ..jobs::Filter::default()
        },
        events: api.store.events().listen(),
        known: HashMap::new(),
        newest: JobId(0),
        ready: VecDeque::new(),
        heard: Changed::default(),
        over: false,
        pace: Pace::default(),
    };
    watch.check().await?;
    watch.begin().await?;
    Ok(unfold(watch, |mut watch| async {
        watch.next().await.map(|it| (it, watch))
    })
    .boxed())
}

/// What was shown of a job last.
#[derive(Clone, Copy)]
struct Known {
    revision: i64,
    ended: bool,
}

struct Watch {
    api: Api,
    viewer: Viewer,
    filter: jobs::Filter,
    events: Receiver<Event>,
    known: HashMap<JobId, Known>,
    /// No job of a higher number was there when the store was read last.
    newest: JobId,
    ready: VecDeque<Job>,
    /// What was heard while jobs were ready to be shown.
    heard: Changed,
    over: bool,
    pace: Pace,
}

impl Watch {
    /// Refuses to listen to what does not exist for the viewer: nothing would ever come.
    async fn check(&self) -> Result<()> {
        let viewer = self.viewer.clone();
        let jobs::Filter {
            structure,
            synchronizer,
            ..
        } = self.filter;
        let exists = self
            .api
            .read(move |tx| {
                let mut structures = Vec::from_iter(structure);
                if let Some(id) = synchronizer {
                    let Some(found) = synchronizers::find(tx, id)? else {
                        return Ok(false);
                    };
                    structures.push(found.structure);
                }
                for id in structures {
                    if access::find(tx, &viewer, id)?.is_none() {
                        return Ok(false);
                    }
                }
                Ok(true)
            })
            .await?;
        if exists {
            return Ok(());
        }
        let message = "There is no such structure or synchronizer.";
        Err(ApiError::new(code::NOT_FOUND, message))
    }
}

impl Known {
    /// Of a job that is known and whose newest revision was not shown.
    const UNSHOWN: Self = Self {
        revision: -1,
        ended: false,
    };
}

/// What is to be read again.
#[derive(Default)]
struct Changed {
    jobs: BTreeSet<JobId>,
    lagged: bool,
    /// What the viewer may see may be more or less.
    access: bool,
}

impl Changed {
    fn is_empty(&self) -> bool {
        self.jobs.is_empty() && !self.lagged && !self.access
    }
}

impl Watch {
    /// Makes the jobs ready that have not ended.
    async fn begin(&mut self) -> Result<()> {
        let viewer = self.viewer.clone();
        let (active, newest) = self
            .api
            .read(move |tx| {
                let newest = jobs::page(tx, &jobs::Filter::default(), None, 1)?;
                let active = visible_jobs(tx, &viewer, jobs::active(tx)?)?;
                Ok((active, newest.first().map_or(JobId(0), |job| job.id)))
            })
            .await?;
        self.newest = newest;
        self.show(active);
        Ok(())
    }

    async fn next(&mut self) -> Option<Result<Job>> {
        loop {
            if self.over {
                return None;
            }
            // What was read before access was taken away is not told after.
            if !self.ready.is_empty() && self.hears_of_access() {
                self.forget_ready();
            }
            if let Some(job) = self.ready.pop_front() {
                self.pace.shown();
                return Some(Ok(job));
            }
            let changed = match std::mem::take(&mut self.heard) {
                heard if heard.is_empty() => self.changed().await?,
                heard => heard,
            };
            match self.read(changed).await {
                Ok(found) => self.show(found),
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// Waits for a change, then for the pace, and takes everything heard until then.
    async fn changed(&mut self) -> Option<Changed> {
        let mut changed = Changed::default();
        while changed.is_empty() {
            let heard = hear(&mut self.events).await?;
            self.note(heard, &mut changed);
        }
        self.pace.wait().await;
        while let Some(heard) = hear_now(&mut self.events) {
            self.note(heard, &mut changed);
        }
        Some(changed)
    }

    fn note(&self, heard: Heard, changed: &mut Changed) {
        match heard {
            Heard::Event(Event::Job(job, structure, synchronizer)) => {
                let filter = &self.filter;
                let wanted = filter.structure.is_none_or(|it| it == structure)
                    && filter
                        .synchronizer
                        .is_none_or(|it| synchronizer == Some(it));
                if wanted || self.known.contains_key(&job) {
                    changed.jobs.insert(job);
                }
            }
            Heard::Event(Event::Access) => changed.access = true,
            Heard::Event(_) => {}
            Heard::Lag => {
                changed.lagged = true;
                changed.access = true;
            }
        }
    }

    /// Takes what has been heard, to be answered later; whether rights may have changed.
    fn hears_of_access(&mut self) -> bool {
        let mut heard = std::mem::take(&mut self.heard);
        while let Some(event) = hear_now(&mut self.events) {
            self.note(event, &mut heard);
        }
        self.heard = heard;
        self.heard.access
    }

    /// Has what was about to be shown read again, as if it had just changed.
    fn forget_ready(&mut self) {
        for job in self.ready.drain(..) {
            let id = job.0.id;
            self.known.insert(id, Known::UNSHOWN);
            self.heard.jobs.insert(id);
        }
    }

    async fn read(&self, changed: Changed) -> Result<Vec<jobs::Job>> {
        let Changed {
            jobs: mut ids,
            lagged,
            access,
        } = changed;
        if access {
            self.check().await?;
        }
        if lagged {
            let open = self.known.iter().filter(|(_, known)| !known.ended);
            ids.extend(open.map(|(id, _)| *id));
        }
        let missed = lagged.then(|| (self.filter.clone(), self.newest));
        let viewer = self.viewer.clone();
        self.api
            .read(move |tx| {
                let mut found = jobs::by_ids(tx, ids)?;
                if let Some((filter, newest)) = missed {
                    found.extend(newer_than(tx, &filter, newest)?);
                }
                visible_jobs(tx, &viewer, found)
            })
            .await
    }

    /// Makes those jobs ready that the filter wants at a revision that was not shown yet.
    fn show(&mut self, found: Vec<jobs::Job>) {
        let current = found
            .into_iter()
            .map(|job| self.api.jobs.with_progress(job));
        let in_order: BTreeMap<JobId, jobs::Job> = current.map(|job| (job.id, job)).collect();
        for (id, job) in in_order {
            self.newest = self.newest.max(id);
            let known = self.known.get(&id);
            let fresh = known.is_none_or(|known| job.revision > known.revision);
            if fresh && (known.is_some() || self.wants(&job)) {
                let known = Known {
                    revision: job.revision,
                    ended: job.state.is_ended(),
                };
                self.known.insert(id, known);
                self.ready.push_back(Job(Arc::new(job)));
            }
        }
        forget_ended(&mut self.known, self.newest);
    }

    fn wants(&self, job: &jobs::Job) -> bool {
        self.filter.structure.is_none_or(|it| it == job.structure)
            && self
                .filter
                .synchronizer
                .is_none_or(|it| job.synchronizer == Some(it))
    }
}

fn forget_ended(known: &mut HashMap<JobId, Known>, newest: JobId) {
    if known.len() > REMEMBERED {
        known.retain(|id, known| !known.ended || newest.0 - id.0 < RECENT);
    }
}

fn newer_than(
    tx: &Tx<'_>,
    filter: &jobs::Filter,
    newest: JobId,
) -> Result<Vec<jobs::Job>, StoreError> {
    let mut found = jobs::page(tx, filter, None, MISSED)?;
    found.retain(|job| job.id > newest);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_saw_many_jobs_remembers_the_newest_and_those_that_run() {
        let mut known = HashMap::new();
        for id in 1..=10_000 {
            let ended = id != 7;
            known.insert(JobId(id), Known { revision: 3, ended });
            forget_ended(&mut known, JobId(id));
            assert!(known.len() <= REMEMBERED, "{} are remembered", known.len());
        }
        assert!(known.contains_key(&JobId(7)));
        assert!((10_000 - RECENT + 1..=10_000).all(|id| known.contains_key(&JobId(id))));
    }
}
