//! One real store, jobs of every kind on it, and everything that undo has to bring back, written out.

mod edits;

use crate::scenarios::generated::write_issues;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;
use understory::clock::Clock;
use understory::domain::{
    ChangeCounts, Direction, IssueId, JobId, JobKind, JobState, LinkId, LinkTypeId, Place, RowEdit,
    RowId, Settings, StructureId, SynchronizerId, UserId,
};
use understory::store::forest::{self, Author};
use understory::store::jobs::{self, ChangeLine, End, Job, NewJob};
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError, Tx, Value, links, structures, synchronizers};
use understory::sync::{self, Halt, Unwatched};
use understory::tracker::{embedded, import};

pub(super) const ISSUES: usize = 10;
pub(super) const STATUSES: [&str; 3] = ["Open", "Doing", "Done"];

/// A row by its issue (none: a folder) and, below `at`, the number of an earlier row above it.
pub(super) type Shape = Vec<(Option<usize>, Option<usize>)>;

/// One edit of rows: which (of those there, by turn), what to do, and whereabouts.
pub(super) type RowTurn = (usize, u8, Option<usize>, bool);

/// One edit of a field: of which issue, and with which others.
#[derive(Clone, Copy, Debug)]
pub(super) enum FieldTurn {
    RankBefore(usize, usize),
    RankAfter(usize, usize),
    Epic(usize, Option<usize>),
    Status(usize, usize, bool),
    Resolution(usize, bool),
}

/// Everything that a revert has to leave as it was before, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) rows: Vec<(RowId, Option<RowId>, String, String)>,
    pub(super) links: Vec<(LinkId, String)>,
    pub(super) references: Vec<String>,
    pub(super) fields: Vec<(IssueId, [String; 3])>,
}

pub(super) struct World {
    pub(super) runtime: Runtime,
    pub(super) store: Store,
    pub(super) user: UserId,
    pub(super) issues: Vec<IssueId>,
    _folder: tempfile::TempDir,
}

pub(super) struct Scene {
    pub(super) structure: StructureId,
    pub(super) synchronizer: SynchronizerId,
    pub(super) link_type: LinkTypeId,
    pub(super) rows: Vec<RowId>,
}

impl World {
    pub(super) fn new() -> Self {
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
            let file = write_issues(folder.path(), ISSUES);
            import::import_file(&store, &file, |_| {}).await.unwrap();
            let read = store
                .write(|tx| {
                    tx.execute(
                        "INSERT INTO status (name, category)
                         VALUES ('Doing', 'IN_PROGRESS'), ('Done', 'DONE')",
                        &[],
                    )?;
                    tx.execute("UPDATE issue SET parent_id = NULL", &[])?;
                    let user = users::ensure(tx, "admin", Role::Admin)?;
                    let issues = tx.query("SELECT id FROM issue ORDER BY number", &[], |row| {
                        row.get(0)
                    })?;
                    Ok::<_, StoreError>((user, issues))
                })
                .await;
            let (user, issues) = read.unwrap();
            (store, user, issues)
        });
        Self {
            runtime,
            store,
            user,
            issues,
            _folder: folder,
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.read(work).await.unwrap()
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(work).await.unwrap()
    }

    /// A structure with a synchronizer and a link type of its own, and links that an import brought.
    pub(super) async fn scene(&self, shape: &Shape, pairs: &[(usize, usize)]) -> Scene {
        let (store, user, issues) = (self.store.clone(), self.user, self.issues.clone());
        let (shape, pairs) = (shape.clone(), pairs.to_vec());
        self.write(move |tx| {
            let structure = structures::create(tx, "scene", "", user)?;
            let name = format!("type {structure}");
            let link_type = links::ensure_type(tx, &name, "in", "out")?;
            let (mut last, mut folders) = (HashMap::new(), HashMap::new());
            let mut edits = Vec::new();
            for ((issue, above), number) in shape.iter().zip(1..) {
                let id = RowId(-number);
                let parent = above.map(|at| RowId(-(at as i64) - 1));
                let after = last.insert(parent, id);
                if issue.is_none() {
                    folders.insert(id, format!("folder {number}"));
                }
                edits.push(RowEdit::Add {
                    id,
                    issue: issue.map(|at| issues[at]),
                    place: Place { parent, after },
                });
            }
            let author = Author::User(user);
            let made = forest::apply(&store, tx, structure, &edits, &folders, author)?;
            let rows = (1..=shape.len() as i64)
                .map(|at| made.ids[&RowId(-at)])
                .collect();
            for (at, (source, target)) in pairs.iter().enumerate() {
                let (source, target) = (issues[*source], issues[*target]);
                let link = embedded::add_link(tx, link_type, source, target, author)?;
                // Every other one is imported, and of those one is listed by one end only.
                if at % 2 == 0 {
                    let external = format!("{structure}-{at}");
                    links::set_external_id(tx, link, &external)?;
                    if at % 4 == 0 {
                        tx.execute(
                            "INSERT INTO dangling_reference (issue_id, kind, external_id, type_id, key)
                             VALUES (?, 'LINK_TARGET', ?, ?, 'GEN-0')",
                            &[source.into(), external.into(), link_type.into()],
                        )?;
                    }
                }
            }
            let settings = Settings::SubTasks(Default::default());
            let synchronizer = synchronizers::create(tx, structure, "rule", &settings, user)?;
            Ok(Scene {
                structure,
                synchronizer,
                link_type,
                rows,
            })
        })
        .await
    }

    pub(super) async fn settings(&self, scene: &Scene, settings: Settings) {
        let (id, user) = (scene.synchronizer, self.user);
        self.write(move |tx| synchronizers::update(tx, id, "rule", &settings, user))
            .await;
    }

    fn new_job(&self, scene: &Scene, kind: JobKind) -> NewJob {
        NewJob {
            kind,
            direction: None,
            dry_run: false,
            structure: scene.structure,
            synchronizer: Some(scene.synchronizer),
            settings: None,
            reverts: None,
            writes_issues: true,
            enable_afterwards: false,
            preview: None,
            max_removal_percent: None,
            requested_by: Some(self.user),
        }
    }

    pub(super) async fn resync(&self, scene: &Scene, direction: Direction) -> Job {
        let mut job = self.new_job(scene, JobKind::Resync);
        job.direction = Some(direction);
        self.run(job).await.unwrap()
    }

    /// Runs a revert; the ended job.
    pub(super) async fn revert(&self, scene: &Scene, of: JobId, dry_run: bool) -> Job {
        self.try_revert(scene, of, dry_run).await.unwrap()
    }

    pub(super) async fn try_revert(
        &self,
        scene: &Scene,
        of: JobId,
        dry_run: bool,
    ) -> Result<Job, Halt> {
        let mut job = self.new_job(scene, JobKind::Revert);
        (job.reverts, job.dry_run) = (Some(of), dry_run);
        self.run(job).await
    }

    async fn start(&self, job: NewJob) -> Job {
        self.write(move |tx| {
            let id: JobId = jobs::enqueue(tx, &job)?;
            jobs::start(tx, &jobs::find(tx, id)?.unwrap())?;
            Ok(jobs::find(tx, id)?.unwrap())
        })
        .await
    }

    async fn run(&self, job: NewJob) -> Result<Job, Halt> {
        let job = self.start(job).await;
        sync::run(&self.store, &job, Arc::new(Unwatched)).await?;
        let ended = self.write(move |tx| jobs::find(tx, job.id)).await.unwrap();
        assert_eq!(ended.state, JobState::Succeeded);
        Ok(ended)
    }

    /// A job that does what it is told: any edits of rows and fields that a planner might make.
    pub(super) async fn job_by_hand(
        &self,
        scene: &Scene,
        rows: &[RowTurn],
        fields: &[FieldTurn],
    ) -> Job {
        let job = self.start(self.new_job(scene, JobKind::Resync)).await;
        let author = Author::Job(job.id, self.user);
        self.edit_rows(scene, rows, author).await;
        self.edit_fields(fields, author).await;
        self.write(move |tx| {
            let count = |sql: &str| -> Result<usize, StoreError> {
                let sql = format!("SELECT count({sql} AND job_id = ?");
                let found: i64 = tx.get(&sql, &[job.id.into()], |row| row.get(0))?;
                Ok(found as usize)
            };
            let counts = ChangeCounts {
                rows_moved: count(
                    "*) FROM forest_change NATURAL JOIN structure_version WHERE 1 = 1",
                )?,
                ranks_changed: count("DISTINCT issue_id) FROM issue_change WHERE field = 'rank'")?,
                epics_changed: count("DISTINCT issue_id) FROM issue_change WHERE field = 'epic'")?,
                statuses_changed: count(
                    "DISTINCT issue_id) FROM issue_change WHERE field IN ('status', 'resolution')",
                )?,
                ..ChangeCounts::default()
            };
            let end = End {
                state: JobState::Succeeded,
                counts,
                error: None,
                ticks: 0,
                log: Vec::new(),
            };
            jobs::finish(tx, &job, &end)?;
            Ok(jobs::find(tx, job.id)?.unwrap())
        })
        .await
    }

    /// What undo has to bring back; also checks that the forest in memory is that of the database.
    pub(super) async fn state(&self, scene: &Scene) -> State {
        let (structure, link_type) = (scene.structure, scene.link_type);
        let held = self.store.forest(structure).await.unwrap().unwrap();
        self.read(move |tx| {
            assert!(
                *held == forest::load(tx, structure)?.unwrap(),
                "memory and database differ"
            );
            let places: HashMap<RowId, (String, String)> = tx
                .query(
                    "SELECT id, position, COALESCE(folder, issue_id) FROM forest_row
                     WHERE structure_id = ?",
                    &[structure.into()],
                    |row| {
                        let item: Value<'static> = row.get(2)?;
                        Ok((row.get(0)?, (row.get(1)?, format!("{item:?}"))))
                    },
                )?
                .into_iter()
                .collect();
            let rows = held.rows().map(|row| {
                let (key, item) = places[&row.id].clone();
                let parent = row.parent.map(|up| held.row(up).id);
                (row.id, parent, key, item)
            });
            let text = |row: &understory::store::Row<'_>| {
                let mut line = String::new();
                for column in 0..5 {
                    let value: Value<'static> = row.get(column)?;
                    line += &format!("{value:?} ");
                }
                Ok(line)
            };
            let links = tx.query(
                "SELECT id, type_id, source_id, target_id, external_id FROM issue_link
                 WHERE type_id = ? ORDER BY id",
                &[link_type.into()],
                |row| Ok((row.get(0)?, text(row)?)),
            )?;
            let references = tx.query(
                "SELECT issue_id, kind, external_id, type_id, key FROM dangling_reference
                 WHERE type_id = ? ORDER BY issue_id, external_id, kind",
                &[link_type.into()],
                text,
            )?;
            let fields = tx.query(
                "SELECT id, rank, epic_id, status_id, resolution, resolved_at FROM issue ORDER BY id",
                &[],
                |row| {
                    let value = |column| -> Result<String, StoreError> {
                        let value: Value<'static> = row.get(column)?;
                        Ok(format!("{value:?}"))
                    };
                    let status = format!("{} {} {}", value(3)?, value(4)?, value(5)?);
                    Ok((row.get(0)?, [value(1)?, value(2)?, status]))
                },
            )?;
            Ok(State {
                rows: rows.collect(),
                links,
                references,
                fields,
            })
        })
        .await
    }

    pub(super) async fn lines(&self, job: &Job) -> Vec<ChangeLine> {
        let id = job.id;
        let lines = self
            .read(move |tx| jobs::changes(tx, id, -1, usize::MAX))
            .await;
        lines.into_iter().map(|(_, line)| line).collect()
    }
}
