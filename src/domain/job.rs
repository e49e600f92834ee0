//! The life of a job and the counts of what it changed.

use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name under which it is stored and served.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The value of a stored name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

named! {
    /// What a job is.
    JobKind {
        /// Carries over what changed, in the background.
        Incremental = "INCREMENTAL",
        /// Makes both sides agree, once, in a chosen direction.
        Resync = "RESYNC",
        /// A rule that is not installed, run once into the structure.
        Import = "IMPORT",
        /// A rule that is not installed, run once from the structure.
        Export = "EXPORT",
        /// Undoes what another job changed.
        Revert = "REVERT",
    }
}

named! {
    /// Where a job is in its life.
    JobState {
        /// Waits for its turn.
        Queued = "QUEUED",
        /// Plans or applies.
        Running = "RUNNING",
        /// Asked to stop; ends at the next safe point.
        Cancelling = "CANCELLING",
        /// Ended well.
        Succeeded = "SUCCEEDED",
        /// Ended; some changes were refused.
        PartiallySucceeded = "PARTIALLY_SUCCEEDED",
        /// Ended with an error, nothing changed.
        Failed = "FAILED",
        /// Ended at the request of a user, nothing changed.
        Cancelled = "CANCELLED",
    }
}

named! {
    /// Whether a line of a job's log wants attention.
    LogLevel {
        /// It says what was done.
        Info = "INFO",
        /// It says what a person may want to look at.
        Warning = "WARNING",
    }
}

impl JobKind {
    /// Whether it runs a rule that is not installed.
    pub fn is_one_off(self) -> bool {
        matches!(self, Self::Import | Self::Export)
    }
}

impl JobState {
    /// Whether the job has ended for good.
    pub fn is_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running | Self::Cancelling)
    }
}

named! {
    /// What one line of a job's changes is.
    ChangeKind {
        /// A row was added.
        RowAdded = "ROW_ADDED",
        /// A row was moved, with its subtree.
        RowMoved = "ROW_MOVED",
        /// A row was removed.
        RowRemoved = "ROW_REMOVED",
        /// A link was made.
        LinkAdded = "LINK_ADDED",
        /// A link was deleted.
        LinkRemoved = "LINK_REMOVED",
        /// An issue has another rank.
        RankChanged = "RANK_CHANGED",
        /// An issue has another epic.
        EpicChanged = "EPIC_CHANGED",
        /// An issue has another status.
        StatusChanged = "STATUS_CHANGED",
        /// An edit of the losing side was overwritten.
        Conflict = "CONFLICT",
        /// An edit that the rule asks for cannot be made.
        Skipped = "SKIPPED",
        /// An edit that the tracker refuses.
        Failed = "FAILED",
    }
}

/// How many changes of each kind a job made or, in a dry run, would make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChangeCounts {
    /// Issues looked at.
    pub issues_scanned: usize,
    /// Rows added.
    pub rows_added: usize,
    /// Rows moved.
    pub rows_moved: usize,
    /// Rows removed.
    pub rows_removed: usize,
    /// Links made.
    pub links_added: usize,
    /// Links deleted.
    pub links_removed: usize,
    /// Issues with another rank.
    pub ranks_changed: usize,
    /// Issues with another epic.
    pub epics_changed: usize,
    /// Issues with another status.
    pub statuses_changed: usize,
    /// Edits of the losing side that were overwritten.
    pub conflicts: usize,
    /// Edits that could not be made.
    pub skipped: usize,
    /// Edits that the tracker refused.
    pub failed: usize,
}

impl ChangeCounts {
    /// Edits in all: what progress counts to.
    pub fn total(&self) -> usize {
        self.rows_added
            + self.rows_moved
            + self.rows_removed
            + self.links_added
            + self.links_removed
            + self.ranks_changed
            + self.epics_changed
            + self.statuses_changed
    }

    /// Counts one change.
    pub fn count(&mut self, kind: ChangeKind) {
        let counter = match kind {
            ChangeKind::RowAdded => &mut self.rows_added,
            ChangeKind::RowMoved => &mut self.rows_moved,
            ChangeKind::RowRemoved => &mut self.rows_removed,
            ChangeKind::LinkAdded => &mut self.links_added,
            ChangeKind::LinkRemoved => &mut self.links_removed,
            ChangeKind::RankChanged => &mut self.ranks_changed,
            ChangeKind::EpicChanged => &mut self.epics_changed,
            ChangeKind::StatusChanged => &mut self.statuses_changed,
            ChangeKind::Conflict => &mut self.conflicts,
            ChangeKind::Skipped => &mut self.skipped,
            ChangeKind::Failed => &mut self.failed,
        };
        *counter += 1;
    }
}
