//! The kinds of synchronizers, their settings, and what each kind can do.

use super::{BoardId, FilterId, LinkTypeId, RowId};
use serde::{Deserialize, Serialize};

/// What a synchronizer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Keeps the issues of a filter in the structure.
    SavedFilter,
    /// Keeps sub-tasks under their parents.
    SubTasks,
    /// Keeps a hierarchy of links and the hierarchy of rows alike.
    Links,
    /// Keeps epics, ranks and sub-tasks of a board and the hierarchy alike.
    Agile,
    /// Gives parents the status that their children are in.
    StatusRollup,
}

impl Kind {
    /// The name under which it is stored and served.
    pub fn name(self) -> &'static str {
        match self {
            Self::SavedFilter => "SAVED_FILTER",
            Self::SubTasks => "SUB_TASKS",
            Self::Links => "LINKS",
            Self::Agile => "AGILE",
            Self::StatusRollup => "STATUS_ROLLUP",
        }
    }

    /// The directions in which it can be resynced.
    pub fn directions(self) -> &'static [Direction] {
        match self {
            Self::SavedFilter | Self::SubTasks => &[Direction::IntoStructure],
            Self::Links | Self::Agile => &[Direction::FromStructure, Direction::IntoStructure],
            Self::StatusRollup => &[Direction::FromStructure],
        }
    }

    /// Whether a job of this kind in this direction (`None`: incremental) may write issues.
    pub fn writes_issues(self, direction: Option<Direction>) -> bool {
        match self {
            Self::SavedFilter | Self::SubTasks => false,
            Self::Links | Self::Agile | Self::StatusRollup => {
                direction != Some(Direction::IntoStructure)
            }
        }
    }
}

/// Which side of a resync is the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// Export: the hierarchy is the truth, issues are updated.
    FromStructure,
    /// Import: the issues are the truth, rows are added, moved, removed.
    IntoStructure,
}

impl Direction {
    /// The name under which it is stored and served.
    pub fn name(self) -> &'static str {
        match self {
            Self::FromStructure => "FROM_STRUCTURE",
            Self::IntoStructure => "INTO_STRUCTURE",
        }
    }

    /// The direction of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::FromStructure, Self::IntoStructure]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// The settings of a synchronizer; the variant is its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Settings {
    /// Of a saved-filter synchronizer.
    SavedFilter(SavedFilterSettings),
    /// Of a sub-tasks synchronizer.
    SubTasks(SubTasksSettings),
    /// Of a links synchronizer.
    Links(LinksSettings),
    /// Of an agile synchronizer.
    Agile(AgileSettings),
    /// Of a status-rollup synchronizer.
    StatusRollup(StatusRollupSettings),
}

impl Settings {
    /// The row that issues are placed under, if there is one.
    pub fn placement(&self) -> Option<RowId> {
        match self {
            Self::SavedFilter(settings) => settings.place_under,
            Self::SubTasks(_) | Self::Links(_) | Self::Agile(_) | Self::StatusRollup(_) => None,
        }
    }

    /// The kind they are of.
    pub fn kind(&self) -> Kind {
        match self {
            Self::SavedFilter(_) => Kind::SavedFilter,
            Self::SubTasks(_) => Kind::SubTasks,
            Self::Links(_) => Kind::Links,
            Self::Agile(_) => Kind::Agile,
            Self::StatusRollup(_) => Kind::StatusRollup,
        }
    }
}

/// Which issues a filter stands for: exactly one of a saved filter and a query of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FilterSource {
    /// A saved filter, followed as it changes.
    SavedFilter(FilterId),
    /// A JQL query.
    Jql(String),
}

/// See the served schema for what each setting means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilterSettings {
    /// Whose result is kept in the structure.
    pub source: FilterSource,
    /// Whether missing issues are added.
    pub add: bool,
    /// Where they go: last child of this row; `None` is the top level.
    pub place_under: Option<RowId>,
    /// Whether issues that stand elsewhere are moved there.
    pub allow_move: bool,
    /// Whether rows whose issue is not in the result are removed.
    pub remove: bool,
    /// Whether only direct children of the placement are removed.
    pub remove_only_from_placement: bool,
}

/// See the served schema for what each setting means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubTasksSettings {
    /// The types of sub-tasks that count; none given: all.
    pub issue_types: Vec<String>,
}

/// The end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkEnd {
    /// The issue that plays the outward role.
    Source,
    /// The issue that plays the inward role.
    Target,
}

/// Which links a links synchronizer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinksScope {
    /// Both ends stand in the structure.
    InStructure,
    /// Also sub-issues that can be reached from issues in the structure.
    ExpandToSubIssues,
    /// Every link of the type.
    AllIssues,
}

/// What becomes of a row that stands under an issue without a link to justify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnlinkedRows {
    /// It stays.
    Keep,
    /// It goes to the end of the top level.
    MoveToTopLevel,
    /// It is removed; its children move up into its place.
    Remove,
}

/// Which side wins in incremental synchronization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Primacy {
    /// Each change goes to the other side.
    TwoWay,
    /// The structure: contradicting changes of links are put back.
    Structure,
    /// The tracker: contradicting moves of rows are put back.
    Tracker,
}

/// See the served schema for what each setting means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinksSettings {
    /// The type of the links.
    pub link_type: LinkTypeId,
    /// Which end of a link is the parent.
    pub parent_end: LinkEnd,
    /// Which issues may be parents; `None`: all.
    pub parent_jql: Option<String>,
    /// Which issues may be sub-issues; `None`: all.
    pub sub_issue_jql: Option<String>,
    /// Which links are looked at.
    pub scope: LinksScope,
    /// What becomes of rows without a link.
    pub unlinked_rows: UnlinkedRows,
    /// Which side wins in incremental synchronization.
    pub primacy: Primacy,
}

/// Which issues an agile synchronizer is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgileSource {
    /// Those that match the query of a board, followed as it changes.
    Board(BoardId),
    /// Those of these projects, by key.
    Projects(Vec<String>),
}

/// Whose ranks follow the order of the structure together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RankMode {
    /// Siblings, parent by parent.
    Independent,
    /// All issues in scope, depth-first.
    Consecutive,
}

/// See the served schema for what each setting means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgileSettings {
    /// Which issues are in scope.
    pub source: AgileSource,
    /// Whether ranks and the order of siblings are kept alike.
    pub sync_rank: bool,
    /// Whose ranks follow the order of the structure together.
    pub rank_mode: RankMode,
    /// Whether epics of issues and the epics that their rows stand under are kept alike.
    pub sync_epics: bool,
    /// Whether sub-tasks are kept under their parents.
    pub add_sub_tasks: bool,
}

/// See the served schema for what each setting means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRollupSettings {
    /// The projects whose issues get a status, by key; none given: all.
    pub project_keys: Vec<String>,
    /// The types whose issues get a status; none given: all.
    pub issue_types: Vec<String>,
    /// In order: a parent gets the earliest that one of its direct children is in.
    pub statuses: Vec<String>,
    /// How a parent is resolved by a status of category DONE.
    pub resolution: Option<String>,
}
