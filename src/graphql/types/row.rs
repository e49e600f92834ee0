//! The type `Row`, what a row holds, and pages of rows.
//!
//! A row is a place in a forest that is held in memory: where it stands costs no statement, and all
//! rows of one answer are of one version: the newest, or one of the past.

use super::{Issue, Structure};
use crate::domain::forest::RowView;
use crate::domain::{Forest, IssueId, RowId, StructureId};
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor::{self, Cursor, List};
use crate::graphql::error::{ApiError, Result, code};
use crate::graphql::ids;
use crate::graphql::loaders::{DeletedKeyOf, FolderName};
use crate::store::Store;
use crate::store::history::{AtVersion, Past};
use crate::structures::Outline;
use async_graphql::{Context, ID, Object, SimpleObject, Union};
use std::sync::Arc;

/// A row that is only there to hold others together.
#[derive(SimpleObject)]
pub(crate) struct Folder {
    /// Its name.
    name: String,
}

/// What a row holds.
#[derive(Union)]
pub(crate) enum RowItem {
    Issue(Issue),
    Folder(Folder),
}

/// One place in a hierarchy. Moves keep its id.
#[derive(Clone)]
pub(crate) struct Row {
    structure: StructureId,
    forest: Arc<Forest>,
    /// Of a hierarchy as it was: what today no longer tells of it.
    past: Option<Arc<Past>>,
    view: RowView,
}

impl Row {
    /// The row at an index of a forest, which must be below the forest's length.
    pub(crate) fn at(structure: StructureId, forest: &Arc<Forest>, index: usize) -> Self {
        Self {
            structure,
            forest: Arc::clone(forest),
            past: None,
            view: forest.row(index),
        }
    }

    /// The row of an id, if it is in the forest.
    pub(crate) fn find(structure: StructureId, forest: &Arc<Forest>, id: RowId) -> Option<Self> {
        forest
            .index_of(id)
            .map(|index| Self::at(structure, forest, index))
    }

    /// The hierarchy in which it stands.
    pub(crate) fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Where it stands there.
    pub(crate) fn view(&self) -> RowView {
        self.view
    }

    /// Whether its hierarchy is the newest.
    pub(crate) fn is_of_today(&self) -> bool {
        self.past.is_none()
    }

    fn sibling(&self, view: RowView) -> Self {
        Self {
            structure: self.structure,
            forest: Arc::clone(&self.forest),
            past: self.past.clone(),
            view,
        }
    }

    async fn folder(&self, ctx: &Context<'_>) -> Result<Folder> {
        let name = match &self.past {
            Some(past) => past.folders.get(&self.view.id).cloned().unwrap_or_default(),
            None => ctx.loaders().get(FolderName(self.view.id), "row").await?,
        };
        Ok(Folder { name })
    }
}

/// What stands for an issue that was deleted since.
async fn deleted(ctx: &Context<'_>, issue: IssueId) -> Result<Folder> {
    let key = ctx.loaders().find(DeletedKeyOf(issue)).await?;
    let name = match key {
        Some(key) => format!("deleted issue {key}"),
        None => "deleted issue".to_owned(),
    };
    Ok(Folder { name })
}

/// One place in a hierarchy. Moves keep its id.
#[Object]
impl Row {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.view.id)
    }

    /// Levels above it: 0 at the top level.
    async fn depth(&self) -> u32 {
        self.view.depth
    }

    /// The row above it; null at the top level.
    async fn parent(&self) -> Option<Row> {
        let parent = self.forest.row(self.view.parent?);
        Some(self.sibling(parent))
    }

    /// The row before it under the same parent; null for the first child.
    async fn previous_sibling(&self) -> Option<Row> {
        let previous = self.forest.previous_sibling(self.view.index)?;
        Some(self.sibling(previous))
    }

    /// Number of its direct children.
    async fn child_count(&self) -> u32 {
        self.view.child_count
    }

    /// What it holds. In a hierarchy as it was, a folder stands for an issue that was deleted since.
    async fn item(&self, ctx: &Context<'_>) -> Result<RowItem> {
        let Some(issue) = self.view.issue else {
            return self.folder(ctx).await.map(RowItem::Folder);
        };
        match ctx.loaders().find(issue).await? {
            Some(found) => Ok(RowItem::Issue(Issue(found))),
            None if self.past.is_some() => deleted(ctx, issue).await.map(RowItem::Folder),
            None => Err(ApiError::gone("issue of the row")),
        }
    }

    /// The structure in which it stands.
    async fn structure(&self, ctx: &Context<'_>) -> Result<Structure> {
        ctx.loaders()
            .get(self.structure, "structure")
            .await
            .map(Structure)
    }
}

/// Which rows of a structure to show.
pub(crate) struct Request {
    /// How many.
    pub(crate) first: Option<i32>,
    /// After which cursor.
    pub(crate) after: Option<String>,
    /// Only those below this row.
    pub(crate) under: Option<ID>,
    /// Only so many levels.
    pub(crate) max_depth: Option<i32>,
}

/// The rows of a structure that a page is taken from.
pub(crate) struct Source {
    structure: StructureId,
    forest: Arc<Forest>,
    past: Option<Arc<Past>>,
}

impl Source {
    /// The newest rows, at least of `version`.
    pub(crate) async fn newest(
        store: &Store,
        structure: StructureId,
        version: i64,
    ) -> Result<Self> {
        let forest = store.forest_since(structure, version).await?;
        Ok(Self {
            structure,
            forest: forest.ok_or_else(|| ApiError::gone("structure"))?,
            past: None,
        })
    }

    /// The rows as they were at a version.
    pub(crate) async fn at_version(
        store: &Store,
        structure: StructureId,
        version: i64,
    ) -> Result<Self> {
        let found = store.forest_at(structure, version).await?;
        let past = match found.ok_or_else(|| ApiError::gone("structure"))? {
            AtVersion::Seen(past) => past,
            AtVersion::Ahead { current } => {
                let message = format!(
                    "`atVersion` is {version}: expected 0 to {current}, the current version."
                );
                return Err(ApiError::bad_input(message));
            }
            AtVersion::Gone { oldest } => {
                let message = format!(
                    "The changes since version {version} are no longer kept: the oldest version \
                     that can be seen is {oldest}."
                );
                return Err(ApiError::new(code::VERSION_GONE, message));
            }
        };
        Ok(Self {
            structure,
            forest: Arc::clone(&past.forest),
            past: Some(past),
        })
    }
}

/// A page of rows.
pub(crate) fn page(source: Source, request: Request) -> Result<Connection<Row>> {
    let Source {
        structure,
        forest,
        past,
    } = source;
    let length = connection::length(request.first)?;
    let levels = request.max_depth.map(accept_levels).transpose()?;
    let under = match &request.under {
        Some(id) => Some(find_under(&forest, ids::decode(id)?)?),
        None => None,
    };
    let outline = Outline::new(&forest, under, levels);
    let after = match &request.after {
        Some(cursor) => Some(find_after(&forest, &outline, cursor)?),
        None => None,
    };
    let edge = |index| {
        let row = Row {
            past: past.clone(),
            ..Row::at(structure, &forest, index)
        };
        (Cursor::Number(List::Rows, row.view.id.0), row)
    };
    let rows = outline.after(after).take(length + 1).map(edge).collect();
    let counted = Arc::clone(&forest);
    let count = move || {
        let count = Outline::new(&counted, under, levels).count();
        std::future::ready(Ok(i64::try_from(count).unwrap_or(i64::MAX)))
    };
    Ok(Connection::forwards(rows, length, after.is_some(), count))
}

fn accept_levels(levels: i32) -> Result<u32> {
    u32::try_from(levels)
        .ok()
        .filter(|&levels| levels > 0)
        .ok_or_else(|| {
            ApiError::bad_input(format!(
                "`maxDepth` is {levels}: expected 1 (direct children) or more."
            ))
        })
}

fn find_under(forest: &Forest, row: RowId) -> Result<usize> {
    let message = "There is no such row in this structure: `under` expects one of its rows.";
    forest
        .index_of(row)
        .ok_or_else(|| ApiError::new(code::NOT_FOUND, message))
}

fn find_after(forest: &Forest, outline: &Outline<'_>, cursor: &str) -> Result<usize> {
    let row = RowId(cursor::decode(List::Rows, cursor)?);
    let index = forest.index_of(row).filter(|&index| outline.holds(index));
    index.ok_or_else(|| {
        let message = "The row of this cursor was removed or moved out of this list: start again.";
        ApiError::new(code::CURSOR_GONE, message)
    })
}
