//! Workflows: what an administrator may make of the transitions of a project. What they mean for an
//! edit is in `embedded`.

use super::embedded;
use crate::domain::{Refusal, RefusalCode, Viewer};
use crate::store::workflows::{self, Transition};
use crate::store::{Failure, Tx, catalog, users};

/// Transitions of one project at the most.
const TRANSITIONS: usize = 1_000;

/// The workflow that a project is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWorkflow {
    /// The key of the project.
    pub project_key: String,
    /// The transitions that exist, in any order; `None`: all of them.
    pub transitions: Option<Vec<Transition>>,
}

/// Replaces the workflow of a project. A step from a status to itself is always allowed and not
/// kept.
pub fn set(tx: &Tx<'_>, viewer: &Viewer, new: &NewWorkflow) -> Result<(), Failure> {
    if !users::is_admin(tx, viewer.user_id)? {
        let message = "workflows are for administrators to change";
        return Err(Refusal::new(RefusalCode::Forbidden, message).into());
    }
    let project = embedded::find_project(tx, &new.project_key, "input.projectKey")?;
    let Some(transitions) = &new.transitions else {
        return Ok(workflows::replace(tx, project, None)?);
    };
    if transitions.len() > TRANSITIONS {
        let count = transitions.len();
        let message = format!("{count} transitions: expected at most {TRANSITIONS}");
        return Err(Refusal::invalid("input.transitions", message).into());
    }
    let statuses = catalog::statuses(tx)?;
    let mut ways = Vec::with_capacity(transitions.len());
    for (at, Transition { from, to }) in transitions.iter().enumerate() {
        let path = |end| format!("input.transitions.{at}.{end}");
        let (from, _) = embedded::find_status(&statuses, from, &path("from"))?;
        let (to, _) = embedded::find_status(&statuses, to, &path("to"))?;
        if from != to {
            ways.push((*from, *to));
        }
    }
    Ok(workflows::replace(tx, project, Some(&ways))?)
}
