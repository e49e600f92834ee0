//! Worlds: a small tracker, a few structures, and rules on them that do not claim the same place.
//!
//! Some worlds do contain a contradiction, on purpose: their rules undo each other's work until
//! the guard stops them.

use super::random::Random;
use super::recipes::Taken;
use super::rules::{Query, Rule};
use std::collections::{BTreeMap, BTreeSet};
use understory::domain::issue::{IssueType, Status, StatusCategory};
use understory::domain::synchronizer::{AgileSettings, AgileSource};
use understory::domain::{
    LinkTypeId, Place, RowEdit, RowId, Settings, StructureId, UserId, Viewer,
};
use understory::store::forest::{self, Author};
use understory::store::users::{self, Role};
use understory::store::{
    Failure, Store, StoreError, Tx, boards, catalog, issues, links, structures,
};
use understory::sync::install;
use understory::tracker::embedded::{self, NewIssue};

pub(super) const PROJECTS: [&str; 2] = ["ALPHA", "BETA"];
pub(super) const LABELS: [&str; 3] = ["red", "blue", "green"];
/// In the order in which work goes through them; the last is done.
pub(super) const STATUSES: [&str; 4] = ["To Do", "In Progress", "Review", "Done"];

/// A world at its beginning.
pub(super) struct World {
    /// Who edits.
    pub(super) editor: Viewer,
    /// As whom rules run.
    pub(super) keeper: Viewer,
    pub(super) structures: Vec<StructureId>,
    pub(super) link_types: Vec<LinkTypeId>,
    pub(super) rules: Vec<Rule>,
    /// Whether its rules contradict each other.
    pub(super) contradicts: bool,
    /// Whether an issue may stand in several rows of a structure.
    pub(super) several_rows: bool,
}

/// What all worlds begin with: users, projects, types, statuses, link types.
pub(super) async fn furnish(store: &Store) -> Result<(), StoreError> {
    store
        .write(|tx| {
            users::ensure(tx, "editor", Role::Admin)?;
            users::ensure(tx, "keeper", Role::Admin)?;
            for project in PROJECTS {
                catalog::ensure_project(tx, project, None)?;
            }
            for (name, sub_task, epic) in [
                ("Epic", false, true),
                ("Story", false, false),
                ("Task", false, false),
                ("Sub-task", true, false),
            ] {
                let name = name.to_owned();
                catalog::ensure_issue_type(
                    tx,
                    &IssueType {
                        name,
                        sub_task,
                        epic,
                    },
                )?;
            }
            for (at, name) in STATUSES.iter().enumerate() {
                let category = match at {
                    0 => StatusCategory::ToDo,
                    3 => StatusCategory::Done,
                    _ => StatusCategory::InProgress,
                };
                let name = (*name).to_owned();
                catalog::ensure_status(tx, &Status { name, category })?;
            }
            for name in ["Includes", "Implements", "Blocks"] {
                links::ensure_type(tx, name, "is part of", "has part")?;
            }
            Ok(())
        })
        .await
}

impl World {
    /// Fills a furnished database.
    pub(super) async fn create(store: &Store, random: &mut Random) -> Result<Self, Failure> {
        let (handle, mut chance) = (store.clone(), random.clone());
        *random = Random::new(random.below(usize::MAX) as u64);
        store
            .write(move |tx| {
                let mut maker = Maker {
                    store: &handle,
                    tx,
                    random: &mut chance,
                    editor: users::ensure(tx, "editor", Role::Admin)?,
                    keeper: users::ensure(tx, "keeper", Role::Admin)?,
                    keys: Vec::new(),
                    link_types: links::types(tx)?.iter().map(|it| it.id).collect(),
                };
                maker.world()
            })
            .await
    }
}

fn viewer(user_id: UserId, name: &str) -> Viewer {
    Viewer {
        user_id,
        name: name.to_owned(),
        admin: true,
        token_ends: None,
    }
}

/// Fills a database, by chance.
pub(super) struct Maker<'a> {
    store: &'a Store,
    pub(super) tx: &'a Tx<'a>,
    pub(super) random: &'a mut Random,
    editor: UserId,
    pub(super) keeper: UserId,
    keys: Vec<String>,
    pub(super) link_types: Vec<LinkTypeId>,
}

impl Maker<'_> {
    fn world(&mut self) -> Result<World, Failure> {
        self.issues()?;
        let mut world = World {
            editor: viewer(self.editor, "editor"),
            keeper: viewer(self.keeper, "keeper"),
            structures: Vec::new(),
            link_types: self.link_types.clone(),
            rules: Vec::new(),
            contradicts: self.random.percent(12),
            several_rows: self.random.percent(25),
        };
        for _ in 0..self.random.between(4, 12) {
            self.link()?;
        }
        let mut taken = Taken {
            link_types: self.link_types.clone(),
            agile: false,
            rollup: false,
        };
        for number in 1..=self.random.between(2, 4) {
            let structure =
                structures::create(self.tx, &format!("Structure {number}"), "", self.editor)?;
            let folders = self.rows(structure, world.several_rows)?;
            let wanted = match world.contradicts && number == 1 {
                true => self.contradiction(&mut taken),
                false => self.recipe(&mut taken, &folders)?,
            };
            for settings in wanted {
                world.rules.push(self.install(structure, settings)?);
            }
            world.structures.push(structure);
        }
        Ok(world)
    }

    fn issues(&mut self) -> Result<(), Failure> {
        let mut parents = Vec::new();
        let mut epics = Vec::new();
        for number in 0..self.random.between(9, 18) {
            let type_name = match number {
                0 | 1 => "Epic",
                _ => self
                    .random
                    .choose(&["Story", "Task", "Sub-task", "Sub-task", "Epic", "Story"]),
            };
            let parent = self.random.pick(&parents).cloned();
            if type_name == "Sub-task" && parent.is_none() {
                continue;
            }
            let project = self.random.choose(&PROJECTS);
            let mut new = NewIssue {
                project_key: project.to_owned(),
                type_name: type_name.to_owned(),
                summary: format!("Issue {number}"),
                labels: some_labels(self.random),
                ..NewIssue::default()
            };
            match (type_name, parent) {
                ("Sub-task", Some((key, project))) => {
                    (new.parent_key, new.project_key) = (Some(key), project);
                }
                ("Epic", _) => {}
                _ if self.random.percent(60) => new.epic_key = self.random.pick(&epics).cloned(),
                _ => {}
            }
            let id = embedded::create_issue(self.tx, &new, Author::User(self.editor))?;
            let key = issues::keys(self.tx, [id])?.remove(&id).unwrap_or_default();
            match type_name {
                "Epic" => epics.push(key.clone()),
                "Sub-task" => {}
                _ => parents.push((key.clone(), new.project_key.clone())),
            }
            let update = embedded::IssueUpdate {
                key: key.clone(),
                status: Some(Some(self.random.choose(&STATUSES).to_owned())),
                ..embedded::IssueUpdate::default()
            };
            embedded::update_issue(self.tx, &update, Author::User(self.editor))?;
            self.keys.push(key);
        }
        Ok(())
    }

    fn link(&mut self) -> Result<(), Failure> {
        let new = embedded::NewLink {
            link_type: self.random.choose(&self.link_types),
            source_key: self.random.choose(&self.keys),
            target_key: self.random.choose(&self.keys),
        };
        match embedded::link_issues(self.tx, &new, Author::User(self.editor)) {
            Ok(_) | Err(Failure::Refused(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Random rows; the folders among them at the top level.
    fn rows(&mut self, structure: StructureId, several: bool) -> Result<Vec<RowId>, Failure> {
        let (mut edits, mut folders, mut top) =
            (Vec::new(), std::collections::HashMap::new(), Vec::new());
        let mut last: BTreeMap<Option<RowId>, RowId> = BTreeMap::new();
        let mut unused = self.keys.clone();
        for number in 1..=self.random.between(3, 10) as i64 {
            let id = RowId(-number);
            let above = self.random.below(number as usize) as i64;
            let parent = (above > 0).then_some(RowId(-above));
            let at = self.random.below(unused.len().max(1));
            let issue = match self.random.percent(18) || unused.is_empty() {
                true => None,
                false if several => issues::find_id(self.tx, &unused[at])?,
                false => issues::find_id(self.tx, &unused.remove(at))?,
            };
            if issue.is_none() {
                folders.insert(id, format!("Folder {number}"));
                top.extend(parent.is_none().then_some(id));
            }
            let place = Place {
                parent,
                after: last.insert(parent, id),
            };
            edits.push(RowEdit::Add { id, issue, place });
        }
        let author = Author::User(self.editor);
        let made = forest::apply(self.store, self.tx, structure, &edits, &folders, author)?;
        Ok(top.iter().map(|row| made.ids[row]).collect())
    }

    fn install(&mut self, structure: StructureId, settings: Settings) -> Result<Rule, Failure> {
        let keeper = viewer(self.keeper, "keeper");
        let id = install::install(self.tx, &keeper, structure, None, &settings)?;
        let scope = match &settings {
            Settings::Agile(AgileSettings {
                source: AgileSource::Board(board),
                ..
            }) => {
                let board = boards::find(self.tx, *board)?;
                Query::of(&board.map(|it| it.jql).unwrap_or_default())
            }
            Settings::Agile(_) => Query::Alpha,
            _ => Query::Everything,
        };
        Ok(Rule {
            id,
            structure,
            settings,
            scope,
            established: None,
            exempt: BTreeSet::new(),
        })
    }
}

pub(super) fn some_labels(random: &mut Random) -> Vec<String> {
    let chosen = LABELS.iter().filter(|_| random.percent(40));
    chosen.map(|label| (*label).to_owned()).collect()
}
