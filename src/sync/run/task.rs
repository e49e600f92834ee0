//! What a job does, and whether it may.

use crate::domain::{AccessLevel, JobKind, UserId};
use crate::store::Tx;
use crate::store::jobs::Job;
use crate::sync::rule::Rule;
use crate::sync::{Halt, availability};

/// What a job does.
pub(super) enum Task {
    /// It carries out a rule.
    Synchronize(Rule),
    /// It undoes another job, as a user.
    Revert(UserId),
}

impl Task {
    /// The user as whom it runs.
    pub(super) fn run_as(&self) -> UserId {
        match self {
            Self::Synchronize(rule) => rule.run_as,
            Self::Revert(user) => *user,
        }
    }

    /// What a job does, if the user as whom it runs has the rights for it by now.
    pub(super) fn of_job(tx: &Tx<'_>, job: &Job) -> Result<Self, Halt> {
        if job.kind != JobKind::Revert {
            let rule = Rule::of_job(tx, job)?;
            let needed = availability::needed(&rule.settings);
            return match availability::lacks(tx, rule.structure, rule.run_as, needed)? {
                None => Ok(Self::Synchronize(rule)),
                Some(reason) => Err(Halt::NotAvailable(reason)),
            };
        }
        let gone = || Halt::NotRevertible("whoever asked for it is gone".to_owned());
        let user = job.requested_by.ok_or_else(gone)?;
        match availability::lacks(tx, job.structure, user, AccessLevel::Edit)? {
            None => Ok(Self::Revert(user)),
            Some(reason) => Err(Halt::NotAvailable(reason)),
        }
    }
}
