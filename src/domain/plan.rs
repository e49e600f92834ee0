//! A plan: the edits that would make a structure and the tracker agree, worked out and not applied.

use super::{IssueId, LinkId, LinkTypeId, Millis, RowEdit, RowId};
use std::collections::HashMap;

/// One edit of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkEdit {
    /// A new link.
    Add {
        /// Its type.
        link_type: LinkTypeId,
        /// The issue that plays the outward role.
        source: IssueId,
        /// The issue that plays the inward role.
        target: IssueId,
    },
    /// A link goes away.
    Remove {
        /// The link.
        link: LinkId,
        /// The issue that plays the outward role.
        source: IssueId,
        /// The issue that plays the inward role.
        target: IssueId,
    },
    /// A link that was removed comes back as it was, with its id.
    Restore {
        /// The link.
        link: LinkId,
        /// Its type.
        link_type: LinkTypeId,
        /// The issue that plays the outward role.
        source: IssueId,
        /// The issue that plays the inward role.
        target: IssueId,
    },
}

impl LinkEdit {
    /// The issues that play the outward and the inward role.
    pub fn ends(&self) -> [IssueId; 2] {
        match *self {
            Self::Add { source, target, .. }
            | Self::Remove { source, target, .. }
            | Self::Restore { source, target, .. } => [source, target],
        }
    }
}

/// Where an issue goes in the tracker's global order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RankPlace {
    /// Directly before another issue.
    Before(IssueId),
    /// Directly after another issue.
    After(IssueId),
    /// To this rank, which it had before; `None`: to none.
    Exactly(Option<String>),
}

/// A status with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusState {
    /// The name of the status.
    pub status: String,
    /// How the issue was resolved.
    pub resolution: Option<String>,
    /// When it was resolved.
    pub resolved_at: Option<Millis>,
}

/// One edit of a field of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldEdit {
    /// Another place in the global order. Applied in the order of the plan: an edit may name an
    /// issue that an edit before it has placed.
    Rank {
        /// The issue.
        issue: IssueId,
        /// Its rank when the plan was made.
        from: Option<String>,
        /// Where it goes.
        to: RankPlace,
    },
    /// Another epic.
    Epic {
        /// The issue.
        issue: IssueId,
        /// Its epic before.
        from: Option<IssueId>,
        /// Its epic after.
        to: Option<IssueId>,
    },
    /// Another status, which the workflow of the issue's project allows.
    Status {
        /// The issue.
        issue: IssueId,
        /// The name of its status before.
        from: String,
        /// The name of its status after.
        to: String,
        /// How it is resolved by that; `None` leaves what entering the status gives.
        resolution: Option<String>,
    },
    /// The status that it had before, with resolution and instant, whatever the workflow says.
    RestoreStatus {
        /// The issue.
        issue: IssueId,
        /// What is there now.
        from: StatusState,
        /// What was there before.
        to: StatusState,
    },
}

impl FieldEdit {
    /// The issue that is edited.
    pub fn issue(&self) -> IssueId {
        match self {
            Self::Rank { issue, .. }
            | Self::Epic { issue, .. }
            | Self::Status { issue, .. }
            | Self::RestoreStatus { issue, .. } => *issue,
        }
    }
}

/// What a plan says beside its edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// An edit that the rule asks for and that cannot be made.
    Skipped,
    /// An edit that the rule asks for and that the tracker refuses.
    Failed,
}

/// One remark of a planner, listed among the changes of its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// The issue it is about.
    pub issue: IssueId,
    /// The other issue, for a link or a placement.
    pub other: Option<IssueId>,
    /// One line; `{issue}` and `{other}` stand for their keys.
    pub text: String,
}

/// Something that a revert leaves as it is: a row, a link, or a field of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The row.
    pub row: Option<RowId>,
    /// The issue of the row or of the field, or the source of the link.
    pub issue: Option<IssueId>,
    /// The target of the link.
    pub other: Option<IssueId>,
    /// The link.
    pub link: Option<LinkId>,
    /// The name of the row's folder, if it is known.
    pub folder: Option<String>,
    /// Why, in one line; `{item}` and `{other}` stand for names.
    pub text: String,
}

/// The edits that would make the two sides agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Row edits in the order in which they apply; new rows have negative ids.
    pub rows: Vec<RowEdit>,
    /// The names of folders that are added.
    pub folders: HashMap<RowId, String>,
    /// The keys, among their siblings, of rows that go back to where they were.
    pub positions: HashMap<RowId, String>,
    /// Link edits.
    pub links: Vec<LinkEdit>,
    /// Edits of fields of issues, in the order in which they apply; after those of links.
    pub fields: Vec<FieldEdit>,
    /// What was skipped or refused.
    pub notes: Vec<Note>,
    /// What a revert leaves as it is.
    pub kept: Vec<Kept>,
    /// How many issues were looked at.
    pub issues_scanned: usize,
    /// How many rows the rule could have removed: what the removal guard divides by.
    pub rows_in_scope: usize,
    /// How many links the rule could have removed.
    pub links_in_scope: usize,
}

impl Plan {
    /// Whether both sides agree already.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.links.is_empty() && self.fields.is_empty()
    }

    /// The removals, if they exceed `percent` of what is in scope: how many, of how many, of what.
    pub fn excess_removals(&self, percent: u32) -> Option<(usize, usize, &'static str)> {
        self.removals()
            .into_iter()
            .find(|&(removed, scope, _)| removed * 100 > scope * percent as usize)
    }

    /// The removals: how many, of how many in scope, of what.
    pub fn removals(&self) -> [(usize, usize, &'static str); 2] {
        let rows = self
            .rows
            .iter()
            .filter(|edit| matches!(edit, RowEdit::Remove { .. }))
            .count();
        let links = self
            .links
            .iter()
            .filter(|edit| matches!(edit, LinkEdit::Remove { .. }))
            .count();
        [
            (rows, self.rows_in_scope, "rows"),
            (links, self.links_in_scope, "links"),
        ]
    }
}
