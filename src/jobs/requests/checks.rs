//! What every request to run a rule has to pass, and what the user is told who has not confirmed.

use super::losses;
use crate::domain::{Direction, Kind, Refusal, RefusalCode, Settings, Viewer};
use crate::store::{Failure, Tx, jobs};

/// How many jobs may wait at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// Of all users, and of none.
    pub all: u64,
    /// Of those that one user has asked for.
    pub of_one_user: u64,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self {
            all: 1_000,
            of_one_user: 100,
        }
    }
}

/// Refuses a direction that a kind does not have; `path` is the field that asks for it.
pub(super) fn direction(kind: Kind, direction: Direction, path: &str) -> Result<(), Refusal> {
    if kind.directions().contains(&direction) {
        return Ok(());
    }
    let supported: Vec<&str> = kind.directions().iter().map(|it| it.name()).collect();
    let message = format!(
        "a {} synchronizer cannot be resynced {}: it supports {}",
        kind.name(),
        direction.name(),
        supported.join(" and ")
    );
    Err(Refusal::new(RefusalCode::DirectionNotSupported, message).at(path))
}

/// Refuses what is no share.
pub(super) fn removal_percent(percent: u32) -> Result<(), Refusal> {
    if percent <= 100 {
        return Ok(());
    }
    let message = format!("maxRemovalPercent is {percent}: expected a number from 0 to 100");
    Err(Refusal::invalid("input.maxRemovalPercent", message))
}

impl QueueLimits {
    /// Refuses one more job that a user asks for when too many wait.
    pub(in crate::jobs) fn check(self, tx: &Tx<'_>, viewer: &Viewer) -> Result<(), Failure> {
        let of_user = jobs::count_queued(tx, Some(viewer.user_id))?;
        if of_user >= self.of_one_user {
            let message = format!("as many of your jobs wait already as may: {of_user}");
            return Err(too_many(&message).into());
        }
        let all = jobs::count_queued(tx, None)?;
        if all >= self.all {
            return Err(too_many(&format!("{all} jobs wait already")).into());
        }
        Ok(())
    }
}

fn too_many(what: &str) -> Refusal {
    let message = format!("{what}: try again when some have ended");
    Refusal::new(RefusalCode::LimitExceeded, message)
}

/// The refusal of `what` that was not confirmed: who wins, who loses, and what may be lost.
pub(super) fn unconfirmed(
    what: &str,
    settings: &Settings,
    structure: &str,
    direction: Direction,
) -> Refusal {
    let hierarchy = format!("the hierarchy of structure “{structure}”");
    let sides = match direction {
        Direction::IntoStructure => {
            format!("the issues in the tracker win, {hierarchy} is overwritten")
        }
        Direction::FromStructure => {
            format!("{hierarchy} wins, the issues in the tracker are overwritten")
        }
    };
    let message = format!(
        "{what} {}: {sides}; {}. Look at a dry run, then repeat with confirm: true.",
        direction.name(),
        losses::describe(settings, direction)
    );
    Refusal::new(RefusalCode::ConfirmationRequired, message).at("input.confirm")
}
