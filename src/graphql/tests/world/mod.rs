//! A small world to ask about: three users, a few issues, fakes behind the traits.

mod fake;

pub(super) use fake::Fakes;

use crate::clock::Clock;
use crate::domain::{
    Direction, IssueId, JobId, JobKind, LinkId, LinkTypeId, Place, RowEdit, RowId, Settings,
    StructureId, SynchronizerId, UserId, Viewer,
};
use crate::graphql::api::{Api, JobsApi, ServerInfo, TrackerApi};
use crate::graphql::service::Service;
use crate::graphql::{SHARED, Schema, Synchronizers, ids, provide, schema, sdl, trusting_schema};
use crate::store::forest::{Applied, Author};
use crate::store::jobs::NewJob;
use crate::store::users::Role;
use crate::store::{
    Store, StoreError, Tx, forest, jobs, links, params, structures, synchronizers, users,
};
use async_graphql::{Request, Response};
use fake::Fake;
use futures_util::stream::BoxStream;
use serde_json::Value;
use std::sync::Arc;

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
                token_ends: None,
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
            info: Arc::new(ServerInfo {
                version: "1.2.3".to_owned(),
                synchronizers_enabled: true,
                tracker: "embedded".to_owned(),
            }),
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

    /// What transports execute through.
    pub(super) fn service(&self) -> Service {
        let api = self.api.clone();
        Service::builder(self.schema.clone(), sdl(Synchronizers::Shown))
            .trusting(trusting_schema(api.clone()))
            .sharing(SHARED)
            .providing(move |viewer, data| provide(&api, viewer, data))
            .build()
            .unwrap()
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
