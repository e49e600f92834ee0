//! The mutation of workflows.

use super::outcome::{accept, errors};
use crate::graphql::api::NewWorkflow;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::types::{UserError, Workflow};
use crate::store::Failure;
use crate::store::workflows::{self, Transition};
use async_graphql::{Context, InputObject, Object, SimpleObject};

/// A way from one status to another.
#[derive(InputObject)]
struct TransitionInput {
    /// The name of the status before.
    from: String,
    /// The name of the status after.
    to: String,
}

/// The workflow that a project is to have.
#[derive(InputObject)]
struct SetWorkflowInput {
    /// The key of the project.
    project_key: String,
    /// The transitions that exist, at most 1,000; null: all of them do.
    transitions: Option<Vec<TransitionInput>>,
}

/// What became of a request to change a workflow.
#[derive(SimpleObject)]
struct WorkflowPayload {
    /// The workflow afterwards; null if the request was refused.
    workflow: Option<Workflow>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl WorkflowPayload {
    async fn new(
        ctx: &Context<'_>,
        project_key: String,
        outcome: Result<(), Failure>,
    ) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(()) => {
                let read = ctx.api().read(move |tx| workflows::find(tx, &project_key));
                Self {
                    workflow: read.await?.map(Into::into),
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                workflow: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// The mutation of workflows.
#[derive(Default)]
pub(super) struct WorkflowMutations;

/// The mutation of workflows.
#[Object]
impl WorkflowMutations {
    /// Replaces the workflow of a project; for administrators. Issues stay in their statuses, and
    /// imports and undo are not bound by it.
    async fn set_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow that the project is to have.")] input: SetWorkflowInput,
    ) -> Result<WorkflowPayload> {
        let project_key = input.project_key.clone();
        let tracker = &ctx.api().tracker;
        let outcome = tracker.set_workflow(ctx.viewer(), input.into()).await;
        WorkflowPayload::new(ctx, project_key, outcome).await
    }
}

impl From<SetWorkflowInput> for NewWorkflow {
    fn from(input: SetWorkflowInput) -> Self {
        let way = |it: TransitionInput| Transition {
            from: it.from,
            to: it.to,
        };
        let transitions = input.transitions;
        Self {
            project_key: input.project_key,
            transitions: transitions.map(|all| all.into_iter().map(way).collect()),
        }
    }
}
