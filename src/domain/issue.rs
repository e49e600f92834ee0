//! What the tracker holds: issues, their types, statuses and links. Plain data.

use super::{IssueId, LinkId, LinkTypeId, Millis};

/// Where a status stands in the life of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCategory {
    /// Not begun.
    ToDo,
    /// Being worked on.
    InProgress,
    /// Finished.
    Done,
}

impl StatusCategory {
    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::ToDo => "TO_DO",
            Self::InProgress => "IN_PROGRESS",
            Self::Done => "DONE",
        }
    }

    /// The category of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::ToDo, Self::InProgress, Self::Done]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// A type of issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueType {
    /// Its name, such as `Bug`.
    pub name: String,
    /// Whether issues of the type are sub-tasks.
    pub sub_task: bool,
    /// Whether issues of the type are epics.
    pub epic: bool,
}

/// A status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name, such as `In Progress`.
    pub name: String,
    /// Its category.
    pub category: StatusCategory,
}

/// An issue with what lists and cards show of it; labels and links are read apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its id.
    pub id: IssueId,
    /// Its key, such as `MOD-12`.
    pub key: String,
    /// The key of its project.
    pub project_key: String,
    /// One line; may be empty in imported issues.
    pub summary: String,
    /// Its type.
    pub issue_type: IssueType,
    /// Its status.
    pub status: Status,
    /// How it was resolved.
    pub resolution: Option<String>,
    /// Its priority.
    pub priority: Option<String>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// The issue whose sub-task it is.
    pub parent: Option<IssueId>,
    /// Its epic.
    pub epic: Option<IssueId>,
    /// Its place in the tracker's global order, as a fractional-index key.
    pub rank: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// A link; the source plays the type's outward role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Its type.
    pub link_type: LinkTypeId,
    /// The issue that plays the outward role.
    pub source: IssueId,
    /// The issue that plays the inward role.
    pub target: IssueId,
}

/// A type of link: in `source blocks target`, `blocks` is outward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkType {
    /// Its id.
    pub id: LinkTypeId,
    /// Its name, such as `Blocks`.
    pub name: String,
    /// How the target sees the source.
    pub inward: String,
    /// How the source sees the target.
    pub outward: String,
}
