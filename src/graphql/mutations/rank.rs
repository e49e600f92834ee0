//! The mutation of the global order of issues.

use super::outcome::{accept, errors};
use crate::domain::IssueId;
use crate::graphql::api::Ranking;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::types::{Issue, UserError};
use crate::store::Failure;
use async_graphql::{Context, InputObject, Object, SimpleObject};

/// Where issues are to go in the global order: exactly one of `before` and `after`.
#[derive(InputObject)]
struct RankIssuesInput {
    /// The keys of the issues in their order, 1 to 1,000, each once.
    keys: Vec<String>,
    /// The key of the issue directly before which they go.
    before: Option<String>,
    /// The key of the issue directly after which they go.
    after: Option<String>,
}

/// What became of a request to rank issues.
#[derive(SimpleObject)]
struct RankPayload {
    /// The issues afterwards, in the order of the request; empty if it was refused.
    issues: Vec<Issue>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl RankPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<Vec<IssueId>, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(ids) => Self {
                issues: (ctx.loaders().find_all(&ids).await?.into_iter())
                    .map(Issue)
                    .collect(),
                user_errors: vec![],
            },
            Err(refusal) => Self {
                issues: vec![],
                user_errors: errors(refusal),
            },
        })
    }
}

/// The mutation of the global order of issues.
#[derive(Default)]
pub(super) struct RankMutations;

/// The mutation of the global order of issues.
#[Object]
impl RankMutations {
    /// Puts issues, in the given order, directly before or after another issue in the global order.
    /// Of issues that stand there already, as many as can be are left alone.
    async fn rank_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issues, and where they go.")] input: RankIssuesInput,
    ) -> Result<RankPayload> {
        let ranking = Ranking {
            keys: input.keys,
            before: input.before,
            after: input.after,
        };
        let outcome = ctx.api().tracker.rank_issues(ctx.viewer(), ranking).await;
        RankPayload::new(ctx, outcome).await
    }
}
