//! Loaders: what the fields of one operation ask for singly is read in batches.
//!
//! One set lives as long as one operation and serves one viewer: what the viewer may not view is not
//! found. Nothing is kept between batches, so a subscription or a later mutation of the same
//! operation sees what is stored by then.

mod rights;
mod work;

pub(crate) use rights::{AccessTo, GlobalPermissionsOf, RulesOf};
pub(crate) use work::{
    LogOf, OverlapsOf, RevertOf, RunningJobOf, SynchronizersOf, Unavailable, WaitOf, visible_jobs,
};

use super::api::{Api, Overlap, Wait};
use super::batch::{Batch, Found};
use super::error::{ApiError, Result};
use super::ids::{self, GlobalId};
use crate::domain::issue::{Issue, Link, LinkType};
use crate::domain::{
    AccessLevel, BoardId, FilterId, GlobalPermission, IdMap, IssueId, JobId, LinkId, LinkTypeId,
    RowId, StructureId, SynchronizerId, TokenId, UserId, Viewer,
};
use crate::store::boards::Board;
use crate::store::changes::{RowChange, RowCounts};
use crate::store::filters::SavedFilter;
use crate::store::jobs::{Job, LogEntry};
use crate::store::permissions::Rule;
use crate::store::structures::Structure;
use crate::store::synchronizers::Synchronizer;
use crate::store::tokens::Token;
use crate::store::users::User;
use crate::store::{StoreError, Tx, boards, changes, filters, forest, issues, links, users};
use crate::structures::access;
use async_graphql::ID;
use rights::{load_access, load_global_permissions, load_rules, load_tokens};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use work::{
    load_jobs, load_logs, load_overlaps, load_reverts, load_running_jobs, load_synchronizers,
    load_synchronizers_of, load_unavailable, load_waits,
};

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

/// Asks what one version of a structure's hierarchy changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowChangesOf(pub(crate) StructureId, pub(crate) i64);
/// Asks how many rows one version added, moved and removed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowCountsOf(pub(crate) StructureId, pub(crate) i64);
/// Asks for the key that a deleted issue had.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DeletedKeyOf(pub(crate) IssueId);

/// What can be loaded by a key of this type.
pub(crate) trait Key: Copy + Eq + Hash + Send + Sync + 'static {
    /// What stands under a key.
    type Value: Clone + Send + Sync + 'static;

    /// Where keys of this type are gathered.
    fn batch(batches: &Batches) -> &Batch<Self, Self::Value>;

    /// What stands under a key, if that is known without reading anything.
    fn held(source: &Source, key: Self) -> Option<Self::Value>;

    /// Reads what stands under keys; what does not exist for the viewer is absent.
    fn load(source: Arc<Source>, keys: Vec<Self>) -> impl Future<Output = Loaded<Self>> + Send;
}

/// What was read of a batch.
type Loaded<K> = Result<HashMap<K, <K as Key>::Value>, StoreError>;

/// The loaders of one operation.
pub(crate) struct Loaders {
    source: Arc<Source>,
    batches: Batches,
}

impl Loaders {
    /// Fresh loaders for a viewer.
    pub(crate) fn new(api: &Api, viewer: &Viewer) -> Self {
        let source = Source {
            api: api.clone(),
            viewer: viewer.clone(),
        };
        Self {
            source: Arc::new(source),
            batches: Batches::default(),
        }
    }

    /// What stands under a key, if anything does.
    pub(crate) async fn find<K: Key>(&self, key: K) -> Result<Option<K::Value>> {
        match K::held(&self.source, key) {
            Some(value) => Ok(Some(value)),
            None => Ok(self.find_map([key]).await?.get(&key).cloned()),
        }
    }

    /// What a global id names, if that exists.
    pub(crate) async fn find_by_id<K: Key + GlobalId>(&self, id: &ID) -> Result<Option<K::Value>> {
        self.find(ids::decode::<K>(id)?).await
    }

    /// What stands under a key that another object refers to; `what` names it if it is gone.
    pub(crate) async fn get<K: Key>(&self, key: K, what: &str) -> Result<K::Value> {
        self.find(key).await?.ok_or_else(|| ApiError::gone(what))
    }

    /// What stands under several keys, in their order; missing ones are left out.
    pub(crate) async fn find_all<K: Key>(&self, keys: &[K]) -> Result<Vec<K::Value>> {
        let found = self.find_map(keys.iter().copied()).await?;
        Ok(keys
            .iter()
            .filter_map(|key| found.get(key).cloned())
            .collect())
    }

    /// What stands under several keys, by key; possibly more than was asked for.
    pub(crate) async fn find_map<K: Key>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Found<K, K::Value>> {
        let source = Arc::clone(&self.source);
        K::batch(&self.batches)
            .ask(keys, move |keys| K::load(source, keys))
            .await
    }

    /// A whole page's issues in their order, unless one is gone. There is nothing to gather them with.
    pub(crate) async fn issues_of_page(
        &self,
        issues: &[IssueId],
    ) -> Result<Option<Vec<Arc<Issue>>>> {
        let store = &self.source.api.store;
        let found = store.issues(issues.iter().copied()).await?;
        if found.iter().map(|it| &it.id).eq(issues) {
            return Ok(Some(found));
        }
        let found: IdMap<IssueId, Arc<Issue>> = found.into_iter().map(|it| (it.id, it)).collect();
        let in_order = issues.iter().map(|issue| found.get(issue).cloned());
        Ok(in_order.collect())
    }
}

/// Whence batches are read, and for whom.
pub(crate) struct Source {
    api: Api,
    viewer: Viewer,
}

impl Source {
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.api.store.read(work).await
    }
}

/// Declares the batches, the function that reads each, and for some one that knows what is held.
macro_rules! loaders {
    ($($batch:ident: $key:ty => $value:ty, $load:ident $(, $held:ident)?;)+) => {
        /// One batch for each type of key.
        #[derive(Default)]
        pub(crate) struct Batches {
            $($batch: Batch<$key, $value>,)+
        }

        $(impl Key for $key {
            type Value = $value;

            fn batch(batches: &Batches) -> &Batch<Self, Self::Value> {
                &batches.$batch
            }

            fn held(source: &Source, key: Self) -> Option<$value> {
                loaders!(@held source, key $(, $held)?)
            }

            async fn load(source: Arc<Source>, keys: Vec<Self>) -> Loaded<Self> {
                $load(&source, keys).await
            }
        })+
    };
    (@held $source:ident, $key:ident) => {{
        let _ = ($source, $key);
        None
    }};
    (@held $source:ident, $key:ident, $held:ident) => {
        $held($source, $key)
    };
}

loaders! {
    issues: IssueId => Arc<Issue>, load_issues, held_issue;
    labels: LabelsOf => Arc<Vec<String>>, load_labels;
    sub_tasks: SubTasksOf => Vec<Arc<Issue>>, load_sub_tasks;
    links: LinkId => Arc<Link>, load_links;
    links_of: LinksOf => Vec<Arc<Link>>, load_links_of;
    link_types: LinkTypeId => Arc<LinkType>, load_link_types;
    filters: FilterId => Arc<SavedFilter>, load_filters;
    boards: BoardId => Arc<Board>, load_boards;
    users: UserId => Arc<User>, load_users;
    tokens: TokenId => Arc<Token>, load_tokens;
    global_permissions: GlobalPermissionsOf => Vec<GlobalPermission>, load_global_permissions;
    structures: StructureId => Arc<Structure>, load_structures, held_structure;
    access: AccessTo => AccessLevel, load_access;
    rules: RulesOf => Arc<Vec<Rule>>, load_rules;
    structure_of: StructureOf => Arc<Structure>, load_structure_of;
    folder_names: FolderName => String, load_folder_names;
    synchronizers: SynchronizerId => Arc<Synchronizer>, load_synchronizers;
    synchronizers_of: SynchronizersOf => Vec<Arc<Synchronizer>>, load_synchronizers_of;
    unavailable: Unavailable => String, load_unavailable;
    jobs: JobId => Arc<Job>, load_jobs;
    running_jobs: RunningJobOf => Arc<Job>, load_running_jobs;
    waits: WaitOf => Arc<Wait>, load_waits;
    overlaps: OverlapsOf => Vec<Overlap>, load_overlaps;
    logs: LogOf => Vec<LogEntry>, load_logs;
    reverts: RevertOf => JobId, load_reverts;
    row_changes: RowChangesOf => Arc<Vec<RowChange>>, load_row_changes;
    row_counts: RowCountsOf => RowCounts, load_row_counts;
    deleted_keys: DeletedKeyOf => String, load_deleted_keys;
}

/// Functions that read things by their ids as a function of the store does.
macro_rules! by_id {
    ($($load:ident: $id:ty, $read:path;)+) => {$(
        async fn $load(source: &Source, ids: Vec<$id>) -> Loaded<$id> {
            let found = source.read(move |tx| $read(tx, ids)).await?;
            Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
        }
    )+};
}

by_id! {
    load_links: LinkId, links::by_ids;
    load_link_types: LinkTypeId, links::types_by_ids;
    load_filters: FilterId, filters::by_ids;
    load_boards: BoardId, boards::by_ids;
    load_users: UserId, users::by_ids;
}

async fn load_issues(source: &Source, ids: Vec<IssueId>) -> Loaded<IssueId> {
    let found = source.api.store.issues(ids).await?;
    Ok(found.into_iter().map(|it| (it.id, it)).collect())
}

fn held_issue(source: &Source, id: IssueId) -> Option<Arc<Issue>> {
    source.api.store.held_issue(id)
}

async fn load_structures(source: &Source, ids: Vec<StructureId>) -> Loaded<StructureId> {
    let found = access::viewable(&source.api.store, &source.viewer, ids).await?;
    Ok(found.into_iter().map(|it| (it.id, it)).collect())
}

fn held_structure(source: &Source, id: StructureId) -> Option<Arc<Structure>> {
    access::held(&source.api.store, &source.viewer, id)
}

async fn load_labels(source: &Source, keys: Vec<LabelsOf>) -> Loaded<LabelsOf> {
    let found = source
        .read(move |tx| issues::labels(tx, keys.iter().map(|key| key.0)))
        .await?;
    Ok(found
        .into_iter()
        .map(|(id, it)| (LabelsOf(id), Arc::new(it)))
        .collect())
}

async fn load_sub_tasks(source: &Source, keys: Vec<SubTasksOf>) -> Loaded<SubTasksOf> {
    let read = move |tx: &Tx<'_>| {
        let order = issues::sub_tasks_of(tx, keys.iter().map(|key| key.0))?;
        let found = issues::by_ids(tx, order.iter().map(|sub_task| sub_task.issue))?;
        Ok((order, found))
    };
    let (order, found) = source.read(read).await?;
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
}

async fn load_links_of(source: &Source, keys: Vec<LinksOf>) -> Loaded<LinksOf> {
    let read = move |tx: &Tx<'_>| links::touching(tx, None, keys.iter().map(|key| key.0));
    let mut of_issue: HashMap<LinksOf, Vec<Arc<Link>>> = HashMap::new();
    for link in source.read(read).await? {
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
}

async fn load_folder_names(source: &Source, keys: Vec<FolderName>) -> Loaded<FolderName> {
    let read = move |tx: &Tx<'_>| forest::folder_names(tx, keys.iter().map(|key| key.0));
    let found = source.read(read).await?;
    Ok(found
        .into_iter()
        .map(|(row, name)| (FolderName(row), name))
        .collect())
}

async fn load_structure_of(source: &Source, keys: Vec<StructureOf>) -> Loaded<StructureOf> {
    let viewer = source.viewer.clone();
    let read = move |tx: &Tx<'_>| {
        let of_row = forest::structures_of(tx, keys.iter().map(|key| key.0))?;
        let visible = access::visible(tx, &viewer, of_row.values().copied())?;
        Ok((of_row, visible))
    };
    let (of_row, visible) = source.read(read).await?;
    let visible: HashMap<StructureId, Arc<Structure>> = visible
        .into_iter()
        .map(|(id, it)| (id, Arc::new(it)))
        .collect();
    let find = |(row, id)| Some((StructureOf(row), visible.get(&id).cloned()?));
    Ok(of_row.into_iter().filter_map(find).collect())
}

async fn load_row_changes(source: &Source, keys: Vec<RowChangesOf>) -> Loaded<RowChangesOf> {
    let read = move |tx: &Tx<'_>| {
        keys.into_iter()
            .map(|key| Ok((key, Arc::new(changes::of_version(tx, key.0, key.1)?))))
            .collect()
    };
    source.read(read).await
}

async fn load_row_counts(source: &Source, keys: Vec<RowCountsOf>) -> Loaded<RowCountsOf> {
    let read = move |tx: &Tx<'_>| {
        keys.into_iter()
            .map(|key| Ok((key, changes::counts_of_version(tx, key.0, key.1)?)))
            .collect()
    };
    source.read(read).await
}

async fn load_deleted_keys(source: &Source, keys: Vec<DeletedKeyOf>) -> Loaded<DeletedKeyOf> {
    let read = move |tx: &Tx<'_>| issues::keys_of_deleted(tx, keys.iter().map(|key| key.0));
    let found = source.read(read).await?;
    Ok(found
        .into_iter()
        .map(|(issue, key)| (DeletedKeyOf(issue), key))
        .collect())
}
