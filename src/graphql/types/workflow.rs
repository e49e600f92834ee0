//! The type `Workflow`, with its transitions.

use crate::store::workflows;
use async_graphql::SimpleObject;

/// A way from one status to another.
#[derive(SimpleObject)]
pub(crate) struct Transition {
    /// The name of the status before.
    from: String,
    /// The name of the status after.
    to: String,
}

/// Which status may follow which in a project. Staying in a status is always allowed.
#[derive(SimpleObject)]
pub(crate) struct Workflow {
    /// The key of the project.
    project_key: String,
    /// Whether only the transitions listed here exist; false: all of them do.
    restricted: bool,
    /// The transitions that exist; empty if all of them do.
    transitions: Vec<Transition>,
}

impl From<workflows::Workflow> for Workflow {
    fn from(workflow: workflows::Workflow) -> Self {
        let shown = |it: workflows::Transition| Transition {
            from: it.from,
            to: it.to,
        };
        Self {
            project_key: workflow.project_key,
            restricted: workflow.transitions.is_some(),
            transitions: workflow
                .transitions
                .unwrap_or_default()
                .into_iter()
                .map(shown)
                .collect(),
        }
    }
}
