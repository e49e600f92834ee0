//! Loaders: what the fields of one operation ask for singly is read in batches.
//!
//! One set lives as long as one operation and serves one viewer: what the viewer may not view is not
//! found. Nothing is kept between batches, so a subscription or a later mutation of the same
//! operation sees what is stored by then.

use super::api::{Api, Wait};
use super::error::{ApiError, Result};
use super::ids::{self, GlobalId};
use crate::domain::issue::{Issue, Link, LinkType};
use crate::domain::{
    FilterId, IssueId, JobId, JobState, LinkId, LinkTypeId, RowId, StructureId, SynchronizerId,
    UserId, Viewer,
};
use crate::store::filters::SavedFilter;
use crate::store::jobs::Job;
use crate::store::structures::Structure;
use crate::store::synchronizers::Synchronizer;
use crate::store::users::User;
use crate::store::{StoreError, Tx, filters, forest, issues, jobs, links, synchronizers, users};
use crate::structures::access;
use async_graphql::ID;
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::Timer;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::task::{FutureObj, Spawn, SpawnError};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// Asks for the labels of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LabelsOf(pub(crate) IssueId);
/// Asks for the sub-tasks of an issue, in key order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SubTasksOf(pub(crate) IssueId);
/// Asks for the links of an issue, by id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LinksOf(pub(crate) IssueId);
/// Asks for the name of a folder.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FolderName(pub(crate) RowId);
/// Asks for the structure in which a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StructureOf(pub(crate) RowId);
/// Asks for the synchronizers of a structure, in the order of their installation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SynchronizersOf(pub(crate) StructureId);
/// Asks why a synchronizer cannot run.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Unavailable(pub(crate) SynchronizerId);
/// Asks for the job of a synchronizer that runs now.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RunningJobOf(pub(crate) SynchronizerId);
/// Asks what a queued job waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WaitOf(pub(crate) JobId);

/// The loaders of one operation.
pub(crate) struct Loaders(DataLoader<Batches>);

impl Loaders {
    /// Fresh loaders for a viewer.
    pub(crate) fn new(api: &Api, viewer: &Viewer) -> Self {
        let batches = Batches {
            api: api.clone(),
            viewer: viewer.clone(),
        };
        Self(DataLoader::new(batches, Spawner, NoDelay).delay(Duration::ZERO))
    }

    /// What stands under a key, if anything does.
    pub(crate) async fn find<K>(&self, key: K) -> Result<Option<<Batches as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batches: Loader<K, Error = Arc<StoreError>>,
    {
        Ok(self.0.load_one(key).await?)
    }

    /// What stands under a key that another object refers to; `what` names it if it is gone.
    pub(crate) async fn get<K>(&self, key: K, what: &str) -> Result<<Batches as Loader<K>>::Value>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batches: Loader<K, Error = Arc<StoreError>>,
    {
        self.find(key).await?.ok_or_else(|| ApiError::gone(what))
    }

    /// What a global id names, if that exists.
    pub(crate) async fn find_by_id<K>(
        &self,
        id: &ID,
    ) -> Result<Option<<Batches as Loader<K>>::Value>>
    where
        K: GlobalId + Send + Sync + Hash + Eq + Clone + 'static,
        Batches: Loader<K, Error = Arc<StoreError>>,
    {
        self.find(ids::decode::<K>(id)?).await
    }

    /// What stands under several keys, by key.
    pub(crate) async fn find_map<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<HashMap<K, <Batches as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batches: Loader<K, Error = Arc<StoreError>>,
    {
        Ok(self.0.load_many(keys).await?)
    }

    /// What stands under several keys, in their order; missing ones are left out.
    pub(crate) async fn find_all<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Vec<<Batches as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batches: Loader<K, Error = Arc<StoreError>>,
    {
        let keys: Vec<K> = keys.into_iter().collect();
        let found = self.find_map(keys.iter().cloned()).await?;
        Ok(keys
            .iter()
            .filter_map(|key| found.get(key).cloned())
            .collect())
    }
}

/// Reads batches for one viewer.
pub(crate) struct Batches {
    api: Api,
    viewer: Viewer,
}

type Batch<K, V> = std::result::Result<HashMap<K, V>, Arc<StoreError>>;

impl Batches {
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> std::result::Result<T, StoreError> + Send + 'static,
    ) -> std::result::Result<T, Arc<StoreError>> {
        self.api.store.read(work).await.map_err(Arc::new)
    }
}

/// Loaders of things by their ids, as one store function reads them.
macro_rules! by_id {
    ($($id:ty => $value:ty, $read:path;)+) => {$(
        impl Loader<$id> for Batches {
            type Value = Arc<$value>;
            type Error = Arc<StoreError>;

            async fn load(&self, keys: &[$id]) -> Batch<$id, Self::Value> {
                let ids = keys.to_vec();
                let found = self.read(move |tx| $read(tx, ids)).await?;
                Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
            }
        }
    )+};
}

by_id! {
    IssueId => Issue, issues::by_ids;
    LinkId => Link, links::by_ids;
    LinkTypeId => LinkType, links::types_by_ids;
    FilterId => SavedFilter, filters::by_ids;
    UserId => User, users::by_ids;
}

impl Loader<StructureId> for Batches {
    type Value = Arc<Structure>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[StructureId]) -> Batch<StructureId, Self::Value> {
        let (ids, viewer) = (keys.to_vec(), self.viewer.clone());
        let found = self
            .read(move |tx| access::visible(tx, &viewer, ids))
            .await?;
        Ok(found
            .into_iter()
            .map(|(id, it)| (id, Arc::new(it)))
            .collect())
    }
}

impl Loader<SynchronizerId> for Batches {
    type Value = Arc<Synchronizer>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[SynchronizerId]) -> Batch<SynchronizerId, Self::Value> {
        let (ids, viewer) = (keys.to_vec(), self.viewer.clone());
        self.read(move |tx| {
            let found = synchronizers::by_ids(tx, ids)?;
            let visible = access::visible(tx, &viewer, found.iter().map(|it| it.structure))?;
            Ok(found
                .into_iter()
                .filter(|it| visible.contains_key(&it.structure))
                .map(|it| (it.id, Arc::new(it)))
                .collect())
        })
        .await
    }
}

impl Loader<JobId> for Batches {
    type Value = Arc<Job>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[JobId]) -> Batch<JobId, Self::Value> {
        let (ids, viewer) = (keys.to_vec(), self.viewer.clone());
        let found = self
            .read(move |tx| visible_jobs(tx, &viewer, jobs::by_ids(tx, ids)?))
            .await?;
        let current = |job: Job| (job.id, Arc::new(self.api.jobs.with_progress(job)));
        Ok(found.into_iter().map(current).collect())
    }
}

/// Those of the jobs whose structures exist for the viewer.
pub(crate) fn visible_jobs(
    tx: &Tx<'_>,
    viewer: &Viewer,
    mut jobs: Vec<Job>,
) -> std::result::Result<Vec<Job>, StoreError> {
    let visible = access::visible(tx, viewer, jobs.iter().map(|job| job.structure))?;
    jobs.retain(|job| visible.contains_key(&job.structure));
    Ok(jobs)
}

impl Loader<LabelsOf> for Batches {
    type Value = Arc<Vec<String>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[LabelsOf]) -> Batch<LabelsOf, Self::Value> {
        let ids: Vec<IssueId> = keys.iter().map(|key| key.0).collect();
        let found = self.read(move |tx| issues::labels(tx, ids)).await?;
        Ok(found
            .into_iter()
            .map(|(id, it)| (LabelsOf(id), Arc::new(it)))
            .collect())
    }
}

impl Loader<SubTasksOf> for Batches {
    type Value = Vec<Arc<Issue>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[SubTasksOf]) -> Batch<SubTasksOf, Self::Value> {
        let parents: Vec<IssueId> = keys.iter().map(|key| key.0).collect();
        self.read(move |tx| {
            let order = issues::sub_tasks_of(tx, parents)?;
            let found = issues::by_ids(tx, order.iter().map(|sub_task| sub_task.issue))?;
            let by_id: HashMap<IssueId, Arc<Issue>> = found
                .into_iter()
                .map(|issue| (issue.id, Arc::new(issue)))
                .collect();
            let mut of_parent: HashMap<SubTasksOf, Vec<Arc<Issue>>> = HashMap::new();
            for sub_task in order {
                let issue = by_id.get(&sub_task.issue).cloned();
                of_parent
                    .entry(SubTasksOf(sub_task.parent))
                    .or_default()
                    .extend(issue);
            }
            Ok(of_parent)
        })
        .await
    }
}

impl Loader<LinksOf> for Batches {
    type Value = Vec<Arc<Link>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[LinksOf]) -> Batch<LinksOf, Self::Value> {
        let ends: HashSet<IssueId> = keys.iter().map(|key| key.0).collect();
        self.read(move |tx| {
            let mut of_issue: HashMap<LinksOf, Vec<Arc<Link>>> = HashMap::new();
            for link in links::touching(tx, None, ends.iter().copied())? {
                let link = Arc::new(link);
                for end in [link.source, link.target] {
                    let of_end = of_issue.entry(LinksOf(end)).or_default();
                    // An issue that is linked to itself has the link once.
                    if of_end.last().is_none_or(|last| last.id != link.id) {
                        of_end.push(Arc::clone(&link));
                    }
                }
            }
            Ok(of_issue)
        })
        .await
    }
}

impl Loader<FolderName> for Batches {
    type Value = String;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[FolderName]) -> Batch<FolderName, Self::Value> {
        let rows: Vec<RowId> = keys.iter().map(|key| key.0).collect();
        let found = self.read(move |tx| forest::folder_names(tx, rows)).await?;
        Ok(found
            .into_iter()
            .map(|(row, name)| (FolderName(row), name))
            .collect())
    }
}

impl Loader<StructureOf> for Batches {
    type Value = Arc<Structure>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[StructureOf]) -> Batch<StructureOf, Self::Value> {
        let rows: Vec<RowId> = keys.iter().map(|key| key.0).collect();
        let viewer = self.viewer.clone();
        self.read(move |tx| {
            let of_row = forest::structures_of(tx, rows)?;
            let visible = access::visible(tx, &viewer, of_row.values().copied())?;
            let visible: HashMap<StructureId, Arc<Structure>> = visible
                .into_iter()
                .map(|(id, it)| (id, Arc::new(it)))
                .collect();
            let find = |(row, id): (RowId, StructureId)| {
                visible
                    .get(&id)
                    .map(|it| (StructureOf(row), Arc::clone(it)))
            };
            Ok(of_row.into_iter().filter_map(find).collect())
        })
        .await
    }
}

impl Loader<SynchronizersOf> for Batches {
    type Value = Vec<Arc<Synchronizer>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[SynchronizersOf]) -> Batch<SynchronizersOf, Self::Value> {
        let structures: Vec<StructureId> = keys.iter().map(|key| key.0).collect();
        let found = self
            .read(move |tx| synchronizers::of_structures(tx, structures))
            .await?;
        let mut of_structure: HashMap<SynchronizersOf, Vec<Arc<Synchronizer>>> = HashMap::new();
        for it in found {
            of_structure
                .entry(SynchronizersOf(it.structure))
                .or_default()
                .push(Arc::new(it));
        }
        Ok(of_structure)
    }
}

impl Loader<Unavailable> for Batches {
    type Value = String;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[Unavailable]) -> Batch<Unavailable, Self::Value> {
        let ids: Vec<SynchronizerId> = keys.iter().map(|key| key.0).collect();
        let found = self.api.synchronizers.availability(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, reason)| (Unavailable(id), reason))
            .collect())
    }
}

impl Loader<RunningJobOf> for Batches {
    type Value = Arc<Job>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[RunningJobOf]) -> Batch<RunningJobOf, Self::Value> {
        let asked: HashSet<SynchronizerId> = keys.iter().map(|key| key.0).collect();
        let mut running = self.read(jobs::active).await?;
        running.retain(|job| job.state != JobState::Queued);
        let current = |job: Job| {
            let id = job.synchronizer.filter(|id| asked.contains(id))?;
            Some((RunningJobOf(id), Arc::new(self.api.jobs.with_progress(job))))
        };
        Ok(running.into_iter().filter_map(current).collect())
    }
}

impl Loader<WaitOf> for Batches {
    type Value = Arc<Wait>;
    type Error = Arc<StoreError>;

    async fn load(&self, _: &[WaitOf]) -> Batch<WaitOf, Self::Value> {
        let waits = self.api.jobs.waits().await?;
        Ok(waits
            .into_iter()
            .map(|(job, wait)| (WaitOf(job), Arc::new(wait)))
            .collect())
    }
}

/// Runs batches on the runtime of the server.
struct Spawner;

impl Spawn for Spawner {
    fn spawn_obj(&self, batch: FutureObj<'static, ()>) -> std::result::Result<(), SpawnError> {
        tokio::spawn(batch);
        Ok(())
    }
}

/// Lets the resolvers that are ready ask first, and waits no longer than that.
struct NoDelay;

impl Timer for NoDelay {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        tokio::task::yield_now().boxed()
    }
}
