//! The listed statuses: which comes before which, and what they are.

use crate::domain::issue::{Status, StatusCategory};
use crate::store::catalog::StatusId;
use std::collections::HashMap;

/// The listed statuses, each with its place.
pub(super) struct Ladder<'a> {
    places: HashMap<StatusId, usize>,
    targets: Vec<Option<StatusId>>,
    statuses: HashMap<StatusId, &'a Status>,
}

impl<'a> Ladder<'a> {
    /// The ladder of some names, which the tracker may write in other cases.
    pub(super) fn new(listed: &[String], statuses: &'a [(StatusId, Status)]) -> Self {
        let place_of = |status: &Status| {
            listed
                .iter()
                .position(|name| name.eq_ignore_ascii_case(&status.name))
        };
        // Should names differ by case alone, all of them count, and the one that is listed is given.
        let target_of = |name: &String| {
            let mut alike = statuses
                .iter()
                .filter(|(_, it)| it.name.eq_ignore_ascii_case(name));
            let exact = alike.clone().find(|(_, it)| it.name == *name);
            exact.or(alike.next()).map(|(id, _)| *id)
        };
        Self {
            places: statuses
                .iter()
                .filter_map(|(id, status)| Some((*id, place_of(status)?)))
                .collect(),
            targets: listed.iter().map(target_of).collect(),
            statuses: statuses.iter().map(|(id, it)| (*id, it)).collect(),
        }
    }

    /// Where a status is listed.
    pub(super) fn place(&self, status: StatusId) -> Option<usize> {
        self.places.get(&status).copied()
    }

    /// The status that is given for a place.
    pub(super) fn target(&self, place: usize) -> Option<StatusId> {
        self.targets.get(place).copied().flatten()
    }

    /// The name of a status.
    pub(super) fn name(&self, status: StatusId) -> &'a str {
        self.statuses.get(&status).map_or("", |it| &it.name)
    }

    /// Whether a status is of category DONE.
    pub(super) fn is_done(&self, status: StatusId) -> bool {
        let known = self.statuses.get(&status);
        known.is_some_and(|it| it.category == StatusCategory::Done)
    }
}
