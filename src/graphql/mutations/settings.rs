//! The settings of synchronizers as inputs.

use crate::domain::synchronizer::{self as domain, AgileSource, FilterSource};
use crate::domain::{Refusal, Settings};
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::types::settings::{LinkEnd, LinksScope, Primacy, RankMode, UnlinkedRows};
use async_graphql::{ID, InputObject, OneofObject};

/// What a synchronizer does in detail: exactly one of these, which is its kind.
#[derive(OneofObject)]
pub(super) enum SynchronizerSettingsInput {
    /// Keeps the issues of a query in the structure.
    SavedFilter(SavedFilterSettingsInput),
    /// Keeps sub-tasks under their parents.
    SubTasks(SubTasksSettingsInput),
    /// Keeps a hierarchy of links and the hierarchy of rows alike.
    Links(LinksSettingsInput),
    /// Keeps epics, ranks and sub-tasks of a board or of projects and the hierarchy alike.
    Agile(AgileSettingsInput),
    /// Gives parents the status that their children are in.
    StatusRollup(StatusRollupSettingsInput),
}

/// Keeps the issues of a query in the structure: exactly one of `savedFilterId` and `jql`.
#[derive(InputObject)]
pub(super) struct SavedFilterSettingsInput {
    /// The saved filter to follow.
    saved_filter_id: Option<ID>,
    /// A query, in JQL; empty: every issue.
    jql: Option<String>,
    /// Whether issues of the result that stand in no row are added.
    #[graphql(default = true)]
    add: bool,
    /// Where added issues go: last child of this row; null for the top level.
    place_under: Option<ID>,
    /// Whether issues of the result that stand elsewhere are moved under `placeUnder`.
    #[graphql(default)]
    allow_move: bool,
    /// Whether rows whose issue is not in the result are removed.
    #[graphql(default)]
    remove: bool,
    /// Whether only direct children of the placement are removed.
    #[graphql(default)]
    remove_only_from_placement: bool,
}

/// Keeps sub-tasks under their parents.
#[derive(InputObject)]
pub(super) struct SubTasksSettingsInput {
    /// The types of sub-tasks that count; empty: all.
    #[graphql(default)]
    issue_types: Vec<String>,
}

/// Keeps a hierarchy of links and the hierarchy of rows alike.
#[derive(InputObject)]
pub(super) struct LinksSettingsInput {
    /// The type of the links.
    link_type_id: ID,
    /// Which end of a link is the parent.
    parent_end: LinkEnd,
    /// Which issues may be parents, in JQL; null: all.
    parent_jql: Option<String>,
    /// Which issues may be sub-issues, in JQL; null: all.
    sub_issue_jql: Option<String>,
    /// Which links are looked at.
    #[graphql(default)]
    scope: LinksScope,
    /// What becomes of rows that stand under an issue without a link to justify it.
    #[graphql(default)]
    unlinked_rows: UnlinkedRows,
    /// Which side wins in incremental synchronization.
    #[graphql(default)]
    primacy: Primacy,
}

/// Keeps epics, ranks and sub-tasks alike: of exactly one of `boardId` and `projectKeys`.
#[derive(InputObject)]
pub(super) struct AgileSettingsInput {
    /// The board whose issues are in scope.
    board_id: Option<ID>,
    /// The projects whose issues are in scope, by key, at most 100.
    project_keys: Option<Vec<String>>,
    /// Whether ranks and the order of siblings are kept alike; needs a ranked board.
    #[graphql(default = true)]
    sync_rank: bool,
    /// Whose ranks follow the order of the structure together.
    #[graphql(default)]
    rank_mode: RankMode,
    /// Whether the epics of issues and the epics that their rows stand under are kept alike.
    #[graphql(default = true)]
    sync_epics: bool,
    /// Whether sub-tasks are kept under their parents.
    #[graphql(default)]
    add_sub_tasks: bool,
}

/// Gives parents the status that their children are in.
#[derive(InputObject)]
pub(super) struct StatusRollupSettingsInput {
    /// The projects whose issues get a status, by key, at most 100; empty: all.
    #[graphql(default)]
    project_keys: Vec<String>,
    /// The types whose issues get a status, at most 100; empty: all.
    #[graphql(default)]
    issue_types: Vec<String>,
    /// In order, 1 to 100: a parent gets the earliest status found among its direct children.
    statuses: Vec<String>,
    /// How a parent is resolved by a status of category DONE.
    resolution: Option<String>,
}

impl SynchronizerSettingsInput {
    pub(super) fn decode(self) -> Result<Settings, Refusal> {
        Ok(match self {
            Self::SavedFilter(input) => Settings::SavedFilter(input.decode()?),
            Self::SubTasks(SubTasksSettingsInput { issue_types }) => {
                Settings::SubTasks(domain::SubTasksSettings { issue_types })
            }
            Self::Links(input) => Settings::Links(input.decode()?),
            Self::Agile(input) => Settings::Agile(input.decode()?),
            Self::StatusRollup(input) => Settings::StatusRollup(domain::StatusRollupSettings {
                project_keys: input.project_keys,
                issue_types: input.issue_types,
                statuses: input.statuses,
                resolution: input.resolution,
            }),
        })
    }
}

impl SavedFilterSettingsInput {
    fn decode(self) -> Result<domain::SavedFilterSettings, Refusal> {
        let path = "input.settings.savedFilter";
        let source = match (&self.saved_filter_id, self.jql) {
            (Some(id), None) => {
                FilterSource::SavedFilter(ids::decode_at(id, &format!("{path}.savedFilterId"))?)
            }
            (None, Some(jql)) => FilterSource::Jql(jql),
            _ => {
                let message = "Expected exactly one of `savedFilterId` and `jql`.";
                return Err(Refusal::invalid(path, message));
            }
        };
        let under = |id| ids::decode_at(id, &format!("{path}.placeUnder"));
        Ok(domain::SavedFilterSettings {
            source,
            add: self.add,
            place_under: self.place_under.as_ref().map(under).transpose()?,
            allow_move: self.allow_move,
            remove: self.remove,
            remove_only_from_placement: self.remove_only_from_placement,
        })
    }
}

impl LinksSettingsInput {
    fn decode(self) -> Result<domain::LinksSettings, Refusal> {
        let path = "input.settings.links.linkTypeId";
        Ok(domain::LinksSettings {
            link_type: ids::decode_at(&self.link_type_id, path)?,
            parent_end: self.parent_end.into(),
            parent_jql: self.parent_jql,
            sub_issue_jql: self.sub_issue_jql,
            scope: self.scope.into(),
            unlinked_rows: self.unlinked_rows.into(),
            primacy: self.primacy.into(),
        })
    }
}

impl AgileSettingsInput {
    fn decode(self) -> Result<domain::AgileSettings, Refusal> {
        let path = "input.settings.agile";
        let source = match (&self.board_id, self.project_keys) {
            (Some(id), None) => AgileSource::Board(ids::decode_at(id, &format!("{path}.boardId"))?),
            (None, Some(keys)) => AgileSource::Projects(keys),
            _ => {
                let message = "Expected exactly one of `boardId` and `projectKeys`.";
                return Err(Refusal::invalid(path, message));
            }
        };
        Ok(domain::AgileSettings {
            source,
            sync_rank: self.sync_rank,
            rank_mode: self.rank_mode.into(),
            sync_epics: self.sync_epics,
            add_sub_tasks: self.add_sub_tasks,
        })
    }
}
