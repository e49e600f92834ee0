//! Mutations of what the tracker holds: issues, links, saved filters.

use super::outcome::{DeletePayload, accept, errors};
use crate::domain::{FilterId, IssueId, LinkId, Viewer};
use crate::graphql::api::{IssueUpdate, NewFilter, NewIssue, NewLink, TrackerApi};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::types::{Issue, IssueLink, SavedFilter, UserError};
use crate::store::Failure;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

/// An issue to be made.
#[derive(InputObject)]
struct CreateIssueInput {
    /// The key of its project.
    project_key: String,
    /// The name of its type.
    r#type: String,
    /// What it is about, in one line of 1 to 1,000 characters.
    summary: String,
    /// The key of the issue whose sub-task it is; needed if its type is one of sub-tasks.
    parent_key: Option<String>,
    /// The key of its epic.
    epic_key: Option<String>,
    /// Its labels.
    #[graphql(default)]
    labels: Vec<String>,
}

/// What is to change of an issue. A field left out stays as it is; null clears it.
#[derive(InputObject)]
struct UpdateIssueInput {
    /// The key of the issue.
    key: String,
    /// What it is about, in one line of 1 to 1,000 characters; cannot be cleared.
    summary: MaybeUndefined<String>,
    /// The name of its status; cannot be cleared.
    status: MaybeUndefined<String>,
    /// How it was resolved.
    resolution: MaybeUndefined<String>,
    /// The key of the issue whose sub-task it is.
    parent_key: MaybeUndefined<String>,
    /// The key of its epic.
    epic_key: MaybeUndefined<String>,
    /// Its labels, all of them.
    labels: MaybeUndefined<Vec<String>>,
}

/// A link to be made.
#[derive(InputObject)]
struct LinkIssuesInput {
    /// Its type.
    link_type_id: ID,
    /// The key of the issue that plays the outward role.
    source_key: String,
    /// The key of the issue that plays the inward role.
    target_key: String,
}

/// A saved filter to be made.
#[derive(InputObject)]
struct SavedFilterInput {
    /// Its name, 1 to 255 characters.
    name: String,
    /// Its query, in JQL.
    jql: String,
}

/// What became of a request to make or change an issue.
#[derive(SimpleObject)]
struct IssuePayload {
    /// The issue afterwards; null if the request was refused.
    issue: Option<Issue>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl IssuePayload {
    async fn new(ctx: &Context<'_>, outcome: Result<IssueId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => {
                let issue = ctx.loaders().find(id).await?.map(Issue);
                Self {
                    issue,
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                issue: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// What became of a request to link issues.
#[derive(SimpleObject)]
struct IssueLinkPayload {
    /// The link; null if the request was refused.
    link: Option<IssueLink>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl IssueLinkPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<LinkId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => {
                let link = ctx.loaders().find(id).await?.map(IssueLink);
                Self {
                    link,
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                link: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// What became of a request to save a filter.
#[derive(SimpleObject)]
struct SavedFilterPayload {
    /// The filter; null if the request was refused.
    saved_filter: Option<SavedFilter>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl SavedFilterPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<FilterId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => {
                let saved_filter = ctx.loaders().find(id).await?.map(SavedFilter);
                Self {
                    saved_filter,
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                saved_filter: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// Mutations of what the tracker holds.
#[derive(Default)]
pub(super) struct IssueMutations;

/// Mutations of what the tracker holds.
#[Object]
impl IssueMutations {
    /// Makes an issue, last in the global order.
    async fn create_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue to be made.")] input: CreateIssueInput,
    ) -> Result<IssuePayload> {
        let outcome = ctx
            .api()
            .tracker
            .create_issue(ctx.viewer(), input.into())
            .await;
        IssuePayload::new(ctx, outcome).await
    }

    /// Changes an issue.
    async fn update_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateIssueInput,
    ) -> Result<IssuePayload> {
        let outcome = ctx
            .api()
            .tracker
            .update_issue(ctx.viewer(), input.into())
            .await;
        IssuePayload::new(ctx, outcome).await
    }

    /// Deletes an issue with its links and its rows; what stood under those moves up.
    async fn delete_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the issue.")] key: String,
    ) -> Result<DeletePayload> {
        DeletePayload::new(ctx.api().tracker.delete_issue(ctx.viewer(), key).await)
    }

    /// Links two issues.
    async fn link_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link to be made.")] input: LinkIssuesInput,
    ) -> Result<IssueLinkPayload> {
        let outcome = link(&*ctx.api().tracker, ctx.viewer(), input).await;
        IssueLinkPayload::new(ctx, outcome).await
    }

    /// Deletes a link.
    async fn unlink_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which link.")] link_id: ID,
    ) -> Result<DeletePayload> {
        DeletePayload::new(unlink(&*ctx.api().tracker, ctx.viewer(), &link_id).await)
    }

    /// Saves a query under a name.
    async fn create_saved_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The filter to be made.")] input: SavedFilterInput,
    ) -> Result<SavedFilterPayload> {
        let filter = NewFilter {
            name: input.name,
            jql: input.jql,
        };
        let outcome = ctx.api().tracker.create_filter(ctx.viewer(), filter).await;
        SavedFilterPayload::new(ctx, outcome).await
    }
}

impl From<CreateIssueInput> for NewIssue {
    fn from(input: CreateIssueInput) -> Self {
        Self {
            project_key: input.project_key,
            type_name: input.r#type,
            summary: input.summary,
            parent_key: input.parent_key,
            epic_key: input.epic_key,
            labels: input.labels,
        }
    }
}

impl From<UpdateIssueInput> for IssueUpdate {
    fn from(input: UpdateIssueInput) -> Self {
        Self {
            key: input.key,
            summary: change(input.summary),
            status: change(input.status),
            resolution: change(input.resolution),
            parent_key: change(input.parent_key),
            epic_key: change(input.epic_key),
            labels: change(input.labels),
        }
    }
}

/// `None` if a field was left out, `Some(None)` if it was null.
fn change<T>(field: MaybeUndefined<T>) -> Option<Option<T>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

async fn link(
    api: &dyn TrackerApi,
    viewer: &Viewer,
    input: LinkIssuesInput,
) -> Result<LinkId, Failure> {
    let link_type = ids::decode_at(&input.link_type_id, "input.linkTypeId")?;
    let LinkIssuesInput {
        source_key,
        target_key,
        ..
    } = input;
    api.link_issues(
        viewer,
        NewLink {
            link_type,
            source_key,
            target_key,
        },
    )
    .await
}

async fn unlink(api: &dyn TrackerApi, viewer: &Viewer, id: &ID) -> Result<LinkId, Failure> {
    let id = ids::decode_at(id, "linkId")?;
    api.unlink_issues(viewer, id).await?;
    Ok(id)
}
