//! Parents and epics: set where the other issue is here, kept as a reference where it is not yet.

use super::error::Fault;
use super::fields::Pointers;
use super::json::{Given, Pointer};
use super::load::Load;
use crate::domain::IssueId;
use crate::store::issue_rows::{self, IssueRow};
use crate::store::references::{self, Reference, ReferenceKind};
use crate::store::{StoreError, issues};
use crate::tracker::feed::{self, FieldChange, id_text};

/// Steps from an issue to the top of its parents at the most; trackers have two or three.
const DEPTH_LIMIT: usize = 100;

/// What a field of an issue points at.
pub(super) enum Target {
    /// The issue does not say.
    Untold,
    /// Nothing.
    Nothing,
    /// An issue that is here.
    Here(IssueId),
    /// An issue of this key, which is not here.
    Missing(String),
}

/// What an issue's parent and epic turned out to be.
pub(super) type Targets = [(ReferenceKind, Target); 2];

impl Load<'_> {
    /// Sets parent and epic of a row as far as they are here.
    pub(super) fn resolve(&self, row: &mut IssueRow, pointers: Pointers) -> Result<Targets, Fault> {
        let parent = self.look_up(pointers.parent, row, "parent")?;
        let epic = self.look_up(pointers.epic, row, "epic")?;
        if let Target::Here(parent) = parent
            && self.is_above(row.id, parent)?
        {
            return Err(cycle(&row.key));
        }
        row.parent = parent.id_or(row.parent);
        row.epic = epic.id_or(row.epic);
        Ok([(ReferenceKind::Parent, parent), (ReferenceKind::Epic, epic)])
    }

    fn look_up(
        &self,
        pointer: Given<Pointer>,
        row: &IssueRow,
        field: &str,
    ) -> Result<Target, Fault> {
        let Some(pointer) = pointer else {
            return Ok(Target::Untold);
        };
        let Some(pointer) = pointer else {
            return Ok(Target::Nothing);
        };
        let key = pointer.key.as_str();
        if key == row.key {
            let message = format!("{key} points at itself: expected another issue");
            return Err(Fault::value(format!("fields.{field}.key"), message));
        }
        Ok(match issues::find_id(self.tx, key)? {
            Some(id) => Target::Here(id),
            None => Target::Missing(key.to_owned()),
        })
    }

    /// Whether an issue is another one, or a parent above it.
    fn is_above(&self, issue: IssueId, below: IssueId) -> Result<bool, StoreError> {
        let mut at = Some(below);
        for _ in 0..DEPTH_LIMIT {
            match at {
                Some(it) if it == issue => return Ok(true),
                Some(it) => at = issue_rows::find_parent(self.tx, it)?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Keeps references for what is missing, in place of those that an issue had.
    pub(super) fn keep_missing(
        &mut self,
        issue: IssueId,
        targets: Targets,
    ) -> Result<(), StoreError> {
        for (kind, target) in &targets {
            if !matches!(target, Target::Untold) {
                references::remove_kind(self.tx, issue, *kind)?;
            }
        }
        self.add_missing(issue, targets)
    }

    /// Keeps references for what is missing of an issue that has none yet.
    pub(super) fn add_missing(
        &mut self,
        issue: IssueId,
        targets: Targets,
    ) -> Result<(), StoreError> {
        for (kind, target) in targets {
            if let Target::Missing(key) = target {
                let missing = Reference {
                    issue,
                    kind,
                    external_id: String::new(),
                    link_type: None,
                    key,
                };
                self.keep_reference(&missing)?;
            }
        }
        Ok(())
    }

    /// Keeps a reference, to be found when its key comes.
    pub(super) fn keep_reference(&mut self, reference: &Reference) -> Result<(), StoreError> {
        self.waiting.note(&reference.key);
        references::add(self.tx, reference)
    }

    /// Completes what pointed at an issue before it came; whether links were among it.
    pub(super) fn complete(&mut self, issue: IssueId, key: &str) -> Result<bool, Fault> {
        let mut linked = false;
        if !self.waiting.may_wait_for(key) {
            return Ok(linked);
        }
        for waiting in references::to_key(self.tx, key)? {
            match waiting.kind {
                ReferenceKind::Parent => self.complete_parent(&waiting, issue)?,
                ReferenceKind::Epic => {
                    references::remove_kind(self.tx, waiting.issue, ReferenceKind::Epic)?;
                    issue_rows::set_epic(self.tx, waiting.issue, Some(issue))?;
                    self.record_completed(waiting.issue, "epic", issue)?;
                }
                ReferenceKind::LinkSource | ReferenceKind::LinkTarget => {
                    self.complete_link(&waiting, issue)?;
                    linked = true;
                }
            }
        }
        Ok(linked)
    }

    fn complete_parent(&mut self, waiting: &Reference, parent: IssueId) -> Result<(), Fault> {
        if self.is_above(waiting.issue, parent)? {
            return Err(cycle(&waiting.key));
        }
        references::remove_kind(self.tx, waiting.issue, ReferenceKind::Parent)?;
        issue_rows::set_parent(self.tx, waiting.issue, Some(parent))?;
        self.record_completed(waiting.issue, "parent", parent)?;
        Ok(())
    }

    fn record_completed(
        &mut self,
        issue: IssueId,
        field: &'static str,
        now: IssueId,
    ) -> Result<(), StoreError> {
        if self.is_new(issue) {
            return Ok(());
        }
        match FieldChange::between(field, &None, &Some(now), id_text) {
            Some(change) => self.lines.add(self.tx, feed::updated(issue, &change)),
            None => Ok(()),
        }
    }
}

impl Target {
    /// The issue to point at from now on.
    fn id_or(&self, before: Option<IssueId>) -> Option<IssueId> {
        match self {
            Self::Untold => before,
            Self::Nothing | Self::Missing(_) => None,
            Self::Here(id) => Some(*id),
        }
    }
}

fn cycle(key: &str) -> Fault {
    let message = format!("{key} would stand above itself: expected parents without a cycle");
    Fault::value("fields.parent.key", message)
}
