//! What resolvers call: the store, and behind traits the parts that start jobs, edit issues and run
//! synchronizers. The application joins them; tests put their own in.
//!
//! Plain data only: no type of the GraphQL library crosses this line.

use super::error::ApiError;
use crate::domain::{
    BoardId, FilterId, IssueId, JobId, LinkId, Settings, StructureId, SynchronizerId, Viewer,
};
pub use crate::jobs::{ResyncRequest, RevertRequest, RunOnceRequest};
use crate::store::jobs::{Job, LogEntry};
use crate::store::{Failure, Store, StoreError, Tx};
use crate::tracker::search;

pub use crate::tracker::boards::NewBoard;
pub use crate::tracker::embedded::{IssueUpdate, NewIssue, NewLink, Ranking};
pub use crate::tracker::saved_filters::NewFilter;
pub use crate::tracker::workflows::NewWorkflow;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that resolvers call. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// What is stored.
    pub store: Store,
    /// Starts and stops jobs.
    pub jobs: Arc<dyn JobsApi>,
    /// Finds and edits issues.
    pub tracker: Arc<dyn TrackerApi>,
    /// Installs synchronizers.
    pub synchronizers: Arc<dyn SynchronizersApi>,
    /// What is served.
    pub info: Arc<ServerInfo>,
}

impl Api {
    /// Reads one consistent snapshot; what goes wrong is told as resolvers tell it.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ApiError> {
        Ok(self.store.read(work).await?)
    }
}

/// What the server tells about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// Its version.
    pub version: String,
    /// Whether synchronizers are switched on.
    pub synchronizers_enabled: bool,
    /// Which tracker holds the issues.
    pub tracker: String,
}

/// Starts, stops and watches jobs.
#[async_trait]
pub trait JobsApi: Send + Sync {
    /// Queues a resync. A refusal because of another job names that job.
    async fn start_resync(&self, viewer: &Viewer, request: ResyncRequest)
    -> Result<JobId, Failure>;

    /// Queues a one-off import or export.
    async fn run_once(&self, viewer: &Viewer, request: RunOnceRequest) -> Result<JobId, Failure>;

    /// Queues the undoing of a job. A refusal because it is undone already names the job that did.
    async fn revert(&self, viewer: &Viewer, request: RevertRequest) -> Result<JobId, Failure>;

    /// Asks a job to stop.
    async fn cancel(&self, viewer: &Viewer, job: JobId) -> Result<(), Failure>;

    /// The job with the progress that is only known to whoever runs it.
    fn with_progress(&self, job: Job) -> Job;

    /// What the log of a running job says beyond what is stored.
    fn live_log(&self, job: JobId) -> Vec<LogEntry>;

    /// What each queued job waits for; a job that could start at once is absent.
    async fn waits(&self) -> Result<HashMap<JobId, Wait>, StoreError>;
}

/// Why a queued job does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The jobs that must end before.
    pub jobs: Vec<JobId>,
    /// The reason in one sentence.
    pub reason: String,
}

/// A synchronizer that claims what another one claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The other one, which is enabled.
    pub other: SynchronizerId,
    /// What both claim and what comes of it, in one sentence.
    pub message: &'static str,
}

/// Installs and changes synchronizers.
#[async_trait]
pub trait SynchronizersApi: Send + Sync {
    /// Installs a synchronizer, disabled. Without a name it gets one that says what it does.
    async fn install(
        &self,
        viewer: &Viewer,
        structure: StructureId,
        name: Option<String>,
        settings: Settings,
    ) -> Result<SynchronizerId, Failure>;

    /// Changes name or settings and disables; what is `None` stays.
    async fn update(
        &self,
        viewer: &Viewer,
        id: SynchronizerId,
        name: Option<String>,
        settings: Option<Settings>,
    ) -> Result<(), Failure>;

    /// Switches incremental synchronization on or off.
    async fn set_enabled(
        &self,
        viewer: &Viewer,
        id: SynchronizerId,
        enabled: bool,
    ) -> Result<(), Failure>;

    /// Uninstalls a synchronizer; its jobs stay.
    async fn uninstall(&self, viewer: &Viewer, id: SynchronizerId) -> Result<(), Failure>;

    /// Which enabled synchronizers of the same structure claim what these claim, and why that is a
    /// warning, in one sentence; one that none contends with is absent.
    async fn overlaps(
        &self,
        ids: &[SynchronizerId],
    ) -> Result<HashMap<SynchronizerId, Vec<Overlap>>, StoreError>;

    /// Why synchronizers cannot run; one that can is absent.
    async fn availability(
        &self,
        ids: &[SynchronizerId],
    ) -> Result<HashMap<SynchronizerId, String>, StoreError>;
}

/// Finds and edits issues.
#[async_trait]
pub trait TrackerApi: Send + Sync {
    /// Issues that match a query, in its order: at most `limit` of those after a place that an
    /// earlier page gave.
    async fn search(
        &self,
        jql: &str,
        viewer: &Viewer,
        after: Option<&str>,
        limit: usize,
    ) -> Result<search::Page, Failure>;

    /// How many issues match a query.
    async fn count(&self, jql: &str, viewer: &Viewer) -> Result<i64, Failure>;

    /// Makes an issue.
    async fn create_issue(&self, viewer: &Viewer, issue: NewIssue) -> Result<IssueId, Failure>;

    /// Changes an issue.
    async fn update_issue(&self, viewer: &Viewer, update: IssueUpdate) -> Result<IssueId, Failure>;

    /// Deletes the issue of a key.
    async fn delete_issue(&self, viewer: &Viewer, key: String) -> Result<IssueId, Failure>;

    /// Links two issues.
    async fn link_issues(&self, viewer: &Viewer, link: NewLink) -> Result<LinkId, Failure>;

    /// Deletes a link.
    async fn unlink_issues(&self, viewer: &Viewer, link: LinkId) -> Result<(), Failure>;

    /// Makes a saved filter.
    async fn create_filter(&self, viewer: &Viewer, filter: NewFilter) -> Result<FilterId, Failure>;

    /// Puts issues elsewhere in the global order; their ids, in the order of the request.
    async fn rank_issues(&self, viewer: &Viewer, ranking: Ranking)
    -> Result<Vec<IssueId>, Failure>;

    /// Makes a board.
    async fn create_board(&self, viewer: &Viewer, board: NewBoard) -> Result<BoardId, Failure>;

    /// Replaces the workflow of a project.
    async fn set_workflow(&self, viewer: &Viewer, workflow: NewWorkflow) -> Result<(), Failure>;
}
