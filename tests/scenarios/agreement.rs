//! Incremental synchronization agrees with a resync: two equal structures, the same random changes;
//! one is synchronized incrementally, the other by a resync, and both come out alike. Against the
//! real store, many times over.

use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;
use understory::clock::Clock;
use understory::domain::synchronizer::{
    FilterSource, LinkEnd, LinksScope, LinksSettings, Primacy, SavedFilterSettings,
    SubTasksSettings, UnlinkedRows,
};
use understory::domain::{
    Direction, Forest, IssueId, JobId, JobKind, JobState, LinkTypeId, Place, RowEdit, RowId,
    Settings, StructureId, SynchronizerId, UserId,
};
use understory::store::forest::{self, Author};
use understory::store::issues::{self, IssueChangeKind, NewChange};
use understory::store::jobs::{self, Job, NewJob};
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError, Value, links, structures, synchronizers};
use understory::sync::{self, Watch};
use understory::tracker::{embedded, import};

const ISSUES: i64 = 10;

/// One store for all cases: opening one takes longer than a case.
struct World {
    runtime: Runtime,
    store: Store,
    user: UserId,
    issues: Vec<IssueId>,
    _folder: tempfile::TempDir,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
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
            let file = super::generated::write_issues(folder.path(), ISSUES as usize);
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
        World {
            runtime,
            store,
            user,
            issues,
            _folder: folder,
        }
    })
}

struct Unwatched;

impl Watch for Unwatched {
    fn phase(&self, _: &'static str, _: Option<usize>) {}
    fn advance(&self, _: usize) {}
    fn is_cancelled(&self) -> bool {
        false
    }
    fn ticks(&self) -> i64 {
        0
    }
}

/// A row by its issue (none: a folder) and, below `at`, the number of an earlier row above it.
type Shape = Vec<(Option<i64>, Option<usize>)>;

/// A synchronizer on a structure of its own.
struct Side {
    structure: StructureId,
    synchronizer: SynchronizerId,
    rows: Vec<RowId>,
}

impl World {
    async fn side(&self, shape: &Shape, settings: Settings) -> Side {
        let (store, user, issues) = (self.store.clone(), self.user, self.issues.clone());
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
    async fn run(&self, side: &Side, direction: Option<Direction>, dry_run: bool) -> Job {
        let new = NewJob {
            kind: if direction.is_some() {
                JobKind::Resync
            } else {
                JobKind::Incremental
            },
            direction,
            dry_run,
            structure: side.structure,
            synchronizer: side.synchronizer,
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
        assert_eq!(ended.state, JobState::Succeeded);
        ended
    }

    async fn forest(&self, side: &Side) -> Arc<Forest> {
        self.store.forest(side.structure).await.unwrap().unwrap()
    }

    /// Each row as the issues on the way down to it, so that siblings compare in any order.
    async fn paths(&self, side: &Side) -> Vec<Vec<Option<IssueId>>> {
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

    async fn link_type(&self) -> LinkTypeId {
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
    async fn flip(&self, link_type: LinkTypeId, pairs: &[(usize, usize)]) {
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

    async fn linked(&self, link_type: LinkTypeId) -> BTreeSet<(IssueId, IssueId)> {
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
    async fn set_parents(&self, parents: &[Option<usize>]) {
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
    async fn edit_rows(&self, side: &Side, edits: &[(usize, Option<usize>, bool)]) {
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

    async fn set_wanted(&self, wanted: &[bool]) {
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

fn changed_nothing(job: &Job) -> bool {
    job.counts.total() == 0
}

fn shapes() -> impl Strategy<Value = Shape> {
    let row = (
        prop::option::weighted(0.9, 0..ISSUES),
        any::<prop::sample::Index>(),
        0u8..3,
    );
    prop::collection::vec(row, 0..9).prop_map(|rows| {
        rows.iter()
            .enumerate()
            .map(|(at, (issue, above, top))| {
                (*issue, (at > 0 && *top > 0).then(|| above.index(at)))
            })
            .collect()
    })
}

/// Forests in which each issue stands once: where rows and links say the same of it.
fn single_shapes() -> impl Strategy<Value = Shape> {
    shapes().prop_map(|shape| {
        let mut seen = BTreeSet::new();
        shape
            .into_iter()
            .map(|(issue, above)| (issue.filter(|issue| seen.insert(*issue)), above))
            .collect()
    })
}

fn pairs() -> impl Strategy<Value = Vec<(usize, usize)>> {
    let end = 0..ISSUES as usize;
    prop::collection::vec((end.clone(), end), 0..8).prop_map(|mut pairs| {
        let mut seen = BTreeSet::new();
        pairs.retain(|(source, target)| source != target && seen.insert((*source, *target)));
        pairs
    })
}

fn links_settings(
    link_type: LinkTypeId,
    scope: LinksScope,
    unlinked_rows: UnlinkedRows,
    parent_end: LinkEnd,
) -> Settings {
    Settings::Links(LinksSettings {
        link_type,
        parent_end,
        parent_jql: None,
        sub_issue_jql: None,
        scope,
        unlinked_rows,
        primacy: Primacy::TwoWay,
    })
}

fn scopes() -> impl Strategy<Value = LinksScope> {
    prop::sample::select(vec![
        LinksScope::InStructure,
        LinksScope::ExpandToSubIssues,
        LinksScope::AllIssues,
    ])
}

const INTO: Option<Direction> = Some(Direction::IntoStructure);
const FROM: Option<Direction> = Some(Direction::FromStructure);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn links_that_changed_lead_where_a_resync_leads(
        shape in shapes(), first in pairs(), then in pairs(), scope in scopes(),
        unlinked in prop::sample::select(vec![UnlinkedRows::Keep, UnlinkedRows::MoveToTopLevel, UnlinkedRows::Remove]),
        end in prop::sample::select(vec![LinkEnd::Source, LinkEnd::Target]),
    ) {
        let world = world();
        world.runtime.block_on(async {
            let link_type = world.link_type().await;
            world.flip(link_type, &first).await;
            let settings = links_settings(link_type, scope, unlinked, end);
            let one = world.side(&shape, settings.clone()).await;
            let two = world.side(&shape, settings).await;
            world.run(&one, INTO, false).await;
            world.run(&two, INTO, false).await;
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            world.flip(link_type, &then).await;
            world.run(&one, None, false).await;
            world.run(&two, INTO, false).await;
            prop_assert_eq!(world.paths(&one).await, world.paths(&two).await);
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            Ok(())
        })?;
    }

    #[test]
    fn rows_that_changed_lead_to_the_links_of_a_resync(
        shape in single_shapes(), first in pairs(), scope in scopes(),
        edits in prop::collection::vec((0usize..9, prop::option::of(0usize..9), any::<bool>()), 0..5),
    ) {
        let world = world();
        world.runtime.block_on(async {
            let (type_one, type_two) = (world.link_type().await, world.link_type().await);
            world.flip(type_one, &first).await;
            world.flip(type_two, &first).await;
            let rule = |link_type| links_settings(link_type, scope, UnlinkedRows::Keep, LinkEnd::Source);
            let one = world.side(&shape, rule(type_one)).await;
            let two = world.side(&shape, rule(type_two)).await;
            world.run(&one, FROM, false).await;
            world.run(&two, FROM, false).await;
            prop_assert!(changed_nothing(&world.run(&one, FROM, true).await));
            world.edit_rows(&one, &edits).await;
            world.edit_rows(&two, &edits).await;
            world.run(&one, None, false).await;
            world.run(&two, FROM, false).await;
            prop_assert_eq!(world.linked(type_one).await, world.linked(type_two).await);
            Ok(())
        })?;
    }

    #[test]
    fn sub_tasks_that_changed_stand_where_a_resync_puts_them(
        shape in shapes(), first in prop::collection::vec(prop::option::of(0usize..5), 5),
        then in prop::collection::vec(prop::option::of(0usize..5), 5),
        edits in prop::collection::vec((0usize..9, prop::option::of(0usize..9), any::<bool>()), 0..3),
    ) {
        let world = world();
        // Parents are the lower half, sub-tasks the upper, as a tracker's rules have it.
        let parents = |of: &[Option<usize>]| [vec![None; 5], of.to_vec()].concat();
        world.runtime.block_on(async {
            world.set_parents(&parents(&first)).await;
            let settings = || Settings::SubTasks(SubTasksSettings::default());
            let one = world.side(&shape, settings()).await;
            let two = world.side(&shape, settings()).await;
            world.run(&one, INTO, false).await;
            world.run(&two, INTO, false).await;
            world.set_parents(&parents(&then)).await;
            world.edit_rows(&one, &edits).await;
            world.edit_rows(&two, &edits).await;
            world.run(&one, None, false).await;
            world.run(&two, INTO, false).await;
            prop_assert_eq!(world.paths(&one).await, world.paths(&two).await);
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            Ok(())
        })?;
    }

    #[test]
    fn issues_that_enter_or_leave_a_filter_are_treated_as_by_a_resync(
        shape in shapes(), first in prop::collection::vec(any::<bool>(), ISSUES as usize),
        then in prop::collection::vec(any::<bool>(), ISSUES as usize),
        under in prop::option::of(0usize..9), flags in any::<[bool; 4]>(),
    ) {
        let world = world();
        world.runtime.block_on(async {
            world.set_wanted(&first).await;
            let [add, allow_move, remove, only] = flags;
            let blank = Settings::SubTasks(SubTasksSettings::default());
            let one = world.side(&shape, blank.clone()).await;
            let two = world.side(&shape, blank).await;
            for side in [&one, &two] {
                let place_under = under.and_then(|at| side.rows.get(at).copied());
                let settings = Settings::SavedFilter(SavedFilterSettings {
                    source: FilterSource::Jql("summary ~ wanted".to_owned()),
                    add,
                    place_under,
                    allow_move: allow_move && place_under.is_some(),
                    remove,
                    remove_only_from_placement: only,
                });
                let id = side.synchronizer;
                world
                    .store
                    .write(move |tx| synchronizers::update(tx, id, "rule", &settings))
                    .await
                    .unwrap();
                world.run(side, INTO, false).await;
            }
            world.set_wanted(&then).await;
            world.run(&one, None, false).await;
            world.run(&two, INTO, false).await;
            prop_assert_eq!(world.paths(&one).await, world.paths(&two).await);
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            Ok(())
        })?;
    }
}
