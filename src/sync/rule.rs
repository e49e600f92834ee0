//! What a job carries out: an installed synchronizer, or settings that it brings itself.

use super::Halt;
use crate::domain::{JobKind, Settings, StructureId, SynchronizerId, UserId};
use crate::store::jobs::Job;
use crate::store::synchronizers::{self, Cursor, Synchronizer};
use crate::store::{StoreError, Tx};

/// A rule, on which structure, for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// The synchronizer that it belongs to, if it is installed.
    pub(super) synchronizer: Option<SynchronizerId>,
    /// The structure.
    pub(super) structure: StructureId,
    /// What it does.
    pub(super) settings: Settings,
    /// With whose rights.
    pub(super) run_as: UserId,
    /// How far it has come in the change feeds; a rule that is not installed has never run.
    pub(super) cursor: Cursor,
}

impl Rule {
    /// The rule of a job.
    pub(super) fn of_job(tx: &Tx<'_>, job: &Job) -> Result<Self, Halt> {
        Self::find(tx, job)?.ok_or_else(|| Halt::NotAvailable("it was uninstalled".to_owned()))
    }

    fn find(tx: &Tx<'_>, job: &Job) -> Result<Option<Self>, StoreError> {
        match job.kind {
            JobKind::Incremental | JobKind::Resync => {
                let Some(id) = job.synchronizer else {
                    return Ok(None);
                };
                Ok(synchronizers::find(tx, id)?.map(Self::from))
            }
            JobKind::Import | JobKind::Export => Ok(job
                .settings
                .clone()
                .zip(job.requested_by)
                .map(|(settings, run_as)| Self {
                    synchronizer: None,
                    structure: job.structure,
                    settings,
                    run_as,
                    cursor: Cursor::default(),
                })),
            // It carries out no rule: it undoes what one did.
            JobKind::Revert => Ok(None),
        }
    }
}

impl From<Synchronizer> for Rule {
    fn from(synchronizer: Synchronizer) -> Self {
        Self {
            synchronizer: Some(synchronizer.id),
            structure: synchronizer.structure,
            settings: synchronizer.settings,
            run_as: synchronizer.run_as,
            cursor: synchronizer.cursor,
        }
    }
}
