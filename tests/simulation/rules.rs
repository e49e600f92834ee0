//! The rules of a world as the checks know them: settings, and queries that the test can answer
//! by itself.

use super::state::{Issue, State};
use std::collections::BTreeSet;
use understory::domain::synchronizer::{LinkEnd, LinksSettings};
use understory::domain::{Direction, IssueId, Kind, Settings, StructureId, SynchronizerId};

/// A query, in JQL and as a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Query {
    Everything,
    Red,
    RedOrSubTask,
    Alpha,
    NotDone,
    Unlabelled,
    InEpic,
}

impl Query {
    pub(super) const ALL: &'static [Self] = &[
        Self::Everything,
        Self::Red,
        Self::RedOrSubTask,
        Self::Alpha,
        Self::NotDone,
        Self::Unlabelled,
        Self::InEpic,
    ];

    pub(super) fn jql(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::Red => "labels = red",
            Self::RedOrSubTask => "labels = red OR issuetype = Sub-task",
            Self::Alpha => "project = ALPHA",
            Self::NotDone => "status != Done",
            Self::Unlabelled => "labels IS EMPTY",
            Self::InEpic => "\"Epic Link\" IS NOT EMPTY",
        }
    }

    /// The query of a text that a world was made with.
    pub(super) fn of(jql: &str) -> Self {
        let known = Self::ALL.iter().find(|query| query.jql() == jql);
        *known.unwrap_or_else(|| panic!("no world has the query {jql:?}"))
    }

    pub(super) fn matches(self, issue: &Issue) -> bool {
        let red = || issue.labels.iter().any(|label| label == "red");
        match self {
            Self::Everything => true,
            Self::Red => red(),
            Self::RedOrSubTask => red() || issue.type_name == "Sub-task",
            Self::Alpha => issue.project == "ALPHA",
            Self::NotDone => issue.status != "Done",
            Self::Unlabelled => issue.labels.is_empty(),
            Self::InEpic => issue.epic.is_some(),
        }
    }

    /// Whether an issue is there and matches.
    pub(super) fn holds(self, state: &State, issue: IssueId) -> bool {
        state.issues.get(&issue).is_some_and(|it| self.matches(it))
    }
}

/// An installed synchronizer, and what it has promised so far.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: SynchronizerId,
    pub(super) structure: StructureId,
    pub(super) settings: Settings,
    /// Which issues an agile rule is about.
    pub(super) scope: Query,
    /// The last resync that made both sides agree, if it was enabled from then on.
    pub(super) established: Option<Direction>,
    /// Issues whose rows changed since the tracker last spoke of them: what a rule that does not
    /// listen to such edits owes nothing.
    pub(super) exempt: BTreeSet<IssueId>,
}

impl Rule {
    pub(super) fn kind(&self) -> Kind {
        self.settings.kind()
    }

    /// What the specification says of it: whether a job of it may write issues.
    pub(super) fn writes_issues(&self, direction: Option<Direction>) -> bool {
        match self.kind() {
            Kind::SavedFilter | Kind::SubTasks => false,
            Kind::Links | Kind::Agile | Kind::StatusRollup => {
                direction != Some(Direction::IntoStructure)
            }
        }
    }
}

/// A link seen through a rule: who should stand under whom.
pub(super) type Pair = (IssueId, IssueId);

/// What the settings of a links rule make of links and issues.
pub(super) struct LinksView<'a> {
    pub(super) settings: &'a LinksSettings,
    pub(super) state: &'a State,
}

impl LinksView<'_> {
    pub(super) fn pair(&self, source: IssueId, target: IssueId) -> Pair {
        match self.settings.parent_end {
            LinkEnd::Source => (source, target),
            LinkEnd::Target => (target, source),
        }
    }

    /// Whether both ends pass their filters.
    pub(super) fn counts(&self, (parent, child): Pair) -> bool {
        let passes = |jql: &Option<String>, issue| {
            let query = jql.as_deref().map_or(Query::Everything, Query::of);
            query.holds(self.state, issue)
        };
        passes(&self.settings.parent_jql, parent) && passes(&self.settings.sub_issue_jql, child)
    }

    /// The pairs of all links of the type.
    pub(super) fn linked(&self) -> BTreeSet<Pair> {
        let links = self.state.links.values();
        links
            .filter(|link| link.link_type == self.settings.link_type)
            .map(|link| self.pair(link.source, link.target))
            .collect()
    }

    /// Those of them that count.
    pub(super) fn counting(&self) -> BTreeSet<Pair> {
        let mut linked = self.linked();
        linked.retain(|pair| self.counts(*pair));
        linked
    }
}
