//! Edits on the issues of a real project: what they write, and what is refused.

mod links_and_deletion;

use super::*;
use crate::clock::Clock;
use crate::domain::{
    IssueId, LinkId, LinkTypeId, Millis, Place, Refusal, RefusalCode, RowEdit, RowId, StructureId,
    UserId,
};
use crate::store::forest::{self, Author};
use crate::store::users::{self, Role};
use crate::store::{Failure, Store, StoreError, Tx, issues, links, structures};
use crate::tracker::import::import_file;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

struct World {
    store: Store,
    now: Arc<AtomicI64>,
    user: UserId,
    _dir: TempDir,
}

const START: i64 = 2_000_000_000_000;

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let tells = Arc::clone(&now);
        let clock = Clock::new(move || Millis(tells.load(Ordering::SeqCst)));
        let store = Store::open(&dir.path().join("test.db"), clock)
            .await
            .unwrap();
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jira/MOD.jsonl.gz");
        import_file(&store, &data, |_| {}).await.unwrap();
        let user = store
            .write(|tx| users::ensure(tx, "ada", Role::Member))
            .await
            .unwrap_or_else(|error: StoreError| panic!("{error}"));
        Self {
            store,
            now,
            user,
            _dir: dir,
        }
    }

    /// Runs an edit a second after the one before, as the user.
    async fn edit<T: Send + 'static>(
        &self,
        edit: impl FnOnce(&Store, &Tx<'_>, Author) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.now.fetch_add(1_000, Ordering::SeqCst);
        let (store, author) = (self.store.clone(), Author::User(self.user));
        match self.store.write(move |tx| edit(&store, tx, author)).await {
            Ok(value) => Ok(value),
            Err(Failure::Refused(refusal)) => Err(refusal),
            Err(Failure::Store(error)) => panic!("{error}"),
        }
    }

    async fn create(&self, new: NewIssue) -> Result<IssueId, Refusal> {
        self.edit(move |_, tx, author| create_issue(tx, &new, author))
            .await
    }

    async fn update(&self, update: IssueUpdate) -> Result<IssueId, Refusal> {
        self.edit(move |_, tx, author| update_issue(tx, &update, author))
            .await
    }

    async fn delete(&self, key: &'static str) -> Result<IssueId, Refusal> {
        self.edit(move |store, tx, author| delete_issue(store, tx, key, author))
            .await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.read(read).await.unwrap()
    }

    async fn issue(&self, key: &'static str) -> crate::domain::issue::Issue {
        self.read(move |tx| issues::find_by_key(tx, key))
            .await
            .unwrap()
    }

    async fn head(&self) -> i64 {
        self.read(issues::last_change).await
    }

    /// The lines of the feed after one, as `kind field before→after`.
    async fn feed(&self, since: i64) -> Vec<String> {
        let lines = self
            .read(move |tx| issues::changes(tx, since, i64::MAX))
            .await;
        let keys = self
            .read({
                let ids: Vec<IssueId> = lines.iter().map(|it| it.issue).collect();
                move |tx| issues::keys(tx, ids)
            })
            .await;
        let text = |it: &issues::IssueChange| {
            let key = keys.get(&it.issue).map_or("?", String::as_str);
            let (before, after) = (it.before.as_deref(), it.after.as_deref());
            let (before, after) = (before.unwrap_or("-"), after.unwrap_or("-"));
            match &it.field {
                Some(field) => format!("{key} {:?} {field} {before}→{after}", it.kind),
                None => format!("{key} {:?}", it.kind),
            }
        };
        lines.iter().map(text).collect()
    }
}

fn new(type_name: &str) -> NewIssue {
    NewIssue {
        project_key: "MOD".to_owned(),
        type_name: type_name.to_owned(),
        summary: "New".to_owned(),
        ..NewIssue::default()
    }
}

fn of(key: &str) -> IssueUpdate {
    IssueUpdate {
        key: key.to_owned(),
        ..IssueUpdate::default()
    }
}

fn some(text: &str) -> Option<Option<String>> {
    Some(Some(text.to_owned()))
}

/// Where a refusal points.
fn path(refusal: &Refusal) -> String {
    refusal.field.clone().unwrap_or_default().join(".")
}

#[tokio::test]
async fn a_new_issue_is_numbered_ranked_last_and_reported_by_its_author() {
    let world = World::new().await;
    let head = world.head().await;
    let new = NewIssue {
        summary: "  A summary ".to_owned(),
        labels: ["b", "a", "b"].map(str::to_owned).to_vec(),
        ..new("Bug")
    };
    let id = world.create(new).await.unwrap();
    let (issue, labels, last, reporter) = world
        .read(move |tx| {
            let issue = issues::by_ids(tx, [id])?.remove(0);
            let labels = issues::labels(tx, [id])?.remove(&id);
            let sql = "SELECT id FROM issue ORDER BY rank DESC LIMIT 1";
            let last: IssueId = tx.get(sql, &[], |row| row.get(0))?;
            let sql = "SELECT reporter FROM issue ORDER BY id DESC LIMIT 1";
            let reporter: String = tx.get(sql, &[], |row| row.get(0))?;
            Ok((issue, labels, last, reporter))
        })
        .await;
    assert_eq!(issue.key, "MOD-2929");
    assert_eq!(issue.summary, "A summary");
    assert_eq!(issue.status.name, "Open");
    assert_eq!(issue.created_at, Millis(START + 1_000));
    assert_eq!(labels.unwrap(), ["a", "b"]);
    assert_eq!((last, reporter.as_str()), (id, "ada"));
    assert_eq!(world.feed(head).await, ["MOD-2929 Created"]);
    world.delete("MOD-2929").await.unwrap();
    let again = world.create(super::tests::new("Bug")).await.unwrap();
    let keys = world.read(move |tx| issues::keys(tx, [again])).await;
    assert_eq!(keys[&again], "MOD-2930", "a key never comes back");
    assert_ne!(again, id, "nor does an id");
}

#[tokio::test]
async fn a_new_issue_that_breaks_a_rule_is_refused_at_its_field() {
    let world = World::new().await;
    let head = world.head().await;
    let with = |edit: fn(&mut NewIssue)| {
        let mut issue = new("Bug");
        edit(&mut issue);
        issue
    };
    let cases = [
        (
            with(|it| it.project_key = "NO".into()),
            "input.projectKey",
            "no project",
        ),
        (
            with(|it| it.type_name = "bug".into()),
            "input.type",
            "expected one of Bug, Epic",
        ),
        (
            with(|it| it.summary = " ".into()),
            "input.summary",
            "is empty",
        ),
        (
            with(|it| it.parent_key = Some("MOD-2450".into())),
            "input.parentKey",
            "no type of sub-tasks",
        ),
        (
            with(|it| it.type_name = "Sub-task".into()),
            "input.parentKey",
            "expected a parent",
        ),
        (
            with(|it| (it.type_name, it.parent_key) = ("Sub-task".into(), Some("MOD-1".into()))),
            "input.parentKey",
            "no issue \"MOD-1\"",
        ),
        (
            with(|it| it.epic_key = Some("MOD-1866".into())),
            "input.epicKey",
            "is no epic",
        ),
        (
            with(|it| it.labels = vec!["two words".into()]),
            "input.labels.0",
            "has a space",
        ),
        (
            with(|it| it.labels = vec!["x".repeat(256)]),
            "input.labels.0",
            "at most 255",
        ),
        (
            with(|it| it.labels = vec!["x".into(); 101]),
            "input.labels",
            "at most 100",
        ),
    ];
    for (issue, at, says) in cases {
        let refusal = world.create(issue).await.unwrap_err();
        assert_eq!(path(&refusal), at);
        assert!(refusal.message.contains(says), "{refusal}");
    }
    assert_eq!(world.head().await, head);
}

#[tokio::test]
async fn a_sub_task_has_a_parent_that_is_none_itself() {
    let world = World::new().await;
    let sub_task = |parent: &str| NewIssue {
        parent_key: Some(parent.to_owned()),
        ..new("Sub-task")
    };
    let id = world.create(sub_task("MOD-2450")).await.unwrap();
    let issue = world.issue("MOD-2929").await;
    assert_eq!(
        (issue.id, issue.parent),
        (id, Some(world.issue("MOD-2450").await.id))
    );
    let refusal = world.create(sub_task("MOD-2929")).await.unwrap_err();
    assert!(
        refusal.message.contains("is a sub-task itself"),
        "{refusal}"
    );
    let moved = IssueUpdate {
        parent_key: some("MOD-1866"),
        ..of("MOD-2929")
    };
    let head = world.head().await;
    world.update(moved.clone()).await.unwrap();
    let (old, new) = (issue.parent.unwrap(), world.issue("MOD-1866").await.id);
    assert_eq!(
        world.feed(head).await,
        [format!("MOD-2929 Updated parent {old}→{new}")]
    );
    let orphan = IssueUpdate {
        parent_key: Some(None),
        ..of("MOD-2929")
    };
    assert_eq!(
        path(&world.update(orphan).await.unwrap_err()),
        "input.parentKey"
    );
    let refusal = world.delete("MOD-1866").await.unwrap_err();
    assert_eq!(
        (refusal.code, path(&refusal)),
        (RefusalCode::Conflict, "key".to_owned())
    );
}

#[tokio::test]
async fn entering_done_notes_when_and_leaving_it_clears_the_resolution() {
    let world = World::new().await;
    let resolved = async || {
        let sql = "SELECT resolved_at FROM issue WHERE key = 'MOD-2929'";
        world
            .read(move |tx| tx.get(sql, &[], |row| row.get::<Option<i64>>(0)))
            .await
    };
    world.create(new("Bug")).await.unwrap();
    let head = world.head().await;
    let close = IssueUpdate {
        status: some("Closed"),
        resolution: some("Fixed"),
        ..of("MOD-2929")
    };
    world.update(close.clone()).await.unwrap();
    let closed = world.issue("MOD-2929").await;
    assert_eq!(closed.resolution.as_deref(), Some("Fixed"));
    assert_eq!(closed.updated_at, Millis(START + 2_000));
    assert_eq!(resolved().await, Some(START + 2_000));
    world.update(close).await.unwrap();
    assert_eq!(
        world.issue("MOD-2929").await.updated_at,
        closed.updated_at,
        "nothing changed"
    );
    let to = |status: &str, resolution| IssueUpdate {
        status: some(status),
        resolution,
        ..of("MOD-2929")
    };
    world.update(to("Resolved", None)).await.unwrap();
    assert_eq!(resolved().await, Some(START + 2_000), "done all along");
    let refusal = world
        .update(to("Reopened", some("Fixed")))
        .await
        .unwrap_err();
    assert_eq!(path(&refusal), "input.resolution");
    world.update(to("Reopened", None)).await.unwrap();
    assert_eq!(
        (resolved().await, world.issue("MOD-2929").await.resolution),
        (None, None)
    );
    assert_eq!(
        world.feed(head).await,
        [
            "MOD-2929 Updated status Open→Closed",
            "MOD-2929 Updated resolution -→Fixed",
            "MOD-2929 Updated resolved -→2000000002000",
            "MOD-2929 Updated status Closed→Resolved",
            "MOD-2929 Updated status Resolved→Reopened",
            "MOD-2929 Updated resolution Fixed→-",
            "MOD-2929 Updated resolved 2000000002000→-",
        ]
    );
    for (update, at) in [
        (to("Gone", None), "input.status"),
        (
            IssueUpdate {
                status: Some(None),
                ..of("MOD-2929")
            },
            "input.status",
        ),
        (
            IssueUpdate {
                summary: Some(None),
                ..of("MOD-2929")
            },
            "input.summary",
        ),
        (of("MOD-1"), "input.key"),
    ] {
        assert_eq!(path(&world.update(update).await.unwrap_err()), at);
    }
}

#[tokio::test]
async fn summary_epic_and_labels_change_with_a_line_each() {
    let world = World::new().await;
    let epic = world.create(new("Epic")).await.unwrap();
    world.create(new("Bug")).await.unwrap();
    let head = world.head().await;
    let update = IssueUpdate {
        summary: some("Other"),
        epic_key: some("MOD-2929"),
        labels: Some(Some(vec!["x".to_owned()])),
        ..of("MOD-2930")
    };
    world.update(update).await.unwrap();
    let clear = IssueUpdate {
        epic_key: Some(None),
        labels: Some(None),
        ..of("MOD-2930")
    };
    world.update(clear).await.unwrap();
    assert_eq!(
        world.feed(head).await,
        [
            "MOD-2930 Updated summary New→Other".to_owned(),
            format!("MOD-2930 Updated epic -→{epic}"),
            "MOD-2930 Updated labels []→[\"x\"]".to_owned(),
            format!("MOD-2930 Updated epic {epic}→-"),
            "MOD-2930 Updated labels [\"x\"]→[]".to_owned(),
        ]
    );
    let own = IssueUpdate {
        epic_key: some("MOD-2929"),
        ..of("MOD-2929")
    };
    assert_eq!(path(&world.update(own).await.unwrap_err()), "input.epicKey");
}
