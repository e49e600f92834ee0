//! What was read lately, as it stands in the database: the issues that pages show again and again,
//! and who asks for which structure, which every request has to know. Reading these costs more than
//! all else of a page.
//!
//! SQLite tells the writing connection of every row that a transaction touches, so that whoever
//! writes need not know of this. What was touched is forgotten before it is committed, since others
//! may read it before the commit returns, and nothing is kept until it has. What a reader had begun to
//! read by then is not kept either: it may be older.

use crate::domain::issue::Issue;
use crate::domain::{IssueId, StructureId, UserId};
use crate::store::structures::Structure;
use crate::store::tokens::{Bearer, Digest};
use quick_cache::UnitWeighter;
use quick_cache::unsync::Cache;
use rusqlite::Connection;
use rustc_hash::FxBuildHasher;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Issues held: at some 700 bytes each, about 15 MB.
const ISSUES: usize = 20_000;
/// Tokens held, and structures as users see them.
const OTHERS: usize = 4_000;

/// All that is held.
pub(super) struct Recent {
    pub(super) issues: Kind<IssueId, Arc<Issue>>,
    pub(super) bearers: Kind<Digest, Arc<Bearer>>,
    /// Structures that a user may view.
    pub(super) structures: Kind<(UserId, StructureId), Arc<Structure>>,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            issues: Kind::new(ISSUES),
            bearers: Kind::new(OTHERS),
            structures: Kind::new(OTHERS),
        }
    }
}

impl Recent {
    /// Forgets what a transaction touched that is about to be committed, and keeps nothing of such
    /// kinds until [`Self::settle`].
    pub(super) fn forget(&self, touched: &Touched) {
        if touched.all_issues {
            self.issues.forget_all();
        } else if !touched.issues.is_empty() {
            self.issues.forget(&touched.issues);
        }
        if touched.people {
            self.bearers.forget_all();
        }
        if touched.people || touched.structures {
            self.structures.forget_all();
        }
    }

    /// What is read from now on is as the transaction left it.
    pub(super) fn settle(&self) {
        self.issues.settle();
        self.bearers.settle();
        self.structures.settle();
    }
}

/// Things of one kind, by their keys.
pub(super) struct Kind<K, V>(Mutex<Held<K, V>>);

struct Held<K, V> {
    /// Nobody chooses the keys of what is there to be held, so that a quick hash will do.
    things: Cache<K, V, UnitWeighter, FxBuildHasher>,
    /// Grows whenever something is forgotten, and once more when that is settled.
    age: u64,
    /// Whether what was forgotten is being committed.
    unsettled: bool,
}

/// What of some keys is held.
pub(super) struct Looked<K, V> {
    pub(super) found: Vec<V>,
    pub(super) missing: Vec<K>,
    age: u64,
}

impl<K: Copy + Eq + Hash, V: Clone> Kind<K, V> {
    fn new(capacity: usize) -> Self {
        let things = Cache::with(
            capacity,
            capacity as u64,
            UnitWeighter,
            FxBuildHasher,
            Default::default(),
        );
        Self(Mutex::new(Held {
            things,
            age: 0,
            unsettled: false,
        }))
    }

    pub(super) fn find(&self, key: &K) -> Option<V> {
        self.lock().things.get(key).cloned()
    }

    pub(super) fn look(&self, keys: impl IntoIterator<Item = K>) -> Looked<K, V> {
        let keys = keys.into_iter();
        let mut found = Vec::with_capacity(keys.size_hint().0);
        let mut missing = Vec::new();
        let held = self.lock();
        for key in keys {
            match held.things.get(&key) {
                Some(value) => found.push(value.clone()),
                None => missing.push(key),
            }
        }
        Looked {
            found,
            missing,
            age: held.age,
        }
    }

    /// Adds what was missing and has been read since, and keeps it unless something was forgotten
    /// meanwhile.
    pub(super) fn keep(
        &self,
        mut looked: Looked<K, V>,
        read: impl IntoIterator<Item = (K, V)>,
    ) -> Vec<V> {
        let mut held = self.lock();
        for (key, value) in read {
            if held.age == looked.age && !held.unsettled {
                held.things.insert(key, value.clone());
            }
            looked.found.push(value);
        }
        looked.found
    }

    fn forget(&self, keys: &[K]) {
        let mut held = self.lock();
        held.begin();
        for key in keys {
            held.things.remove(key);
        }
    }

    fn forget_all(&self) {
        let mut held = self.lock();
        held.begin();
        held.things.clear();
    }

    fn settle(&self) {
        let mut held = self.lock();
        if held.unsettled {
            held.age += 1;
            held.unsettled = false;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        // The map is whole after every step, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Held<K, V> {
    fn begin(&mut self) {
        self.age += 1;
        self.unsettled = true;
    }
}

/// What a transaction has touched of that which is held.
#[derive(Default)]
pub(super) struct Touched {
    issues: Vec<IssueId>,
    /// More than is worth telling apart, or what many issues show.
    all_issues: bool,
    /// Who may come in, or may do what.
    pub(super) people: bool,
    structures: bool,
}

impl Touched {
    const ALL: Self = Self {
        issues: Vec::new(),
        all_issues: true,
        people: true,
        structures: true,
    };

    fn note(&mut self, table: &str, row: i64) {
        match table {
            "issue" if self.issues.len() < ISSUES => self.issues.push(IssueId(row)),
            // The key of a project never changes, so that of `project` nothing has to be known.
            "issue" | "issue_type" | "status" => self.all_issues = true,
            "user_account" | "token" => self.people = true,
            "structure" => self.structures = true,
            _ => {}
        }
    }
}

/// Hears what the writing connection touches, and of others that write to the same file.
#[derive(Clone, Default)]
pub(super) struct Touches(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    touched: Touched,
    /// SQLite's count of what other connections committed.
    others: Option<i64>,
}

impl Touches {
    /// Listens to a connection from now on.
    pub(super) fn listen(&self, connection: &Connection) -> rusqlite::Result<()> {
        let heard = Arc::clone(&self.0);
        connection.update_hook(Some(move |_, _: &str, table: &str, row| {
            lock(&heard).touched.note(table, row);
        }))
    }

    /// What was touched since the last time.
    pub(super) fn take(&self) -> Touched {
        std::mem::take(&mut lock(&self.0).touched)
    }

    /// Everything, if another process has written since the last time.
    pub(super) fn of_others(&self, connection: &Connection) -> rusqlite::Result<Touched> {
        let now = connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        let before = lock(&self.0).others.replace(now);
        Ok(match before {
            Some(before) if before != now => Touched::ALL,
            _ => Touched::default(),
        })
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use crate::clock::Clock;
    use crate::domain::IssueId;
    use crate::store::{Store, StoreError};

    /// A store with two issues.
    async fn store() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let store = Store::open(&path, Clock::system()).await.unwrap();
        for sql in [
            "INSERT INTO project (id, key, name) VALUES (1, 'P', 'Project')",
            "INSERT INTO issue_type (id, name, sub_task, epic) VALUES (1, 'Bug', 0, 0)",
            "INSERT INTO status (id, name, category) VALUES (1, 'Open', 'TO_DO')",
            "INSERT INTO issue (id, key, project_id, number, type_id, status_id, summary, created_at,
                                updated_at)
             VALUES (1, 'P-1', 1, 1, 1, 1, 'One', 0, 0), (2, 'P-2', 1, 2, 1, 1, 'Two', 0, 0)",
        ] {
            write(&store, sql).await;
        }
        (store, folder)
    }

    async fn write(store: &Store, sql: &'static str) {
        let written = store.write(move |tx| tx.execute(sql, &[]).map(|_| ()));
        written.await.unwrap();
    }

    /// Summary and status of both issues.
    async fn shown(store: &Store) -> Vec<String> {
        let found = store.issues([IssueId(1), IssueId(2)]).await.unwrap();
        let mut shown: Vec<String> = found
            .iter()
            .map(|it| format!("{} {}", it.summary, it.status.name))
            .collect();
        shown.sort();
        shown
    }

    #[tokio::test]
    async fn what_was_read_once_is_not_read_again_until_it_changes() {
        let (store, _folder) = store().await;
        assert_eq!(shown(&store).await, ["One Open", "Two Open"]);
        let statements = store.statements();
        assert_eq!(shown(&store).await, ["One Open", "Two Open"]);
        assert_eq!(store.statements(), statements);
        write(&store, "UPDATE issue SET summary = 'Uno' WHERE id = 1").await;
        assert_eq!(shown(&store).await, ["Two Open", "Uno Open"]);
        write(&store, "UPDATE status SET name = 'New' WHERE id = 1").await;
        assert_eq!(shown(&store).await, ["Two New", "Uno New"]);
        write(&store, "DELETE FROM issue WHERE id = 2").await;
        assert_eq!(shown(&store).await, ["Uno New"]);
    }

    #[tokio::test]
    async fn what_was_rolled_back_was_never_so() {
        let (store, _folder) = store().await;
        assert_eq!(shown(&store).await, ["One Open", "Two Open"]);
        let failed: Result<(), StoreError> = store
            .write(|tx| {
                tx.execute("UPDATE issue SET summary = 'Uno'", &[])?;
                Err(StoreError::Busy)
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(shown(&store).await, ["One Open", "Two Open"]);
    }

    #[tokio::test]
    async fn what_another_process_wrote_is_noticed() {
        let (store, folder) = store().await;
        store.notice_others().await.unwrap();
        assert_eq!(shown(&store).await, ["One Open", "Two Open"]);
        let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
        other
            .execute("UPDATE issue SET summary = 'Uno' WHERE id = 1", [])
            .unwrap();
        store.notice_others().await.unwrap();
        assert_eq!(shown(&store).await, ["Two Open", "Uno Open"]);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        use super::{Recent, Touched};
        use crate::domain::Millis;
        use crate::domain::issue::{Issue, IssueType, Status, StatusCategory};
        use std::sync::Arc;
        let issue = Arc::new(Issue {
            id: IssueId(1),
            key: "P-1".to_owned(),
            project_key: "P".to_owned(),
            summary: "One".to_owned(),
            issue_type: IssueType {
                name: "Bug".to_owned(),
                sub_task: false,
                epic: false,
            },
            status: Status {
                name: "Open".to_owned(),
                category: StatusCategory::ToDo,
            },
            resolution: None,
            priority: None,
            assignee: None,
            parent: None,
            epic: None,
            rank: None,
            created_at: Millis(0),
            updated_at: Millis(0),
        });
        let recent = Recent::default();
        let read = || [(issue.id, Arc::clone(&issue))];
        let is_held = || recent.issues.look([issue.id]).missing.is_empty();
        let before = recent.issues.look([issue.id]);
        let mut touched = Touched::default();
        touched.note("issue", 2);
        recent.forget(&touched);
        let meanwhile = recent.issues.look([issue.id]);
        assert_eq!(recent.issues.keep(before, read()).len(), 1);
        assert!(!is_held());
        let at_once = recent.issues.look([issue.id]);
        recent.issues.keep(at_once, read());
        assert!(!is_held());
        recent.settle();
        recent.issues.keep(meanwhile, read());
        assert!(!is_held());
        let after = recent.issues.look([issue.id]);
        recent.issues.keep(after, read());
        assert!(is_held());
    }
}
