//! Rows, and what they hold, written.

use super::issues::{IssueField, write_issue};
use super::json;
use super::plan::{self, Fragments, Plan, Selected};
use super::{PageItem, Texts};
use crate::domain::forest::RowView;
use crate::domain::issue::Issue;
use crate::domain::{Forest, IssueId, RowId};
use crate::graphql::loaders::{FolderName, Loaders};
use crate::graphql::types::Row;
use async_graphql::ContextSelectionSet;
use async_graphql::parser::types::SelectionSet;
use std::collections::HashMap;
use std::sync::Arc;

/// What can be written of a row.
enum RowField {
    Id,
    Depth,
    ChildCount,
    Parent(Plan<RowField>),
    PreviousSibling(Plan<RowField>),
    Item(ItemPlan),
    TypeName,
}

/// What is selected of an item, whichever it is.
struct ItemPlan {
    issue: Plan<IssueField>,
    folder: Plan<FolderField>,
}

impl<'s> Selected<'s> for RowField {
    fn of(name: &str, below: Vec<&'s SelectionSet>, fragments: &'s Fragments) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "depth" => Self::Depth,
            "childCount" => Self::ChildCount,
            "parent" => Self::Parent(plan::make(&below, fragments)?),
            "previousSibling" => Self::PreviousSibling(plan::make(&below, fragments)?),
            "item" => Self::Item(ItemPlan {
                issue: plan::make(&below, fragments)?,
                folder: plan::make(&below, fragments)?,
            }),
            "__typename" => Self::TypeName,
            _ => return None,
        })
    }
}

/// What can be written of a folder.
enum FolderField {
    Name,
    TypeName,
}

impl<'s> Selected<'s> for FolderField {
    fn is_meant(condition: &str) -> bool {
        matches!(condition, "Folder" | "RowItem")
    }

    fn of(name: &str, _: Vec<&'s SelectionSet>, _: &'s Fragments) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "__typename" => Self::TypeName,
            _ => return None,
        })
    }
}

impl PageItem for Row {
    async fn write(
        ctx: &ContextSelectionSet<'_>,
        selected: &[&SelectionSet],
        items: &[&Self],
    ) -> Option<Texts> {
        let plan: Plan<RowField> = plan::make(selected, &ctx.query_env.fragments)?;
        let first = items.first()?;
        if !first.is_of_today() {
            return None;
        }
        let forest = first.forest();
        let mut wanted = Wanted::default();
        for row in items {
            wanted.look(forest, &plan, row.view());
        }
        let loaders: &Loaders = ctx.data_unchecked();
        let issues = loaders.issues_of_page(&wanted.issues).await.ok()??;
        let mut read = Read {
            forest,
            issues: issues.into_iter(),
            folders: match wanted.folders.is_empty() {
                true => Arc::default(),
                false => loaders
                    .find_map(wanted.folders.iter().copied())
                    .await
                    .ok()?,
            },
        };
        // What is gone by now is for the execution field by field to tell.
        let is_here = |folder| read.folders.contains_key(folder);
        if !wanted.folders.iter().all(is_here) {
            return None;
        }
        let mut texts = Texts::of(items.len());
        for row in items {
            texts.add(|out| read.row(out, &plan, row.view()));
        }
        Some(texts)
    }
}

/// What has to be read before a page can be written.
#[derive(Default)]
struct Wanted {
    issues: Vec<IssueId>,
    folders: Vec<FolderName>,
}

impl Wanted {
    fn look(&mut self, forest: &Forest, plan: &Plan<RowField>, row: RowView) {
        for (_, field) in plan {
            match field {
                RowField::Item(_) => match row.issue {
                    Some(issue) => self.issues.push(issue),
                    None => self.folders.push(FolderName(row.id)),
                },
                RowField::Parent(plan) => {
                    if let Some(parent) = row.parent {
                        self.look(forest, plan, forest.row(parent));
                    }
                }
                RowField::PreviousSibling(plan) => {
                    if let Some(previous) = forest.previous_sibling(row.index) {
                        self.look(forest, plan, previous);
                    }
                }
                RowField::Id | RowField::Depth | RowField::ChildCount | RowField::TypeName => {}
            }
        }
    }
}

/// All that a page is written from, its issues until they are.
struct Read<'a> {
    forest: &'a Forest,
    /// In the order in which they are written, which is that in which they were wanted.
    issues: std::vec::IntoIter<Arc<Issue>>,
    folders: Arc<HashMap<FolderName, String>>,
}

impl Read<'_> {
    fn row(&mut self, out: &mut String, plan: &Plan<RowField>, row: RowView) {
        json::object(out, plan, |field, out| match field {
            RowField::Id => json::id(out, row.id),
            RowField::Depth => json::number(out, row.depth),
            RowField::ChildCount => json::number(out, row.child_count),
            RowField::Parent(plan) => {
                let parent = row.parent.map(|up| self.forest.row(up));
                self.row_or_null(out, plan, parent);
            }
            RowField::PreviousSibling(plan) => {
                self.row_or_null(out, plan, self.forest.previous_sibling(row.index));
            }
            RowField::Item(plan) => self.item(out, plan, row),
            RowField::TypeName => json::name(out, "Row"),
        });
    }

    fn row_or_null(&mut self, out: &mut String, plan: &Plan<RowField>, row: Option<RowView>) {
        match row {
            Some(row) => self.row(out, plan, row),
            None => out.push_str("null"),
        }
    }

    fn item(&mut self, out: &mut String, plan: &ItemPlan, row: RowView) {
        match row.issue.and_then(|_| self.issues.next()) {
            Some(issue) => write_issue(out, &plan.issue, &issue),
            None => json::object(out, &plan.folder, |field, out| match field {
                FolderField::Name => json::optional(out, self.folder(row.id)),
                FolderField::TypeName => json::name(out, "Folder"),
            }),
        }
    }

    fn folder(&self, row: RowId) -> Option<&str> {
        self.folders.get(&FolderName(row)).map(String::as_str)
    }
}
