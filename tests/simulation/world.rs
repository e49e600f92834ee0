//! Worlds: a small tracker, a few structures, and rules on them that do not claim the same place.
//!
//! Some worlds do contain a contradiction, on purpose: their rules undo each other's work until
//! the guard stops them.

use super::random::Random;
use super::rules::{Query, Rule};
use std::collections::{BTreeMap, BTreeSet};
use understory::domain::issue::{IssueType, Status, StatusCategory};
use understory::domain::synchronizer::{
    AgileSettings, AgileSource, FilterSource, LinkEnd, LinksScope, LinksSettings, Primacy,
    RankMode, SavedFilterSettings, StatusRollupSettings, SubTasksSettings, UnlinkedRows,
};
use understory::domain::{
    Kind, LinkTypeId, Place, RowEdit, RowId, Settings, StructureId, UserId, Viewer,
};
use understory::store::forest::{self, Author};
use understory::store::users::{self, Role};
use understory::store::{
    Failure, Store, StoreError, Tx, boards, catalog, issues, links, structures,
};
use understory::sync::install;
use understory::tracker::embedded::{self, NewIssue};

/// The kinds of synchronizers that worlds contain.
pub(super) const KINDS: &[Kind] = &[Kind::SavedFilter, Kind::SubTasks, Kind::Links];

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
    }
}

struct Maker<'a> {
    store: &'a Store,
    tx: &'a Tx<'a>,
    random: &'a mut Random,
    editor: UserId,
    keeper: UserId,
    keys: Vec<String>,
    link_types: Vec<LinkTypeId>,
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

    /// Rules that get along, of the kinds that are to be tested.
    fn recipe(&mut self, taken: &mut Taken, folders: &[RowId]) -> Result<Vec<Settings>, Failure> {
        let mut rules = match self.random.below(6) {
            0 => {
                let source = self
                    .random
                    .choose(&[Query::Everything, Query::RedOrSubTask]);
                let remove = self.random.percent(50);
                vec![filter(source, None, remove), sub_tasks(self.random)]
            }
            1 => vec![self.placed_filter(folders)],
            2 => vec![sub_tasks(self.random)],
            3 | 4 => taken
                .link_types
                .pop()
                .map(|it| self.links(it))
                .into_iter()
                .collect(),
            _ if taken.agile => Vec::new(),
            _ => {
                taken.agile = true;
                let agile = self.agile()?;
                match self.random.percent(40) {
                    true => vec![filter(Query::Alpha, None, false), agile],
                    false => vec![agile],
                }
            }
        };
        if !taken.rollup && self.random.percent(40) {
            taken.rollup = true;
            rules.push(rollup(self.random));
        }
        rules.retain(|settings| KINDS.contains(&settings.kind()));
        Ok(rules)
    }

    /// Rules that claim the same places.
    fn contradiction(&mut self, taken: &mut Taken) -> Vec<Settings> {
        let link_type = taken.link_types.pop().unwrap_or(self.link_types[0]);
        let mut one = self.links(link_type);
        if let Settings::Links(settings) = &mut one {
            settings.primacy = Primacy::Tracker;
            settings.unlinked_rows = UnlinkedRows::MoveToTopLevel;
        }
        let other = match (self.random.below(2), &one) {
            (0, Settings::Links(settings)) => {
                let mut settings = settings.clone();
                settings.parent_end = match settings.parent_end {
                    LinkEnd::Source => LinkEnd::Target,
                    LinkEnd::Target => LinkEnd::Source,
                };
                Settings::Links(settings)
            }
            _ => Settings::SubTasks(SubTasksSettings::default()),
        };
        vec![one, other]
    }

    fn placed_filter(&mut self, folders: &[RowId]) -> Settings {
        let place_under = self.random.pick(folders).copied();
        let add = self.random.percent(80);
        Settings::SavedFilter(SavedFilterSettings {
            source: FilterSource::Jql(self.random.choose(Query::ALL).jql().to_owned()),
            add,
            place_under,
            allow_move: place_under.is_some() && self.random.percent(60),
            remove: !add || self.random.percent(60),
            remove_only_from_placement: self.random.percent(40),
        })
    }

    fn links(&mut self, link_type: LinkTypeId) -> Settings {
        let scopes = [
            LinksScope::InStructure,
            LinksScope::ExpandToSubIssues,
            LinksScope::AllIssues,
        ];
        let unlinked = [
            UnlinkedRows::Keep,
            UnlinkedRows::MoveToTopLevel,
            UnlinkedRows::Remove,
        ];
        let primacies = [
            Primacy::TwoWay,
            Primacy::TwoWay,
            Primacy::Structure,
            Primacy::Tracker,
        ];
        let mut filter = || {
            let some = self.random.percent(15);
            some.then(|| {
                self.random
                    .choose(&[Query::NotDone, Query::Red, Query::Alpha])
                    .jql()
                    .to_owned()
            })
        };
        let (parent_jql, sub_issue_jql) = (filter(), filter());
        Settings::Links(LinksSettings {
            link_type,
            parent_end: self.random.choose(&[LinkEnd::Source, LinkEnd::Target]),
            parent_jql,
            sub_issue_jql,
            scope: self.random.choose(&scopes),
            unlinked_rows: self.random.choose(&unlinked),
            primacy: self.random.choose(&primacies),
        })
    }

    fn agile(&mut self) -> Result<Settings, Failure> {
        let source = match self.random.percent(50) {
            true => AgileSource::Projects(vec!["ALPHA".to_owned()]),
            false => {
                let query = self
                    .random
                    .choose(&[Query::Everything, Query::Alpha, Query::Red]);
                AgileSource::Board(boards::create(
                    self.tx,
                    "Board",
                    query.jql(),
                    true,
                    self.keeper,
                )?)
            }
        };
        let sync_epics = self.random.percent(80);
        Ok(Settings::Agile(AgileSettings {
            source,
            sync_epics,
            sync_rank: !sync_epics || self.random.percent(70),
            rank_mode: RankMode::Independent,
            add_sub_tasks: self.random.percent(50),
        }))
    }
}

/// What only one rule of a world may claim.
struct Taken {
    link_types: Vec<LinkTypeId>,
    agile: bool,
    rollup: bool,
}

pub(super) fn some_labels(random: &mut Random) -> Vec<String> {
    let chosen = LABELS.iter().filter(|_| random.percent(40));
    chosen.map(|label| (*label).to_owned()).collect()
}

fn filter(query: Query, place_under: Option<RowId>, remove: bool) -> Settings {
    Settings::SavedFilter(SavedFilterSettings {
        source: FilterSource::Jql(query.jql().to_owned()),
        add: true,
        place_under,
        allow_move: false,
        remove,
        remove_only_from_placement: false,
    })
}

fn sub_tasks(random: &mut Random) -> Settings {
    let issue_types = match random.percent(50) {
        true => vec!["sub-task".to_owned()],
        false => Vec::new(),
    };
    Settings::SubTasks(SubTasksSettings { issue_types })
}

fn rollup(random: &mut Random) -> Settings {
    let names = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
    Settings::StatusRollup(StatusRollupSettings {
        project_keys: random.choose(&[Vec::new(), names(&["alpha"])]),
        issue_types: random.choose(&[Vec::new(), names(&["Story", "Epic"])]),
        statuses: names(random.choose(&[&STATUSES[..], &STATUSES[..3], &["Done", "To Do"]])),
        resolution: random.choose(&[None, Some("Fixed".to_owned())]),
    })
}
