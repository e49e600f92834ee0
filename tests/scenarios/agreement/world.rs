//! One real store, and pairs of equal structures in it to be synchronized in two ways.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;
use understory::clock::Clock;
use understory::domain::{
    Direction, Forest, IssueId, JobId, JobKind, JobState, LinkTypeId, Place, RowEdit, RowId,
    Settings, StructureId, SynchronizerId, UserId,
};
use understory::store::forest::{self, Author};
use understory::store::issues::{self, IssueChangeKind, NewChange};
use understory::store::jobs::{self, Job, NewJob};
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError, Value, links, structures, synchronizers};
use understory::sync::{self, Unwatched};
use understory::tracker::{embedded, import};

pub(super) const ISSUES: i64 = 10;

/// One store for all cases: opening one takes longer than a case.
pub(super) struct World {
    pub(super) runtime: Runtime,
    pub(super) store: Store,
    pub(super) user: UserId,
    pub(super) issues: Vec<IssueId>,
    _folder: tempfile::TempDir,
}

pub(super) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::open)
}

impl World {
    pub(super) fn open() -> Self {
        let runtime = Runtime::new().unwrap();
        // In memory where that exists: each case commits a dozen times.
        let shared = Path::new("/dev/shm");
        let parent = if shared.is_dir() {
            PathBuf::from(shared)
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::tempdir_in(parent).unwrap();
        let (store, user, issues) = runtime.block_on(async {
            let store = Store::open(&folder.path().join("db"), Clock::system())
                .await
                .unwrap();
            let file = crate::scenarios::generated::write_issues(folder.path(), ISSUES as usize);
            import::import_file(&store, &file, |_| {}).await.unwrap();
            store
                .write(|tx| {
                    let user = users::ensure(tx, "admin", Role::Admin)?;
                    tx.execute("UPDATE issue SET parent_id = NULL", &[])?;
                    let issues = tx.query("SELECT id FROM issue ORDER BY number", &[], |row| {
                        row.get(0)
                    })?;
                    Ok::<_, StoreError>((user, issues))
                })
                .await
                .map(|(user, issues)| (store, user, issues))
                .unwrap()
        });
        Self {
            runtime,
            store,
            user,
            issues,
            _folder: folder,
        }
    }
}

/// A row by its issue (none: a folder) and, below `at`, the number of an earlier row above it.
pub(super) type Shape = Vec<(Option<i64>, Option<usize>)>;

/// A synchronizer on a structure of its own.
pub(super) struct Side {
    pub(super) structure: StructureId,
    pub(super) synchronizer: SynchronizerId,
    pub(super) rows: Vec<RowId>,
}

impl World {
    pub(super) async fn side(&self, shape: &Shape, settings: Settings) -> Side {
        self.side_of(&self.issues, shape, settings).await
    }

    pub(super) async fn side_of(
        &self,
        issues: &[IssueId],
        shape: &Shape,
        settings: Settings,
    ) -> Side {
        let (store, user, issues) = (self.store.clone(), self.user, issues.to_vec());
        let shape = shape.clone();
        self.store
            .write(move |tx| {
                let structure = structures::create(tx, "side", "", user)?;
                let mut last = HashMap::new();
                let mut folders = HashMap::new();
                let edits: Vec<RowEdit> = shape
                    .iter()
                    .zip(1..)
                    .map(|((issue, above), number)| {
                        let id = RowId(-number);
                        let parent = above.map(|at| RowId(-(at as i64) - 1));
                        let place = Place {
                            parent,
                            after: last.insert(parent, id),
                        };
                        if issue.is_none() {
                            folders.insert(id, format!("folder {number}"));
                        }
                        RowEdit::Add {
                            id,
                            issue: issue.map(|at| issues[at as usize]),
                            place,
                        }
                    })
                    .collect();
                let made =
                    forest::apply(&store, tx, structure, &edits, &folders, Author::User(user))?;
                let rows = (1..=shape.len() as i64)
                    .map(|at| made.ids[&RowId(-at)])
                    .collect();
                let synchronizer = synchronizers::create(tx, structure, "rule", &settings, user)?;
                Ok::<_, StoreError>(Side {
                    structure,
                    synchronizer,
                    rows,
                })
            })
            .await
            .unwrap()
    }

    /// Runs a job from start to end; its last state and how much it changed.
    pub(super) async fn run(
        &self,
        side: &Side,
        direction: Option<Direction>,
        dry_run: bool,
    ) -> Job {
        let new = NewJob {
            kind: if direction.is_some() {
                JobKind::Resync
            } else {
                JobKind::Incremental
            },
            direction,
            dry_run,
            structure: side.structure,
            synchronizer: Some(side.synchronizer),
            settings: None,
            reverts: None,
            writes_issues: true,
            enable_afterwards: false,
            preview: None,
            max_removal_percent: None,
            requested_by: None,
        };
        let job = self
            .store
            .write(move |tx| {
                let id: JobId = jobs::enqueue(tx, &new)?;
                jobs::start(tx, &jobs::find(tx, id)?.unwrap())?;
                Ok::<_, StoreError>(jobs::find(tx, id)?.unwrap())
            })
            .await
            .unwrap();
        sync::run(&self.store, &job, Arc::new(Unwatched))
            .await
            .unwrap();
        let ended = self
            .store
            .read(move |tx| jobs::find(tx, job.id))
            .await
            .unwrap()
            .unwrap();
        let wanted = if ended.counts.failed > 0 && !dry_run {
            JobState::PartiallySucceeded
        } else {
            JobState::Succeeded
        };
        assert_eq!(ended.state, wanted);
        ended
    }

    pub(super) async fn forest(&self, side: &Side) -> Arc<Forest> {
        self.store.forest(side.structure).await.unwrap().unwrap()
    }

    /// Each row as the issues on the way down to it, so that siblings compare in any order.
    pub(super) async fn paths(&self, side: &Side) -> Vec<Vec<Option<IssueId>>> {
        let forest = self.forest(side).await;
        let mut paths: Vec<Vec<Option<IssueId>>> = forest
            .rows()
            .map(|row| {
                let mut path: Vec<_> = forest.ancestors(row.index).map(|up| up.issue).collect();
                path.reverse();
                path.push(row.issue);
                path
            })
            .collect();
        paths.sort_unstable();
        paths
    }

    pub(super) async fn link_type(&self) -> LinkTypeId {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let name = format!(
            "type {}",
            NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
        );
        self.store
            .write(move |tx| links::ensure_type(tx, &name, "in", "out"))
            .await
            .unwrap()
    }

    /// Adds the links that are not there and removes those that are.
    pub(super) async fn flip(&self, link_type: LinkTypeId, pairs: &[(usize, usize)]) {
        let (pairs, issues, author) =
            (pairs.to_vec(), self.issues.clone(), Author::User(self.user));
        self.store
            .write(move |tx| {
                for (source, target) in pairs {
                    let (source, target) = (issues[source], issues[target]);
                    match links::find_between(tx, link_type, source, target)? {
                        Some(link) => embedded::remove_link(tx, link.id, author)?,
                        None => {
                            embedded::add_link(tx, link_type, source, target, author)?;
                        }
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }

    pub(super) async fn rank_before(&self, key: &str, before: &str) {
        let ranking = embedded::Ranking {
            keys: vec![key.to_owned()],
            before: Some(before.to_owned()),
            after: None,
        };
        let author = Author::User(self.user);
        self.store
            .write(move |tx| embedded::rank_issues(tx, &ranking, author))
            .await
            .unwrap();
    }

    pub(super) async fn linked(&self, link_type: LinkTypeId) -> BTreeSet<(IssueId, IssueId)> {
        let links = self
            .store
            .read(move |tx| links::of_type(tx, link_type))
            .await
            .unwrap();
        links
            .into_iter()
            .map(|link| (link.source, link.target))
            .collect()
    }

    /// Sets parents directly, with the feed lines that an edit would write.
    pub(super) async fn set_parents(&self, parents: &[Option<usize>]) {
        let (parents, issues, author) = (
            parents.to_vec(),
            self.issues.clone(),
            Author::User(self.user),
        );
        self.store
            .write(move |tx| {
                for (issue, parent) in issues.iter().zip(&parents) {
                    let parent = parent.map(|at| issues[at]);
                    let before: Option<IssueId> = tx.get(
                        "SELECT parent_id FROM issue WHERE id = ?",
                        &[Value::from(*issue)],
                        |row| row.get(0),
                    )?;
                    if before == parent {
                        continue;
                    }
                    tx.execute(
                        "UPDATE issue SET parent_id = ? WHERE id = ?",
                        &[Value::from(parent), Value::from(*issue)],
                    )?;
                    let text = |id: Option<IssueId>| id.map(|id| id.to_string());
                    let (old, new) = (text(before), text(parent));
                    let change = NewChange {
                        issue: *issue,
                        kind: IssueChangeKind::Updated,
                        field: Some(("parent", old.as_deref(), new.as_deref())),
                        link: None,
                    };
                    issues::record(tx, change, Some(author))?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }

    /// Moves and removes rows as a user would; rows are named by their number in the shape.
    pub(super) async fn edit_rows(&self, side: &Side, edits: &[(usize, Option<usize>, bool)]) {
        for (row, under, remove) in edits {
            let forest = self.forest(side).await;
            let Some(id) = side.rows.get(*row).copied() else {
                continue;
            };
            let Some(view) = forest.find(id) else {
                continue;
            };
            let parent = under.and_then(|at| side.rows.get(at).copied());
            let batch: Vec<RowEdit> = if *remove {
                let subtree = (view.index..view.index + view.size).rev();
                subtree
                    .map(|at| RowEdit::Remove {
                        id: forest.row(at).id,
                    })
                    .collect()
            } else {
                vec![RowEdit::Move {
                    id,
                    place: Place {
                        parent,
                        after: None,
                    },
                }]
            };
            if forest::check(&forest, &batch).is_err() {
                continue;
            }
            let (store, structure, author) =
                (self.store.clone(), side.structure, Author::User(self.user));
            self.store
                .write(move |tx| {
                    forest::apply(&store, tx, structure, &batch, &HashMap::new(), author)
                        .map(|_| ())
                })
                .await
                .unwrap();
        }
    }

    pub(super) async fn set_wanted(&self, wanted: &[bool]) {
        let (wanted, author) = (wanted.to_vec(), Author::User(self.user));
        self.store
            .write(move |tx| {
                for (number, wanted) in (1..).zip(wanted) {
                    let update = embedded::IssueUpdate {
                        key: format!("GEN-{number}"),
                        summary: Some(Some(if wanted { "wanted" } else { "other" }.to_owned())),
                        ..embedded::IssueUpdate::default()
                    };
                    embedded::update_issue(tx, &update, author)?;
                }
                Ok::<_, understory::store::Failure>(())
            })
            .await
            .unwrap();
    }
}
