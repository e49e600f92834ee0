//! Which rules a structure gets: such as get along or, in some worlds, such as do not.

use super::random::Random;
use super::rules::Query;
use super::world::{Maker, STATUSES};
use understory::domain::synchronizer::{
    AgileSettings, AgileSource, FilterSource, LinkEnd, LinksScope, LinksSettings, Primacy,
    RankMode, SavedFilterSettings, StatusRollupSettings, SubTasksSettings, UnlinkedRows,
};
use understory::domain::{Kind, LinkTypeId, RowId, Settings};
use understory::store::{Failure, boards};

/// The kinds of synchronizers that worlds contain.
const KINDS: &[Kind] = &[
    Kind::SavedFilter,
    Kind::SubTasks,
    Kind::Links,
    Kind::Agile,
    Kind::StatusRollup,
];

/// What only one rule of a world may claim.
pub(super) struct Taken {
    pub(super) link_types: Vec<LinkTypeId>,
    pub(super) agile: bool,
    pub(super) rollup: bool,
}

impl Maker<'_> {
    /// Rules that get along, of the kinds that are to be tested.
    pub(super) fn recipe(
        &mut self,
        taken: &mut Taken,
        folders: &[RowId],
    ) -> Result<Vec<Settings>, Failure> {
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
    pub(super) fn contradiction(&mut self, taken: &mut Taken) -> Vec<Settings> {
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
