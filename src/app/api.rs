//! Joins the API with what does the work: jobs, synchronizers, the tracker.
//!
//! Also the switch of the hidden feature: synchronizers that are off and were never used are shown
//! to nobody.

use super::overlaps;
use crate::config::Config;
use crate::domain::{
    BoardId, FilterId, IssueId, JobId, LinkId, Refusal, RefusalCode, Settings, StructureId,
    SynchronizerId, Viewer,
};
use crate::events::Event;
use crate::graphql::Api;
use crate::graphql::api::{
    IssueUpdate, JobsApi, NewBoard, NewFilter, NewIssue, NewLink, NewWorkflow, Overlap, Ranking,
    ServerInfo, SynchronizersApi, TrackerApi, Wait,
};
use crate::jobs::{Jobs, ResyncRequest, RevertRequest, RunOnceRequest};
use crate::store::forest::Author;
use crate::store::jobs::{self, Job, LogEntry};
use crate::store::{Failure, Store, StoreError, synchronizers};
use crate::sync::{availability, install};
use crate::tracker::{boards, embedded, saved_filters, search, workflows};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long uninstalling waits for a job that runs.
const UNINSTALL_PATIENCE: Duration = Duration::from_secs(20);

/// Why requests about synchronizers are refused.
pub(super) const SWITCHED_OFF: &str = "synchronizers are switched off here; an administrator can \
                                       start the server with --enable synchronizers";

/// The API over a store and its jobs.
pub(super) async fn join(store: &Store, jobs: &Jobs, config: &Config) -> Result<Api, StoreError> {
    let feature = Feature::decide(store, config.synchronizers).await?;
    Ok(Api {
        store: store.clone(),
        jobs: Arc::new(JoinedJobs {
            jobs: jobs.clone(),
            workers: config.jobs.workers,
            feature,
        }),
        tracker: Arc::new(JoinedTracker(store.clone())),
        synchronizers: Arc::new(JoinedSynchronizers {
            store: store.clone(),
            feature,
        }),
        info: Arc::new(ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            synchronizers_enabled: feature.usable,
            tracker: "embedded".to_owned(),
        }),
    })
}

/// Whether synchronizers may be used: switched on, or in use already. The answer holds until the
/// server stops, since none can come while it is no.
#[derive(Clone, Copy)]
struct Feature {
    usable: bool,
}

impl Feature {
    async fn decide(store: &Store, on: bool) -> Result<Self, StoreError> {
        let usable = on
            || store
                .read(|tx| Ok::<_, StoreError>(synchronizers::any(tx)? || jobs::any(tx)?))
                .await?;
        Ok(Self { usable })
    }

    /// The service refuses such requests by their names, before they run. This is the second lock,
    /// on what they would do.
    fn require(self) -> Result<(), Failure> {
        if self.usable {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::FeatureDisabled, SWITCHED_OFF).into())
    }
}

struct JoinedJobs {
    jobs: Jobs,
    workers: usize,
    feature: Feature,
}

#[async_trait]
impl JobsApi for JoinedJobs {
    async fn start_resync(
        &self,
        viewer: &Viewer,
        request: ResyncRequest,
    ) -> Result<JobId, Failure> {
        self.feature.require()?;
        self.jobs.start_resync(viewer, request).await
    }

    async fn run_once(&self, viewer: &Viewer, request: RunOnceRequest) -> Result<JobId, Failure> {
        self.feature.require()?;
        self.jobs.run_once(viewer, request).await
    }

    async fn revert(&self, viewer: &Viewer, request: RevertRequest) -> Result<JobId, Failure> {
        self.jobs.revert(viewer, request).await
    }

    async fn cancel(&self, viewer: &Viewer, job: JobId) -> Result<(), Failure> {
        self.jobs.cancel(viewer, job).await
    }

    fn with_progress(&self, job: Job) -> Job {
        self.jobs.with_progress(job)
    }

    fn live_log(&self, job: JobId) -> Vec<LogEntry> {
        self.jobs.live_log(job)
    }

    async fn waits(&self) -> Result<HashMap<JobId, Wait>, StoreError> {
        let waits = self.jobs.waits(self.workers).await?;
        Ok(waits
            .into_iter()
            .map(|(job, (jobs, reason))| (job, Wait { jobs, reason }))
            .collect())
    }
}

struct JoinedSynchronizers {
    store: Store,
    feature: Feature,
}

#[async_trait]
impl SynchronizersApi for JoinedSynchronizers {
    async fn install(
        &self,
        viewer: &Viewer,
        structure: StructureId,
        name: Option<String>,
        settings: Settings,
    ) -> Result<SynchronizerId, Failure> {
        self.feature.require()?;
        let viewer = viewer.clone();
        self.store
            .write(move |tx| install::install(tx, &viewer, structure, name.as_deref(), &settings))
            .await
    }

    async fn update(
        &self,
        viewer: &Viewer,
        id: SynchronizerId,
        name: Option<String>,
        settings: Option<Settings>,
    ) -> Result<(), Failure> {
        self.feature.require()?;
        let viewer = viewer.clone();
        self.store
            .write(move |tx| install::update(tx, &viewer, id, name.as_deref(), settings.as_ref()))
            .await
    }

    async fn set_enabled(
        &self,
        viewer: &Viewer,
        id: SynchronizerId,
        enabled: bool,
    ) -> Result<(), Failure> {
        self.feature.require()?;
        let viewer = viewer.clone();
        self.store
            .write(move |tx| install::set_enabled(tx, &viewer, id, enabled))
            .await
    }

    /// A job that runs is let finish first; if that takes long, the refusal names it.
    async fn uninstall(&self, viewer: &Viewer, id: SynchronizerId) -> Result<(), Failure> {
        self.feature.require()?;
        let until = Instant::now() + UNINSTALL_PATIENCE;
        let mut events = self.store.events().listen();
        loop {
            let asker = viewer.clone();
            let done = self
                .store
                .write(move |tx| install::uninstall(tx, &asker, id))
                .await;
            let running = match &done {
                Err(Failure::Refused(refusal)) => refusal.job,
                _ => None,
            };
            let Some(running) = running else { return done };
            let ended = async {
                while let Ok(event) = events.recv().await {
                    if matches!(event, Event::Job(job, ..) if job == running) {
                        return;
                    }
                }
            };
            if timeout_at(until, ended).await.is_err() {
                return done;
            }
        }
    }

    async fn overlaps(
        &self,
        ids: &[SynchronizerId],
    ) -> Result<HashMap<SynchronizerId, Vec<Overlap>>, StoreError> {
        let ids = ids.to_vec();
        self.store.read(move |tx| overlaps::of(tx, ids)).await
    }

    async fn availability(
        &self,
        ids: &[SynchronizerId],
    ) -> Result<HashMap<SynchronizerId, String>, StoreError> {
        let ids = ids.to_vec();
        self.store
            .read(move |tx| {
                let mut reasons = HashMap::new();
                for synchronizer in synchronizers::by_ids(tx, ids)? {
                    if let Some(reason) = availability::of(tx, &synchronizer)? {
                        reasons.insert(synchronizer.id, reason);
                    }
                }
                Ok(reasons)
            })
            .await
    }
}

struct JoinedTracker(Store);

#[async_trait]
impl TrackerApi for JoinedTracker {
    async fn search(
        &self,
        jql: &str,
        viewer: &Viewer,
        after: Option<&str>,
        limit: usize,
    ) -> Result<search::Page, Failure> {
        let (jql, name) = (jql.to_owned(), viewer.name.clone());
        let after = after.map(str::to_owned);
        self.0
            .read(move |tx| search::page(tx, &jql, &name, after.as_deref(), limit))
            .await
    }

    async fn count(&self, jql: &str, viewer: &Viewer) -> Result<i64, Failure> {
        let (jql, name) = (jql.to_owned(), viewer.name.clone());
        self.0.read(move |tx| search::count(tx, &jql, &name)).await
    }

    async fn create_issue(&self, viewer: &Viewer, issue: NewIssue) -> Result<IssueId, Failure> {
        let author = Author::User(viewer.user_id);
        self.0
            .write(move |tx| embedded::create_issue(tx, &issue, author))
            .await
    }

    async fn update_issue(&self, viewer: &Viewer, update: IssueUpdate) -> Result<IssueId, Failure> {
        let author = Author::User(viewer.user_id);
        self.0
            .write(move |tx| embedded::update_issue(tx, &update, author))
            .await
    }

    async fn delete_issue(&self, viewer: &Viewer, key: String) -> Result<IssueId, Failure> {
        let (store, author) = (self.0.clone(), Author::User(viewer.user_id));
        // Its rows go as well, so whoever holds off edits of rows is waited for, like by other edits.
        let of = key.clone();
        let structures = self.0.read(move |tx| embedded::structures_of(tx, &of));
        let mut editing = Vec::new();
        for structure in structures.await? {
            editing.push(self.0.editing(structure).await?);
        }
        self.0
            .write(move |tx| embedded::delete_issue(&store, tx, &key, author))
            .await
    }

    async fn link_issues(&self, viewer: &Viewer, link: NewLink) -> Result<LinkId, Failure> {
        let author = Author::User(viewer.user_id);
        self.0
            .write(move |tx| embedded::link_issues(tx, &link, author))
            .await
    }

    async fn unlink_issues(&self, viewer: &Viewer, link: LinkId) -> Result<(), Failure> {
        let author = Author::User(viewer.user_id);
        self.0
            .write(move |tx| embedded::unlink_issues(tx, link, author))
            .await
    }

    async fn create_filter(&self, viewer: &Viewer, filter: NewFilter) -> Result<FilterId, Failure> {
        let viewer = viewer.clone();
        self.0
            .write(move |tx| saved_filters::create(tx, &viewer, &filter))
            .await
    }

    async fn rank_issues(
        &self,
        viewer: &Viewer,
        ranking: Ranking,
    ) -> Result<Vec<IssueId>, Failure> {
        let author = Author::User(viewer.user_id);
        self.0
            .write(move |tx| embedded::rank_issues(tx, &ranking, author))
            .await
    }

    async fn create_board(&self, viewer: &Viewer, board: NewBoard) -> Result<BoardId, Failure> {
        let viewer = viewer.clone();
        self.0
            .write(move |tx| boards::create(tx, &viewer, &board))
            .await
    }

    async fn set_workflow(&self, viewer: &Viewer, workflow: NewWorkflow) -> Result<(), Failure> {
        let viewer = viewer.clone();
        self.0
            .write(move |tx| workflows::set(tx, &viewer, &workflow))
            .await
    }
}
