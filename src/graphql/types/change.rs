//! The type `Change`: one line of what a job changed.

use crate::domain;
use crate::store::jobs::ChangeLine;
use async_graphql::{Enum, Object};

/// What one line of a job's changes is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ChangeKind {
    /// A row was added.
    RowAdded,
    /// A row was moved, with its subtree.
    RowMoved,
    /// A row was removed.
    RowRemoved,
    /// A link was made.
    LinkAdded,
    /// A link was deleted.
    LinkRemoved,
    /// An issue has another rank.
    RankChanged,
    /// An issue has another epic.
    EpicChanged,
    /// An issue has another status.
    StatusChanged,
    /// An edit on the losing side was overwritten.
    Conflict,
    /// An edit that the rule asks for cannot be made.
    Skipped,
    /// An edit that the tracker refused while the job went on.
    Failed,
}

impl From<domain::ChangeKind> for ChangeKind {
    fn from(kind: domain::ChangeKind) -> Self {
        match kind {
            domain::ChangeKind::RowAdded => Self::RowAdded,
            domain::ChangeKind::RowMoved => Self::RowMoved,
            domain::ChangeKind::RowRemoved => Self::RowRemoved,
            domain::ChangeKind::LinkAdded => Self::LinkAdded,
            domain::ChangeKind::LinkRemoved => Self::LinkRemoved,
            domain::ChangeKind::RankChanged => Self::RankChanged,
            domain::ChangeKind::EpicChanged => Self::EpicChanged,
            domain::ChangeKind::StatusChanged => Self::StatusChanged,
            domain::ChangeKind::Conflict => Self::Conflict,
            domain::ChangeKind::Skipped => Self::Skipped,
            domain::ChangeKind::Failed => Self::Failed,
        }
    }
}

/// One line of what a job changed or, in a dry run, would change.
pub(crate) struct Change(pub(crate) ChangeLine);

/// One line of what a job changed or, in a dry run, would change.
#[Object]
impl Change {
    /// What happened.
    async fn kind(&self) -> ChangeKind {
        self.0.kind.into()
    }

    /// The key of the issue that it is about; null for a folder.
    async fn issue_key(&self) -> Option<&str> {
        self.0.issue_key.as_deref()
    }

    /// One line that a person can read.
    async fn summary(&self) -> &str {
        &self.0.summary
    }
}
