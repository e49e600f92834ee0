//! Workflows: which status may follow which, in projects that say so.

use super::{StoreError, Tx};
use std::collections::{HashMap, HashSet};

/// Status names by the status that they may follow.
type Transitions = HashMap<String, HashSet<String>>;

/// The workflows of all projects that have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workflows(HashMap<String, Transitions>);

impl Workflows {
    /// Reads them.
    pub fn read(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let mut of_project: HashMap<String, Transitions> = HashMap::new();
        // A project with a workflow and no transitions allows none.
        tx.each(
            "SELECT project.key, before.name, after.name
             FROM workflow
             JOIN project ON project.id = workflow.project_id
             LEFT JOIN workflow_transition AS step ON step.project_id = workflow.project_id
             LEFT JOIN status AS before ON before.id = step.from_status_id
             LEFT JOIN status AS after ON after.id = step.to_status_id",
            &[],
            |row| {
                let transitions = of_project.entry(row.get(0)?).or_default();
                let step: (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
                if let (Some(from), Some(to)) = step {
                    transitions.entry(from).or_default().insert(to);
                }
                Ok(())
            },
        )?;
        Ok(Self(of_project))
    }

    /// Whether an issue of a project may go from one status to another; staying is always allowed,
    /// and so is everything in a project without a workflow.
    pub fn allows(&self, project_key: &str, from: &str, to: &str) -> bool {
        let Some(transitions) = self.0.get(project_key) else {
            return true;
        };
        from == to || transitions.get(from).is_some_and(|next| next.contains(to))
    }
}
