//! Mutations that start and stop jobs.

use super::outcome::{accept, errors};
use super::settings::SynchronizerSettingsInput;
use crate::domain::{self, JobId, Refusal, Viewer};
use crate::graphql::api::{JobsApi, ResyncRequest, RevertRequest, RunOnceRequest};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::types::synchronizer::{self, Direction, SynchronizerWarning};
use crate::graphql::types::{Job, UserError};
use crate::store::Failure;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// A resync to be queued.
#[derive(InputObject)]
struct StartResyncInput {
    /// The synchronizer to run.
    synchronizer_id: ID,
    /// Which side is the truth; the other is changed.
    direction: Direction,
    /// Resync and enable: switch the synchronizer on as soon as the resync has succeeded.
    #[graphql(default)]
    enable_afterwards: bool,
    /// Work out the changes, make none.
    #[graphql(default)]
    dry_run: bool,
    /// A resync in the wrong direction loses data: must be true unless `dryRun` is.
    #[graphql(default)]
    confirm: bool,
    /// A finished dry run: refuse if the result would differ from it by now.
    preview_job_id: Option<ID>,
    /// Fail, changing nothing, when more than this share of the rows or links in scope would be
    /// removed; 0 to 100.
    #[graphql(default = 50)]
    max_removal_percent: i32,
}

/// A rule to be run once, without being installed.
#[derive(InputObject)]
struct RunOnceInput {
    /// On which structure.
    structure_id: ID,
    /// The rule; its kind must have the direction.
    settings: SynchronizerSettingsInput,
    /// Work out the changes, make none.
    #[graphql(default)]
    dry_run: bool,
    /// The losing side is overwritten: must be true unless `dryRun` is.
    #[graphql(default)]
    confirm: bool,
    /// Fail, changing nothing, when more than this share of the rows or links in scope would be
    /// removed; 0 to 100.
    #[graphql(default = 50)]
    max_removal_percent: i32,
}

impl RunOnceInput {
    fn decode(self, direction: domain::Direction) -> Result<RunOnceRequest, Refusal> {
        Ok(RunOnceRequest {
            structure: ids::decode_at(&self.structure_id, "input.structureId")?,
            direction,
            settings: self.settings.decode()?,
            dry_run: self.dry_run,
            confirm: self.confirm,
            max_removal_percent: share(self.max_removal_percent)?,
        })
    }
}

fn share(percent: i32) -> Result<u32, Refusal> {
    let share = u32::try_from(percent).ok().filter(|it| *it <= 100);
    share.ok_or_else(|| {
        let message = format!("{percent} is no share: expected 0 to 100.");
        Refusal::invalid("input.maxRemovalPercent", message)
    })
}

impl StartResyncInput {
    fn decode(&self) -> Result<ResyncRequest, Refusal> {
        let preview = |id| ids::decode_at(id, "input.previewJobId");
        Ok(ResyncRequest {
            synchronizer: ids::decode_at(&self.synchronizer_id, "input.synchronizerId")?,
            direction: self.direction.into(),
            enable_afterwards: self.enable_afterwards,
            dry_run: self.dry_run,
            confirm: self.confirm,
            preview: self.preview_job_id.as_ref().map(preview).transpose()?,
            max_removal_percent: share(self.max_removal_percent)?,
        })
    }
}

/// What became of a request to start or stop a job.
#[derive(SimpleObject)]
struct JobPayload {
    /// The job; if the request was refused, the job that is in the way, or null.
    job: Option<Job>,
    /// What is to be feared of the synchronizer once the job has enabled it; empty for jobs that
    /// enable none.
    warnings: Vec<SynchronizerWarning>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl JobPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<JobId, Failure>) -> Result<Self> {
        let (id, user_errors) = match accept(outcome)? {
            Ok(id) => (Some(id), vec![]),
            Err(refusal) => (refusal.job, errors(refusal)),
        };
        let job = match id {
            Some(id) => ctx.loaders().find(id).await?,
            None => None,
        };
        let enabled = job
            .as_ref()
            .filter(|job| job.enable_afterwards)
            .and_then(|job| job.synchronizer);
        let warnings = match enabled {
            Some(id) => synchronizer::warnings(ctx, id).await?,
            None => vec![],
        };
        Ok(Self {
            job: job.map(Job),
            warnings,
            user_errors,
        })
    }
}

/// Mutations that start and stop jobs.
#[derive(Default)]
pub(super) struct JobMutations;

/// Mutations that start and stop jobs.
#[Object]
impl JobMutations {
    /// Queues a resync: it scans everything that the synchronizer may affect, in one direction.
    async fn start_resync(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be resynced, and how.")] input: StartResyncInput,
    ) -> Result<JobPayload> {
        let outcome = start(&*ctx.api().jobs, ctx.viewer(), &input).await;
        JobPayload::new(ctx, outcome).await
    }

    /// Runs a rule INTO_STRUCTURE once, without installing it and with the rights of the viewer.
    async fn run_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be run, and how.")] input: RunOnceInput,
    ) -> Result<JobPayload> {
        let (api, into) = (&*ctx.api().jobs, domain::Direction::IntoStructure);
        let outcome = run_once(api, ctx.viewer(), input, into).await;
        JobPayload::new(ctx, outcome).await
    }

    /// Runs a rule FROM_STRUCTURE once, without installing it and with the rights of the viewer.
    async fn run_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be run, and how.")] input: RunOnceInput,
    ) -> Result<JobPayload> {
        let (api, from) = (&*ctx.api().jobs, domain::Direction::FromStructure);
        let outcome = run_once(api, ctx.viewer(), input, from).await;
        JobPayload::new(ctx, outcome).await
    }

    /// Undoes what an ended job changed, as a new job. What was edited since is left as it is, and
    /// listed as SKIPPED. A revert can itself be reverted. Statuses go back whatever the workflow
    /// says. An enabled synchronizer does not carry the undo over, and may act again on what is
    /// edited there later.
    async fn revert_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job to undo.")] id: ID,
        #[graphql(desc = "Must be true unless `dryRun` is.", default = false)] confirm: bool,
        #[graphql(desc = "Work out the changes, make none.", default = false)] dry_run: bool,
    ) -> Result<JobPayload> {
        let outcome = revert(&*ctx.api().jobs, ctx.viewer(), &id, confirm, dry_run).await;
        JobPayload::new(ctx, outcome).await
    }

    /// Cancels a job: a queued one at once, a running one at the next safe point.
    async fn cancel_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] id: ID,
    ) -> Result<JobPayload> {
        let outcome = cancel(&*ctx.api().jobs, ctx.viewer(), &id).await;
        JobPayload::new(ctx, outcome).await
    }
}

async fn start(
    api: &dyn JobsApi,
    viewer: &Viewer,
    input: &StartResyncInput,
) -> Result<JobId, Failure> {
    api.start_resync(viewer, input.decode()?).await
}

async fn run_once(
    api: &dyn JobsApi,
    viewer: &Viewer,
    input: RunOnceInput,
    direction: domain::Direction,
) -> Result<JobId, Failure> {
    api.run_once(viewer, input.decode(direction)?).await
}

async fn revert(
    api: &dyn JobsApi,
    viewer: &Viewer,
    id: &ID,
    confirm: bool,
    dry_run: bool,
) -> Result<JobId, Failure> {
    let request = RevertRequest {
        job: ids::decode_at(id, "id")?,
        dry_run,
        confirm,
    };
    api.revert(viewer, request).await
}

async fn cancel(api: &dyn JobsApi, viewer: &Viewer, id: &ID) -> Result<JobId, Failure> {
    let id = ids::decode_at(id, "id")?;
    api.cancel(viewer, id).await?;
    Ok(id)
}
