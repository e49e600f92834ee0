//! The type `Subscription`. Streams carry state, not a log of events: listen, show the state as it
//! is, read it again at each event and after a lag. So a slow reader misses snapshots, never the last.

mod job_status;
mod jobs;
mod pace;
mod structure_changes;

use super::context::ContextExt;
use super::error::Result;
use super::ids;
use super::service::Joiners;
use super::types::{Job, StructureChange};
use async_graphql::{Context, ID, Subscription};
use futures_util::stream::BoxStream;

/// The subscriptions that are executed once for all who ask the same. In the others every event
/// counts, so that no listener may miss what another one was told.
pub const SHARED: &[&str] = &["jobStatus"];

/// What is told as it happens.
pub struct Subscription;

/// What is told as it happens.
#[Subscription]
impl Subscription {
    /// The job as it is now, at once, then after every change; completes after the snapshot with an
    /// ended state, or if the job is deleted. A slow reader may miss snapshots in between, never the
    /// last one. Ends with NOT_FOUND once the viewer may no longer view its structure, as do the
    /// others.
    async fn job_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] id: ID,
    ) -> Result<BoxStream<'static, Result<Job>>> {
        let joiners = ctx.data_opt::<Joiners>().cloned().unwrap_or_default();
        job_status::stream(ctx.api(), ctx.viewer(), ids::decode(&id)?, joiners).await
    }

    /// Every job of a structure or a synchronizer (all, if neither is given): first those that have
    /// not ended, then each as it changes.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only jobs of this structure.")] structure_id: Option<ID>,
        #[graphql(desc = "Only jobs of this synchronizer.")] synchronizer_id: Option<ID>,
    ) -> Result<BoxStream<'static, Result<Job>>> {
        let structure = structure_id.as_ref().map(ids::decode).transpose()?;
        let synchronizer = synchronizer_id.as_ref().map(ids::decode).transpose()?;
        jobs::stream(ctx.api(), ctx.viewer(), structure, synchronizer).await
    }

    /// Changes of a hierarchy in the order of their versions, without gap or repeat; completes when
    /// the structure is deleted. If the changes since a version are no longer kept, the error has the
    /// code `VERSION_GONE`: read the rows again, and begin after their version.
    async fn structure_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which structure.")] id: ID,
        #[graphql(desc = "Begin after this version; null: after the current one.")]
        since_version: Option<i32>,
    ) -> Result<BoxStream<'static, Result<StructureChange>>> {
        let since = since_version.map(i64::from);
        structure_changes::stream(ctx.api(), ctx.viewer(), ids::decode(&id)?, since).await
    }
}
