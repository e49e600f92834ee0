//! The fakes behind the traits that resolvers call: they write the store, and answer what a test
//! tells them to.

use super::new_job;
use crate::domain::{
    BoardId, Direction, FilterId, IssueId, JobId, JobKind, LinkId, Refusal, RefusalCode, Settings,
    StructureId, SynchronizerId, Viewer,
};
use crate::graphql::api::{
    IssueUpdate, JobsApi, NewBoard, NewFilter, NewIssue, NewLink, NewWorkflow, Overlap, Ranking,
    ResyncRequest, RevertRequest, RunOnceRequest, SynchronizersApi, TrackerApi, Wait,
};
use crate::store::forest::Author;
use crate::store::jobs::{Job, LogEntry, NewJob};
use crate::store::{Failure, Store, StoreError, Tx, filters, jobs, synchronizers};
use crate::tracker::{boards, embedded, search, workflows};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What the fakes answer.
#[derive(Default)]
pub(in crate::graphql::tests) struct Fakes {
    pub(in crate::graphql::tests) progress: Mutex<HashMap<JobId, (String, i64)>>,
    /// How often somebody looked how far a job is.
    pub(in crate::graphql::tests) looks: AtomicUsize,
    pub(in crate::graphql::tests) contenders: Mutex<HashMap<SynchronizerId, SynchronizerId>>,
    pub(in crate::graphql::tests) logs: Mutex<HashMap<JobId, Vec<LogEntry>>>,
    pub(in crate::graphql::tests) waits: Mutex<HashMap<JobId, Wait>>,
    pub(in crate::graphql::tests) unavailable: Mutex<HashMap<SynchronizerId, String>>,
    pub(in crate::graphql::tests) changes: Mutex<Vec<IssueUpdate>>,
}

/// The fakes with the store that they write.
pub(super) struct Fake(pub(super) Store, pub(super) Arc<Fakes>);

#[async_trait]
impl JobsApi for Fake {
    async fn start_resync(&self, _: &Viewer, request: ResyncRequest) -> Result<JobId, Failure> {
        let of = request.synchronizer;
        self.0
            .write(move |tx| {
                if let Some(job) = jobs::active(tx)?
                    .into_iter()
                    .find(|it| it.synchronizer == Some(of))
                {
                    let mut refusal =
                        Refusal::new(RefusalCode::AlreadyQueued, "One waits already.");
                    refusal.job = Some(job.id);
                    return Err(refusal.into());
                }
                let found = synchronizers::find(tx, of)?;
                let found = found.ok_or_else(|| {
                    Refusal::not_found("input.synchronizerId", "There is no such synchronizer.")
                })?;
                Ok(jobs::enqueue(tx, &new_job(found.structure, of))?)
            })
            .await
    }

    async fn run_once(&self, _: &Viewer, request: RunOnceRequest) -> Result<JobId, Failure> {
        let refusal = Refusal::new(RefusalCode::ConfirmationRequired, "Confirm it.");
        if !request.confirm && !request.dry_run {
            return Err(refusal.at("input.confirm").into());
        }
        let kind = match request.direction {
            Direction::IntoStructure => JobKind::Import,
            Direction::FromStructure => JobKind::Export,
        };
        let job = NewJob {
            kind,
            direction: Some(request.direction),
            dry_run: request.dry_run,
            synchronizer: None,
            settings: Some(request.settings),
            ..new_job(request.structure, SynchronizerId(0))
        };
        let made = self.0.write(move |tx| jobs::enqueue(tx, &job)).await;
        Ok(made.map_err(|error: StoreError| error)?)
    }

    async fn revert(&self, viewer: &Viewer, request: RevertRequest) -> Result<JobId, Failure> {
        let by = viewer.user_id;
        self.0
            .write(move |tx| {
                let found = jobs::find(tx, request.job)?;
                let found =
                    found.ok_or_else(|| Refusal::not_found("id", "There is no such job."))?;
                let revert = NewJob {
                    kind: JobKind::Revert,
                    direction: None,
                    dry_run: request.dry_run,
                    structure: found.structure,
                    synchronizer: found.synchronizer,
                    settings: None,
                    reverts: Some(found.id),
                    writes_issues: found.writes_issues,
                    enable_afterwards: false,
                    preview: None,
                    max_removal_percent: None,
                    requested_by: Some(by),
                };
                Ok(jobs::enqueue(tx, &revert)?)
            })
            .await
    }

    async fn cancel(&self, _: &Viewer, job: JobId) -> Result<(), Failure> {
        self.0
            .write(move |tx| {
                let found = jobs::find(tx, job)?;
                let found =
                    found.ok_or_else(|| Refusal::not_found("id", "There is no such job."))?;
                jobs::cancel(tx, &found, "A user cancelled it.")?;
                Ok(())
            })
            .await
    }

    fn with_progress(&self, mut job: Job) -> Job {
        self.1.looks.fetch_add(1, Ordering::SeqCst);
        if let Some((phase, revision)) = self.1.progress.lock().unwrap().get(&job.id)
            && *revision > job.revision
        {
            job.phase = phase.clone();
            job.revision = *revision;
        }
        job
    }

    fn live_log(&self, job: JobId) -> Vec<LogEntry> {
        let logs = self.1.logs.lock().unwrap();
        logs.get(&job).cloned().unwrap_or_default()
    }

    async fn waits(&self) -> Result<HashMap<JobId, Wait>, StoreError> {
        Ok(self.1.waits.lock().unwrap().clone())
    }
}

#[async_trait]
impl SynchronizersApi for Fake {
    async fn install(
        &self,
        viewer: &Viewer,
        structure: StructureId,
        name: Option<String>,
        settings: Settings,
    ) -> Result<SynchronizerId, Failure> {
        let (name, run_as) = (name.unwrap_or_else(|| "Unnamed".to_owned()), viewer.user_id);
        let made = self
            .0
            .write(move |tx| synchronizers::create(tx, structure, &name, &settings, run_as))
            .await;
        Ok(made.map_err(|error: StoreError| error)?)
    }

    async fn update(
        &self,
        _: &Viewer,
        _: SynchronizerId,
        _: Option<String>,
        _: Option<Settings>,
    ) -> Result<(), Failure> {
        Ok(())
    }

    async fn set_enabled(&self, _: &Viewer, id: SynchronizerId, _: bool) -> Result<(), Failure> {
        let done = self
            .0
            .write(move |tx| synchronizers::enable(tx, id, synchronizers::Cursor::default()))
            .await;
        Ok(done.map_err(|error: StoreError| error)?)
    }

    async fn uninstall(&self, _: &Viewer, id: SynchronizerId) -> Result<(), Failure> {
        let done = self.0.write(move |tx| synchronizers::delete(tx, id)).await;
        Ok(done.map_err(|error: StoreError| error)?)
    }

    async fn overlaps(
        &self,
        ids: &[SynchronizerId],
    ) -> Result<HashMap<SynchronizerId, Vec<Overlap>>, StoreError> {
        let contend = |id: &SynchronizerId| {
            let other = *self.1.contenders.lock().unwrap().get(id)?;
            let message = "Both place sub-tasks.";
            Some((*id, vec![Overlap { other, message }]))
        };
        Ok(ids.iter().filter_map(contend).collect())
    }

    async fn availability(
        &self,
        _: &[SynchronizerId],
    ) -> Result<HashMap<SynchronizerId, String>, StoreError> {
        Ok(self.1.unavailable.lock().unwrap().clone())
    }
}

/// Finds every issue; the query `broken` is refused.
#[async_trait]
impl TrackerApi for Fake {
    async fn search(
        &self,
        jql: &str,
        _: &Viewer,
        after: Option<&str>,
        limit: usize,
    ) -> Result<search::Page, Failure> {
        if jql == "broken" {
            return Err(Refusal::invalid("jql", "Expected a field in column 1.").into());
        }
        let after = after.map(str::to_owned);
        let read = move |tx: &Tx<'_>| search::page(tx, "", "", after.as_deref(), limit);
        self.0.read(read).await
    }

    async fn count(&self, _: &str, _: &Viewer) -> Result<i64, Failure> {
        let read = |tx: &Tx<'_>| tx.get("SELECT count(*) FROM issue", &[], |row| row.get(0));
        Ok(self.0.read(read).await.map_err(|error: StoreError| error)?)
    }

    async fn create_issue(&self, _: &Viewer, _: NewIssue) -> Result<IssueId, Failure> {
        Err(Refusal::invalid("input.projectKey", "There is no such project.").into())
    }

    async fn update_issue(&self, _: &Viewer, change: IssueUpdate) -> Result<IssueId, Failure> {
        self.1.changes.lock().unwrap().push(change);
        Ok(IssueId(1))
    }

    async fn delete_issue(&self, _: &Viewer, _: String) -> Result<IssueId, Failure> {
        Ok(IssueId(1))
    }

    async fn link_issues(&self, _: &Viewer, _: NewLink) -> Result<LinkId, Failure> {
        Ok(LinkId(1))
    }

    async fn unlink_issues(&self, _: &Viewer, _: LinkId) -> Result<(), Failure> {
        Ok(())
    }

    async fn create_filter(&self, viewer: &Viewer, filter: NewFilter) -> Result<FilterId, Failure> {
        let owner = viewer.user_id;
        let made = self
            .0
            .write(move |tx| filters::create(tx, &filter.name, &filter.jql, owner))
            .await;
        Ok(made.map_err(|error: StoreError| error)?)
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
