//! Reading for undo: what the job changed, and of what is there now only what bears on it.

use super::Planned;
use crate::domain::issue::Link;
use crate::domain::{Forest, IssueId, Plan, RowId, StructureId};
use crate::store::jobs::{self, Job};
use crate::store::ranks::{self, Ranked};
use crate::store::synchronizers::Cursor;
use crate::store::undo::{
    self, ChangedField, ChangedLink, ChangedRow, FieldState, Range, Siblings,
};
use crate::store::{Store, StoreError, Tx, issues, links};
use crate::sync::revert::{self, Neighbours, Snapshot, TouchedField};
use crate::sync::{Halt, Watch};
use std::collections::{HashMap, HashSet};

/// Plans the undoing of the job that a job reverts.
pub(in crate::sync) fn plan(
    store: &Store,
    tx: &Tx<'_>,
    job: &Job,
    watch: &dyn Watch,
) -> Result<Planned, Halt> {
    let gone = || Halt::NotRevertible("the job to be reverted is no longer kept".to_owned());
    let reverted = match job.reverts {
        Some(id) => jobs::find(tx, id)?.ok_or_else(gone)?,
        None => return Err(gone()),
    };
    watch.phase("Reading changes", None);
    if !undo::is_complete(tx, &reverted)? {
        let message = "what the job changed is no longer kept in full, so it cannot be undone";
        return Err(Halt::NotRevertible(message.to_owned()));
    }
    let forest = store
        .forest_in(tx, job.structure)?
        .ok_or_else(|| Halt::NotRevertible("its structure is gone".to_owned()))?;
    let heads = Cursor {
        issues: issues::last_change(tx)?,
        structure: forest.version(),
    };
    watch.check()?;
    let plan = read_and_plan(tx, &reverted, &forest, watch)?;
    watch.check()?;
    Ok(Planned {
        // What was edited since is left alone.
        overwritten: Vec::new(),
        plan,
        forest,
        heads,
    })
}

fn read_and_plan(
    tx: &Tx<'_>,
    reverted: &Job,
    forest: &Forest,
    watch: &dyn Watch,
) -> Result<Plan, StoreError> {
    let mut rows = undo::changed_rows(tx, reverted.structure, reverted.id)?;
    let mut now = undo::spots(tx, rows.iter().map(|it| it.row))?;
    let mut spots = HashMap::with_capacity(rows.len());
    for changed in &mut rows {
        if let Some((spot, folder)) = now.remove(&changed.row) {
            changed.folder = changed.folder.take().or(folder);
            spots.insert(changed.row, spot);
        }
    }
    let going = revert::unedited(&rows, &spots);
    let siblings = read_siblings(tx, reverted.structure, going)?;
    let links = undo::changed_links(tx, reverted.id)?;
    let links_now = read_links(tx, &links)?;
    let changes = undo::changed_fields(tx, reverted.id)?;
    let states = undo::field_states(tx, changes.iter().map(|it| it.issue))?;
    let mut named: HashSet<IssueId> = rows.iter().filter_map(|row| row.issue).collect();
    named.extend(links.iter().flat_map(|it| [it.link.source, it.link.target]));
    named.extend(changes.iter().map(|it| it.issue));
    named.extend(changes.iter().filter_map(former_epic));
    let existing = issues::keys(tx, named)?.into_keys().collect();
    let fields = changes
        .into_iter()
        .map(|change| touched(tx, change, &states))
        .collect::<Result<Vec<_>, _>>()?;
    let neighbours = read_neighbours(tx, &fields, &states)?;
    watch.phase("Comparing", None);
    Ok(revert::plan(&Snapshot {
        forest,
        rows,
        spots,
        siblings,
        links,
        links_now,
        fields,
        states,
        neighbours,
        existing,
    }))
}

/// Of each parent that rows go back to, the children around the keys of those.
fn read_siblings<'a>(
    tx: &Tx<'_>,
    structure: StructureId,
    going: impl Iterator<Item = &'a ChangedRow>,
) -> Result<HashMap<Option<RowId>, Siblings>, StoreError> {
    let mut bounds: HashMap<Option<RowId>, (&str, &str)> = HashMap::new();
    let mut moving = HashSet::new();
    for row in going {
        moving.insert(row.row);
        let Some(spot) = &row.before else { continue };
        let key = spot.key.as_str();
        let (low, high) = bounds.entry(spot.parent).or_insert((key, key));
        *low = (*low).min(key);
        *high = (*high).max(key);
    }
    let mut siblings = HashMap::with_capacity(bounds.len());
    for (parent, (low, high)) in bounds {
        let mut around = before(tx, structure, parent, low, &moving)?;
        for range in [Range::Between(low, high), Range::After(high)] {
            around.extend(undo::siblings(tx, structure, parent, range)?);
        }
        siblings.insert(parent, around);
    }
    Ok(siblings)
}

/// The children before a key, back to one that does not go elsewhere.
fn before(
    tx: &Tx<'_>,
    structure: StructureId,
    parent: Option<RowId>,
    key: &str,
    moving: &HashSet<RowId>,
) -> Result<Siblings, StoreError> {
    let mut limit = 1;
    loop {
        let found = undo::siblings(tx, structure, parent, Range::Before(key, limit))?;
        if found.len() < limit || found.iter().any(|(row, _)| !moving.contains(row)) {
            return Ok(found);
        }
        limit *= 16;
    }
}

/// The links that have the id, or type and ends, of one that the job made or removed.
fn read_links(tx: &Tx<'_>, changed: &[ChangedLink]) -> Result<Vec<Link>, StoreError> {
    let mut found = links::by_ids(tx, changed.iter().map(|it| it.link.id))?;
    for it in changed.iter().filter(|it| !it.after) {
        let link = &it.link;
        let same = links::find_between(tx, link.link_type, link.source, link.target)?;
        found.extend(same.filter(|same| same.id != link.id));
    }
    Ok(found)
}

fn former_epic(change: &ChangedField) -> Option<IssueId> {
    let epic = change.before.as_ref().filter(|_| change.field == "epic")?;
    epic.parse().ok().map(IssueId)
}

/// A field, with who has the rank that its issue would get back.
fn touched(
    tx: &Tx<'_>,
    change: ChangedField,
    states: &HashMap<IssueId, FieldState>,
) -> Result<TouchedField, StoreError> {
    let holders = match (&change.before, change.field.as_str()) {
        (Some(rank), "rank") if states.contains_key(&change.issue) => {
            undo::holders_of_rank(tx, rank)?
        }
        _ => Vec::new(),
    };
    Ok(TouchedField { change, holders })
}

/// Who stands next to the issues that get ranks back and to those that have these now. Only where
/// such a rank is taken does it matter who is next to whom.
fn read_neighbours(
    tx: &Tx<'_>,
    fields: &[TouchedField],
    states: &HashMap<IssueId, FieldState>,
) -> Result<HashMap<IssueId, Neighbours>, StoreError> {
    let leaving = revert::leaving(fields, states);
    let leaves = |field: &&TouchedField| leaving.contains(&field.change.issue);
    let mut places = HashMap::new();
    for field in fields.iter().filter(leaves) {
        if let Some(holder) = revert::holder(field, &leaving) {
            places.insert(holder, field.change.before.clone());
        }
    }
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let rank = |issue: &IssueId| states.get(issue).and_then(|state| state.rank.clone());
    places.extend(leaving.iter().map(|issue| (*issue, rank(issue))));
    let mut neighbours = HashMap::with_capacity(places.len());
    for (issue, rank) in places {
        let Some(rank) = rank else { continue };
        let place = Ranked { issue, rank };
        let next_to = Neighbours {
            before: ranks::preceding(tx, &place, 1)?.pop().map(|it| it.issue),
            after: ranks::following(tx, &place, 1)?.pop().map(|it| it.issue),
        };
        neighbours.insert(issue, next_to);
    }
    Ok(neighbours)
}
