//! Projects, types, statuses and link types by name, looked up once a file.
//!
//! The first line of a file that speaks of a name says what it means (whether a type is of
//! sub-tasks, the category of a status); later lines of the file do not change that, so that a
//! second import of it changes nothing.

use super::error::Fault;
use super::json;
use super::value::IssueKey;
use crate::domain::LinkTypeId;
use crate::domain::issue::{IssueType, Status};
use crate::store::catalog::{self, ProjectId, StatusId, TypeId};
use crate::store::{StoreError, Tx, links};
use std::collections::HashMap;

/// A project, as far as the file has spoken of it.
struct Numbered {
    id: ProjectId,
    highest: i64,
    named: bool,
}

/// Something that is stored, and whether the file has said yet what it means.
struct Known<I, M> {
    id: I,
    means: M,
    settled: bool,
}

/// What is known by name.
pub(super) struct Names<'t> {
    tx: &'t Tx<'t>,
    projects: HashMap<String, Numbered>,
    types: HashMap<String, Known<TypeId, IssueType>>,
    statuses: HashMap<String, Known<StatusId, Status>>,
    link_types: HashMap<String, LinkTypeId>,
}

impl<'t> Names<'t> {
    pub(super) fn load(tx: &'t Tx<'t>) -> Result<Self, StoreError> {
        let settled = false;
        let types = catalog::issue_types(tx)?
            .into_iter()
            .map(|(id, means)| (means.name.clone(), Known { id, means, settled }));
        let statuses = catalog::statuses(tx)?
            .into_iter()
            .map(|(id, means)| (means.name.clone(), Known { id, means, settled }));
        Ok(Self {
            tx,
            projects: HashMap::new(),
            types: types.collect(),
            statuses: statuses.collect(),
            link_types: HashMap::new(),
        })
    }

    /// The project of an issue's key, which has to be the one that the issue names.
    pub(super) fn project(
        &mut self,
        key: &IssueKey,
        told: Option<&json::Project>,
    ) -> Result<ProjectId, Fault> {
        if let Some(other) = told.and_then(|it| it.key.as_ref())
            && other.as_str() != key.project()
        {
            let message = format!(
                "{:?}: expected {:?}, as in the issue's key",
                other.as_str(),
                key.project()
            );
            return Err(Fault::value("fields.project.key", message));
        }
        let name = told.and_then(|it| it.name.as_ref()).map(|it| it.as_str());
        if let Some(known) = self.projects.get_mut(key.project())
            && (known.named || name.is_none())
        {
            known.highest = known.highest.max(key.number());
            return Ok(known.id);
        }
        let id = catalog::ensure_project(self.tx, key.project(), name)?;
        let known = self
            .projects
            .entry(key.project().to_owned())
            .or_insert(Numbered {
                id,
                highest: 0,
                named: false,
            });
        known.highest = known.highest.max(key.number());
        known.named = name.is_some();
        Ok(id)
    }

    /// The type of a name, made if it is new.
    pub(super) fn issue_type(&mut self, told: &json::IssueType) -> Result<TypeId, StoreError> {
        let name = told.name.as_str();
        if let Some(known) = self.types.get_mut(name) {
            let same = told.subtask.is_none_or(|it| it == known.means.sub_task);
            if known.settled || same {
                known.settled |= told.subtask.is_some();
                return Ok(known.id);
            }
        }
        let means = IssueType {
            name: name.to_owned(),
            sub_task: told.subtask.unwrap_or(false),
            epic: name.eq_ignore_ascii_case("epic"),
        };
        let id = catalog::ensure_issue_type(self.tx, &means)?;
        let settled = told.subtask.is_some();
        self.types
            .insert(name.to_owned(), Known { id, means, settled });
        Ok(id)
    }

    /// The status of a name, made if it is new; a new one has to say its category.
    pub(super) fn status(&mut self, told: &json::Status) -> Result<StatusId, Fault> {
        let name = told.name.as_str();
        let category = told.status_category.as_ref().map(|it| it.key.into());
        if let Some(known) = self.statuses.get_mut(name) {
            let same = category.is_none_or(|it| it == known.means.category);
            if known.settled || same {
                known.settled |= category.is_some();
                return Ok(known.id);
            }
        }
        let Some(category) = category else {
            let message =
                format!("absent: expected the category of {name:?}, a status not seen yet");
            return Err(Fault::value("fields.status.statusCategory", message));
        };
        let means = Status {
            name: name.to_owned(),
            category,
        };
        let id = catalog::ensure_status(self.tx, &means)?;
        let settled = true;
        self.statuses
            .insert(name.to_owned(), Known { id, means, settled });
        Ok(id)
    }

    /// The link type of a name, made if it is new.
    pub(super) fn link_type(&mut self, told: &json::LinkType) -> Result<LinkTypeId, StoreError> {
        let name = told.name.as_str();
        if let Some(&id) = self.link_types.get(name) {
            return Ok(id);
        }
        let inward = told.inward.as_ref().map_or(name, |it| it.as_str());
        let outward = told.outward.as_ref().map_or(name, |it| it.as_str());
        let id = links::ensure_type(self.tx, name, inward, outward)?;
        self.link_types.insert(name.to_owned(), id);
        Ok(id)
    }

    /// The name of a type.
    pub(super) fn type_name(&self, id: TypeId) -> Option<String> {
        let known = self.types.values().find(|known| known.id == id);
        known.map(|known| known.means.name.clone())
    }

    /// The name of a status.
    pub(super) fn status_name(&self, id: StatusId) -> Option<String> {
        let known = self.statuses.values().find(|known| known.id == id);
        known.map(|known| known.means.name.clone())
    }

    /// Notes in each project which numbers are taken.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        for project in self.projects.values() {
            catalog::raise_number(self.tx, project.id, project.highest)?;
        }
        Ok(())
    }
}
