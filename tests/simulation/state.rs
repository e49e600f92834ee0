//! Both sides as plain data, read straight from the tables.

use super::lines::{self, IssueLine, RowLine};
use super::tree::{Item, Tree};
use std::collections::BTreeMap;
use understory::domain::{IssueId, LinkId, LinkTypeId, RowId, StructureId, SynchronizerId};
use understory::store::synchronizers::{self, Synchronizer};
use understory::store::{Store, StoreError, Tx};

/// An issue, as far as rules look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issue {
    pub(super) key: String,
    pub(super) project: String,
    pub(super) type_name: String,
    pub(super) sub_task: bool,
    pub(super) is_epic: bool,
    pub(super) summary: String,
    pub(super) status: String,
    pub(super) done: bool,
    pub(super) resolution: Option<String>,
    pub(super) parent: Option<IssueId>,
    pub(super) epic: Option<IssueId>,
    pub(super) rank: Option<String>,
    pub(super) labels: Vec<String>,
}

/// A link: its type and both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) link_type: LinkTypeId,
    pub(super) source: IssueId,
    pub(super) target: IssueId,
}

/// Everything that rules and users change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) issues: BTreeMap<IssueId, Issue>,
    pub(super) links: BTreeMap<LinkId, Link>,
    pub(super) trees: BTreeMap<StructureId, Tree>,
}

impl State {
    /// A structure as an outline, for people: rows, the issues they hold, and their links.
    pub(super) fn outline(&self, structure: StructureId) -> String {
        let tree = &self.trees[&structure];
        let mut text = String::new();
        for row in tree.rows() {
            let held = tree.issue(row).map(|issue| self.name(issue));
            let indent = "  ".repeat(tree.above(row).len());
            let held = held.unwrap_or_else(|| "a folder".to_owned());
            text += &format!("\n    {indent}row {row}: {held}");
        }
        for (id, link) in &self.links {
            let (source, target) = (self.name(link.source), self.name(link.target));
            text += &format!(
                "\n    link {id} of type {}: {source} to {target}",
                link.link_type
            );
        }
        text
    }

    fn name(&self, issue: IssueId) -> String {
        let key = self.issues.get(&issue).map_or("deleted", |it| &it.key);
        format!("{key} ({issue})")
    }
}

/// Where each row stands, by the key that orders it among its siblings.
pub(super) type Keys = BTreeMap<RowId, (StructureId, Option<RowId>, String)>;

/// The children of each row, in order.
type Below = BTreeMap<(StructureId, Option<RowId>), Vec<(RowId, Item)>>;

/// One look at the database.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) state: State,
    pub(super) keys: Keys,
    pub(super) synchronizers: BTreeMap<SynchronizerId, Synchronizer>,
    /// How far the tracker's feed has come, and each hierarchy.
    pub(super) issue_head: i64,
    pub(super) versions: BTreeMap<StructureId, i64>,
    /// What the feeds gained since the reading before.
    pub(super) issue_lines: Vec<IssueLine>,
    pub(super) row_lines: Vec<RowLine>,
}

impl Reading {
    /// Reads everything, and of the feeds what is new since another reading.
    pub(super) async fn take(store: &Store, since: &Self) -> Result<Self, String> {
        let (handle, issue_head, versions) =
            (store.clone(), since.issue_head, since.versions.clone());
        store
            .read(move |tx| {
                let mut found = Self {
                    issue_lines: lines::of_issues(tx, issue_head)?,
                    row_lines: lines::of_rows(tx, &versions)?,
                    ..Self::default()
                };
                found.read_heads(tx)?;
                found.read_issues(tx)?;
                found.read_rows(&handle, tx)?;
                Ok::<_, StoreError>(found)
            })
            .await
            .map_err(|error| format!("the database cannot be read: {error}"))
    }

    /// How far both feeds have come.
    pub(super) fn heads(&self) -> (i64, BTreeMap<StructureId, i64>) {
        (self.issue_head, self.versions.clone())
    }

    /// Reads again how far the feeds have come, and the synchronizers.
    pub(super) async fn glance(&mut self, store: &Store) -> Result<(), String> {
        let read = store.read(|tx| {
            let mut found = Self::default();
            found.read_heads(tx)?;
            Ok::<_, StoreError>(found)
        });
        let found = read.await.map_err(|error| error.to_string())?;
        (self.issue_head, self.versions) = found.heads();
        self.synchronizers = found.synchronizers;
        Ok(())
    }

    fn read_heads(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let sql = "SELECT COALESCE(max(seq), 0) FROM issue_change";
        self.issue_head = tx.get(sql, &[], |row| row.get(0))?;
        let sql = "SELECT id, version FROM structure";
        let versions = tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.versions = versions.into_iter().collect();
        let all = synchronizers::of_structures(tx, self.versions.keys().copied())?;
        self.synchronizers = all.into_iter().map(|it| (it.id, it)).collect();
        Ok(())
    }

    fn read_issues(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let issues = tx.query(
            "SELECT issue.id, issue.key, project.key, issue_type.name, issue_type.sub_task,
                    issue_type.epic, issue.summary, status.name, status.category, issue.resolution,
                    issue.parent_id, issue.epic_id, issue.rank
             FROM issue JOIN project ON project.id = issue.project_id
             JOIN issue_type ON issue_type.id = issue.type_id
             JOIN status ON status.id = issue.status_id",
            &[],
            |row| {
                let category: String = row.get(8)?;
                let issue = Issue {
                    key: row.get(1)?,
                    project: row.get(2)?,
                    type_name: row.get(3)?,
                    sub_task: row.get(4)?,
                    is_epic: row.get(5)?,
                    summary: row.get(6)?,
                    status: row.get(7)?,
                    done: category == "DONE",
                    resolution: row.get(9)?,
                    parent: row.get(10)?,
                    epic: row.get(11)?,
                    rank: row.get(12)?,
                    labels: Vec::new(),
                };
                Ok((row.get::<IssueId>(0)?, issue))
            },
        )?;
        self.state.issues = issues.into_iter().collect();
        let sql = "SELECT issue_id, name FROM issue_label ORDER BY issue_id, name";
        for (issue, label) in tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))? {
            if let Some(issue) = self.state.issues.get_mut(&issue) {
                issue.labels.push(label);
            }
        }
        let sql = "SELECT id, type_id, source_id, target_id FROM issue_link";
        let links = tx.query(sql, &[], |row| {
            let link = Link {
                link_type: row.get(1)?,
                source: row.get(2)?,
                target: row.get(3)?,
            };
            Ok((row.get(0)?, link))
        })?;
        self.state.links = links.into_iter().collect();
        Ok(())
    }

    fn read_rows(&mut self, store: &Store, tx: &Tx<'_>) -> Result<(), StoreError> {
        let sql = "SELECT structure_id, id, parent_id, position, issue_id, folder FROM forest_row
             ORDER BY structure_id, parent_id, position";
        let mut below = Below::new();
        let rows = tx.query(sql, &[], |row| {
            let key = (row.get(0)?, row.get(2)?, row.get(3)?);
            let (issue, folder): (Option<IssueId>, Option<String>) = (row.get(4)?, row.get(5)?);
            let item = issue.map_or(Item::Folder(folder.unwrap_or_default()), Item::Issue);
            Ok((row.get::<RowId>(1)?, key, item))
        })?;
        for (row, (structure, parent, key), item) in rows {
            self.keys.insert(row, (structure, parent, key));
            below
                .entry((structure, parent))
                .or_default()
                .push((row, item));
        }
        for structure in self.versions.keys() {
            let mut tree = Tree::default();
            fill(&mut tree, &below, *structure, None)?;
            let forest = store.forest_in(tx, *structure)?.unwrap_or_default();
            let in_memory: Vec<RowId> = forest.rows().map(|row| row.id).collect();
            if in_memory != tree.rows() {
                let text = format!("structure {structure} differs in memory from the database");
                return Err(StoreError::Corrupt(text));
            }
            self.state.trees.insert(*structure, tree);
        }
        Ok(())
    }
}

fn fill(
    tree: &mut Tree,
    below: &Below,
    structure: StructureId,
    parent: Option<RowId>,
) -> Result<(), StoreError> {
    let mut after = None;
    for (row, item) in below.get(&(structure, parent)).into_iter().flatten() {
        tree.add(*row, item.clone(), parent, after)
            .map_err(StoreError::Corrupt)?;
        after = Some(*row);
        fill(tree, below, structure, Some(*row))?;
    }
    Ok(())
}
