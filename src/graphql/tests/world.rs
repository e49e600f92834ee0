//! A small world to ask about: three users, a few issues, fakes behind the traits.

use crate::clock::Clock;
use crate::domain::{
    Direction, FilterId, IssueId, JobId, JobKind, LinkId, LinkTypeId, Place, Refusal, RefusalCode,
    RowEdit, RowId, Settings, StructureId, SynchronizerId, UserId, Viewer,
};
use crate::graphql::api::{
    Api, IssueUpdate, JobsApi, NewFilter, NewIssue, NewLink, ResyncRequest, RevertRequest,
    ServerInfo, SynchronizersApi, TrackerApi, Wait,
};
use crate::graphql::{Schema, ids, provide, schema};
use crate::store::forest::{Applied, Author};
use crate::store::jobs::{Job, NewJob};
use crate::store::users::Role;
use crate::store::{
    Failure, Store, StoreError, Tx, filters, forest, jobs, links, params, structures,
    synchronizers, users,
};
use crate::tracker::search;
use async_graphql::{Request, Response};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The schema over a fresh database.
pub(super) struct World {
    pub(super) api: Api,
    pub(super) fakes: Arc<Fakes>,
    /// An administrator.
    pub(super) ada: Viewer,
    /// A member, who owns structures.
    pub(super) olga: Viewer,
    /// A member, who owns none.
    pub(super) sam: Viewer,
    schema: Schema,
    _folder: tempfile::TempDir,
}

/// What the fakes answer.
#[derive(Default)]
pub(super) struct Fakes {
    pub(super) progress: Mutex<HashMap<JobId, (String, i64)>>,
    pub(super) waits: Mutex<HashMap<JobId, Wait>>,
    pub(super) unavailable: Mutex<HashMap<SynchronizerId, String>>,
    pub(super) changes: Mutex<Vec<IssueUpdate>>,
}

/// The fakes with the store that they write.
struct Fake(Store, Arc<Fakes>);

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db"), Clock::system())
            .await
            .unwrap();
        let user = async |name: &str, role| {
            let named = name.to_owned();
            let made = store.write(move |tx| users::ensure(tx, &named, role)).await;
            let user_id: UserId = made.map_err(|error: StoreError| error).unwrap();
            Viewer {
                user_id,
                name: name.to_owned(),
                admin: role == Role::Admin,
            }
        };
        let (ada, olga) = (
            user("ada", Role::Admin).await,
            user("olga", Role::Member).await,
        );
        let sam = user("sam", Role::Member).await;
        let fakes = Arc::new(Fakes::default());
        let fake = Arc::new(Fake(store.clone(), Arc::clone(&fakes)));
        let api = Api {
            store,
            jobs: Arc::clone(&fake) as Arc<dyn JobsApi>,
            tracker: Arc::clone(&fake) as Arc<dyn TrackerApi>,
            synchronizers: fake,
            info: ServerInfo {
                version: "1.2.3".to_owned(),
                synchronizers_enabled: true,
                tracker: "embedded".to_owned(),
            },
        };
        Self {
            schema: schema(api.clone()),
            api,
            fakes,
            ada,
            olga,
            sam,
            _folder: folder,
        }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.api.store.write(work).await.unwrap()
    }

    /// Issues `P-1` to `P-count`: odd ones stories with a label, even ones sub-tasks of the one
    /// before; each is linked to the next.
    pub(super) async fn issues(&self, count: i64) {
        self.write(move |tx| {
            tx.execute(
                "INSERT INTO project (id, key, name) VALUES (1, 'P', 'Project')",
                &[],
            )?;
            tx.execute(
                "INSERT INTO issue_type (id, name, sub_task, epic)
                 VALUES (1, 'Story', 0, 0), (2, 'Sub-task', 1, 0)",
                &[],
            )?;
            let status = "INSERT INTO status (id, name, category) VALUES (1, 'Open', 'TO_DO')";
            tx.execute(status, &[])?;
            let blocks = links::ensure_type(tx, "Blocks", "is blocked by", "blocks")?;
            for id in 1..=count {
                let parent = (id % 2 == 0).then_some(id - 1);
                tx.execute(
                    "INSERT INTO issue (id, key, project_id, number, type_id, status_id, summary,
                                        parent_id, created_at, updated_at)
                     VALUES (?, ?, 1, ?, ?, 1, ?, ?, 0, 0)",
                    params![
                        id,
                        format!("P-{id}"),
                        id,
                        2 - id % 2,
                        format!("Issue {id}"),
                        parent
                    ],
                )?;
                if parent.is_none() {
                    let label = "INSERT INTO issue_label (issue_id, name) VALUES (?, 'odd')";
                    tx.execute(label, params![id])?;
                }
            }
            for id in 1..count {
                let (source, target) = (IssueId(id), IssueId(id + 1));
                links::insert(tx, &link(LinkId(id), blocks, source, target))?;
            }
            Ok(())
        })
        .await;
    }

    pub(super) async fn structure(&self, owner: &Viewer, name: &str) -> StructureId {
        let (owner, name) = (owner.user_id, name.to_owned());
        self.write(move |tx| structures::create(tx, &name, "", owner))
            .await
    }

    /// Writes row edits as a user would; rows named by negative ids get new ones.
    pub(super) async fn edit(&self, structure: StructureId, edits: Vec<RowEdit>) -> Applied {
        let (store, author) = (self.api.store.clone(), Author::User(self.olga.user_id));
        self.write(move |tx| {
            let new_folder = |edit: &&RowEdit| matches!(edit, RowEdit::Add { issue: None, .. });
            let folders = edits
                .iter()
                .filter(new_folder)
                .map(|edit| (edit.row(), format!("F{}", edit.row())));
            forest::apply(&store, tx, structure, &edits, &folders.collect(), author)
        })
        .await
    }

    /// Appends folders at the top level; their rows.
    pub(super) async fn folders(&self, structure: StructureId, count: i64) -> Vec<RowId> {
        let forest = self.api.store.forest(structure).await.unwrap().unwrap();
        let mut after = forest.children(None).last().map(|row| row.id);
        let mut edits = Vec::new();
        for at in 1..=count {
            edits.push(add(-at, None, None, after.map(|row| row.0)));
            after = Some(RowId(-at));
        }
        let applied = self.edit(structure, edits).await;
        (1..=count).map(|at| applied.ids[&RowId(-at)]).collect()
    }

    pub(super) async fn synchronizer(&self, structure: StructureId) -> SynchronizerId {
        let run_as = self.olga.user_id;
        let settings = Settings::SubTasks(Default::default());
        self.write(move |tx| synchronizers::create(tx, structure, "Sub-tasks", &settings, run_as))
            .await
    }

    pub(super) async fn job(&self, structure: StructureId, of: SynchronizerId) -> JobId {
        self.write(move |tx| jobs::enqueue(tx, &new_job(structure, of)))
            .await
    }

    /// Runs an operation; its response.
    pub(super) async fn ask(&self, viewer: &Viewer, request: impl Into<Request>) -> Response {
        let mut request = request.into();
        provide(&self.api, viewer, &mut request.data);
        self.schema.execute(request).await
    }

    /// Runs an operation that must succeed; its data.
    pub(super) async fn data(&self, viewer: &Viewer, request: impl Into<Request>) -> Value {
        let response = self.ask(viewer, request).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.data.into_json().unwrap()
    }

    /// Runs an operation that must fail; the code of its first error.
    pub(super) async fn code(&self, viewer: &Viewer, request: impl Into<Request>) -> String {
        error_code(&self.ask(viewer, request).await)
    }

    /// Begins a subscription.
    pub(super) fn watch(
        &self,
        viewer: &Viewer,
        request: impl Into<Request>,
    ) -> BoxStream<'static, Response> {
        let mut request = request.into();
        provide(&self.api, viewer, &mut request.data);
        self.schema.execute_stream(request)
    }
}

/// The code of the first error of a response.
pub(super) fn error_code(response: &Response) -> String {
    let error = response.errors.first().expect("an error");
    let extensions = error.extensions.as_ref().expect("extensions");
    match extensions.get("code") {
        Some(async_graphql::Value::String(code)) => code.clone(),
        other => panic!("no code: {other:?}"),
    }
}

pub(super) fn add(id: i64, issue: Option<i64>, parent: Option<i64>, after: Option<i64>) -> RowEdit {
    let place = Place {
        parent: parent.map(RowId),
        after: after.map(RowId),
    };
    RowEdit::Add {
        id: RowId(id),
        issue: issue.map(IssueId),
        place,
    }
}

pub(super) fn link(
    id: LinkId,
    link_type: LinkTypeId,
    source: IssueId,
    target: IssueId,
) -> crate::domain::issue::Link {
    crate::domain::issue::Link {
        id,
        link_type,
        source,
        target,
    }
}

pub(super) fn new_job(structure: StructureId, synchronizer: SynchronizerId) -> NewJob {
    NewJob {
        kind: JobKind::Resync,
        direction: Some(Direction::IntoStructure),
        dry_run: false,
        structure,
        synchronizer: Some(synchronizer),
        settings: None,
        reverts: None,
        writes_issues: false,
        enable_afterwards: false,
        preview: None,
        max_removal_percent: Some(50),
        requested_by: None,
    }
}

pub(super) fn id<I: ids::GlobalId>(id: I) -> String {
    ids::encode(id).0
}

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
                jobs::cancel(tx, &found)?;
                Ok(())
            })
            .await
    }

    fn with_progress(&self, mut job: Job) -> Job {
        if let Some((phase, revision)) = self.1.progress.lock().unwrap().get(&job.id)
            && *revision > job.revision
        {
            job.phase = phase.clone();
            job.revision = *revision;
        }
        job
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
}
