//! What every request to run a rule has to pass, and what the user is told who has not confirmed.

use super::losses;
use crate::domain::{Direction, Kind, Refusal, RefusalCode, Settings};
use crate::store::{Failure, Tx, jobs};

/// Jobs that may wait at a time, of all users.
const QUEUE_LIMIT: i64 = 1_000;

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

/// Refuses when too many jobs wait.
pub(in crate::jobs) fn queue_has_room(tx: &Tx<'_>) -> Result<(), Failure> {
    if jobs::count_queued(tx)? < QUEUE_LIMIT {
        return Ok(());
    }
    let message = format!("{QUEUE_LIMIT} jobs wait already: try again when some have ended");
    Err(Refusal::new(RefusalCode::Conflict, message).into())
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
