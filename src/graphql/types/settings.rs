//! The settings of synchronizers, one type a kind.

use super::{Board, LinkType, Row, SavedFilter};
use crate::domain::synchronizer::{self as domain, AgileSource, FilterSource};
use crate::domain::{Settings, StructureId};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use async_graphql::{Context, Enum, Object, SimpleObject, Union};

/// What a synchronizer does in detail, by its kind.
#[derive(Union)]
pub(crate) enum SynchronizerSettings {
    SavedFilter(SavedFilterSettings),
    SubTasks(SubTasksSettings),
    Links(LinksSettings),
    Agile(AgileSettings),
    StatusRollup(StatusRollupSettings),
}

impl SynchronizerSettings {
    /// The settings of a synchronizer on a structure.
    pub(crate) fn new(structure: StructureId, settings: Settings) -> Self {
        match settings {
            Settings::SavedFilter(it) => Self::SavedFilter(SavedFilterSettings(structure, it)),
            Settings::SubTasks(domain::SubTasksSettings { issue_types }) => {
                Self::SubTasks(SubTasksSettings { issue_types })
            }
            Settings::Links(it) => Self::Links(LinksSettings(it)),
            Settings::Agile(it) => Self::Agile(AgileSettings(it)),
            Settings::StatusRollup(it) => Self::StatusRollup(StatusRollupSettings {
                project_keys: it.project_keys,
                issue_types: it.issue_types,
                statuses: it.statuses,
                resolution: it.resolution,
            }),
        }
    }
}

/// Keeps the issues of a query in the structure.
pub(crate) struct SavedFilterSettings(StructureId, domain::SavedFilterSettings);

/// Keeps the issues of a query in the structure. Relative dates such as `-7d` change the result
/// without a change of any issue: only a resync sees that.
#[Object]
impl SavedFilterSettings {
    /// The saved filter that is followed; null if the settings hold a query of their own, or if the
    /// filter is gone.
    async fn saved_filter(&self, ctx: &Context<'_>) -> Option<Result<SavedFilter>> {
        let FilterSource::SavedFilter(id) = self.1.source else {
            return None;
        };
        let found = ctx.loaders().find(id).await.transpose()?;
        Some(found.map(SavedFilter))
    }

    /// The query, in JQL; null if a saved filter is followed.
    async fn jql(&self) -> Option<&str> {
        match &self.1.source {
            FilterSource::Jql(jql) => Some(jql),
            FilterSource::SavedFilter(_) => None,
        }
    }

    /// Whether issues of the result that stand in no row are added.
    async fn add(&self) -> bool {
        self.1.add
    }

    /// Where added issues go: last child of this row; null for the top level, or if the row is gone.
    async fn place_under(&self, ctx: &Context<'_>) -> Option<Result<Row>> {
        let row = self.1.place_under?;
        match ctx.api().store.forest(self.0).await {
            Ok(forest) => Row::find(self.0, &forest?, row).map(Ok),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// Whether issues of the result that stand elsewhere are moved under `placeUnder`.
    async fn allow_move(&self) -> bool {
        self.1.allow_move
    }

    /// Whether rows whose issue is not in the result are removed.
    async fn remove(&self) -> bool {
        self.1.remove
    }

    /// Whether only direct children of the placement are removed.
    async fn remove_only_from_placement(&self) -> bool {
        self.1.remove_only_from_placement
    }
}

/// Keeps sub-tasks under their parents.
#[derive(SimpleObject)]
pub(crate) struct SubTasksSettings {
    /// The types of sub-tasks that count; empty: all.
    issue_types: Vec<String>,
}

/// An end of a link.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::LinkEnd")]
pub(crate) enum LinkEnd {
    /// The issue that plays the outward role.
    Source,
    /// The issue that plays the inward role.
    Target,
}

/// Which links are looked at.
#[derive(Clone, Copy, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::LinksScope")]
pub(crate) enum LinksScope {
    /// Those with both ends in the structure.
    #[default]
    InStructure,
    /// Also those to sub-issues that can be reached from issues in the structure.
    ExpandToSubIssues,
    /// All of the type.
    AllIssues,
}

/// What becomes of a row that stands under an issue without a link to justify it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::UnlinkedRows")]
pub(crate) enum UnlinkedRows {
    /// It stays.
    #[default]
    Keep,
    /// It goes to the end of the top level.
    MoveToTopLevel,
    /// It is removed; its children move up into its place.
    Remove,
}

/// Which side wins in incremental synchronization.
#[derive(Clone, Copy, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Primacy")]
pub(crate) enum Primacy {
    /// Neither: each change goes to the other side.
    #[default]
    TwoWay,
    /// The structure: changes of links that contradict it are put back.
    Structure,
    /// The tracker: moves of rows that contradict it are put back.
    Tracker,
}

/// Keeps a hierarchy of links and the hierarchy of rows alike.
pub(crate) struct LinksSettings(domain::LinksSettings);

/// Keeps a hierarchy of links and the hierarchy of rows alike.
#[Object]
impl LinksSettings {
    /// The type of the links.
    async fn link_type(&self, ctx: &Context<'_>) -> Result<LinkType> {
        ctx.loaders()
            .get(self.0.link_type, "link type")
            .await
            .map(LinkType)
    }

    /// Which end of a link is the parent.
    async fn parent_end(&self) -> LinkEnd {
        self.0.parent_end.into()
    }

    /// Which issues may be parents, in JQL; null: all.
    async fn parent_jql(&self) -> Option<&str> {
        self.0.parent_jql.as_deref()
    }

    /// Which issues may be sub-issues, in JQL; null: all.
    async fn sub_issue_jql(&self) -> Option<&str> {
        self.0.sub_issue_jql.as_deref()
    }

    /// Which links are looked at.
    async fn scope(&self) -> LinksScope {
        self.0.scope.into()
    }

    /// What becomes of rows without a link.
    async fn unlinked_rows(&self) -> UnlinkedRows {
        self.0.unlinked_rows.into()
    }

    /// Which side wins in incremental synchronization.
    async fn primacy(&self) -> Primacy {
        self.0.primacy.into()
    }
}

/// Whose ranks follow the order of the structure together.
#[derive(Clone, Copy, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::RankMode")]
pub(crate) enum RankMode {
    /// Those of siblings, parent by parent.
    #[default]
    Independent,
    /// Those of all issues in scope, depth-first.
    Consecutive,
}

/// Keeps epics, ranks and sub-tasks of a board or of projects and the hierarchy alike.
pub(crate) struct AgileSettings(domain::AgileSettings);

/// Keeps epics, ranks and sub-tasks of a board or of projects and the hierarchy alike. Other issues
/// are left alone.
#[Object]
impl AgileSettings {
    /// The board whose issues are in scope; null if projects are, or if the board is gone.
    async fn board(&self, ctx: &Context<'_>) -> Option<Result<Board>> {
        let AgileSource::Board(id) = self.0.source else {
            return None;
        };
        let found = ctx.loaders().find(id).await.transpose()?;
        Some(found.map(Board))
    }

    /// The projects whose issues are in scope, by key; null if those of a board are.
    async fn project_keys(&self) -> Option<&[String]> {
        match &self.0.source {
            AgileSource::Projects(keys) => Some(keys),
            AgileSource::Board(_) => None,
        }
    }

    /// Whether ranks and the order of siblings are kept alike.
    async fn sync_rank(&self) -> bool {
        self.0.sync_rank
    }

    /// Whose ranks follow the order of the structure together.
    async fn rank_mode(&self) -> RankMode {
        self.0.rank_mode.into()
    }

    /// Whether the epics of issues and the epics that their rows stand under are kept alike.
    async fn sync_epics(&self) -> bool {
        self.0.sync_epics
    }

    /// Whether sub-tasks are kept under their parents.
    async fn add_sub_tasks(&self) -> bool {
        self.0.add_sub_tasks
    }
}

/// Gives parents the status that their children are in.
#[derive(SimpleObject)]
pub(crate) struct StatusRollupSettings {
    /// The projects whose issues get a status, by key; empty: all.
    project_keys: Vec<String>,
    /// The types whose issues get a status; empty: all.
    issue_types: Vec<String>,
    /// In order: a parent gets the earliest status found among its direct children, if all of them
    /// are in one of these.
    statuses: Vec<String>,
    /// How a parent is resolved by a status of category DONE; null leaves that open.
    resolution: Option<String>,
}
