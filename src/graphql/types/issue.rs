//! The type `Issue`, with its type and its status, and pages of issues.

use super::{IssueChange, IssueLink, issue_change};
use crate::domain::issue;
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor;
use crate::graphql::date_time::DateTime;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::loaders::{LabelsOf, LinksOf, SubTasksOf};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use std::sync::Arc;

/// A type of issue.
#[derive(SimpleObject)]
pub(crate) struct IssueType {
    /// Its name, such as `Bug`.
    name: String,
    /// Whether issues of the type are sub-tasks.
    sub_task: bool,
    /// Whether issues of the type are epics.
    epic: bool,
}

/// Where a status stands in the life of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "issue::StatusCategory")]
pub(crate) enum StatusCategory {
    /// Not begun.
    ToDo,
    /// Being worked on.
    InProgress,
    /// Finished.
    Done,
}

/// The status of an issue.
#[derive(SimpleObject)]
pub(crate) struct Status {
    /// Its name, such as `In Progress`.
    name: String,
    /// Where it stands in the life of an issue.
    category: StatusCategory,
}

/// An issue of the tracker.
pub(crate) struct Issue(pub(crate) Arc<issue::Issue>);

/// An issue of the tracker.
#[Object]
impl Issue {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its key, such as `MOD-12`.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// What it is about, in one line; may be empty in imported issues.
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// Its type.
    async fn r#type(&self) -> IssueType {
        let issue::IssueType {
            name,
            sub_task,
            epic,
        } = self.0.issue_type.clone();
        IssueType {
            name,
            sub_task,
            epic,
        }
    }

    /// Its status.
    async fn status(&self) -> Status {
        let issue::Status { name, category } = self.0.status.clone();
        Status {
            name,
            category: category.into(),
        }
    }

    /// The key of its project.
    async fn project_key(&self) -> &str {
        &self.0.project_key
    }

    /// How it was resolved; null while it is not.
    async fn resolution(&self) -> Option<&str> {
        self.0.resolution.as_deref()
    }

    /// Its priority.
    async fn priority(&self) -> Option<&str> {
        self.0.priority.as_deref()
    }

    /// Its labels, in alphabetical order.
    async fn labels(&self, ctx: &Context<'_>) -> Result<Arc<Vec<String>>> {
        Ok(ctx
            .loaders()
            .find(LabelsOf(self.0.id))
            .await?
            .unwrap_or_default())
    }

    /// Who works on it.
    async fn assignee(&self) -> Option<&str> {
        self.0.assignee.as_deref()
    }

    /// The issue whose sub-task it is.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Issue>> {
        let found = ctx.loaders().find(self.0.parent?).await.transpose()?;
        Some(found.map(Issue))
    }

    /// Its sub-tasks, in the order of their keys.
    async fn sub_tasks(&self, ctx: &Context<'_>) -> Result<Vec<Issue>> {
        let found = ctx.loaders().find(SubTasksOf(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(Issue).collect())
    }

    /// Its epic.
    async fn epic(&self, ctx: &Context<'_>) -> Option<Result<Issue>> {
        let found = ctx.loaders().find(self.0.epic?).await.transpose()?;
        Some(found.map(Issue))
    }

    /// Its place in the tracker's global order: compare as strings, byte by byte. Another string may
    /// come to stand for the same place.
    async fn rank(&self) -> Option<&str> {
        self.0.rank.as_deref()
    }

    /// Its links, at whichever end it stands, oldest first.
    async fn links(&self, ctx: &Context<'_>) -> Result<Vec<IssueLink>> {
        let found = ctx.loaders().find(LinksOf(self.0.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(IssueLink)
            .collect())
    }

    /// Its edits by whomever, newest first, as long as the server keeps them.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Edits of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last edit before the page.")] after: Option<String>,
    ) -> Result<Connection<IssueChange>> {
        issue_change::page(ctx.api(), self.0.id, first, after).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// A page of the issues that match a query.
pub(crate) async fn page(
    ctx: &Context<'_>,
    jql: String,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<Issue>> {
    let (api, viewer) = (ctx.api(), ctx.viewer());
    let length = connection::length(first)?;
    let after = after.as_deref().map(cursor::decode_issue).transpose()?;
    let page = api
        .tracker
        .search(&jql, viewer, after.as_deref(), length)
        .await?;
    let items: Vec<_> = page
        .issues
        .into_iter()
        .map(|(id, place)| (cursor::encode_issue(&place), id))
        .collect();
    let found = ctx
        .loaders()
        .find_map(items.iter().map(|(_, id)| *id))
        .await?;
    let issue = |(cursor, id)| Some((cursor, Issue(Arc::clone(found.get(&id)?))));
    let items = items.into_iter().filter_map(issue).collect();
    let (api, viewer) = (api.clone(), viewer.clone());
    let count = move || {
        let (api, viewer, jql) = (api.clone(), viewer.clone(), jql.clone());
        async move { Ok(api.tracker.count(&jql, &viewer).await?) }
    };
    Ok(Connection::new(
        items,
        page.has_next,
        after.is_some(),
        count,
    ))
}
