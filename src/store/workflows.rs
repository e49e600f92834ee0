//! Workflows: which status may follow which in a project. A project without one allows all; so
//! does a step to the status in which an issue is already, whatever the workflow says.

use super::catalog::{ProjectId, StatusId};
use super::{StoreError, Tx, params};
use std::collections::{HashMap, HashSet};

/// The workflow of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// The key of the project.
    pub project_key: String,
    /// The transitions that exist, by age of their statuses; `None`: all of them.
    pub transitions: Option<Vec<Transition>>,
}

/// A way from one status to another, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The status before.
    pub from: String,
    /// The status after.
    pub to: String,
}

/// The workflow of the project of a key; `None` if there is no such project.
pub fn find(tx: &Tx<'_>, project_key: &str) -> Result<Option<Workflow>, StoreError> {
    let restricted: Option<bool> = tx.find(
        "SELECT EXISTS (SELECT 1 FROM workflow WHERE project_id = project.id)
         FROM project WHERE key = ?",
        params![project_key],
        |row| row.get(0),
    )?;
    let Some(restricted) = restricted else {
        return Ok(None);
    };
    let transitions = match restricted {
        true => Some(transitions(tx, project_key)?),
        false => None,
    };
    Ok(Some(Workflow {
        project_key: project_key.to_owned(),
        transitions,
    }))
}

fn transitions(tx: &Tx<'_>, project_key: &str) -> Result<Vec<Transition>, StoreError> {
    tx.query(
        "SELECT source.name, target.name
         FROM workflow_transition AS way
         JOIN project ON project.id = way.project_id
         JOIN status AS source ON source.id = way.from_status_id
         JOIN status AS target ON target.id = way.to_status_id
         WHERE project.key = ?
         ORDER BY way.from_status_id, way.to_status_id",
        params![project_key],
        |row| {
            Ok(Transition {
                from: row.get(0)?,
                to: row.get(1)?,
            })
        },
    )
}

/// Replaces the workflow of a project; `None`: all transitions exist.
pub fn replace(
    tx: &Tx<'_>,
    project: ProjectId,
    transitions: Option<&[(StatusId, StatusId)]>,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM workflow WHERE project_id = ?",
        params![project.0],
    )?;
    let Some(transitions) = transitions else {
        return Ok(());
    };
    tx.execute(
        "INSERT INTO workflow (project_id, updated_at) VALUES (?, ?)",
        params![project.0, tx.now()],
    )?;
    for (from, to) in transitions {
        tx.execute(
            "INSERT INTO workflow_transition (project_id, from_status_id, to_status_id)
             VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            params![project.0, from.0, to.0],
        )?;
    }
    Ok(())
}

/// The names of the statuses that an issue of a project can be taken to from one, by age;
/// `None`: all.
pub fn reachable(
    tx: &Tx<'_>,
    project: ProjectId,
    from: StatusId,
) -> Result<Option<Vec<String>>, StoreError> {
    let restricted = tx.find(
        "SELECT 1 FROM workflow WHERE project_id = ?",
        params![project.0],
        |row| row.get::<i64>(0),
    )?;
    if restricted.is_none() {
        return Ok(None);
    }
    let names = tx.query(
        "SELECT status.name FROM workflow_transition AS way
         JOIN status ON status.id = way.to_status_id
         WHERE way.project_id = ? AND way.from_status_id = ?
         ORDER BY status.id",
        params![project.0, from.0],
        |row| row.get(0),
    )?;
    Ok(Some(names))
}

/// The workflows of all projects, to be asked again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workflows {
    /// Of each project that is restricted: from each status, those that may follow.
    restricted: HashMap<String, HashMap<String, HashSet<String>>>,
}

impl Workflows {
    /// Reads them.
    pub fn read(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let mut restricted: HashMap<String, HashMap<String, HashSet<String>>> = HashMap::new();
        tx.each(
            "SELECT project.key, source.name, target.name
             FROM workflow
             JOIN project ON project.id = workflow.project_id
             LEFT JOIN workflow_transition AS way ON way.project_id = workflow.project_id
             LEFT JOIN status AS source ON source.id = way.from_status_id
             LEFT JOIN status AS target ON target.id = way.to_status_id",
            &[],
            |row| {
                let ways = restricted.entry(row.get(0)?).or_default();
                if let (Some(from), Some(to)) = (row.get(1)?, row.get(2)?) {
                    ways.entry(from).or_default().insert(to);
                }
                Ok(())
            },
        )?;
        Ok(Self { restricted })
    }

    /// Whether an issue of a project may be taken from one status to another.
    pub fn allows(&self, project_key: &str, from: &str, to: &str) -> bool {
        let Some(ways) = self.restricted.get(project_key) else {
            return true;
        };
        from == to || ways.get(from).is_some_and(|after| after.contains(to))
    }
}
